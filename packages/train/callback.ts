/** What the Trainer tells others while it works. */

import type { Trainer } from "./trainer.ts";

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

/** Something that watches a training; every method is optional. */
export interface Callback {
  /** Before the first epoch. */
  onFitStart?(trainer: Trainer): void | Promise<void>;
  /** Before an epoch's first step. */
  onEpochStart?(trainer: Trainer): void | Promise<void>;
  /** After each step. It is not awaited and should be quick. */
  onStep?(trainer: Trainer): void;
  /** Between an epoch's last step and its validation. */
  onValidationStart?(trainer: Trainer): void | Promise<void>;
  /** After an epoch. */
  onEpochEnd?(trainer: Trainer, record: EpochRecord): void | Promise<void>;
  /** After the last epoch, and also when training failed. */
  onFitEnd?(trainer: Trainer): void | Promise<void>;
}
