/** Trying out the validation before an epoch of training is spent. */

import type { BatchLoss } from "./batch_loss.ts";
import { evaluate, type Metrics } from "./evaluation.ts";
import type { Batches, Criterion, SwitchableModel } from "./trainable.ts";
import { withoutTrace } from "./finders/without_trace.ts";

/** What is tried out. */
export interface SanityCheckOptions {
  /** Batches that are tried; 0 for none. */
  maxBatches: number;
  /** What is gathered over the validation data. */
  metrics: Metrics;
}

/**
 * Evaluates some validation batches, and leaves no trace of that: random
 * streams and the loader are put back.
 *
 * @throws Error with the mistake, if there is one.
 */
export async function sanityCheck<B>(
  model: SwitchableModel,
  loss: Criterion | BatchLoss<B>,
  data: Batches<B>,
  options: SanityCheckOptions,
): Promise<void> {
  // A generator gives its batches only once.
  if (options.maxBatches === 0 || "next" in data) return;
  try {
    await withoutTrace(data, () => evaluate(model, loss, data, options));
  } catch (error) {
    throw new Error(
      `Validation was tried before the training and failed: ${
        error instanceof Error ? error.message : error
      }`,
      { cause: error },
    );
  }
}
