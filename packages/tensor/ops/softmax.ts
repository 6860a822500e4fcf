/** Softmax and its logarithm along one axis. */

import type { FloatKernels } from "@fdunn/wasm-kernels";
import { floatKernels } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { checkAxis } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** The extents around an axis: `[outer, n, inner]`. */
export function around(x: NdArray, axis: number): [number, number, number] {
  let [outer, inner] = [1, 1];
  for (let i = 0; i < axis; i++) outer *= x.shape[i]!;
  for (let i = axis + 1; i < x.shape.length; i++) inner *= x.shape[i]!;
  return [outer, x.shape[axis] ?? 1, inner];
}

/** The kernels' names as messages show them. */
const PUBLIC = { softmax: "softmax", log_softmax: "logSoftmax" } as const;

function forward(
  name: "softmax" | "log_softmax",
  axis: number,
  x: NdArray,
): NdArray {
  const kernel = floatKernels(PUBLIC[name], x.dtype)[name];
  const source = contiguous(x);
  const out = allocate(x.shape, x.dtype);
  const [outer, n, inner] = around(x, axis);
  if (out.size > 0) kernel(outer, n, inner, pointer(source), writable(out));
  return out;
}

function backward(
  name: keyof Pick<FloatKernels, "softmax_backward" | "log_softmax_backward">,
  axis: number,
  y: NdArray,
  g: NdArray,
): NdArray {
  const kernel = floatKernels(name, y.dtype)[name];
  const [saved, grad] = [contiguous(y), contiguous(g)];
  const out = allocate(y.shape, y.dtype);
  const [outer, n, inner] = around(y, axis);
  if (out.size > 0) {
    kernel(outer, n, inner, pointer(saved), pointer(grad), writable(out));
  }
  return out;
}

const SOFTMAX: Op<number> = {
  name: "softmax",
  saves: "output",
  forward: (axis, x) => forward("softmax", axis, x),
  backward: (
    node,
    grad,
  ) => [apply(SOFTMAX_BACKWARD, [node.output, grad], node.params)],
};

/** y (g - Σ g y) */
const SOFTMAX_BACKWARD: Op<number> = {
  name: "softmaxBackward",
  saves: [0b11, 0b01],
  forward: (axis, y, g) => backward("softmax_backward", axis, y, g!),
  backward: (node, grad) => {
    const [y, g] = [node.input(0), node.input(1)];
    const dim = node.params;
    const dot = g.mul(y).sum(dim, { keepdim: true });
    const dotted = grad.mul(y).sum(dim, { keepdim: true });
    return [
      // d/dy of y (g - Σ g y) along grad
      node.needs(0) ? grad.mul(g.sub(dot)).sub(g.mul(dotted)) : null,
      node.needs(1) ? apply(SOFTMAX_BACKWARD, [y, grad], dim) : null,
    ];
  },
};

const LOG_SOFTMAX: Op<number> = {
  name: "logSoftmax",
  saves: "output",
  forward: (axis, x) => forward("log_softmax", axis, x),
  backward: (
    node,
    grad,
  ) => [apply(LOG_SOFTMAX_BACKWARD, [node.output, grad], node.params)],
};

/** g - e^y Σ g */
const LOG_SOFTMAX_BACKWARD: Op<number> = {
  name: "logSoftmaxBackward",
  saves: [0b11, 0b01],
  forward: (axis, y, g) => backward("log_softmax_backward", axis, y, g!),
  backward: (node, grad) => {
    const [y, g] = [node.input(0), node.input(1)];
    const dim = node.params;
    const p = y.exp();
    const total = g.sum(dim, { keepdim: true });
    const dotted = grad.mul(p).sum(dim, { keepdim: true });
    return [
      node.needs(0) ? grad.mul(p).mul(total).neg() : null,
      node.needs(1) ? grad.sub(dotted) : null,
    ];
  },
};

/** See {@linkcode Tensor.softmax}. */
export function softmax(x: Tensor, dim: number): Tensor {
  return apply(SOFTMAX, [x], axisOf("softmax", x, dim));
}

/** See {@linkcode Tensor.logSoftmax}. */
export function logSoftmax(x: Tensor, dim: number): Tensor {
  return apply(LOG_SOFTMAX, [x], axisOf("logSoftmax", x, dim));
}

function axisOf(name: string, x: Tensor, dim: number): number {
  // A scalar is a row of one.
  return checkAxis(name, dim, Math.max(1, x.shape.length));
}
