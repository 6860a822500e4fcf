/** What the Trainer tells others while it works. */

import type { Tensor } from "@fdunn/tensor";
import type { Evaluation } from "./evaluation.ts";
import type { Batch } from "./trainable.ts";
import type { Trainer } from "./trainer.ts";

/**
 * What one epoch came to; losses are means over samples. The Trainer's metrics
 * stand beside them under their own names: `f1` as `validF1`, and of its
 * `trainMetrics` as `trainF1`.
 */
export interface EpochRecord {
  /** Counted from 1. */
  epoch: number;
  /** Mean over the epoch's training samples, each before its step. */
  trainLoss: number;
  /** Mean over the validation samples; null where there are none. */
  validLoss: number | null;
  /** In [0, 1]; null without validation or where targets are no classes. */
  validAccuracy: number | null;
  /** Training batches per second. */
  itPerSecond: number;
  /** Duration with validation. */
  seconds: number;
  /** Training batches taken. */
  steps: number;
  /** Set on an epoch that `stop()` ended early; it has no validation. */
  interrupted?: true;
  /** Metrics. */
  [figure: string]: number | boolean | null | undefined;
}

/** Figures of one moment of the training, for loggers. */
export interface LogRow {
  /** Figures of a step, or of a whole epoch. */
  readonly kind: "step" | "epoch";
  /** The running epoch, or that which has ended. */
  readonly epoch: number;
  /** The optimizer's steps so far, over all epochs. */
  readonly step: number;
  /** By name, in the order in which they were logged. */
  readonly values: Readonly<Record<string, number>>;
}

/**
 * Something that watches a training, and may act on it; every method is
 * optional. They are called in this order, those of one moment in the order
 * of the Trainer's list:
 *
 * ```text
 * resumeFrom
 * onFitStart
 *   onEpochStart
 *     onBatchStart, forward, onBackwardStart, backward, onBackwardEnd,
 *       onStepStart, the optimizer's step, onStep   (once gradients are whole)
 *     onBatchEnd, onLog (now and then), onSavePoint        (for each batch)
 *     onEvaluationStart, onEvaluationBatch, onEvaluationEnd  (with validation)
 *   onEpochEnd, onLog, onSavePoint
 * onTrainEnd                     (unless it failed or was cut short)
 * onException                                       (when something failed)
 * onFitEnd
 * ```
 *
 * The moments of a batch are not awaited and should be quick; all others are
 * awaited. A training that goes on from a checkpoint within an epoch has no
 * `onEpochStart` for the rest of it.
 *
 * What a callback must remember to go on exactly it gives in `stateDict()`:
 * numbers, strings, lists, plain objects and tensors, in any depth.
 */
export interface Callback {
  /** What its state is called in checkpoints. Default: the class's name. */
  readonly stateKey?: string;
  /** What it must remember to go on from a checkpoint. */
  stateDict?(): unknown;
  /** Takes up what it remembered; called before `onFitStart`. */
  loadStateDict?(state: never): void;
  /**
   * A checkpoint to go on from, or null; asked before the first training where
   * `fit()` was not given one.
   */
  resumeFrom?(trainer: Trainer): string | null;
  /** Before the first epoch. */
  onFitStart?(trainer: Trainer): void | Promise<void>;
  /** Before an epoch's first batch, in training mode. */
  onEpochStart?(trainer: Trainer): void | Promise<void>;
  /** Before a batch; `trainer.step` counts those before. */
  onBatchStart?(trainer: Trainer, batch: Batch): void;
  /** Between a batch's loss, whose graph is whole, and its backward pass. */
  onBackwardStart?(trainer: Trainer, loss: Tensor): void;
  /** After a backward pass; gradients may not be whole yet. */
  onBackwardEnd?(trainer: Trainer): void;
  /** Before the optimizer's step: gradients are whole and may be changed. */
  onStepStart?(trainer: Trainer): void;
  /** After the optimizer's step. */
  onStep?(trainer: Trainer): void;
  /** After each batch, whether there was a step or not. */
  onBatchEnd?(trainer: Trainer): void;
  /**
   * When all others have done their part, after each batch (`record` is null),
   * after each epoch, and where a training is stopped within one: the moment to
   * make a checkpoint.
   */
  onSavePoint?(trainer: Trainer, record: EpochRecord | null): void;
  /** Before `evaluate()` goes through its data, in evaluation mode. */
  onEvaluationStart?(trainer: Trainer): void | Promise<void>;
  /**
   * After each batch of `evaluate()`, without gradients; the output ends with
   * the batch, unless it is given to `keep()`.
   */
  onEvaluationBatch?(trainer: Trainer, batch: Batch, output: Tensor): void;
  /** After `evaluate()`. */
  onEvaluationEnd?(
    trainer: Trainer,
    evaluation: Evaluation,
  ): void | Promise<void>;
  /** Before `predict()` goes through its data, in evaluation mode. */
  onPredictStart?(trainer: Trainer): void | Promise<void>;
  /** After each batch of `predict()`. */
  onPredictBatch?(
    trainer: Trainer,
    batch: Tensor | Batch,
    output: Tensor,
  ): void;
  /** After `predict()`. */
  onPredictEnd?(trainer: Trainer, outputs: Tensor[]): void | Promise<void>;
  /** After an epoch. */
  onEpochEnd?(trainer: Trainer, record: EpochRecord): void | Promise<void>;
  /**
   * After the last epoch, unless training failed or was stopped within one: the
   * moment to give the model its final weights.
   */
  onTrainEnd?(trainer: Trainer): void | Promise<void>;
  /** What was logged: every `logEveryNSteps` steps, and after each epoch. */
  onLog?(trainer: Trainer, row: LogRow): void;
  /** Before a warning is printed. */
  onWarning?(trainer: Trainer, message: string): void;
  /** When training has failed, before `onFitEnd`. */
  onException?(trainer: Trainer, error: unknown): void | Promise<void>;
  /** After the last epoch, and also when training failed. */
  onFitEnd?(trainer: Trainer): void | Promise<void>;
}
