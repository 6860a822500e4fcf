/**
 * Indexing by several tensors at once, by masks, and what needs it: index,
 * indexPut, take, maskedSelect, nonzero.
 */

import { allocate, contiguous, heap, pointer, writable } from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import {
  broadcastShapes,
  checkAxis,
  formatShape,
  sameShape,
  type Shape,
  sizeOf,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { gather, indexSelect, requireIndex, rowsAdded } from "./indexing.ts";
import { coordinates, linearIndex, positions } from "./positions.ts";
import { indexCopy } from "./scatter.ts";

/**
 * What stands for one axis in an index: an int32 tensor or a number picks
 * (negative ones count from the end), a bool mask picks where it is true (and
 * stands for as many axes as it has), null takes all, "..." as many nulls as
 * there is room for.
 */
export type IndexItem = Tensor | number | null | "...";

/** The coordinates of nonzero elements, in row-major order. */
const NONZERO: Op = {
  name: "nonzero",
  saves: "none",
  forward: (_, x) => {
    const source = contiguous(x);
    const { shape, size } = x;
    const rank = shape.length;
    let from = pointer(source);
    let count = 0;
    for (let i = 0; i < size; i++) count += heap.u8[from + i] === 0 ? 0 : 1;
    const out = allocate([count, rank], "int32");
    from = pointer(source); // memory may have moved for the result
    let to = writable(out) >>> 2;
    const { u8, i32 } = heap;
    for (let i = 0; i < size; i++) {
      if (u8[from + i] === 0) continue;
      let rest = i;
      for (let axis = rank - 1; axis >= 0; axis--) {
        const n = shape[axis]!;
        const next = (rest / n) | 0; // sizes are below 2^31: whole division
        i32[to + axis] = rest - next * n;
        rest = next;
      }
      to += rank;
    }
    return out;
  },
  backward: null,
};

/** See {@linkcode Tensor.nonzero}. */
export function nonzero(x: Tensor): Tensor {
  return apply(NONZERO, [x.to("bool")], undefined);
}

/** An index, worked out: rows of a view of the tensor. */
export interface Plan {
  /** The tensor after its numbers have selected; a view. */
  source: Tensor;
  /** The first of the axes that tensors index. */
  dim: number;
  /** How many axes the rows stand for. */
  count: number;
  /** Rows of those axes, seen as one; null when there is nothing to index. */
  rows: Tensor | null;
  /** What the axes become. */
  picked: Shape;
  /** Of those, how many go to the front, with PyTorch's rule. */
  moved: number;
}

/** Works an index out, without touching an element of `x`. */
export function planIndex(
  op: string,
  x: Tensor,
  items: readonly IndexItem[],
): Plan {
  const all = withoutDots(op, x, items);
  let source = x;
  let axis = 0;
  const at: (Tensor | undefined)[] = [];
  for (const item of all) {
    if (item === null) {
      axis++;
    } else if (typeof item === "number") {
      source = selected(op, source, axis, item);
    } else if (item.dtype === "int32" && item.ndim === 0) {
      source = selected(op, source, axis, item.item());
    } else if (item.dtype === "int32") {
      at[axis++] = item;
    } else if (item.dtype === "bool" && item.ndim === 0) {
      source = source.unsqueeze(axis);
      at[axis++] = positions(item.item(), () => 0);
    } else if (item.dtype === "bool") {
      requireMask(op, source, axis, item);
      const found = nonzero(item);
      for (let i = 0; i < item.ndim; i++) at[axis++] = found.select(1, i);
    } else {
      throw new TypeError(
        `${op}() expects index tensors of int32 or bool, got ${item.dtype}`,
      );
    }
  }
  return arranged(op, source, at);
}

/** The items with "..." spelled out; throws when they are too many. */
function withoutDots(
  op: string,
  x: Tensor,
  items: readonly IndexItem[],
): Exclude<IndexItem, "...">[] {
  const axesOf = (item: IndexItem) =>
    item === "..."
      ? 0
      : item === null || typeof item === "number" || item.dtype !== "bool"
      ? 1
      : item.ndim;
  const used = items.reduce((sum: number, item) => sum + axesOf(item), 0);
  if (used > x.ndim) {
    throw new RangeError(
      `${op}() got an index for ${used} dims of a tensor of shape ${
        formatShape(x.shape)
      }`,
    );
  }
  if (items.filter((item) => item === "...").length > 1) {
    throw new RangeError(`${op}() got "..." more than once`);
  }
  return items.flatMap((item) =>
    item === "..." ? new Array<null>(x.ndim - used).fill(null) : [item]
  );
}

function selected(op: string, x: Tensor, axis: number, at: number): Tensor {
  const size = x.shape[axis]!;
  if (!Number.isInteger(at) || at < -size || at >= size) {
    throw new RangeError(
      `${op}() got index ${at} for dim ${axis} of ${
        formatShape(x.shape)
      }, which has size ${size}`,
    );
  }
  return x.select(axis, at);
}

function requireMask(op: string, x: Tensor, axis: number, mask: Tensor): void {
  const part = x.shape.slice(axis, axis + mask.ndim);
  if (sameShape(part, mask.shape)) return;
  throw new RangeError(
    `${op}() got a mask of shape ${formatShape(mask.shape)} for dims of shape ${
      formatShape(part)
    } of ${formatShape(x.shape)}, which must be equal`,
  );
}

/**
 * Index tensors broadcast together. Where they stand side by side, the result
 * has their shape in their place; else it comes first, and the axes between
 * them are indexed, too, each by all of its positions.
 */
function arranged(
  op: string,
  source: Tensor,
  at: readonly (Tensor | undefined)[],
): Plan {
  const dims = source.shape.map((_, i) => i).filter((i) => at[i] !== undefined);
  const dim = dims[0];
  if (dim === undefined) {
    return { source, dim: 0, count: 0, rows: null, picked: [], moved: 0 };
  }
  const count = dims[dims.length - 1]! - dim + 1;
  let shape: Shape = [];
  for (const i of dims) shape = broadcastShapes(op, shape, at[i]!.shape);
  const between = source.shape.slice(dim, dim + count)
    .filter((_, i) => at[dim + i] === undefined);
  const picked = [...shape, ...between];
  const ones = new Array<number>(between.length).fill(1);
  let next = shape.length;
  const indices = Array.from({ length: count }, (_, i) => {
    const given = at[dim + i];
    if (given === undefined) return coordinates(picked, next++);
    return given.reshape([...given.shape, ...ones]).expand(picked);
  });
  const params = { name: op, shape: source.shape, dim, wraps: true };
  const rows = linearIndex(indices, params).reshape([-1]);
  const moved = between.length > 0 ? shape.length : 0;
  return { source, dim, count, rows, picked, moved };
}

/** The sizes before and after the axes that a plan's rows stand for. */
function around({ source, dim, count }: Plan): [before: Shape, after: Shape] {
  return [source.shape.slice(0, dim), source.shape.slice(dim + count)];
}

/** The shape of the plan's view with its indexed axes seen as one. */
export function shapeOfRows(plan: Plan): Shape {
  const { source, dim, count } = plan;
  const [before, after] = around(plan);
  const n = sizeOf(source.shape.slice(dim, dim + count));
  return [...before, n, ...after];
}

/** The axes in the order in which the result has them. */
function resultOrder({ source, dim, count, picked, moved }: Plan): number[] {
  const length = source.ndim - count + picked.length;
  const order = Array.from({ length }, (_, i) => i);
  return [...order.splice(dim, moved), ...order];
}

/** See {@linkcode Tensor.index}. */
export function index(x: Tensor, items: readonly IndexItem[]): Tensor {
  const plan = planIndex("index", x, items);
  const { rows, dim, picked, moved } = plan;
  if (rows === null) return plan.source;
  const [before, after] = around(plan);
  const y = indexSelect(plan.source.reshape(shapeOfRows(plan)), dim, rows)
    .reshape([...before, ...picked, ...after]);
  return moved === 0 || dim === 0 ? y : y.permute(resultOrder(plan));
}

/** Values stretched to what {@linkcode index} gives, as rows of the plan. */
export function rowsOfValues(
  op: string,
  plan: Plan,
  values: Tensor | number,
): Tensor {
  const { source, rows, dim, picked, moved } = plan;
  const [before, after] = around(plan);
  const shape = [...before, ...picked, ...after];
  const flat = [...before, rows!.size, ...after];
  if (moved === 0 || dim === 0) {
    return valuesFor(op, source, values, shape).reshape(flat);
  }
  const order = resultOrder(plan);
  const wide = valuesFor(op, source, values, order.map((i) => shape[i]!));
  return wide.permute(order.map((_, i) => order.indexOf(i))).reshape(flat);
}

/** Options of {@linkcode Tensor.indexPut}. */
export interface IndexPutOptions {
  /** Add to what is there, also where an index repeats. Default `false`. */
  accumulate?: boolean;
}

/** See {@linkcode Tensor.indexPut}. */
export function indexPut(
  x: Tensor,
  items: readonly IndexItem[],
  values: Tensor | number,
  options: IndexPutOptions = {},
): Tensor {
  // Where the index points to, found by indexing the positions themselves.
  const all = positions(x.size, (i) => i).reshape(x.shape);
  const where = index(all, items);
  const at = where.reshape([-1]);
  const source = valuesFor("indexPut", x, values, where.shape).reshape([-1]);
  if (options.accumulate === true) {
    const sums = rowsAdded(source, at, { dim: 0, shape: [x.size] });
    return x.add(sums.reshape(x.shape));
  }
  return indexCopy(x.reshape([-1]), 0, at, source).reshape(x.shape);
}

/** Values stretched to the shape of what an index picks. */
export function valuesFor(
  op: string,
  x: Tensor,
  values: Tensor | number,
  shape: Shape,
): Tensor {
  const source = typeof values === "number" ? x.scalarLike(values) : values;
  if (source.dtype !== x.dtype) {
    throw new TypeError(
      `${op}() got values of ${source.dtype} for a tensor of ${x.dtype}: convert them with to("${x.dtype}")`,
    );
  }
  const wide = broadcastShapes(op, source.shape, shape);
  if (!sameShape(wide, shape)) {
    throw new RangeError(
      `${op}() got values of shape ${formatShape(source.shape)} for ${
        formatShape(shape)
      } elements: they must stretch to that shape`,
    );
  }
  return source.expand(shape);
}

/** See {@linkcode Tensor.maskedSelect}. */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  if (mask.dtype !== "bool") {
    throw new TypeError(
      `maskedSelect() expects a bool mask, got ${mask.dtype}`,
    );
  }
  const shape = broadcastShapes("maskedSelect", x.shape, mask.shape);
  const at = nonzero(mask.expand(shape).reshape([-1])).reshape([-1]);
  return indexSelect(x.expand(shape).reshape([-1]), 0, at);
}

/** See {@linkcode Tensor.take}. */
export function take(x: Tensor, at: Tensor): Tensor {
  requireIndex("take", at);
  const params = { name: "take", shape: [x.size], dim: 0, wraps: true };
  const rows = linearIndex([at], params).reshape([-1]);
  return indexSelect(x.reshape([-1]), 0, rows).reshape(at.shape);
}

/** See {@linkcode Tensor.takeAlongDim}. */
export function takeAlongDim(
  x: Tensor,
  at: Tensor,
  dim: number | null,
): Tensor {
  requireIndex("takeAlongDim", at);
  if (dim === null) return gather(x.reshape([-1]), 0, at.reshape([-1]));
  if (at.ndim !== x.ndim) {
    throw new RangeError(
      `takeAlongDim() got an index of shape ${formatShape(at.shape)} for ${
        formatShape(x.shape)
      }, expected as many dims`,
    );
  }
  const axis = checkAxis("takeAlongDim", dim, x.ndim);
  const but = (shape: Shape) => shape.map((n, i) => i === axis ? 1 : n);
  const common = broadcastShapes("takeAlongDim", but(x.shape), but(at.shape));
  const along = (size: number) => common.map((n, i) => i === axis ? size : n);
  return gather(
    x.expand(along(x.shape[axis]!)),
    axis,
    at.expand(along(at.shape[axis]!)),
  );
}
