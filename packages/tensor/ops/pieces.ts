/**
 * Activations of straight pieces: leaky relu, the hard ones, the shrinking
 * ones. But for the first, which has a faster kernel of its own, each is a
 * function of three pieces, at most a parabola in the middle, and so is its
 * derivative: one kernel computes them all, forward, backward and beyond.
 */

import type { Pieces } from "@fdunn/wasm-kernels";
import { apply, type Op } from "../op.ts";
import { requireOption } from "../option_check.ts";
import type { Tensor } from "../tensor.ts";
import { runWithScalars } from "./scalars.ts";

/** The derivative, which has the same bounds; null where it is 0. */
function derivative(p: Readonly<Pieces>): Pieces | null {
  const [low, high, closed, , b1, , i1, i2, , a1] = p;
  if (b1 === 0 && i1 === 0 && i2 === 0 && a1 === 0) return null;
  return [low, high, closed, b1, 0, i1, 2 * i2, 0, a1, 0];
}

/**
 * An activation of three pieces, which are its parameters. What only `clamps`
 * has a kernel three times as fast.
 */
function activation(name: string, clamps = false): Op<Readonly<Pieces>> {
  return {
    name,
    saves: "inputs",
    forward: (pieces, x) =>
      clamps
        ? runWithScalars(name, "clamp", [pieces[0], pieces[1]], x)
        : runWithScalars(name, "pieces", pieces, x, null),
    backward: (node, grad) => {
      const slope = derivative(node.params);
      return [slope && timesPieces(node.input(0), grad, slope)];
    },
  };
}

const TIMES_PIECES: Op<Readonly<Pieces>> = {
  name: "piecesBackward",
  saves: [0b11, 0b01],
  forward: (pieces, x, g) =>
    runWithScalars("piecesBackward", "pieces", pieces, x, g!),
  backward: (node, grad) => {
    const [x, g] = [node.input(0), node.input(1)];
    const slope = node.needs(0) ? derivative(node.params) : null;
    return [
      slope && timesPieces(x, grad.mul(g), slope),
      node.needs(1) ? timesPieces(x, grad, node.params) : null,
    ];
  },
};

/** `g` times what the pieces make of `x`, which has its shape and dtype. */
export function timesPieces(
  x: Tensor,
  g: Tensor,
  pieces: Readonly<Pieces>,
): Tensor {
  return apply(TIMES_PIECES, [x, g], pieces);
}

const LEAKY_RELU: Op<number> = {
  name: "leakyRelu",
  saves: "inputs",
  forward: (s, x) => runWithScalars("leakyRelu", "leaky_relu", [s], x, x),
  backward: (
    node,
    grad,
  ) => [apply(LEAKY_RELU_BACKWARD, [node.input(0), grad], node.params)],
};

/** g where x > 0, s g elsewhere; linear in g, and flat in x. */
const LEAKY_RELU_BACKWARD: Op<number> = {
  name: "leakyReluBackward",
  saves: [0, 0b01],
  forward: (s, x, g) =>
    runWithScalars("leakyReluBackward", "leaky_relu", [s], x, g!),
  backward: (node, grad) => [
    null,
    apply(LEAKY_RELU_BACKWARD, [node.input(0), grad], node.params),
  ],
};

const HARDTANH: Op<Readonly<Pieces>> = activation("hardtanh", true);
const RELU6: Op<Readonly<Pieces>> = activation("relu6", true);
const HARDSIGMOID: Op<Readonly<Pieces>> = activation("hardsigmoid");
const HARDSWISH: Op<Readonly<Pieces>> = activation("hardswish");
const THRESHOLD: Op<Readonly<Pieces>> = activation("threshold");
const HARDSHRINK: Op<Readonly<Pieces>> = activation("hardshrink");
const SOFTSHRINK: Op<Readonly<Pieces>> = activation("softshrink");

/**
 * `x` where it is positive, `negativeSlope x` elsewhere.
 *
 * Any shape, float32 or float64. The slope at 0 is `negativeSlope`.
 *
 * ```ts
 * import { leakyRelu, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(leakyRelu(tensor([-4, 2]), 0.25).toArray(), [-1, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html
 *
 * @param negativeSlope Default 0.01.
 */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  return apply(LEAKY_RELU, [x], negativeSlope);
}

/**
 * `x` between `min` and `max`, and these beyond.
 *
 * Any shape, float32 or float64. Unlike those of {@linkcode Tensor.clamp} the
 * bounds are there by default; the slope at them is 0.
 *
 * ```ts
 * import { hardtanh, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hardtanh(tensor([-3, 0.5, 3])).toArray(), [-1, 0.5, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh.html
 *
 * @param min Default -1.
 * @param max Default 1.
 * @throws RangeError when `min` is above `max`.
 */
export function hardtanh(x: Tensor, min = -1, max = 1): Tensor {
  if (!(min <= max)) {
    throw new RangeError(
      `hardtanh() got bounds ${min} and ${max}: the first must not be above the second`,
    );
  }
  return apply(HARDTANH, [x], [min, max, 0, min, 0, 0, 1, 0, max, 0]);
}

/**
 * `min(max(x, 0), 6)`.
 *
 * Any shape, float32 or float64. The slope at 0 and 6 is 0.
 *
 * ```ts
 * import { relu6, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(relu6(tensor([-1, 2, 9])).toArray(), [0, 2, 6]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.relu6.html
 */
export function relu6(x: Tensor): Tensor {
  return apply(RELU6, [x], [0, 6, 0, 0, 0, 0, 1, 0, 6, 0]);
}

/**
 * `min(max(x / 6 + 1 / 2, 0), 1)`: a sigmoid of straight lines.
 *
 * Any shape, float32 or float64. The slope at -3 and 3 is 0.
 *
 * ```ts
 * import { hardsigmoid, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hardsigmoid(tensor([-4, 0, 4])).toArray(), [0, 0.5, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html
 */
export function hardsigmoid(x: Tensor): Tensor {
  return apply(HARDSIGMOID, [x], [-3, 3, 0, 0, 0, 0.5, 1 / 6, 0, 1, 0]);
}

/**
 * `x hardsigmoid(x)`, of MobileNetV3: 0 up to -3, `x` from 3 on, a parabola
 * between.
 *
 * Any shape, float32 or float64.
 *
 * ```ts
 * import { hardswish, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hardswish(tensor([-4, 0, 4])).toArray(), [0, 0, 4]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html
 * and Howard et al., https://arxiv.org/abs/1905.02244
 */
export function hardswish(x: Tensor): Tensor {
  return apply(HARDSWISH, [x], [-3, 3, 0, 0, 0, 0, 0.5, 1 / 6, 0, 1]);
}

/**
 * `x` where it is above `threshold`, `value` elsewhere.
 *
 * Any shape, float32 or float64.
 *
 * ```ts
 * import { tensor, threshold } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(threshold(tensor([1, 2, 3]), 2, -7).toArray(), [-7, -7, 3]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.threshold.html
 */
export function threshold(
  x: Tensor,
  threshold: number,
  value: number,
): Tensor {
  const t = threshold;
  return apply(THRESHOLD, [x], [t, t, 0, value, 0, value, 0, 0, 0, 1]);
}

/**
 * `x` where it is farther from 0 than `lambda`, 0 elsewhere.
 *
 * Any shape, float32 or float64.
 *
 * ```ts
 * import { hardshrink, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hardshrink(tensor([-1, 0.5, 2])).toArray(), [-1, 0, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html
 *
 * @param lambda Default 0.5.
 */
export function hardshrink(x: Tensor, lambda = 0.5): Tensor {
  return apply(HARDSHRINK, [x], [-lambda, lambda, 1, 0, 1, 0, 0, 0, 0, 1]);
}

/**
 * `x` moved towards 0 by `lambda`, and 0 where that would pass it.
 *
 * Any shape, float32 or float64.
 *
 * ```ts
 * import { softshrink, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(softshrink(tensor([-1, 0.5, 2])).toArray(), [-0.5, 0, 1.5]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html
 *
 * @param lambda Default 0.5.
 * @throws RangeError when `lambda` is negative.
 */
export function softshrink(x: Tensor, lambda = 0.5): Tensor {
  requireOption("softshrink()", "lambda", lambda, lambda >= 0, "at least 0");
  const l = lambda;
  return apply(SOFTSHRINK, [x], [-l, l, 1, l, 1, 0, 0, 0, -l, 1]);
}
