/** What the Trainer tells others while it works. */

import type { Tensor } from "@fdunn/tensor";
import type { Batch, Evaluation, Trainer } from "./trainer.ts";

/** What one epoch came to; losses are means over samples. */
export interface EpochRecord {
  /** Counted from 1. */
  epoch: number;
  /** Mean over the epoch's training samples, each before its step. */
  trainLoss: number;
  /** Mean over the validation samples; null where there are none. */
  validLoss: number | null;
  /** In [0, 1]; null without validation or where targets are no classes. */
  validAccuracy: number | null;
  /** Training steps per second. */
  itPerSecond: number;
  /** Duration with validation. */
  seconds: number;
  /** Training steps taken. */
  steps: number;
  /** Set on an epoch that `stop()` ended early; it has no validation. */
  interrupted?: true;
}

/**
 * Something that watches a training, and may act on it; every method is
 * optional. They are called in this order, those of one moment in the order
 * of the Trainer's list:
 *
 * ```text
 * onFitStart
 *   onEpochStart
 *     onBatchStart, forward, onBackwardStart, backward, onBackwardEnd,
 *     the optimizer's step, onStep                      (for each batch)
 *     onEvaluationStart, onEvaluationEnd                (with validation data)
 *   onEpochEnd
 * onFitEnd
 * ```
 *
 * The moments of a step are not awaited and should be quick; all others are
 * awaited.
 */
export interface Callback {
  /** Before the first epoch. */
  onFitStart?(trainer: Trainer): void | Promise<void>;
  /** Before an epoch's first step, in training mode. */
  onEpochStart?(trainer: Trainer): void | Promise<void>;
  /** Before a step; `trainer.step` counts those before. */
  onBatchStart?(trainer: Trainer, batch: Batch): void;
  /** Between a batch's loss, whose graph is whole, and its backward pass. */
  onBackwardStart?(trainer: Trainer, loss: Tensor): void;
  /** Between the backward pass and the step: gradients may be changed. */
  onBackwardEnd?(trainer: Trainer): void;
  /** After each step. */
  onStep?(trainer: Trainer): void;
  /** Before `evaluate()` goes through its data, in evaluation mode. */
  onEvaluationStart?(trainer: Trainer): void | Promise<void>;
  /** After `evaluate()`. */
  onEvaluationEnd?(
    trainer: Trainer,
    evaluation: Evaluation,
  ): void | Promise<void>;
  /** After an epoch. */
  onEpochEnd?(trainer: Trainer, record: EpochRecord): void | Promise<void>;
  /** After the last epoch, and also when training failed. */
  onFitEnd?(trainer: Trainer): void | Promise<void>;
}
