/**
 * Other orders and repetitions of the same elements, made of views, picking
 * and joining: flip, roll, repeat and their kin.
 */

import { requireCount, requireOption } from "../option_check.ts";
import { checkAxes, checkAxis, formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { indexSelect } from "./indexing.ts";
import { cat } from "./join.ts";
import { positions } from "./positions.ts";
import { expand, permute, reshape, select, transpose } from "./view.ts";

/** See {@linkcode Tensor.unflatten}. */
export function unflatten(x: Tensor, dim: number, sizes: Shape): Tensor {
  const axis = checkAxis("unflatten", dim, x.ndim);
  const known = sizes.reduce((a, b) => b === -1 ? a : a * b, 1);
  const unknown = sizes.filter((size) => size === -1).length;
  const size = x.shape[axis]!;
  const fits = unknown === 0
    ? known === size
    : unknown === 1 && known > 0 && size % known === 0;
  if (sizes.length === 0 || sizes.some((n) => n < -1) || !fits) {
    throw new RangeError(
      `unflatten() cannot cut dim ${dim}, which has size ${size}, into ${
        formatShape(sizes)
      }`,
    );
  }
  const cut = sizes.map((n) => n === -1 ? size / known : n);
  return reshape(x, [
    ...x.shape.slice(0, axis),
    ...cut,
    ...x.shape.slice(axis + 1),
  ]);
}

/** See {@linkcode Tensor.movedim}. */
export function movedim(
  x: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  const from = distinct("movedim", source, x.ndim);
  const to = distinct("movedim", destination, x.ndim);
  if (from.length !== to.length) {
    throw new RangeError(
      `movedim() got ${from.length} dims to move to ${to.length} places, which must be as many`,
    );
  }
  const order = new Array<number>(x.ndim).fill(-1);
  from.forEach((axis, i) => order[to[i]!] = axis);
  const rest = x.shape.map((_, i) => i).filter((i) => !from.includes(i));
  let next = 0;
  return permute(x, order.map((axis) => axis === -1 ? rest[next++]! : axis));
}

/** Axes in the order in which they were given; throws for one given twice. */
function distinct(
  op: string,
  dims: number | readonly number[],
  rank: number,
): number[] {
  const list = typeof dims === "number" ? [dims] : dims;
  if (list.length > 0) checkAxes(op, list, rank);
  return list.map((dim) => checkAxis(op, dim, rank));
}

/** See {@linkcode Tensor.repeat}. */
export function repeat(x: Tensor, counts: readonly number[]): Tensor {
  if (counts.length < x.ndim) {
    throw new RangeError(
      `repeat() of a tensor of shape ${
        formatShape(x.shape)
      } needs a count for each of its dims, got ${formatShape(counts)}`,
    );
  }
  for (const count of counts) requireCount("repeat()", "count", count, 0);
  const missing = counts.length - x.ndim;
  const [cut, stretched, joined]: [number[], number[], number[]] = [[], [], []];
  counts.forEach((count, i) => {
    const size = i < missing ? 1 : x.shape[i - missing]!;
    if (count !== 1) {
      cut.push(1);
      stretched.push(count);
    }
    cut.push(size);
    stretched.push(size);
    joined.push(count * size);
  });
  return apart(x, reshape(expand(reshape(x, cut), stretched), joined));
}

/** A result that shares no bytes with the operand, as PyTorch's do not. */
function apart(x: Tensor, y: Tensor): Tensor {
  return y.array.storage === x.array.storage ? y.clone() : y;
}

/** See {@linkcode Tensor.tile}. */
export function tile(x: Tensor, counts: readonly number[]): Tensor {
  const missing = Math.max(0, x.ndim - counts.length);
  return repeat(x, [...new Array<number>(missing).fill(1), ...counts]);
}

/** See {@linkcode Tensor.repeatInterleave}. */
export function repeatInterleave(
  x: Tensor,
  repeats: number | Tensor,
  dim: number | null,
): Tensor {
  const op = "repeatInterleave";
  if (dim === null) return repeatInterleave(reshape(x, [-1]), repeats, 0);
  const axis = checkAxis(op, dim, x.ndim);
  const size = x.shape[axis]!;
  if (typeof repeats === "number") {
    requireCount(`${op}()`, "count", repeats, 0);
    const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
    const cut = reshape(x, [...before, size, 1, ...after]);
    const stretched = expand(cut, [...before, size, repeats, ...after]);
    const joined = [...before, size * repeats, ...after];
    return apart(x, reshape(stretched, joined));
  }
  if (repeats.dtype !== "int32") {
    throw new TypeError(`${op}() expects int32 repeats, got ${repeats.dtype}`);
  }
  if (repeats.ndim > 1 || (repeats.size !== 1 && repeats.size !== size)) {
    throw new RangeError(
      `${op}() got repeats of shape ${
        formatShape(repeats.shape)
      } for dim ${dim}, which has size ${size}`,
    );
  }
  const counts = repeats.data() as Int32Array;
  const rows: number[] = [];
  for (let i = 0; i < size; i++) {
    const count = counts[counts.length === 1 ? 0 : i]!;
    requireCount(`${op}()`, "count", count, 0);
    for (let j = 0; j < count; j++) rows.push(i);
  }
  return indexSelect(x, axis, positions(rows.length, (i) => rows[i]!));
}

/** See {@linkcode Tensor.flip}. */
export function flip(x: Tensor, dims: number | readonly number[]): Tensor {
  let y = x;
  for (const axis of distinct("flip", dims, x.ndim)) {
    const last = x.shape[axis]! - 1;
    y = indexSelect(y, axis, positions(last + 1, (i) => last - i));
  }
  return apart(x, y);
}

/** See {@linkcode Tensor.roll}. */
export function roll(
  x: Tensor,
  shifts: number | readonly number[],
  dims: number | readonly number[] | null,
): Tensor {
  const by = typeof shifts === "number" ? [shifts] : shifts;
  if (dims === null) {
    if (by.length !== 1) {
      throw new RangeError(
        `roll() got ${by.length} shifts without dims, expected one shift`,
      );
    }
    return reshape(roll(reshape(x, [-1]), by, 0), x.shape);
  }
  // A dim may come twice: its shifts add up.
  const list = typeof dims === "number" ? [dims] : dims;
  const axes = list.map((dim) => checkAxis("roll", dim, x.ndim));
  if (axes.length !== by.length) {
    throw new RangeError(
      `roll() got ${by.length} shifts for ${axes.length} dims, which must be as many`,
    );
  }
  let y = x;
  axes.forEach((axis, i) => {
    const size = x.shape[axis]!;
    const shift = by[i]!;
    if (!Number.isSafeInteger(shift)) {
      throw new RangeError(`roll() got shift ${shift}, expected whole numbers`);
    }
    const first = size === 0 ? 0 : ((shift % size) + size) % size;
    if (first === 0) return;
    const end = y.narrow(axis, size - first, first);
    y = cat([end, y.narrow(axis, 0, size - first)], axis);
  });
  return apart(x, y);
}

/** See {@linkcode Tensor.rot90}. */
export function rot90(
  x: Tensor,
  k: number,
  dims: readonly [number, number],
): Tensor {
  const [a, b] = distinct("rot90", dims, x.ndim);
  if (a === undefined || b === undefined || dims.length !== 2) {
    throw new RangeError(
      `rot90() got dims ${formatShape(dims)}, expected two`,
    );
  }
  requireOption("rot90()", "k", k, Number.isSafeInteger(k), "a whole number");
  switch (((k % 4) + 4) % 4) {
    case 1:
      return transpose(flip(x, b), a, b);
    case 2:
      return flip(x, [a, b]);
    case 3:
      return flip(transpose(x, a, b), b);
    default:
      return x.clone();
  }
}

/** See {@linkcode Tensor.unbind}. */
export function unbind(x: Tensor, dim: number): Tensor[] {
  const axis = checkAxis("unbind", dim, x.ndim);
  const length = x.shape[axis]!;
  return Array.from({ length }, (_, i) => select(x, axis, i));
}
