/**
 * Gradients of a convolution from a gradient of its result that is zero but at
 * few places, as max pooling leaves it.
 */

import { runtime } from "@fdunn/wasm-kernels";
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
  const c = p.input[1]!, h = p.input[2]!, w = p.input[3]!, o = p.weight[0]!;
  const kernelH = p.weight[2]!, kernelW = p.weight[3]!;
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

/** The sizes in the kernels' order, for `n` of the images, and what follows. */
function argumentsOf(
  p: Conv2dParams,
  n: number,
  values: number,
  ...rest: number[]
): number[] {
  const { input, weight, padding } = p;
  const all = [n, input[1]!, input[2]!, input[3]!, weight[0]!, weight[2]!];
  const count = values / (input[0]! * weight[0]!);
  all.push(weight[3]!, padding[0], padding[1], count);
  for (let i = 0; i < rest.length; i++) all.push(rest[i]!);
  return all;
}

/** How much longer a product takes than in the dense kernels. */
const SPARSE_WORK = 3;

/** Multiplications and additions, as many as would take as long elsewhere. */
function flopsOf(p: Conv2dParams, values: number): number {
  return SPARSE_WORK * 2 * values * sizeOf(p.weight) / p.weight[0]!;
}

/** The gradient of the input, or null where the usual way is better. */
export function sparseGradInput(
  p: Conv2dParams,
  grad: NdArray,
  weight: NdArray,
): NdArray | null {
  const sparse = sparseOf(p, grad, true);
  if (sparse === null) return null;
  const values = contiguous(sparse.values), w = contiguous(weight);
  const out = allocate(p.input, grad.dtype);
  const pv = pointer(values), pi = pointer(sparse.index), pw = pointer(w);
  const po = writable(out), n = p.input[0]!, { size } = values;
  const from = 4 * size / n, to = 4 * out.size / n;
  runtime.parallel(
    "conv2d_sparse_grad_input",
    n,
    1,
    flopsOf(p, size),
    (i, end, scratch) => {
      const v = pv + i * from, at = pi + i * from;
      return argumentsOf(p, end - i, size, v, at, pw, po + i * to, scratch);
    },
  );
  return out;
}

/** The gradient of the weight, or null where the usual way is better. */
export function sparseGradWeight(
  p: Conv2dParams,
  x: NdArray,
  grad: NdArray,
): NdArray | null {
  const sparse = sparseOf(p, grad, false);
  if (sparse === null) return null;
  const values = contiguous(sparse.values), input = contiguous(x);
  const out = allocate(p.weight, grad.dtype);
  const pv = pointer(values), pi = pointer(sparse.index), px = pointer(input);
  const po = writable(out), n = p.input[0]!, { size } = values;
  runtime.parallel(
    "conv2d_sparse_grad_weight",
    p.weight[0]!,
    1,
    flopsOf(p, size),
    (first, end, scratch) =>
      argumentsOf(p, n, size, first, end, px, pv, pi, po, scratch),
  );
  return out;
}
