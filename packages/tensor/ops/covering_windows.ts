/** The windows of pooling to a given size. */

/** Windows along an axis as a table of rows of one length. */
export interface CoveringWindows {
  /** The length of the longest. */
  readonly length: number;
  /** Which element stands at place `j` of the table, row by row. */
  at(j: number): number;
  /** How often it counts in a sum of that row. */
  times(j: number): number;
  /** How many elements window `i` has. */
  size(i: number): number;
}

/**
 * `count` windows that cover an axis of `n` elements: window i is floor(i n /
 * count) up to ceil((i + 1) n / count). At the end of a shorter one its last
 * element is repeated.
 */
export function coveringWindows(n: number, count: number): CoveringWindows {
  const start = (i: number) => Math.floor(i * n / count);
  const size = (i: number) => Math.ceil((i + 1) * n / count) - start(i);
  let length = 0;
  for (let i = 0; i < count; i++) length = Math.max(length, size(i));
  const row = (j: number) => Math.floor(j / length);
  return {
    length,
    at: (j) => start(row(j)) + Math.min(j % length, size(row(j)) - 1),
    times(j) {
      const repeats = length - size(row(j)) + 1;
      return j % length <= length - 1 - repeats ? 1 : 1 / repeats;
    },
    size,
  };
}
