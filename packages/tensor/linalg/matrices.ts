/**
 * What all of linear algebra begins and ends with: arrays of matrices
 * `[..., m, n]`, seen as float64 by the kernels and rounded once to their dtype.
 */

import { linalgKernels } from "@fdunn/wasm-kernels/linalg";
import { eye } from "../create.ts";
import { type DType, requireFloat } from "../dtype.ts";
import {
  allocate,
  contiguous,
  copyOf,
  type NdArray,
  pointer,
  viewOf,
  writable,
} from "../nd_array.ts";
import { broadcastShapes, formatShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** How often and how large. */
export interface Sizes {
  /** The axes before the last two. */
  readonly batch: Shape;
  /** Matrices in all. */
  readonly count: number;
  /** Rows of each. */
  readonly m: number;
  /** Columns of each. */
  readonly n: number;
}

/** The sizes of matrices. */
export function sizesOf({ shape }: { shape: Shape }): Sizes {
  const batch = shape.slice(0, -2);
  const [m, n] = shape.slice(-2) as [number, number];
  return { batch, count: sizeOf(batch), m, n };
}

/** Throws unless a tensor has matrices of float32 or float64. */
export function requireMatrices(op: string, x: Tensor, name = "A"): Sizes {
  requireFloat(`linalg.${op}`, x.dtype);
  if (x.ndim >= 2) return sizesOf(x);
  throw new RangeError(
    `linalg.${op}() got ${name} of shape ${
      formatShape(x.shape)
    }, expected matrices [..., m, n]`,
  );
}

/** Throws unless the matrices are square, too. */
export function requireSquare(op: string, x: Tensor): Sizes {
  const sizes = requireMatrices(op, x);
  if (sizes.m === sizes.n) return sizes;
  throw new RangeError(
    `linalg.${op}() got A of shape ${
      formatShape(x.shape)
    }, expected square matrices [..., n, n]`,
  );
}

/** Throws unless both sides of an equation have one dtype. */
export function requireSameDtype(op: string, a: Tensor, b: Tensor): void {
  if (a.dtype === b.dtype) return;
  throw new TypeError(
    `linalg.${op}() got A of ${a.dtype} and B of ${b.dtype}, which must be equal: convert with to()`,
  );
}

/** Stretches two arrays of matrices to as many. */
export function broadcastBatches(
  op: string,
  a: Tensor,
  b: Tensor,
): [a: Tensor, b: Tensor] {
  const [x, y] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = broadcastShapes(`linalg.${op}`, x, y);
  return [
    a.expand([...batch, ...a.shape.slice(-2)]),
    b.expand([...batch, ...b.shape.slice(-2)]),
  ];
}

/** Every matrix transposed. */
export function turn(x: Tensor): Tensor {
  return x.transpose(-2, -1);
}

/** {@linkcode turn} for arrays. */
export function turnArray(x: NdArray): NdArray {
  const [shape, strides] = [x.shape.slice(), x.strides.slice()];
  for (const list of [shape, strides]) list.push(...list.splice(-2).reverse());
  return viewOf(x, shape, strides, x.offset);
}

/** A row-major copy in float64, which kernels may write over. */
export function widened(x: NdArray): NdArray {
  if (x.dtype === "float64") return copyOf(x);
  const source = contiguous(x);
  const out = allocate(x.shape, "float64");
  linalgKernels().widen(x.size, pointer(source), writable(out));
  return out;
}

/**
 * Arrays that `compute` fills in float64, at the addresses that it gets, all of
 * one storage: a write into one of them is seen by what saved another.
 */
export function filled(
  dtype: DType,
  shapes: readonly Shape[],
  compute: (...addresses: number[]) => void,
): NdArray[] {
  const sizes = shapes.map(sizeOf);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const out = allocate([total], dtype);
  const wide = dtype === "float64" ? out : allocate([total], "float64");
  const start = writable(wide);
  let next = 0;
  const offsets = sizes.map((size) => (next += size) - size);
  compute(...offsets.map((offset) => start + 8 * offset));
  if (wide !== out) linalgKernels().narrow(total, start, writable(out));
  return shapes.map((shape, i) => viewOf(out, shape, null, offsets[i]!));
}

/** Room for so many numbers during one op. */
export function room(numbers: number): NdArray {
  return allocate([numbers], "float64");
}

/** What each matrix, or each row of each, came to. */
export function integers(n: number): NdArray {
  return allocate([n], "int32");
}

/** The identity of a dtype. */
export function identity(n: number, dtype: DType): Tensor {
  return eye(n, n, { dtype });
}

/** X - Xᵀ. */
export function antisymmetric(x: Tensor): Tensor {
  return x.sub(turn(x));
}

/** xⱼ - xᵢ of vectors `[..., n]`, and 1 on the diagonal: `[..., n, n]`. */
export function gaps(x: Tensor): Tensor {
  const unit = identity(x.shape.at(-1)!, x.dtype);
  return x.unsqueeze(-2).sub(x.unsqueeze(-1)).add(unit);
}
