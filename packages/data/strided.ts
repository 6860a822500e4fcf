/** Elements in another order than row by row. */

import type { Shape, TypedArray } from "@fdunn/tensor";

/**
 * The elements of a strided view, row by row: element `[i, j, ...]` is
 * `source[offset + i * strides[0] + j * strides[1] + ...]`. They must lie
 * inside of the source.
 */
export function gather<Elements extends TypedArray>(
  source: Elements,
  shape: Shape,
  strides: readonly number[],
  offset: number,
): Elements {
  const size = shape.reduce((product, n) => product * n, 1);
  const Elements = source.constructor as new (length: number) => Elements;
  const out = new Elements(size);
  const last = shape.length - 1;
  const run = last < 0 ? 1 : shape[last]!;
  const step = last < 0 ? 1 : strides[last]!;
  const position = new Array<number>(Math.max(last, 0)).fill(0);
  for (let at = 0, row = offset; at < size;) {
    for (let i = 0; i < run; i++, at++) out[at] = source[row + i * step]!;
    for (let axis = last - 1; axis >= 0; axis--) {
      row += strides[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      row -= strides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
  return out;
}
