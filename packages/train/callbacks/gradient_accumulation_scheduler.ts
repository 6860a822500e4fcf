/** How many batches make a step, epoch by epoch. */

import type { Callback } from "../callback.ts";
import type { Trainer } from "../trainer.ts";

/**
 * Changes how many batches' gradients are added up for a step, by epoch: what
 * `accumulateGradBatches` of the Trainer says for all of them. From each epoch
 * that is named (they count from 1) its number holds, and 1 before the first.
 *
 * Each step goes by the mean over its batches, those of an epoch's last step
 * too, however few they are; see `accumulateGradBatches`.
 *
 * ```ts
 * import { GradientAccumulationScheduler } from "@fdunn/train";
 *
 * // Small batches first, then as if they were four and eight times as large.
 * const callbacks = [new GradientAccumulationScheduler({ 5: 4, 10: 8 })];
 * ```
 *
 * See https://lightning.ai/docs/pytorch/stable/api/lightning.pytorch.callbacks.GradientAccumulationScheduler.html
 */
export class GradientAccumulationScheduler implements Callback {
  readonly #scheduling: readonly (readonly [epoch: number, batches: number])[];
  /** What it gave the Trainer last. */
  #given = 1;

  /**
   * Batches by the epoch from which they hold.
   *
   * @throws RangeError unless epochs and batches are whole numbers of at least
   * 1, and there are some.
   */
  constructor(scheduling: Readonly<Record<number, number>>) {
    const entries = Object.entries(scheduling)
      .map(([epoch, batches]) => [Number(epoch), batches] as const)
      .sort(([a], [b]) => a - b);
    const numbers = entries.flat();
    if (
      numbers.length === 0 ||
      numbers.some((number) => !Number.isInteger(number) || number < 1)
    ) {
      throw new RangeError(
        `GradientAccumulationScheduler got ${
          JSON.stringify(scheduling)
        }, expected numbers of batches by epoch, both of at least 1`,
      );
    }
    this.#scheduling = entries;
  }

  /** The batches for each step of an epoch. */
  batchesIn(epoch: number): number {
    return this.#scheduling.findLast(([from]) => from <= epoch)?.[1] ?? 1;
  }

  /**
   * Takes up an epoch that a checkpoint is amid of.
   *
   * @throws RangeError where the Trainer's option says something, too.
   */
  onFitStart(trainer: Trainer): void {
    const { accumulateGradBatches: said } = trainer;
    if (said !== 1 && said !== this.#given) {
      throw new RangeError(
        `Trainer got accumulateGradBatches ${said} and a GradientAccumulationScheduler, expected one of them`,
      );
    }
    this.#schedule(trainer);
  }

  /** Sets the number for the epoch. */
  onEpochStart(trainer: Trainer): void {
    this.#schedule(trainer);
  }

  #schedule(trainer: Trainer): void {
    this.#given = this.batchesIn(trainer.epoch);
    trainer.accumulateGradBatches = this.#given;
  }
}
