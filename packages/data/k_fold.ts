/** Cross-validation: each sample is in one part that is left out of training. */

import { RandomState } from "./numpy_random.ts";
import { drawSeed } from "./toy.ts";

/** Options of {@linkcode kFold}. */
export interface KFoldOptions {
  /** How many parts, at least 2. Default 5. */
  nSplits?: number;
  /** Whether samples are dealt out at random. Default `false`: in their order. */
  shuffle?: boolean;
  /**
   * A seed from 0 to 2^32 - 1, for which the parts equal scikit-learn's. Default:
   * one from the default generator's stream "toy", which `manualSeed()` sets.
   */
  randomState?: number;
}

/** The samples of one training of a cross-validation, in order. */
export interface Fold {
  /** Positions to train with. */
  train: number[];
  /** Positions to test with. */
  valid: number[];
}

/**
 * Divides `n` samples into `nSplits` parts of nearly one size, each of which is
 * the validation data once.
 *
 * ```ts
 * import { kFold, Subset, TensorDataset } from "@fdunn/data";
 * import { arange } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const data = new TensorDataset(arange(7));
 * const sizes = kFold(data.length, { nSplits: 3 }).map(({ train, valid }) => [
 *   new Subset(data, train).length,
 *   new Subset(data, valid).length,
 * ]);
 * assertEquals(sizes, [[4, 3], [5, 2], [5, 2]]);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.KFold.html
 *
 * @throws RangeError for fewer than 2 parts, or more than samples.
 */
export function kFold(n: number, options: KFoldOptions = {}): Fold[] {
  const { nSplits = 5, shuffle = false } = options;
  if (!Number.isInteger(nSplits) || nSplits < 2 || !(nSplits <= n)) {
    throw new RangeError(
      `kFold() got nSplits ${nSplits} for ${n} samples, expected 2 to ${n}`,
    );
  }
  const order = Array.from({ length: n }, (_, i) => i);
  if (shuffle) {
    new RandomState(options.randomState ?? drawSeed()).shuffle(order);
  }
  const partOf = new Int32Array(n);
  for (let part = 0, start = 0; part < nSplits; part++) {
    const size = Math.floor(n / nSplits) + (part < n % nSplits ? 1 : 0);
    for (const i of order.slice(start, start + size)) partOf[i] = part;
    start += size;
  }
  const all = Array.from(partOf.keys());
  return Array.from({ length: nSplits }, (_, part) => ({
    train: all.filter((i) => partOf[i] !== part),
    valid: all.filter((i) => partOf[i] === part),
  }));
}
