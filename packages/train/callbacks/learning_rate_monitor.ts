/** Learning rates as logged figures. */

import type { Callback } from "../callback.ts";
import { groupsOf, learningRates } from "../trainable.ts";
import type { Trainer } from "../trainer.ts";

/** Options of {@linkcode LearningRateMonitor}. */
export interface LearningRateMonitorOptions {
  /** When it is logged. Default: both. */
  loggingInterval?: "step" | "epoch";
}

/**
 * Logs the learning rate as `lr`, those of several groups as `lr/0`, `lr/1` and
 * so on, as each step and each epoch took place.
 *
 * See https://lightning.ai/docs/pytorch/stable/api/lightning.pytorch.callbacks.LearningRateMonitor.html
 */
export class LearningRateMonitor implements Callback {
  readonly #interval: "step" | "epoch" | null;

  /** Logs nothing yet. */
  constructor(options: LearningRateMonitorOptions = {}) {
    this.#interval = options.loggingInterval ?? null;
  }

  /** Logs before schedules go on. */
  onStepStart(trainer: Trainer): void {
    if (this.#interval !== "epoch") log(trainer);
  }

  /** Logs where nothing is logged for each step. */
  onEpochStart(trainer: Trainer): void {
    if (this.#interval !== "step") log(trainer);
  }
}

function log(trainer: Trainer): void {
  const groups = groupsOf("LearningRateMonitor", trainer.optimizer);
  for (const [name, rate] of learningRates(groups)) trainer.log(name, rate);
}
