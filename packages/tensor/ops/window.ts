/** Sliding windows along an axis: a view, and its adjoint. */

import { type NdArray, viewOf } from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { requireCount } from "../option_check.ts";
import { checkAxis, formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { rowsAdded } from "./indexing.ts";
import { positions } from "./positions.ts";

/** Windows of `size`, `step` apart, along an axis of the given length. */
export interface Windows {
  /** The axis. */
  dim: number;
  /** Elements of a window. */
  size: number;
  /** Elements from the start of one window to that of the next. */
  step: number;
  /** Elements from one of a window to the next. */
  dilation: number;
  /** How many windows. */
  count: number;
}

/** Each window along an axis of its own at the end; the axis counts them. */
const UNFOLD: Op<Windows> = {
  name: "unfold",
  saves: "none",
  forward: (params, x) => windowed(params, x),
  backward: (node, grad) => {
    const { dim } = node.params;
    const moved = grad.movedim(-1, dim + 1);
    return [addWindows(moved, node.params, node.input(0).shape[dim]!)];
  },
};

function windowed(
  { dim, size, step, dilation, count }: Windows,
  x: NdArray,
): NdArray {
  const strides = x.strides.slice();
  const own = strides[dim]!;
  strides[dim] = own * step;
  strides.push(own * dilation);
  const shape = x.shape.map((n, i) => i === dim ? count : n);
  shape.push(size);
  return viewOf(x, shape, strides, x.offset);
}

/** {@linkcode Tensor.unfold} with checked parameters. */
export function windowsOf(x: Tensor, params: Windows): Tensor {
  return apply(UNFOLD, [x], params);
}

/**
 * The adjoint: windows `[..., count, size, ...]` at `dim` added up where they
 * lay in an axis of `length`.
 */
export function addWindows(
  x: Tensor,
  { dim, size, step, dilation, count }: Windows,
  length: number,
): Tensor {
  const [before, after] = [x.shape.slice(0, dim), x.shape.slice(dim + 2)];
  const rows = x.reshape([...before, count * size, ...after]);
  const at = positions(
    count * size,
    (i) => Math.floor(i / size) * step + (i % size) * dilation,
  );
  return rowsAdded(rows, at, { dim, shape: [...before, length, ...after] });
}

/** See {@linkcode Tensor.unfold}. */
export function unfold(
  x: Tensor,
  dim: number,
  size: number,
  step: number,
): Tensor {
  const axis = checkAxis("unfold", dim, x.ndim);
  const length = x.shape[axis]!;
  if (!Number.isInteger(size) || size < 0 || size > length) {
    throw new RangeError(
      `unfold() got size ${size} for dim ${dim} of ${
        formatShape(x.shape)
      }, expected at most ${length}`,
    );
  }
  requireCount("unfold()", "step", step);
  const count = Math.floor((length - size) / step) + 1;
  return windowsOf(x, { dim: axis, size, step, dilation: 1, count });
}
