/** Index tensors that ops make for themselves. */

import { allocate, contiguous, heap, pointer, writable } from "../nd_array.ts";
import { apply, type Op, wrap } from "../op.ts";
import { track } from "../scope.ts";
import { formatShape, type Shape } from "../shape.ts";
import { beginOp } from "../storage.ts";
import type { Tensor } from "../tensor.ts";

/** The numbers `at(0)` to `at(n - 1)`, int32. */
export function positions(n: number, at: (i: number) => number): Tensor {
  beginOp("positions");
  const array = allocate([n], "int32");
  track(array.storage);
  const to = writable(array) >>> 2;
  const { i32 } = heap;
  for (let i = 0; i < n; i++) i32[to + i] = at(i);
  return wrap(array);
}

/** The numbers `at(0)` to `at(n - 1)` in the dtype of `x`, a float type. */
export function factors(
  x: Tensor,
  n: number,
  at: (i: number) => number,
): Tensor {
  beginOp("factors");
  const array = allocate([n], x.dtype);
  track(array.storage);
  const [to, wide] = [writable(array), x.dtype === "float64"];
  const { f32, f64 } = heap;
  for (let i = 0; i < n; i++) {
    if (wide) f64[(to >>> 3) + i] = at(i);
    else f32[(to >>> 2) + i] = at(i);
  }
  return wrap(array);
}

/** What {@linkcode linearIndex} indexes into. */
export interface LinearParams {
  /** The op that asks, for messages. */
  name: string;
  /** The whole shape. */
  shape: Shape;
  /** The axis of the first index; the others follow. */
  dim: number;
  /** Whether -1 is the last position. */
  wraps: boolean;
}

/** Row-major positions from one index per axis, all of one shape. */
const LINEAR_INDEX: Op<LinearParams> = {
  name: "linearIndex",
  saves: "none",
  forward: ({ name, shape, dim, wraps }, ...indices) => {
    const rows = indices.map(contiguous);
    const out = allocate(indices[0]!.shape, "int32");
    const { size } = out;
    const from = rows.map((row) => pointer(row) >>> 2);
    const to = writable(out) >>> 2;
    const { i32 } = heap;
    i32.fill(0, to, to + size);
    for (let axis = 0; axis < rows.length; axis++) {
      const start = from[axis]!;
      const n = shape[dim + axis]!;
      const least = wraps ? -n : 0;
      for (let i = 0; i < size; i++) {
        const at = i32[start + i]!;
        if (at < least || at >= n) {
          throw new RangeError(
            `${name}() got index ${at} at position ${i}, but dim ${
              dim + axis
            } of ${formatShape(shape)} has size ${n}`,
          );
        }
        i32[to + i] = i32[to + i]! * n + (at < 0 ? at + n : at);
      }
    }
    return out;
  },
  backward: null,
};

/**
 * Positions in the axes from `dim` on, seen as one: `indices` has an int32
 * tensor for each of them, and all have one shape.
 */
export function linearIndex(
  indices: readonly Tensor[],
  params: LinearParams,
): Tensor {
  return apply(LINEAR_INDEX, indices, params);
}

/** `positions(shape[axis])` along one axis, the same along all others. */
export function coordinates(shape: Shape, axis: number): Tensor {
  const row = shape.map((n, i) => i === axis ? n : 1);
  return positions(shape[axis]!, (i) => i).reshape(row).expand(shape);
}
