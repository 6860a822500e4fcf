/** Diagonals and triangles of matrices: diagonal, diag, trace, triu, tril. */

import { ITEM_BYTES } from "../dtype.ts";
import {
  allocate,
  copyInto,
  copyOf,
  heap,
  type NdArray,
  viewOf,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { requireOption } from "../option_check.ts";
import { checkAxis, formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { fillArray } from "./fill.ts";

/** Options of {@linkcode Tensor.diagonal}. */
export interface DiagonalOptions {
  /** The axis of rows. Default 0. */
  dim1?: number;
  /** The axis of columns. Default 1. */
  dim2?: number;
}

interface DiagonalParams {
  offset: number;
  dim1: number;
  dim2: number;
  /** Of the tensor that the diagonal lies in. */
  shape: Shape;
}

/** The diagonal as a view, its axis the last. */
function diagonalView(
  x: NdArray,
  { offset, dim1, dim2 }: DiagonalParams,
): NdArray {
  const { strides } = x;
  const [rows, columns] = [x.shape[dim1]!, x.shape[dim2]!];
  const length = Math.max(
    0,
    offset >= 0
      ? Math.min(rows, columns - offset)
      : Math.min(rows + offset, columns),
  );
  const start = offset >= 0
    ? offset * strides[dim2]!
    : -offset * strides[dim1]!;
  const others = x.shape.map((_, i) => i).filter((i) =>
    i !== dim1 && i !== dim2
  );
  return viewOf(
    x,
    [...others.map((i) => x.shape[i]!), length],
    [...others.map((i) => strides[i]!), strides[dim1]! + strides[dim2]!],
    x.offset + (length === 0 ? 0 : start),
  );
}

const DIAGONAL: Op<DiagonalParams> = {
  name: "diagonal",
  saves: "none",
  forward: (params, x) => diagonalView(x, params),
  backward: (node, grad) => [apply(EMBED, [grad], node.params)],
};

/** The adjoint of a diagonal: zeros of `shape` with the diagonal written in. */
const EMBED: Op<DiagonalParams> = {
  name: "diagonalBackward",
  saves: "none",
  forward: (params, x) => {
    const out = allocate(params.shape, x.dtype);
    fillArray(out, 0);
    copyInto(x, diagonalView(out, params));
    return out;
  },
  backward: (node, grad) => [apply(DIAGONAL, [grad], node.params)],
};

function checkOffset(name: string, offset: number): void {
  const whole = Number.isSafeInteger(offset);
  requireOption(`${name}()`, "diagonal", offset, whole, "a whole number");
}

/** See {@linkcode Tensor.diagonal}. */
export function diagonal(
  x: Tensor,
  offset: number,
  options?: DiagonalOptions,
): Tensor {
  checkOffset("diagonal", offset);
  const dim1 = checkAxis("diagonal", options?.dim1 ?? 0, x.ndim);
  const dim2 = checkAxis("diagonal", options?.dim2 ?? 1, x.ndim);
  if (dim1 === dim2) {
    throw new RangeError(
      `diagonal() got dim ${dim1} for both dim1 and dim2, which must differ`,
    );
  }
  return apply(DIAGONAL, [x], { offset, dim1, dim2, shape: x.shape });
}

/** See {@linkcode Tensor.diag}. */
export function diag(x: Tensor, offset: number): Tensor {
  checkOffset("diag", offset);
  if (x.ndim === 2) return diagonal(x, offset).contiguous();
  if (x.ndim !== 1) {
    throw new RangeError(
      `diag() expects a vector or a matrix, got shape ${formatShape(x.shape)}`,
    );
  }
  const n = x.size + Math.abs(offset);
  return apply(EMBED, [x], { offset, dim1: 0, dim2: 1, shape: [n, n] });
}

/** See {@linkcode Tensor.trace}. */
export function trace(x: Tensor): Tensor {
  if (x.ndim !== 2) {
    throw new RangeError(
      `trace() expects a matrix, got shape ${formatShape(x.shape)}`,
    );
  }
  return diagonal(x, 0).sum();
}

interface TriangleParams {
  upper: boolean;
  offset: number;
}

/** Zero below (upper) or above a diagonal; its own adjoint. */
const TRIANGLE: Op<TriangleParams> = {
  name: "triangle",
  saves: "none",
  forward: ({ upper, offset }, x) => {
    const out = copyOf(x);
    const [rows, columns] = x.shape.slice(-2) as [number, number];
    const bytes = ITEM_BYTES[x.dtype];
    const start = writable(out);
    const clamp = (column: number) => Math.max(0, Math.min(columns, column));
    for (let i = 0; i * columns < x.size; i++) {
      const diagonal = i % rows + offset;
      const row = start + i * columns * bytes;
      const from = upper ? 0 : clamp(diagonal + 1);
      const to = upper ? clamp(diagonal) : columns;
      heap.u8.fill(0, row + from * bytes, row + to * bytes);
    }
    return out;
  },
  backward: (node, grad) => [apply(TRIANGLE, [grad], node.params)],
};

function triangle(name: "triu" | "tril", x: Tensor, offset: number): Tensor {
  checkOffset(name, offset);
  if (x.ndim < 2) {
    throw new RangeError(
      `${name}() expects matrices, got shape ${formatShape(x.shape)}`,
    );
  }
  return apply(TRIANGLE, [x], { upper: name === "triu", offset });
}

/** See {@linkcode Tensor.triu}. */
export function triu(x: Tensor, offset: number): Tensor {
  return triangle("triu", x, offset);
}

/** See {@linkcode Tensor.tril}. */
export function tril(x: Tensor, offset: number): Tensor {
  return triangle("tril", x, offset);
}
