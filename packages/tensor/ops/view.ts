/** Views: other shapes, orders and parts of the same bytes, without a copy. */

import {
  allocate,
  contiguous,
  copyInto,
  type NdArray,
  viewOf,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { requireCount } from "../option_check.ts";
import {
  broadcastShapes,
  checkAxes,
  checkAxis,
  checkShape,
  contiguousStrides,
  formatShape,
  sameShape,
  type Shape,
  sizeOf,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastStrides } from "./binary.ts";
import { fillArray } from "./fill.ts";
import { sumTo } from "./reduce.ts";

const RESHAPE: Op<Shape> = {
  name: "reshape",
  saves: "none",
  forward: (shape, x) => {
    const strides = x.steps === null ? null : viewStrides(x, shape);
    if (strides !== undefined) return viewOf(x, shape, strides, x.offset);
    return viewOf(contiguous(x), shape, null, 0);
  },
  backward: (node, grad) => [grad.reshape(node.input(0).shape)],
};

/**
 * Strides under which the same bytes have another shape, if there are any.
 * From the last axis on: runs of axes in one line are cut anew.
 */
function viewStrides(x: NdArray, shape: Shape): number[] | undefined {
  if (x.size === 0) return contiguousStrides(shape);
  const { strides } = x;
  const result = new Array<number>(shape.length);
  let to = shape.length - 1;
  let step = strides[strides.length - 1] ?? 1;
  let [had, made] = [1, 1];
  for (let from = x.shape.length - 1; from >= 0; from--) {
    had *= x.shape[from]!;
    const lineGoesOn = from > 0 &&
      (x.shape[from - 1] === 1 || strides[from - 1] === had * step);
    if (lineGoesOn) continue;
    while (to >= 0 && (made < had || shape[to] === 1)) {
      result[to] = made * step;
      made *= shape[to--]!;
    }
    if (made !== had) return undefined;
    if (from > 0) {
      step = strides[from - 1]!;
      had = made = 1;
    }
  }
  for (; to >= 0; to--) result[to] = step;
  return result;
}

const PERMUTE: Op<readonly number[]> = {
  name: "permute",
  saves: "none",
  forward: (order, x) => {
    const { strides } = x;
    return viewOf(
      x,
      order.map((i) => x.shape[i]!),
      order.map((i) => strides[i]!),
      x.offset,
    );
  },
  backward: (node, grad) => {
    const order = node.params;
    return [grad.permute(order.map((_, i) => order.indexOf(i)))];
  },
};

const EXPAND: Op<Shape> = {
  name: "expand",
  saves: "none",
  forward: (shape, x) => viewOf(x, shape, broadcastStrides(x, shape), x.offset),
  backward: (node, grad) => [sumTo(grad, node.input(0).shape)],
};

/** Every `step`-th index of one axis, from `start` on. */
interface SliceParams {
  dim: number;
  start: number;
  length: number;
  step: number;
}

const SLICE: Op<SliceParams> = {
  name: "slice",
  saves: "none",
  forward: (params, x) => slicedView(x, params),
  backward: (node, grad) => {
    const { shape } = node.input(0);
    return [apply(EMBED, [grad], { ...node.params, shape })];
  },
};

function slicedView(x: NdArray, { dim, start, length, step }: SliceParams) {
  const shape = x.shape.slice();
  shape[dim] = length;
  // A run of leading rows stays row-major: the common case of a batch.
  if (dim === 0 && step === 1 && x.steps === null) {
    const row = x.shape[0] === 0 ? 0 : x.size / x.shape[0]!;
    return viewOf(x, shape, null, x.offset + (length === 0 ? 0 : start * row));
  }
  const { strides } = x;
  const offset = x.offset + (length === 0 ? 0 : start * strides[dim]!);
  const steps = strides.slice();
  steps[dim] = strides[dim]! * step;
  return viewOf(x, shape, steps, offset);
}

/** The adjoint of a slice: zeros of `shape` with the slice written in. */
const EMBED: Op<SliceParams & { shape: Shape }> = {
  name: "sliceBackward",
  saves: "none",
  forward: (params, x) => {
    const out = allocate(params.shape, x.dtype);
    fillArray(out, 0);
    copyInto(x, slicedView(out, params));
    return out;
  },
  backward: (node, grad) => [apply(SLICE, [grad], node.params)],
};

/** See {@linkcode Tensor.reshape}. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return apply(RESHAPE, [x], inferShape("reshape", x, shape));
}

/** See {@linkcode Tensor.view}. */
export function view(x: Tensor, shape: Shape): Tensor {
  const full = inferShape("view", x, shape);
  if (x.array.steps !== null && viewStrides(x.array, full) === undefined) {
    throw new RangeError(
      `view() cannot see a tensor of shape ${
        formatShape(x.shape)
      } and strides ${formatShape(x.array.strides)} as ${
        formatShape(full)
      } without a copy: use reshape()`,
    );
  }
  return apply(RESHAPE, [x], full);
}

/** Fills in one size of -1 and checks that the number of elements agrees. */
function inferShape(op: string, x: Tensor, shape: Shape): Shape {
  const unknown = shape.indexOf(-1);
  let full = shape;
  if (unknown >= 0) {
    const known = -sizeOf(shape);
    if (known === 0) {
      throw new RangeError(
        `${op}() cannot infer -1 in ${
          formatShape(shape)
        }: beside a size of 0 it could be any`,
      );
    }
    const inferred = x.size / known;
    full = shape.map((size, i) => i === unknown ? inferred : size);
  }
  const valid = full.every((size) => Number.isInteger(size) && size >= 0);
  if (!valid || sizeOf(full) !== x.size) {
    throw new RangeError(
      `${op}() cannot turn ${formatShape(x.shape)} (${x.size} elements) into ${
        formatShape(shape)
      }`,
    );
  }
  return full;
}

/** See {@linkcode Tensor.flatten}. */
export function flatten(x: Tensor, startDim: number, endDim: number): Tensor {
  const rank = x.shape.length;
  if (rank === 0) return reshape(x, [1]);
  const start = checkAxis("flatten", startDim, rank);
  const end = checkAxis("flatten", endDim, rank);
  if (start > end) {
    throw new RangeError(
      `flatten() got startDim ${startDim} behind endDim ${endDim}`,
    );
  }
  if (start === end) return x;
  return reshape(x, [
    ...x.shape.slice(0, start),
    sizeOf(x.shape.slice(start, end + 1)),
    ...x.shape.slice(end + 1),
  ]);
}

/** See {@linkcode Tensor.permute}. */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  const rank = x.shape.length;
  const order = dims.map((dim) => checkAxis("permute", dim, rank));
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new RangeError(
      `permute() of a tensor of shape ${
        formatShape(x.shape)
      } needs each of its ${rank} dims once, got ${formatShape(dims)}`,
    );
  }
  return apply(PERMUTE, [x], order);
}

/** See {@linkcode Tensor.transpose}. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const rank = x.shape.length;
  const [a, b] = [
    checkAxis("transpose", dim0, rank),
    checkAxis("transpose", dim1, rank),
  ];
  const order = x.shape.map((_, i) => i === a ? b : i === b ? a : i);
  return apply(PERMUTE, [x], order);
}

/** See {@linkcode Tensor.expand}. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const missing = shape.length - x.shape.length;
  const full = shape.map((size, i) =>
    size === -1 && i >= missing ? x.shape[i - missing]! : size
  );
  checkShape("expand", full);
  if (!sameShape(broadcastShapes("expand", x.shape, full), full)) {
    throw new RangeError(
      `expand() cannot stretch ${formatShape(x.shape)} to ${
        formatShape(shape)
      }: only sizes of 1 stretch`,
    );
  }
  return apply(EXPAND, [x], full);
}

/** See {@linkcode Tensor.squeeze}. */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  if (dim === undefined) return reshape(x, x.shape.filter((n) => n !== 1));
  if (typeof dim !== "number") {
    if (dim.length === 0) return x;
    const axes = checkAxes("squeeze", dim, x.shape.length);
    return reshape(x, x.shape.filter((n, i) => n !== 1 || !axes.includes(i)));
  }
  const axis = checkAxis("squeeze", dim, x.shape.length);
  if (x.shape[axis] !== 1) return x;
  return reshape(x, x.shape.filter((_, i) => i !== axis));
}

/** See {@linkcode Tensor.unsqueeze}. */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  const axis = checkAxis("unsqueeze", dim, x.shape.length + 1);
  return reshape(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
}

/** See {@linkcode Tensor.narrow}. */
export function narrow(
  x: Tensor,
  dim: number,
  start: number,
  length: number,
): Tensor {
  const axis = checkAxis("narrow", dim, x.shape.length);
  const size = x.shape[axis]!;
  const first = start < 0 ? start + size : start;
  if (
    !Number.isInteger(first) || !Number.isInteger(length) || first < 0 ||
    length < 0 || first + length > size
  ) {
    throw new RangeError(
      `narrow() got start ${start} and length ${length} on dim ${dim}, which has size ${size}`,
    );
  }
  return apply(SLICE, [x], { dim: axis, start: first, length, step: 1 });
}

/** See {@linkcode Tensor.select}. */
export function select(x: Tensor, dim: number, index: number): Tensor {
  const axis = checkAxis("select", dim, x.shape.length);
  const size = x.shape[axis]!;
  const start = index < 0 ? index + size : index;
  if (!Number.isInteger(start) || start < 0 || start >= size) {
    throw new RangeError(
      `select() got index ${index} on dim ${dim}, which has size ${size}`,
    );
  }
  const row = apply(SLICE, [x], { dim: axis, start, length: 1, step: 1 });
  return reshape(row, x.shape.filter((_, i) => i !== axis));
}

/** See {@linkcode Tensor.slice}: bounds are clamped, as in Python. */
export function slice(
  x: Tensor,
  dim: number,
  start: number,
  end: number,
  step: number,
): Tensor {
  const axis = checkAxis("slice", dim, x.shape.length);
  requireCount("slice()", "step", step);
  if (
    !Number.isInteger(start) || !(Number.isInteger(end) || end === Infinity)
  ) {
    throw new RangeError(
      `slice() got start ${start} and end ${end}, expected whole numbers`,
    );
  }
  const size = x.shape[axis]!;
  const clamp = (i: number) =>
    Math.min(size, Math.max(0, i < 0 ? i + size : i));
  const [first, last] = [clamp(start), clamp(end)];
  const length = Math.max(0, Math.ceil((last - first) / step));
  return apply(SLICE, [x], { dim: axis, start: first, length, step });
}

/** See {@linkcode Tensor.t}. */
export function matrixTranspose(x: Tensor): Tensor {
  if (x.ndim > 2) {
    throw new RangeError(
      `t() is for at most two dims, got ${
        formatShape(x.shape)
      }: use transpose()`,
    );
  }
  return x.ndim < 2 ? x : transpose(x, 0, 1);
}

/** See {@linkcode Tensor.split}. */
export function split(
  x: Tensor,
  size: number | readonly number[],
  dim: number,
): Tensor[] {
  const total = x.shape[checkAxis("split", dim, x.ndim)]!;
  const sizes = typeof size === "number" ? equalParts(size, total) : size;
  if (sizes.reduce((sum, n) => sum + n, 0) !== total) {
    throw new RangeError(
      `split() got sizes ${
        formatShape(sizes)
      } for dim ${dim}, which has size ${total}`,
    );
  }
  let start = 0;
  return sizes.map((length) => {
    const part = narrow(x, dim, start, length);
    start += length;
    return part;
  });
}

function equalParts(size: number, total: number): number[] {
  requireCount("split()", "size", size);
  const count = Math.max(1, Math.ceil(total / size));
  const rest = (i: number) => Math.min(size, total - i * size);
  return Array.from({ length: count }, (_, i) => rest(i));
}

/** See {@linkcode Tensor.chunk}. */
export function chunk(x: Tensor, count: number, dim: number): Tensor[] {
  requireCount("chunk()", "count", count);
  const total = x.shape[checkAxis("chunk", dim, x.ndim)]!;
  return split(x, Math.max(1, Math.ceil(total / count)), dim);
}
