/** What a loader can be told. */

import type { Generator } from "@fdunn/tensor";
import type { Collated } from "./collate.ts";
import type { BatchedSampler, Sampler } from "./sampler.ts";

/**
 * Anything. Written so that what a `collate` or `transform` returns in
 * brackets is seen as a tuple.
 */
export type Batch =
  | []
  | object
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined;

/** Options of `DataLoader`. */
export interface DataLoaderOptions<T, B extends Batch = Collated<T>> {
  /** Items per batch. Default 1. */
  batchSize?: number;
  /** Visit the items in random order, another one each epoch. Default `false`. */
  shuffle?: boolean;
  /** Leave out a last batch with fewer items. Default `false`. */
  dropLast?: boolean;
  /** The order of the items; instead of `shuffle`. */
  sampler?: Sampler;
  /** Which items each batch has; instead of the four options above. */
  batchSampler?: BatchedSampler;
  /** Makes a batch of items. Default: {@linkcode defaultCollate}. */
  collate?(items: T[]): B;
  /** Applied to each batch. */
  transform?(batch: B): B;
  /** Shuffle from an own generator with this seed; instead of `generator`. */
  seed?: number;
  /** Where shuffling draws from. Default: the stream "shuffle". */
  generator?: Generator;
}

/** Throws for two options of which only one can decide. */
export function refuseConflicts<T, B extends Batch>(
  options: DataLoaderOptions<T, B>,
): void {
  const excluded: [keyof typeof options, (keyof typeof options)[]][] = [
    ["batchSampler", ["batchSize", "shuffle", "dropLast", "sampler"]],
    ["sampler", ["shuffle", "seed", "generator"]],
    ["batchSampler", ["seed", "generator"]],
    ["seed", ["generator"]],
  ];
  for (const [one, others] of excluded) {
    if (options[one] === undefined) continue;
    for (const other of others) {
      if (options[other] === undefined || options[other] === false) continue;
      throw new TypeError(
        `DataLoader got both ${one} and ${other}, of which only one can decide`,
      );
    }
  }
}
