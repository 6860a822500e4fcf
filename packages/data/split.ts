/** Splitting a data set at random. */

import { type Generator, randperm, streamFor } from "@fdunn/tensor";
import { type Dataset, Subset } from "./dataset.ts";

/** Options of {@linkcode randomSplit}. */
export interface RandomSplitOptions {
  /** Default: the stream "split" of the default generator. */
  generator?: Generator;
}

/**
 * Random parts of a data set that do not overlap: by lengths that add up to
 * the data set's, or by fractions that add up to 1, rounded down, what is left
 * going to the first parts one by one.
 *
 * ```ts
 * import { arange } from "@fdunn/tensor";
 * import { randomSplit, TensorDataset } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const dataset = new TensorDataset(arange(10));
 * const [train, valid] = randomSplit(dataset, [0.8, 0.2]);
 * assertEquals([train.length, valid.length], [8, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.random_split
 *
 * @throws RangeError for parts that are negative or do not add up.
 */
export function randomSplit<T, const L extends readonly number[]>(
  dataset: Dataset<T>,
  parts: L,
  options: RandomSplitOptions = {},
): { -readonly [K in keyof L]: Subset<T> } {
  const lengths = partLengths(dataset.length, parts);
  const generator = options.generator ?? streamFor("split");
  const order = randperm(dataset.length, { generator }).data() as Int32Array;
  let start = 0;
  const subsets = lengths.map((length) => {
    const subset = new Subset(dataset, order.subarray(start, start + length));
    start += length;
    return subset;
  });
  return subsets as { -readonly [K in keyof L]: Subset<T> };
}

/** Lengths from lengths or fractions. */
function partLengths(total: number, parts: readonly number[]): number[] {
  const list = `[${parts.join(", ")}]`;
  if (parts.length === 0 || parts.some((part) => !(part >= 0))) {
    throw new RangeError(
      `randomSplit() got ${list}, expected lengths or fractions of at least 0`,
    );
  }
  const sum = parts.reduce((a, b) => a + b, 0);
  if (parts.every(Number.isInteger) && sum === total) return parts.slice();
  if (Math.abs(sum - 1) > 1e-6) {
    throw new RangeError(
      `randomSplit() got ${list}, which add up to ${sum}, expected lengths that add up to ${total} or fractions that add up to 1`,
    );
  }
  const lengths = parts.map((part) => Math.floor(part * total));
  let left = total - lengths.reduce((a, b) => a + b, 0);
  for (let i = 0; left > 0; i = (i + 1) % lengths.length) {
    lengths[i]!++;
    left--;
  }
  return lengths;
}
