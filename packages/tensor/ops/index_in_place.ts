/** Writing and adding at an index, into a tensor's own bytes. */

import { numericKernels } from "../kernel.ts";
import { copyInto, copyOf, type NdArray } from "../nd_array.ts";
import type { Tensor } from "../tensor.ts";
import {
  type IndexItem,
  type IndexPutOptions,
  planIndex,
  rowsOfValues,
  shapeOfRows,
  valuesFor,
} from "./advanced_index.ts";
import { copyInPlace, requireReadable, writeInPlace } from "./fill.ts";
import { indexed, type IndexParams } from "./indexing.ts";
import {
  checkRows,
  checkScatter,
  coveredBy,
  filledRows,
  flatPositions,
  type IndexAddOptions,
  isWhole,
  scatter,
  writeElements,
  writeRows,
} from "./scatter.ts";

/** Lets `write` into the elements of `x`, or a row-major copy of them. */
function into(
  name: string,
  x: Tensor,
  source: Tensor,
  write: (out: NdArray, from: NdArray) => void,
): void {
  requireReadable(name, source);
  writeInPlace(name, x, () => {
    const { array } = x;
    const rowMajor = array.steps === null;
    const out = rowMajor ? array : copyOf(array);
    const shared = source.array.storage === array.storage;
    write(out, shared ? copyOf(source.array) : source.array);
    if (!rowMajor) copyInto(out, array);
  });
}

/** `out[index[j]] += source[j]`, rows along an axis. */
function addRows(
  name: string,
  params: IndexParams,
  source: NdArray,
  { array: index }: Tensor,
  out: NdArray,
): void {
  if (source.size === 0) return;
  const { index_add } = numericKernels(name, out.dtype);
  indexed(name, index_add, params, source, index, index.size, out);
}

/** See {@linkcode Tensor.indexPut_}. */
export function indexPutInPlace(
  x: Tensor,
  items: readonly IndexItem[],
  values: Tensor | number,
  options: IndexPutOptions = {},
): void {
  const name = "indexPut_";
  const plan = planIndex(name, x, items);
  const { source, rows, dim } = plan;
  if (rows === null) {
    // Numbers and nulls alone: a view, written as a whole.
    const wide = valuesFor(name, x, values, source.shape);
    const sum = options.accumulate === true ? source.add(wide) : wide;
    copyInPlace(source, sum);
    return;
  }
  const picked = rowsOfValues(name, plan, values);
  const params = { dim, shape: shapeOfRows(plan) };
  into(name, source, picked, (out, from) => {
    if (options.accumulate === true) addRows(name, params, from, rows, out);
    else writeRows(name, params, from, rows.array, out);
  });
}

/** See {@linkcode Tensor.indexCopy_}. */
export function indexCopyInPlace(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
): void {
  const axis = checkRows("indexCopy_", x, dim, index, source);
  putRows("indexCopy_", x, axis, index, source);
}

function putRows(
  name: string,
  x: Tensor,
  axis: number,
  index: Tensor,
  source: Tensor,
): void {
  const params = { dim: axis, shape: x.shape };
  into(name, x, source, (out, from) => {
    writeRows(name, params, from, index.array, out);
  });
}

/** See {@linkcode Tensor.indexFill_}. */
export function indexFillInPlace(
  x: Tensor,
  dim: number,
  index: Tensor,
  value: number | Tensor,
): void {
  const axis = checkRows("indexFill_", x, dim, index, null);
  putRows("indexFill_", x, axis, index, filledRows(x, axis, index, value));
}

/** See {@linkcode Tensor.indexAdd_}. */
export function indexAddInPlace(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: IndexAddOptions = {},
): void {
  const name = "indexAdd_";
  const axis = checkRows(name, x, dim, index, source);
  const params = { dim: axis, shape: x.shape };
  const { alpha = 1 } = options;
  const scaled = alpha === 1 ? source : source.mul(alpha);
  into(name, x, scaled, (out, from) => addRows(name, params, from, index, out));
}

/** See {@linkcode Tensor.scatter_}. */
export function scatterInPlace(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | number,
): void {
  const name = "scatter_";
  const given = typeof source === "number" ? null : source;
  const axis = checkScatter(name, x, dim, index, given);
  if (x.dtype === "bool") {
    copyInPlace(x, scatter(x, dim, index, source));
    return;
  }
  const part = typeof source === "number"
    ? x.scalarLike(source).expand(index.shape)
    : coveredBy(index, source);
  const whole = isWhole(x, axis, index);
  const at = whole ? index : flatPositions(name, x, axis, index);
  const rows = whole ? part : part.reshape([-1]);
  into(name, x, rows, (out, from) => {
    if (whole) {
      const params = { dim: axis, shape: x.shape };
      writeElements(name, params, from, at.array, out);
    } else {
      writeRows(name, { dim: 0, shape: [x.size] }, from, at.array, out);
    }
  });
}

/** See {@linkcode Tensor.scatterAdd_}. */
export function scatterAddInPlace(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
): void {
  const name = "scatterAdd_";
  const axis = checkScatter(name, x, dim, index, source);
  const part = coveredBy(index, source);
  const at = flatPositions(name, x, axis, index);
  const rows = part.reshape([-1]);
  into(name, x, rows, (out, from) => {
    addRows(name, { dim: 0, shape: [x.size] }, from, at, out);
  });
}
