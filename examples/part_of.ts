/** A stretch of a data set. */

import { type Dataset, Subset } from "@fdunn/data";

/** Items from `start` up to `end`, which may lie behind the last. */
export function partOf<T>(
  all: Dataset<T>,
  start: number,
  end: number,
): Subset<T> {
  const length = Math.max(0, Math.min(end, all.length) - start);
  return new Subset(all, Int32Array.from({ length }, (_, i) => start + i));
}
