/** Distinct elements, or rows. */

import { requireComputing } from "../dtype.ts";
import {
  allocate,
  contiguous,
  type Elements,
  elementsOf,
  type NdArray,
} from "../nd_array.ts";
import { applyMany, type Op } from "../op.ts";
import { checkAxis, formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { positions } from "./sort.ts";

/** Options of {@linkcode Tensor.unique}. */
export interface UniqueOptions {
  /** Distinct slices along this axis, instead of distinct elements. */
  dim?: number | null;
}

/** What {@linkcode Tensor.unique} finds. */
export interface Unique {
  /** The distinct elements in order; NaN last, each by itself. */
  values: Tensor;
  /** Where in `values` each element is, int32: the input's shape. */
  inverse: Tensor;
  /** How often each of `values` occurs, int32. */
  counts: Tensor;
}

/** Distinct rows of `[n, ...]`, seen as n rows; results as in `Unique`. */
const UNIQUE: Op = {
  name: "unique",
  saves: "none",
  forward: (_, x) => {
    const rows = contiguous(x);
    const n = x.shape[0]!;
    const order = sortedRows(rows);
    const inverse = allocate([n], "int32");
    const firsts = groupRows(rows, order, inverse);
    const counts = allocate([firsts.length], "int32");
    const values = allocate([firsts.length, ...x.shape.slice(1)], x.dtype);
    const [from, to, group, count] = elementsOf(
      rows,
      values,
      inverse,
      counts,
    ) as [Elements, Elements, Elements, Elements];
    count.fill(0);
    for (let i = 0; i < n; i++) count[group[i]!]!++;
    const width = n === 0 ? 0 : x.size / n;
    for (let i = 0; i < firsts.length; i++) {
      const row = firsts[i]!;
      for (let c = 0; c < width; c++) {
        to[i * width + c] = from[row * width + c]!;
      }
    }
    return [values, inverse, counts];
  },
  backward: null,
};

/** The positions of the rows in order: elements, else lexicographically. */
function sortedRows(x: NdArray): Int32Array {
  const n = x.shape[0]!;
  if (x.size === n) {
    const params = { dim: 0, k: n, descending: false };
    const order = positions("unique", x, params);
    return elementsOf(order)[0]!.slice() as Int32Array;
  }
  const values = elementsOf(x)[0]!;
  const width = x.size / n;
  return Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => {
    for (let i = 0; i < width; i++) {
      const difference = values[a * width + i]! - values[b * width + i]!;
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

/** Numbers the groups of equal rows; returns the first row of each. */
function groupRows(x: NdArray, order: Int32Array, inverse: NdArray): number[] {
  const [values, group] = elementsOf(x, inverse) as [Elements, Elements];
  const width = order.length === 0 ? 0 : x.size / order.length;
  const firsts: number[] = [];
  let before = -1;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    let equal = i > 0;
    for (let c = 0; c < width && equal; c++) {
      equal = values[row * width + c] === values[before * width + c];
    }
    if (!equal) firsts.push(row);
    group[row] = firsts.length - 1;
    before = row;
  }
  return firsts;
}

/** See {@linkcode Tensor.unique}. */
export function unique(x: Tensor, options?: UniqueOptions): Unique {
  requireComputing("unique", x.dtype);
  if (x.dtype === "bool") {
    const found = unique(x.to("int32"), options);
    return { ...found, values: found.values.to("bool") };
  }
  const dim = options?.dim ?? null;
  if (dim === null) {
    const [values, inverse, counts] = distinct(x.flatten());
    return { values, inverse: inverse.reshape(x.shape), counts };
  }
  const axis = checkAxis("unique", dim, x.ndim);
  if (x.size === 0 && x.shape[axis] !== 0) {
    throw new RangeError(
      `unique() along dim ${dim} of ${
        formatShape(x.shape)
      } would compare slices without elements`,
    );
  }
  const [values, inverse, counts] = distinct(x.transpose(0, axis));
  return { values: values.transpose(0, axis).contiguous(), inverse, counts };
}

function distinct(rows: Tensor): readonly [Tensor, Tensor, Tensor] {
  return applyMany(UNIQUE, [rows], undefined) as [Tensor, Tensor, Tensor];
}
