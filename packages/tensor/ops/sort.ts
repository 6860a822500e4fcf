/** Order along an axis: sort, argsort, topk, kthvalue, median. */

import { ITEM_BYTES, requireComputing } from "../dtype.ts";
import { numericKernels } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { checkAxis, formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Extrema } from "./indexing.ts";
import type { ReduceOptions } from "./reduce.ts";
import { where } from "./where.ts";

/** Options of {@linkcode Tensor.sort} and {@linkcode Tensor.argsort}. */
export interface SortOptions {
  /** From the largest to the smallest. Default `false`. */
  descending?: boolean;
}

/** Options of {@linkcode Tensor.topk}. */
export interface TopkOptions {
  /** The largest, or else the smallest. Default `true`. */
  largest?: boolean;
}

interface SortParams {
  dim: number;
  /** How many positions are wanted. */
  k: number;
  descending: boolean;
}

const ARGSORT: Op<SortParams> = {
  name: "argsort",
  saves: "none",
  forward: (params, x) => positions("argsort", x, params),
  backward: null,
};

/** The positions of the first k in order: equal elements keep theirs. */
export function positions(
  name: string,
  x: NdArray,
  { dim, k, descending }: SortParams,
): NdArray {
  const { argsort } = numericKernels(name, x.dtype);
  const source = contiguous(x);
  const shape = x.shape.slice();
  if (shape.length > 0) shape[dim] = k;
  const n = x.shape[dim] ?? 1;
  const out = allocate(shape, "int32");
  // Two keys and two positions for each element of one row.
  const scratch = allocate([n * (2 * ITEM_BYTES[x.dtype] + 8)], "uint8");
  if (out.size === 0) return out;
  let [outer, inner] = [1, 1];
  for (let i = 0; i < dim; i++) outer *= shape[i]!;
  for (let i = dim + 1; i < shape.length; i++) inner *= shape[i]!;
  const [px, room] = [pointer(source), writable(scratch)];
  argsort(outer, n, inner, k, descending ? 1 : 0, px, writable(out), room);
  return out;
}

/** The positions of the first `count` in order, or of all. */
function order(
  name: string,
  x: Tensor,
  dim: number,
  count: number | null,
  descending: boolean,
): Tensor {
  requireComputing(name, x.dtype);
  const axis = checkAxis(name, dim, Math.max(1, x.ndim));
  const n = x.shape[axis] ?? 1;
  const k = count ?? n;
  if (!Number.isInteger(k) || k < 0 || k > n) {
    throw new RangeError(
      `${name}() got k ${k} for dim ${dim} of ${
        formatShape(x.shape)
      }, expected a whole number from 0 to ${n}`,
    );
  }
  const source = x.dtype === "bool" ? x.to("int32") : x;
  return apply(ARGSORT, [source], { dim: axis, k, descending });
}

/** Positions and, by them, values, whose gradients go back where they were. */
function ordered(
  name: string,
  x: Tensor,
  dim: number,
  count: number | null,
  descending: boolean,
): Extrema {
  const indices = order(name, x, dim, count, descending);
  const values = x.ndim === 0 ? x.clone() : x.gather(dim, indices);
  return { values, indices };
}

/** See {@linkcode Tensor.sort}. */
export function sort(x: Tensor, dim: number, options?: SortOptions): Extrema {
  return ordered("sort", x, dim, null, options?.descending ?? false);
}

/** See {@linkcode Tensor.argsort}. */
export function argsort(
  x: Tensor,
  dim: number,
  options?: SortOptions,
): Tensor {
  return order("argsort", x, dim, null, options?.descending ?? false);
}

/** See {@linkcode Tensor.topk}. */
export function topk(
  x: Tensor,
  k: number,
  dim: number,
  options?: TopkOptions,
): Extrema {
  return ordered("topk", x, dim, k, options?.largest ?? true);
}

/** One place of each row, in order, with the axis kept or dropped. */
function place(
  x: Tensor,
  { values, indices }: Extrema,
  axis: number,
  at: number,
  options: ReduceOptions | undefined,
): Extrema {
  if (x.ndim === 0) return { values, indices };
  const value = values.narrow(axis, at, 1);
  const index = indices.narrow(axis, at, 1);
  if (options?.keepdim === true) return { values: value, indices: index };
  return { values: value.squeeze(axis), indices: index.squeeze(axis) };
}

/** See {@linkcode Tensor.kthvalue}. */
export function kthvalue(
  x: Tensor,
  k: number,
  dim: number,
  options?: ReduceOptions,
): Extrema {
  const axis = checkAxis("kthvalue", dim, Math.max(1, x.ndim));
  if (k === 0) {
    throw new RangeError("kthvalue() got k 0: the smallest element has k 1");
  }
  const found = ordered("kthvalue", x, dim, k, false);
  return place(x, found, axis, k - 1, options);
}

/** See {@linkcode Tensor.median}: the lower of two in the middle. */
export function median(
  x: Tensor,
  dim: number,
  options?: ReduceOptions,
): Extrema {
  const axis = checkAxis("median", dim, Math.max(1, x.ndim));
  const n = x.shape[axis] ?? 1;
  requireElements(x, n);
  const found = ordered("median", x, dim, null, false);
  const middle = place(x, found, axis, (n - 1) >> 1, options);
  // A NaN is the last in order, and wins.
  const last = place(x, found, axis, n - 1, options);
  const isNaN = last.values.ne(last.values);
  return {
    values: where(isNaN, last.values, middle.values),
    indices: where(isNaN, last.indices, middle.indices),
  };
}

/** See {@linkcode Tensor.median}: of all elements; equals share the gradient. */
export function medianOfAll(x: Tensor): Tensor {
  requireElements(x, x.size);
  const { values } = median(x.flatten(), 0);
  if (!x.requiresGrad) return values;
  return where(x.eq(values), x, -Infinity).amax();
}

function requireElements(x: Tensor, n: number): void {
  if (n > 0) return;
  throw new RangeError(
    `median() of a tensor of shape ${
      formatShape(x.shape)
    } has no elements to choose from`,
  );
}
