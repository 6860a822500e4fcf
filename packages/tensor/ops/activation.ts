/** Activations with kernels of their own: relu, sigmoid, tanh. */

import type { UnaryBackward } from "@fdunn/wasm-kernels";
import { floatKernels, isLarge, numericKernels, runOver } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { scatteredOf } from "../scattered.ts";
import type { Tensor } from "../tensor.ts";
import { toFloat } from "./cast.ts";
import { unary } from "./unary.ts";

type SlopeName = "relu_backward" | "sigmoid_backward" | "tanh_backward";

/** Runs a backward kernel on a saved output and a gradient. */
function slope(
  name: SlopeName,
  kernel: UnaryBackward,
  y: NdArray,
  g: NdArray,
): NdArray {
  const scattered = scatteredOf(g);
  if (scattered !== null) {
    const at = scattered.pick(y);
    return scattered.with(slope(name, kernel, at, scattered.values));
  }
  const saved = contiguous(y);
  const grad = contiguous(g);
  const out = allocate(y.shape, y.dtype);
  const py = pointer(saved);
  const pg = pointer(grad);
  const po = writable(out);
  if (isLarge(y.dtype, out.size)) slopeOver(name, out.size, py, pg, po);
  else kernel(out.size, py, pg, po);
  return out;
}

/** On threads; apart, since a closure would cost every small call. */
function slopeOver(
  name: SlopeName,
  size: number,
  y: number,
  g: number,
  out: number,
): void {
  runOver(name, size, (from, n) => {
    const at = 4 * from;
    return [n, y + at, g + at, out + at];
  });
}

const RELU: Op = {
  name: "relu",
  saves: "output",
  forward: (_, x) => unary("relu", numericKernels("relu", x.dtype).relu, x),
  backward: (
    node,
    grad,
  ) => [apply(RELU_BACKWARD, [node.output, grad], undefined)],
};

/** g where y > 0; linear in g, and flat in y. */
const RELU_BACKWARD: Op = {
  name: "reluBackward",
  saves: [0, 0b01],
  forward: (_, y, g) =>
    slope("relu_backward", floatKernels("relu", y.dtype).relu_backward, y, g!),
  backward: (node, grad) => [
    null,
    apply(RELU_BACKWARD, [node.input(0), grad], undefined),
  ],
};

const SIGMOID: Op = {
  name: "sigmoid",
  saves: "output",
  forward: (_, x) =>
    unary("sigmoid", floatKernels("sigmoid", x.dtype).sigmoid, x),
  backward: (
    node,
    grad,
  ) => [apply(SIGMOID_BACKWARD, [node.output, grad], undefined)],
};

/** g y (1 - y) */
const SIGMOID_BACKWARD: Op = {
  name: "sigmoidBackward",
  saves: [0b11, 0b01],
  forward: (_, y, g) =>
    slope(
      "sigmoid_backward",
      floatKernels("sigmoid", y.dtype).sigmoid_backward,
      y,
      g!,
    ),
  backward: (node, grad) => {
    const [y, g] = [node.input(0), node.input(1)];
    return [
      node.needs(0) ? grad.mul(g).mul(y.mul(-2).add(1)) : null,
      node.needs(1) ? apply(SIGMOID_BACKWARD, [y, grad], undefined) : null,
    ];
  },
};

const TANH: Op = {
  name: "tanh",
  saves: "output",
  forward: (_, x) => unary("tanh", floatKernels("tanh", x.dtype).tanh, x),
  backward: (
    node,
    grad,
  ) => [apply(TANH_BACKWARD, [node.output, grad], undefined)],
};

/** g (1 - y²) */
const TANH_BACKWARD: Op = {
  name: "tanhBackward",
  saves: [0b11, 0b01],
  forward: (_, y, g) =>
    slope("tanh_backward", floatKernels("tanh", y.dtype).tanh_backward, y, g!),
  backward: (node, grad) => {
    const [y, g] = [node.input(0), node.input(1)];
    return [
      node.needs(0) ? grad.mul(g).mul(y).mul(-2) : null,
      node.needs(1) ? apply(TANH_BACKWARD, [y, grad], undefined) : null,
    ];
  },
};

/** See {@linkcode Tensor.relu}. */
export function relu(x: Tensor): Tensor {
  return apply(RELU, [x], undefined);
}

/** See {@linkcode Tensor.sigmoid}. */
export function sigmoid(x: Tensor): Tensor {
  return apply(SIGMOID, [toFloat(x)], undefined);
}

/** See {@linkcode Tensor.tanh}. */
export function tanh(x: Tensor): Tensor {
  return apply(TANH, [toFloat(x)], undefined);
}
