/**
 * Writing and adding at an index, into a copy: scatter, indexAdd, indexCopy
 * and their kin.
 */

import { runtime } from "@fdunn/wasm-kernels";
import { ITEM_BYTES, requireComputing } from "../dtype.ts";
import { copyOf, type NdArray } from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { checkAxis, formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  elementsAdded,
  gather,
  indexed,
  type IndexParams,
  indexSelect,
  requireIndex,
  rowsAdded,
} from "./indexing.ts";
import { coordinates, linearIndex, positions } from "./positions.ts";

type Write = typeof writeRows;
type AtIndex<Rest extends unknown[] = []> = (
  x: Tensor,
  dim: number,
  index: Tensor,
  ...rest: Rest
) => Tensor;

/** Overwrites where an index points to: `fill` and `pick` are the gradients. */
function overwriting(
  name: string,
  write: Write,
  fill: AtIndex<[value: number]>,
  pick: AtIndex,
): Op<IndexParams> {
  return {
    name,
    saves: [0b010, 0, 0b010],
    forward: (params, x, index, source) => {
      const out = copyOf(x);
      write(params.name ?? name, params, source!, index!, out);
      return out;
    },
    backward: (node, grad) => {
      const [{ dim }, index] = [node.params, node.input(1)];
      return [
        node.needs(0) ? fill(grad, dim, index, 0) : null,
        null,
        node.needs(2) ? pick(grad, dim, index) : null,
      ];
    },
  };
}

const INDEX_COPY: Op<IndexParams> = overwriting(
  "indexCopy",
  writeRows,
  indexFill,
  indexSelect,
);
const SCATTER: Op<IndexParams> = overwriting(
  "scatter",
  writeElements,
  scatter,
  gather,
);

/** `out[..., index[j], ...] = source[..., j, ...]` for a row-major `out`. */
export function writeRows(
  name: string,
  params: IndexParams,
  source: NdArray,
  index: NdArray,
  out: NdArray,
): void {
  if (source.size === 0) return;
  const { bytes } = runtime.kernels;
  const width = ITEM_BYTES[out.dtype];
  const words = width % 4 === 0;
  const kernel = words ? bytes.index_copy_b32 : bytes.index_copy_b8;
  const parts = words ? width / 4 : width;
  indexed(name, kernel, params, source, index, index.size, out, parts);
}

/** `out[..., index[..., j, ...], ...] = source[..., j, ...]`, row-major. */
export function writeElements(
  name: string,
  params: IndexParams,
  source: NdArray,
  index: NdArray,
  out: NdArray,
): void {
  if (source.size === 0) return;
  const { scatter_b32, scatter_b64 } = runtime.kernels.bytes;
  const kernel = ITEM_BYTES[out.dtype] === 8 ? scatter_b64 : scatter_b32;
  const k = index.shape[params.dim]!;
  indexed(name, kernel, params, source, index, k, out);
}

/** Throws unless index and source fit; returns the axis. */
export function checkScatter(
  op: string,
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | null,
): number {
  requireIndex(op, index);
  requireComputing(op, x.dtype);
  const axis = checkAxis(op, dim, x.ndim);
  const fits = index.ndim === x.ndim &&
    index.shape.every((size, i) => i === axis || size <= x.shape[i]!);
  if (!fits) {
    throw new RangeError(
      `${op}() on dim ${dim} of ${formatShape(x.shape)} got an index of shape ${
        formatShape(index.shape)
      }: all other sizes must not be larger`,
    );
  }
  if (source === null) return axis;
  requireLike(op, x, source);
  const covered = source.ndim === index.ndim &&
    index.shape.every((size, i) => size <= source.shape[i]!);
  if (!covered) {
    throw new RangeError(
      `${op}() got a source of shape ${
        formatShape(source.shape)
      } for an index of shape ${
        formatShape(index.shape)
      }: its sizes must not be smaller`,
    );
  }
  return axis;
}

function requireLike(op: string, x: Tensor, source: Tensor): void {
  if (source.dtype === x.dtype) return;
  throw new TypeError(
    `${op}() got a source of ${source.dtype} for a tensor of ${x.dtype}: convert it with to("${x.dtype}")`,
  );
}

/** The part of a source that the index has a place for. */
export function coveredBy(index: Tensor, source: Tensor): Tensor {
  let part = source;
  index.shape.forEach((size, i) => {
    if (size < source.shape[i]!) part = part.narrow(i, 0, size);
  });
  return part;
}

/** Whether an index is as large as the tensor along all axes but its own. */
export function isWhole(x: Tensor, axis: number, index: Tensor): boolean {
  return index.shape.every((size, i) => i === axis || size === x.shape[i]);
}

/** For each element of an index where it points to in the flattened tensor. */
export function flatPositions(
  name: string,
  x: Tensor,
  axis: number,
  index: Tensor,
): Tensor {
  const indices = index.shape.map((_, i) =>
    i === axis ? index : coordinates(index.shape, i)
  );
  const { shape } = x;
  const params = { name, shape, dim: 0, wraps: false };
  return linearIndex(indices, params).reshape([-1]);
}

/** See {@linkcode Tensor.scatter}. */
export function scatter(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | number,
): Tensor {
  const given = typeof source === "number" ? null : source;
  const axis = checkScatter("scatter", x, dim, index, given);
  if (x.dtype === "bool") {
    const values = given === null ? Number(source !== 0) : given.to("int32");
    return scatter(x.to("int32"), dim, index, values).to("bool");
  }
  const part = typeof source === "number"
    ? x.scalarLike(source).expand(index.shape)
    : coveredBy(index, source);
  if (isWhole(x, axis, index)) {
    return apply(SCATTER, [x, index, part], { dim: axis, shape: x.shape });
  }
  const at = flatPositions("scatter", x, axis, index);
  return indexCopy(x.reshape([-1]), 0, at, part.reshape([-1]))
    .reshape(x.shape);
}

/** See {@linkcode Tensor.scatterAdd}. */
export function scatterAdd(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
): Tensor {
  const axis = checkScatter("scatterAdd", x, dim, index, source);
  const part = coveredBy(index, source);
  if (isWhole(x, axis, index)) {
    return x.add(elementsAdded(part, index, { dim: axis, shape: x.shape }));
  }
  const at = flatPositions("scatterAdd", x, axis, index);
  const sums = rowsAdded(part.reshape([-1]), at, { dim: 0, shape: [x.size] });
  return x.add(sums.reshape(x.shape));
}

/** Throws unless index and source fit; returns the axis. */
export function checkRows(
  op: string,
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | null,
): number {
  requireIndex(op, index);
  if (index.ndim !== 1) {
    throw new RangeError(
      `${op}() expects a 1-D index, got ${formatShape(index.shape)}`,
    );
  }
  const axis = checkAxis(op, dim, x.ndim);
  if (source === null) return axis;
  requireLike(op, x, source);
  const rows = x.shape.map((size, i) => i === axis ? index.size : size);
  if (!sameShape(source.shape, rows)) {
    throw new RangeError(
      `${op}() of ${index.size} indices on dim ${dim} of ${
        formatShape(x.shape)
      } got a source of shape ${formatShape(source.shape)}, expected ${
        formatShape(rows)
      }`,
    );
  }
  return axis;
}

/** Options of {@linkcode Tensor.indexAdd}. */
export interface IndexAddOptions {
  /** What the source is multiplied by. Default 1. */
  alpha?: number;
}

/** See {@linkcode Tensor.indexAdd}. */
export function indexAdd(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: IndexAddOptions = {},
): Tensor {
  const axis = checkRows("indexAdd", x, dim, index, source);
  const { alpha = 1 } = options;
  const scaled = alpha === 1 ? source : source.mul(alpha);
  return x.add(rowsAdded(scaled, index, { dim: axis, shape: x.shape }));
}

/** See {@linkcode Tensor.indexCopy}. */
export function indexCopy(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
): Tensor {
  const axis = checkRows("indexCopy", x, dim, index, source);
  const params = { dim: axis, shape: x.shape };
  return apply(INDEX_COPY, [x, index, source], params);
}

/** See {@linkcode Tensor.indexFill}. */
export function indexFill(
  x: Tensor,
  dim: number,
  index: Tensor,
  value: number | Tensor,
): Tensor {
  const axis = checkRows("indexFill", x, dim, index, null);
  // Each row once, or the scalar's gradient would count some twice.
  const at = typeof value === "number" ? index : distinct(index);
  const rows = filledRows(x, axis, at, value);
  const params = { dim: axis, shape: x.shape, name: "indexFill" };
  return apply(INDEX_COPY, [x, at, rows], params);
}

function distinct(index: Tensor): Tensor {
  const values = [...new Set(index.data() as Int32Array)];
  return positions(values.length, (i) => values[i]!);
}

/** Rows of one value, as many as the index has. */
export function filledRows(
  x: Tensor,
  axis: number,
  index: Tensor,
  value: number | Tensor,
): Tensor {
  if (typeof value !== "number" && value.ndim > 0) {
    throw new RangeError(
      `indexFill() expects a number or a scalar, got ${
        formatShape(value.shape)
      }`,
    );
  }
  const scalar = typeof value === "number" ? x.scalarLike(value) : value;
  requireLike("indexFill", x, scalar);
  return scalar.expand(x.shape.map((n, i) => i === axis ? index.size : n));
}
