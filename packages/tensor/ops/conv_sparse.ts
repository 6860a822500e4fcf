/**
 * Gradients of a convolution from a gradient of its result that is zero but at
 * few places, as max pooling leaves it.
 */

import { type PartArguments, runtime } from "@fdunn/wasm-kernels";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { type Scattered, scatteredOf } from "../scattered.ts";
import { sizeOf } from "../shape.ts";
import type { Conv2dParams } from "./conv.ts";

/** What fits into the kernels' scratch: pixels, floats of a picture and of all windows. */
const PIXELS = 1 << 16;
const PICTURE = 1 << 18;
const WINDOWS = 1 << 17;

/**
 * What a gradient is scattered from, if its values alone make the gradient of
 * the input (or of the weight) faster: at most a quarter of the pixels, as
 * strides of 2 leave, and no way with fewer products still (Winograd's).
 */
function sparseOf(
  p: Conv2dParams,
  grad: NdArray,
  ofInput: boolean,
): Scattered | null {
  const sparse = scatteredOf(grad);
  if (sparse === null || grad.dtype !== "float32") return null;
  const [, c, h, w] = p.input as [number, number, number, number];
  const [o, , kernelH, kernelW] = p.weight as [number, number, number, number];
  const { stride, padding, dilation } = p;
  const steps = stride[0] * stride[1] * dilation[0] * dilation[1] * p.groups;
  const winograd = kernelH === 3 && kernelW === 3 && c >= 16 && o >= 16;
  // One channel's windows hardly fill vectors.
  const filled = c > 2 || (c === 1 && kernelW === 3 && !ofInput);
  const pixel = c === 1 ? 1 : c + 3 & ~3;
  const picture = (h + 2 * padding[0]) * (w + 2 * padding[1]) * pixel + 4;
  const fits = 4 * sparse.values.size <= grad.size && grad.size > 0 &&
    p.output[2]! * p.output[3]! <= PIXELS && picture <= PICTURE &&
    o * kernelH * (kernelW * pixel + 3) <= WINDOWS;
  return steps === 1 && filled && fits && !winograd ? sparse : null;
}

/** The sizes in the kernels' order, for `n` of the images. */
function sizesOf(p: Conv2dParams, n: number, count: number): number[] {
  const [, c, h, w] = p.input as [number, number, number, number];
  const [o, , kernelH, kernelW] = p.weight as [number, number, number, number];
  const [padH, padW] = p.padding;
  return [n, c, h, w, o, kernelH, kernelW, padH, padW, count];
}

function run(
  kernel: string,
  p: Conv2dParams,
  sparse: Scattered,
  n: number,
  grain: number,
  part: PartArguments,
): void {
  const perValue = sizeOf(p.weight) / p.weight[0]!;
  runtime.parallel(kernel, n, grain, 2 * sparse.values.size * perValue, part);
}

/** The gradient of the input, or null where the usual way is better. */
export function sparseGradInput(
  p: Conv2dParams,
  grad: NdArray,
  weight: NdArray,
): NdArray | null {
  const sparse = sparseOf(p, grad, true);
  if (sparse === null) return null;
  const [values, w] = [contiguous(sparse.values), contiguous(weight)];
  const out = allocate(p.input, grad.dtype);
  const [pv, pi, pw] = [pointer(values), pointer(sparse.index), pointer(w)];
  const po = writable(out);
  const [n, o] = [p.input[0]!, p.weight[0]!];
  const [from, to] = [4 * values.size / n, 4 * out.size / n];
  const count = values.size / (n * o);
  const kernel = "conv2d_sparse_grad_input";
  run(kernel, p, sparse, n, 1, (i, end, scratch) => [
    ...sizesOf(p, end - i, count),
    ...[pv + i * from, pi + i * from, pw, po + i * to, scratch],
  ]);
  return out;
}

/** The gradient of the weight, or null where the usual way is better. */
export function sparseGradWeight(
  p: Conv2dParams,
  x: NdArray,
  grad: NdArray,
  grain: number,
): NdArray | null {
  const sparse = sparseOf(p, grad, false);
  if (sparse === null) return null;
  const [values, input] = [contiguous(sparse.values), contiguous(x)];
  const out = allocate(p.weight, grad.dtype);
  const [pv, pi, px] = [pointer(values), pointer(sparse.index), pointer(input)];
  const po = writable(out);
  const [n, o] = [p.input[0]!, p.weight[0]!];
  const sizes = sizesOf(p, n, values.size / (n * o));
  const kernel = "conv2d_sparse_grad_weight";
  run(kernel, p, sparse, o, grain, (first, end, scratch) => [
    ...sizes,
    ...[first, end, px, pv, pi, po, scratch],
  ]);
  return out;
}
