/** Matrix products of any rank. */

import { runtime } from "@fdunn/wasm-kernels";
import { isForThreads, numericKernels, runInParts } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { broadcastShapes, formatShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { meet } from "./cast.ts";

/**
 * Threads take at least this many rows or columns of a product: from here on
 * the kernels go one way, whose bits do not depend on the part.
 */
export const GRAIN: number = 24;

/** `[..., m, k] x [..., k, n]`, batch axes equal on both sides or absent. */
const MATMUL: Op = {
  name: "matmul",
  saves: [0b10, 0b01],
  forward: (_, a, b) => {
    const { matmul } = numericKernels("matmul", a.dtype);
    const batchShape = a.shape.slice(0, -2);
    const [m, k] = a.shape.slice(-2) as [number, number];
    const n = b!.shape[b!.shape.length - 1]!;
    const [left, right] = [asMatrices(a), asMatrices(b!)];
    const out = allocate([...batchShape, m, n], a.dtype);
    if (out.size === 0) return out;
    const batch = sizeOf(batchShape);
    const [pa, pb] = [pointer(left.array), pointer(right.array)];
    const po = writable(out);
    const [x, y] = [strideOf(left), strideOf(right)];
    if (isForThreads(a.dtype, 2 * batch * m * n * k)) {
      if (batch === 1) {
        product(m, n, k, pa, x, pb, y, po);
        return out;
      }
      // One matrix for a whole batch is one tall product to the kernel.
      if (right.batch > 0) {
        products(batch, m, n, k, pa, left, pb, right, po);
        return out;
      }
    }
    matmul(
      ...[batch, m, n, k, pa, left.batch, ...x] as const,
      ...[pb, right.batch, ...y, 0, po, n, runtime.scratch] as const,
    );
    return out;
  },
  backward: (node, grad) => {
    const [a, b] = [node.input(0), node.input(1)];
    return [
      node.needs(0) ? multiply(grad, b.transpose(-2, -1)) : null,
      node.needs(1) ? multiply(a.transpose(-2, -1), grad) : null,
    ];
  },
};

/** Elements from one row to the next, and from one column to the next. */
export type Steps = readonly [row: number, column: number];

/** How much longer it takes to transpose an operand than to copy it. */
const TURNING = 2.5;

/**
 * `out[m, n] = a[m, k] b[k, n]` in float32: threads share its rows or its
 * columns. Each makes its own copy of what they do not share, so they share
 * the side whose copies take longer; columns need none of a row-major `a`.
 */
export function product(
  m: number,
  n: number,
  k: number,
  a: number,
  x: Steps,
  b: number,
  y: Steps,
  out: number,
): void {
  const copyA = x[1] === 1 ? 0 : m * TURNING;
  const copyB = y[1] === 1 ? n : n * TURNING;
  const tall = n < 2 * GRAIN || (m >= 2 * GRAIN && copyA > copyB);
  const [shared, flops] = [tall ? m : n, 2 * m * n * k];
  runInParts("matmul", "float32", shared, GRAIN, flops, (from, to, scratch) => {
    const [i, rows] = tall ? [from, to - from] : [0, m];
    const [j, columns] = tall ? [0, n] : [from, to - from];
    return [
      ...[1, rows, columns, k, a + 4 * i * x[0], 0, ...x],
      ...[b + 4 * j * y[1], 0, ...y, 0, out + 4 * (i * n + j), n, scratch],
    ];
  });
}

/** A batch of float32 products, of which threads take some each. */
function products(
  batch: number,
  m: number,
  n: number,
  k: number,
  a: number,
  left: Matrices,
  b: number,
  right: Matrices,
  out: number,
): void {
  const flops = 2 * batch * m * n * k;
  runInParts("matmul", "float32", batch, 1, flops, (from, to, scratch) => [
    ...[to - from, m, n, k],
    ...[a + 4 * from * left.batch, left.batch, ...strideOf(left)],
    ...[b + 4 * from * right.batch, right.batch, ...strideOf(right)],
    ...[0, out + 4 * from * m * n, n, scratch],
  ]);
}

interface Matrices {
  array: NdArray;
  batch: number;
  row: number;
  column: number;
}

function strideOf({ row, column }: Matrices): Steps {
  return [row, column];
}

/** Strides as the kernel takes them; a copy where they do not fit. */
function asMatrices(x: NdArray): Matrices {
  const rank = x.shape.length;
  const { strides } = x;
  const [row, column] = [strides[rank - 2]!, strides[rank - 1]!];
  const [rows, columns] = [x.shape[rank - 2]!, x.shape[rank - 1]!];
  const batch = batchStride(x, strides);
  const fits = row === 1 || column === 1 || rows === 1 || columns === 1;
  if (batch === null || !fits) {
    return asMatrices(contiguous(x));
  }
  return { array: x, batch, row, column };
}

/** The one stride that walks all batch axes, or null. */
function batchStride(x: NdArray, strides: readonly number[]): number | null {
  let stride: number | null = null;
  let expected = 0;
  for (let i = x.shape.length - 3; i >= 0; i--) {
    const size = x.shape[i]!;
    if (size === 1) continue;
    if (stride === null) stride = strides[i]!;
    else if (strides[i] !== expected) return null;
    expected = strides[i]! * size;
  }
  return stride ?? 0;
}

/** The product of two tensors with the same number of axes, batch expanded. */
export function multiply(a: Tensor, b: Tensor): Tensor {
  return apply(MATMUL, [a, b], undefined);
}

/** See {@linkcode Tensor.matmul}. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.dtype !== b.dtype) [a, b] = meet("matmul", a, b);
  const [aShape, bShape] = [a.shape, b.shape];
  if (aShape.length === 0 || bShape.length === 0) {
    throw new RangeError(
      `Cannot multiply ${formatShape(aShape)} by ${
        formatShape(bShape)
      }: matmul() takes no scalars, use mul()`,
    );
  }
  // Vectors become a row on the left, a column on the right.
  const left = aShape.length === 1 ? a.unsqueeze(0) : a;
  const right = bShape.length === 1 ? b.unsqueeze(1) : b;
  const k = left.shape[left.shape.length - 1]!;
  const rows = right.shape[right.shape.length - 2]!;
  if (k !== rows) {
    throw new RangeError(
      `Cannot multiply ${formatShape(aShape)} by ${
        formatShape(bShape)
      }: inner sizes are ${k} and ${rows} and must be equal`,
    );
  }
  const product = batched(left, right);
  if (aShape.length > 1 && bShape.length > 1) return product;
  const shape = product.shape.slice(0, -2);
  if (aShape.length > 1) shape.push(aShape[aShape.length - 2]!);
  if (bShape.length > 1) shape.push(bShape[bShape.length - 1]!);
  return product.reshape(shape);
}

function batched(a: Tensor, b: Tensor): Tensor {
  const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  if (aBatch.length === 0 && bBatch.length === 0) return multiply(a, b);
  if (bBatch.length === 0) {
    // One matrix on the right: all rows of the left go in one product.
    const [k, n] = b.shape as readonly [number, number];
    const rows = a.size === 0 ? sizeOf(a.shape.slice(0, -1)) : a.size / k;
    return multiply(a.reshape([rows, k]), b)
      .reshape([...a.shape.slice(0, -1), n]);
  }
  const batch = broadcastShapes("matmul", aBatch, bBatch);
  return multiply(withBatch(a, batch), withBatch(b, batch));
}

function withBatch(x: Tensor, batch: Shape): Tensor {
  return x.expand([...batch, ...x.shape.slice(-2)]);
}

/** Throws unless input, weight and bias have one dtype. */
export function requireSame(
  op: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
): void {
  if (
    x.dtype !== weight.dtype || (bias !== null && bias.dtype !== x.dtype)
  ) {
    throw new TypeError(
      `${op}() got input ${x.dtype}, weight ${weight.dtype}${
        bias === null ? "" : ` and bias ${bias.dtype}`
      }, which must be equal: convert with to()`,
    );
  }
}
