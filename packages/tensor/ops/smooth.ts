/**
 * Smooth activations with kernels of their own for value and slope; they save
 * the input. Slopes of slopes are made of tensor operations.
 */

import type { Unary } from "@fdunn/wasm-kernels";
import { floatKernels } from "../kernel.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { slope, type SlopeName } from "./activation.ts";
import { runWithScalars } from "./scalars.ts";
import { unary, type UnaryName } from "./unary.ts";

/** An op over a kernel; `backward` multiplies gradients by its slope. */
function smooth(name: string, kernel: UnaryName, backward: () => Op): Op {
  return {
    name,
    saves: "inputs",
    forward: (_, x) =>
      unary(kernel, floatKernels(name, x.dtype)[kernel] as Unary, x),
    backward: (
      node,
      grad,
    ) => [apply(backward(), [node.input(0), grad], undefined)],
  };
}

/** `g f'(x)`; `bend` gives f''. */
function slopeOf(
  name: string,
  kernel: SlopeName,
  bend: (x: Tensor) => Tensor,
): Op {
  return {
    name,
    saves: [0b11, 0b01],
    forward: (_, x, g) =>
      slope(kernel, floatKernels(name, x.dtype)[kernel], x, g!),
    backward: (node, grad) => {
      const [x, g] = [node.input(0), node.input(1)];
      return [
        node.needs(0) ? grad.mul(g).mul(bend(x)) : null,
        node.needs(1) ? apply(node.op as Op, [x, grad], undefined) : null,
      ];
    },
  };
}

const SILU: Op = smooth("silu", "silu", () => SILU_BACKWARD);
const SILU_BACKWARD: Op = slopeOf("siluBackward", "silu_backward", (x) => {
  // s' (2 + x (1 - 2s)), s' = s (1 - s)
  const [s, rest] = [x.sigmoid(), x.neg().sigmoid()];
  return s.mul(rest).mul(x.mul(rest.sub(s)).add(2));
});

const GELU: Op = smooth("gelu", "gelu", () => GELU_BACKWARD);
const GELU_BACKWARD: Op = slopeOf("geluBackward", "gelu_backward", (x) => {
  // p (2 - x²), p the density of the normal distribution: 0 long before 40
  const square = x.clamp(-40, 40).square();
  const density = square.mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
  return density.mul(square.neg().add(2));
});

const GELU_TANH: Op = smooth("gelu", "gelu_tanh", () => GELU_TANH_BACKWARD);
const GELU_TANH_BACKWARD: Op = slopeOf(
  "geluTanhBackward",
  "gelu_tanh_backward",
  (wide) => {
    // x s(v) twice: s' (2v' + x (v'² (1 - 2s) + v"))
    const x = wide.clamp(-30, 30);
    const [square, c] = [x.square(), Math.sqrt(8 / Math.PI)];
    const v = x.mul(square.mul(0.044715).add(1)).mul(c);
    const [s, rest] = [v.sigmoid(), v.neg().sigmoid()];
    const dv = square.mul(3 * 0.044715).add(1).mul(c);
    const ddv = x.mul(6 * 0.044715 * c);
    const bend = dv.square().mul(rest.sub(s)).add(ddv).mul(x);
    return s.mul(rest).mul(dv.mul(2).add(bend));
  },
);

const MISH: Op = smooth("mish", "mish", () => MISH_BACKWARD);
const MISH_BACKWARD: Op = slopeOf("mishBackward", "mish_backward", (wide) => {
  const x = wide.clamp(-100, 100);
  // t' (2 + x (1 - s - 2ts)), t' = (1 - t²) s, t the tanh of softplus
  const [s, t] = [x.sigmoid(), softplus(x).tanh()];
  const dt = t.square().neg().add(1).mul(s);
  const bend = s.add(t.mul(s).mul(2)).neg().add(1);
  return dt.mul(x.mul(bend).add(2));
});

/** beta and threshold. */
type Softplus = readonly [number, number];

function softplusOp(name: string): Op<Softplus> {
  return {
    name,
    saves: "inputs",
    forward: (scalars, x) => runWithScalars(name, "softplus", scalars, x),
    backward: (
      node,
      grad,
    ) => [apply(SOFTPLUS_BACKWARD, [node.input(0), grad], node.params)],
  };
}

const SOFTPLUS: Op<Softplus> = softplusOp("softplus");
const LOG_SIGMOID: Op<Softplus> = softplusOp("logSigmoid");

const SOFTPLUS_BACKWARD: Op<Softplus> = {
  name: "softplusBackward",
  saves: [0b11, 0b01],
  forward: (scalars, x, g) =>
    runWithScalars("softplus", "softplus_backward", scalars, x, g!),
  backward: (node, grad) => {
    const [x, g] = [node.input(0), node.input(1)];
    const [beta, threshold] = node.params;
    const bend = () => {
      const z = x.mul(beta);
      const curve = z.sigmoid().mul(z.neg().sigmoid()).mul(beta);
      return z.gt(threshold).where(0, curve);
    };
    return [
      node.needs(0) ? grad.mul(g).mul(bend()) : null,
      node.needs(1) ? apply(SOFTPLUS_BACKWARD, [x, grad], node.params) : null,
    ];
  },
};

/** Factors of an elu: outside on the left and on the right, and of x. */
type Elu = readonly [negative: number, positive: number, inside: number];

function eluOp(name: string): Op<Elu> {
  return {
    name,
    saves: "inputs",
    forward: (scalars, x) => runWithScalars(name, "elu", scalars, x),
    backward: (
      node,
      grad,
    ) => [apply(ELU_BACKWARD, [node.input(0), grad], node.params)],
  };
}

const ELU: Op<Elu> = eluOp("elu");
const SELU: Op<Elu> = eluOp("selu");
const CELU: Op<Elu> = eluOp("celu");

const ELU_BACKWARD: Op<Elu> = {
  name: "eluBackward",
  saves: [0b11, 0b01],
  forward: (scalars, x, g) =>
    runWithScalars("elu", "elu_backward", scalars, x, g!),
  backward: (node, grad) => {
    const [x, g] = [node.input(0), node.input(1)];
    const [negative, , inside] = node.params;
    // On the left the slope is an exponential, too; on the right it is flat.
    const bend: Elu = [negative * inside, 0, inside];
    return [
      node.needs(0) ? apply(ELU_BACKWARD, [x, grad.mul(g)], bend) : null,
      node.needs(1) ? apply(ELU_BACKWARD, [x, grad], node.params) : null,
    ];
  },
};

/**
 * `x sigmoid(x)`, also called swish.
 *
 * Any shape, float32 or float64.
 *
 * ```ts
 * import { silu, tensor } from "@fdunn/tensor";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(silu(tensor(1)).item(), 0.731059, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.silu.html
 *
 * @throws TypeError for other dtypes.
 */
export function silu(x: Tensor): Tensor {
  return apply(SILU, [x], undefined);
}

/** Options of {@linkcode gelu}. */
export interface GeluOptions {
  /** `"none"` (default): by erf; `"tanh"`: the approximation, as GPT-2's. */
  approximate?: "none" | "tanh";
}

/**
 * `x Φ(x)`, Φ the distribution function of normal numbers; approximately
 * `x / 2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
 *
 * Any shape, float32 or float64.
 *
 * ```ts
 * import { gelu, tensor } from "@fdunn/tensor";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(gelu(tensor(1)).item(), 0.841345, 1e-6);
 * const near = gelu(tensor(1), { approximate: "tanh" });
 * assertAlmostEquals(near.item(), 0.841192, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gelu.html
 * and Hendrycks and Gimpel, https://arxiv.org/abs/1606.08415
 *
 * @throws TypeError for other dtypes, RangeError for another approximation.
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  switch (options.approximate ?? "none") {
    case "none":
      return apply(GELU, [x], undefined);
    case "tanh":
      return apply(GELU_TANH, [x], undefined);
    default:
      throw new RangeError(
        `gelu() got approximate "${options.approximate}", expected "none" or "tanh"`,
      );
  }
}

/**
 * `x tanh(log(1 + e^x))`.
 *
 * Any shape, float32 or float64.
 *
 * ```ts
 * import { mish, tensor } from "@fdunn/tensor";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(mish(tensor(1)).item(), 0.865098, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mish.html
 * and Misra, https://arxiv.org/abs/1908.08681
 *
 * @throws TypeError for other dtypes.
 */
export function mish(x: Tensor): Tensor {
  return apply(MISH, [x], undefined);
}

/**
 * `log(1 + e^(beta x)) / beta`: a smooth relu. Where `beta x` is above
 * `threshold` it is `x` itself.
 *
 * Any shape, float32 or float64; finite for every finite input.
 *
 * ```ts
 * import { softplus, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(softplus(tensor([-1000, 1000])).toArray(), [0, 1000]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softplus.html
 *
 * @param beta Default 1.
 * @param threshold Default 20.
 * @throws TypeError for other dtypes, RangeError when `beta` is 0.
 */
export function softplus(x: Tensor, beta = 1, threshold = 20): Tensor {
  if (beta === 0) throw new RangeError("softplus() got beta 0, a divisor");
  return apply(SOFTPLUS, [x], [beta, threshold]);
}

/**
 * `log(1 / (1 + e^-x))`, without overflow.
 *
 * Any shape, float32 or float64; finite for every finite input.
 *
 * ```ts
 * import { logSigmoid, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const y = logSigmoid(tensor([-1000, 1000]));
 * assertEquals(y.eq(tensor([-1000, 0])).toArray(), [true, true]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html
 *
 * @throws TypeError for other dtypes.
 */
export function logSigmoid(x: Tensor): Tensor {
  // log(1 + e^-x) / -1
  return apply(LOG_SIGMOID, [x], [-1, Infinity]);
}

/**
 * `x` where it is positive, `alpha (e^x - 1)` elsewhere.
 *
 * Any shape, float32 or float64. The slope at 0 is `alpha`.
 *
 * ```ts
 * import { elu, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(elu(tensor([-1000, 2]), 0.5).toArray(), [-0.5, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.elu.html
 * and Clevert et al., https://arxiv.org/abs/1511.07289
 *
 * @param alpha Default 1.
 * @throws TypeError for other dtypes.
 */
export function elu(x: Tensor, alpha = 1): Tensor {
  return apply(ELU, [x], [alpha, 1, 1]);
}

/** The factors that keep mean and variance, as PyTorch writes them. */
const [SELU_ALPHA, SELU_SCALE] = [1.6732632423543772, 1.0507009873554805];

/**
 * `1.0507 elu(x, 1.6733)`: the factors keep mean 0 and variance 1 from layer
 * to layer.
 *
 * Any shape, float32 or float64.
 *
 * ```ts
 * import { selu, tensor } from "@fdunn/tensor";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(selu(tensor(-1)).item(), -1.111331, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.selu.html
 * and Klambauer et al., https://arxiv.org/abs/1706.02515
 *
 * @throws TypeError for other dtypes.
 */
export function selu(x: Tensor): Tensor {
  return apply(SELU, [x], [SELU_ALPHA * SELU_SCALE, SELU_SCALE, 1]);
}

/**
 * `max(x, 0) + min(alpha (e^(x / alpha) - 1), 0)`: an elu whose slope is 1 at 0
 * for every `alpha`.
 *
 * Any shape, float32 or float64.
 *
 * ```ts
 * import { celu, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(celu(tensor([-1000, 2]), 0.5).toArray(), [-0.5, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.celu.html
 * and Barron, https://arxiv.org/abs/1704.07483
 *
 * @param alpha Default 1.
 * @throws TypeError for other dtypes, RangeError when `alpha` is 0.
 */
export function celu(x: Tensor, alpha = 1): Tensor {
  if (alpha === 0) throw new RangeError("celu() got alpha 0, a divisor");
  return apply(CELU, [x], [alpha, 1, 1 / alpha]);
}
