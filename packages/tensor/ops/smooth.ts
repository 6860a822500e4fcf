/**
 * Smooth activations. Their kernels give the slope beside the value, from the
 * same exponential, so that backward is a product; a slope that must have a
 * slope itself is made of tensor operations.
 */

import type { FloatKernels } from "@fdunn/wasm-kernels";
import { mode } from "../grad_mode.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { applyMany, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { callKernel } from "./scalars.ts";
import { where } from "./where.ts";

/** The kernels that write values and slopes. */
type SmoothName = keyof Pick<
  FloatKernels,
  "silu" | "gelu" | "gelu_tanh" | "mish" | "softplus" | "elu"
>;

interface SmoothParams {
  /** What the kernel takes before the arrays. */
  readonly scalars: readonly number[];
  /** Whether there will be a backward, which takes the slopes. */
  readonly keep: boolean;
}

/** The values, and the slopes if they are kept. */
function run(
  op: string,
  kernel: SmoothName,
  { scalars, keep }: SmoothParams,
  x: NdArray,
): NdArray[] {
  const source = contiguous(x);
  const out = allocate(x.shape, x.dtype);
  const slope = keep ? allocate(x.shape, x.dtype) : null;
  const args = [out.size];
  for (let i = 0; i < scalars.length; i++) args.push(scalars[i]!);
  args.push(pointer(source), writable(out));
  args.push(slope === null ? 0 : writable(slope));
  callKernel(op, kernel, x, args, scalars.length);
  return slope === null ? [out] : [out, slope];
}

/**
 * An op over a kernel; `slope` is f' again, in ops that have gradients. Errors
 * name what the user called.
 */
function smooth(
  name: string,
  kernel: SmoothName,
  slope: (x: Tensor, ...scalars: number[]) => Tensor,
  called = name,
): Op<SmoothParams> {
  return {
    name,
    saves: "inputs",
    forward: (params, x) => run(called, kernel, params, x),
    backward: (node, grad) => {
      if (!mode.recording) return [grad.mul(node.outputs[1]!)];
      return [grad.mul(slope(node.input(0), ...node.params.scalars))];
    },
  };
}

function activate(
  op: Op<SmoothParams>,
  x: Tensor,
  scalars: readonly number[],
): Tensor {
  const keep = mode.recording && x.requiresGrad;
  return applyMany(op, [x], { scalars, keep })[0]!;
}

const NONE: readonly number[] = [];

// s (1 + x (1 - s))
const SILU: Op<SmoothParams> = smooth("silu", "silu", (x) => {
  const rest = x.neg().sigmoid();
  return x.sigmoid().mul(x.mul(rest).add(1));
});

// P + x p: the normal distribution and its density, which is 0 long before 40
const GELU: Op<SmoothParams> = smooth("gelu", "gelu", (x) => {
  const near = x.clamp(-40, 40);
  const density = near.square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
  const distribution = x.mul(Math.SQRT1_2).erf().add(1).mul(0.5);
  return distribution.add(near.mul(density));
});

// s (1 + x (1 - s) v') for x s(v), where s is 0 or 1 long before 30
const GELU_TANH: Op<SmoothParams> = smooth("geluTanh", "gelu_tanh", (x) => {
  const near = x.clamp(-30, 30);
  const [square, c] = [near.square(), Math.sqrt(8 / Math.PI)];
  const v = near.mul(square.mul(0.044715).add(1)).mul(c);
  const dv = square.mul(3 * 0.044715).add(1).mul(c);
  return v.sigmoid().mul(near.mul(v.neg().sigmoid()).mul(dv).add(1));
}, "gelu");

// t + x (1 - t²) s, t the tanh of softplus
const MISH: Op<SmoothParams> = smooth("mish", "mish", (x) => {
  const near = x.clamp(-100, 100);
  const t = softplus(near).tanh();
  const rise = t.square().neg().add(1).mul(near.sigmoid());
  return t.add(near.mul(rise));
});

/** The slope of a softplus. */
const bend = (x: Tensor, beta: number, threshold: number): Tensor => {
  const z = x.mul(beta);
  return where(z.gt(threshold), 1, z.sigmoid());
};
const SOFTPLUS: Op<SmoothParams> = smooth("softplus", "softplus", bend);
const LOG_SIGMOID: Op<SmoothParams> = smooth("logSigmoid", "softplus", bend);

/** The slope of an elu, by its factors: outside, on either side, and of x. */
const rise = (
  x: Tensor,
  negative: number,
  positive: number,
  inside: number,
): Tensor => {
  const left = x.clamp(null, 0).mul(inside).exp().mul(negative * inside);
  return where(x.le(0), left, positive);
};
const ELU: Op<SmoothParams> = smooth("elu", "elu", rise);
const SELU: Op<SmoothParams> = smooth("selu", "elu", rise);
const CELU: Op<SmoothParams> = smooth("celu", "elu", rise);

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
  return activate(SILU, x, NONE);
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
      return activate(GELU, x, NONE);
    case "tanh":
      return activate(GELU_TANH, x, NONE);
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
  return activate(MISH, x, NONE);
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
  return activate(SOFTPLUS, x, [beta, threshold]);
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
  return activate(LOG_SIGMOID, x, [-1, Infinity]);
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
  return activate(ELU, x, [alpha, 1, 1]);
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
  return activate(SELU, x, [SELU_ALPHA * SELU_SCALE, SELU_SCALE, 1]);
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
  return activate(CELU, x, [alpha, 1, 1 / alpha]);
}
