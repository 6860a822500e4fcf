/** Ending a training that no longer gets better. */

import { keep, noGrad, type Tensor } from "@fdunn/tensor";
import type { Callback, EpochRecord } from "../callback.ts";
import type { Stateful } from "../checkpoints/checkpoint.ts";
import {
  isBetter,
  monitored,
  type MonitorMode,
  requireMode,
  worst,
} from "./monitor.ts";
import type { Trainer } from "../trainer.ts";

/** Options of {@linkcode EarlyStopping}. */
export interface EarlyStoppingOptions {
  /** The figure that decides. Default `"validLoss"`. */
  monitor?: string;
  /** Whether it should become small or large. Default `"min"`. */
  mode?: MonitorMode;
  /** Epochs without improvement after which the training ends. Default 3. */
  patience?: number;
  /** What counts as improvement is more than this. Default 0. */
  minDelta?: number;
  /** End where the figure is not finite. Default `true`. */
  checkFinite?: boolean;
  /** End once the figure is better than this. Default: never. */
  stoppingThreshold?: number;
  /** End once the figure is worse than this. Default: never. */
  divergenceThreshold?: number;
  /** Epochs before which nothing is watched. Default 0. */
  startFromEpoch?: number;
  /** Give the model its best weights in the end. Default `true`. */
  restoreBestWeights?: boolean;
}

/** What {@linkcode EarlyStopping} remembers. */
export interface EarlyStoppingState {
  /** Epochs since the last improvement. */
  wait: number;
  /** The best figure. */
  best: number;
  /** Its epoch; 0 for none yet. */
  bestEpoch: number;
  /** The weights then, where they are to be restored. */
  weights: Record<string, Tensor> | null;
  /** Why it ended the training; null where it did not. */
  reason: string | null;
}

/**
 * Ends a training when a figure has not become better for some epochs, and
 * gives the model the weights of its best epoch.
 *
 * ```ts
 * import { EarlyStopping } from "@fdunn/train";
 *
 * const callbacks = [new EarlyStopping({ monitor: "validLoss", patience: 5 })];
 * ```
 *
 * An own loop can ask it, too: `if (stopper.update(loss)) break;`
 *
 * See https://lightning.ai/docs/pytorch/stable/api/lightning.pytorch.callbacks.EarlyStopping.html
 */
export class EarlyStopping implements Callback {
  readonly #options: Required<EarlyStoppingOptions>;
  #state: EarlyStoppingState;

  /**
   * Watches nothing yet.
   *
   * @throws RangeError for another mode, or a patience that is no whole number
   * of at least 0.
   */
  constructor(options: EarlyStoppingOptions = {}) {
    const { mode = "min", patience = 3 } = options;
    requireMode("EarlyStopping", mode);
    if (!Number.isInteger(patience) || patience < 0) {
      throw new RangeError(
        `EarlyStopping got patience ${patience}, expected a whole number of at least 0`,
      );
    }
    this.#options = {
      monitor: "validLoss",
      mode,
      patience,
      minDelta: 0,
      checkFinite: true,
      stoppingThreshold: mode === "min" ? -Infinity : Infinity,
      divergenceThreshold: worst(mode),
      startFromEpoch: 0,
      restoreBestWeights: true,
      ...options,
    };
    this.#state = this.#fresh();
  }

  /** The best figure so far; infinite for none yet. */
  get best(): number {
    return this.#state.best;
  }

  /** The epoch of the best figure; 0 for none yet. */
  get bestEpoch(): number {
    return this.#state.bestEpoch;
  }

  /** Epochs since the last improvement. */
  get wait(): number {
    return this.#state.wait;
  }

  /** Why it ended the training; null where it did not. */
  get reason(): string | null {
    return this.#state.reason;
  }

  /**
   * Takes in an epoch's figure; returns whether the training should end.
   * Weights are kept of a model that is given.
   */
  update(
    value: number,
    model?: Pick<Stateful, "stateDict">,
    epoch: number = this.#state.bestEpoch + this.#state.wait + 1,
  ): boolean {
    const state = this.#state;
    const { monitor, mode, minDelta, patience } = this.#options;
    const { checkFinite, stoppingThreshold, divergenceThreshold } =
      this.#options;
    if (checkFinite && !Number.isFinite(value)) {
      return this.#end(`${monitor} became ${value}`);
    }
    if (isBetter(mode, value, state.best, minDelta)) {
      state.best = value;
      state.bestEpoch = epoch;
      state.wait = 0;
      if (model !== undefined && this.#options.restoreBestWeights) {
        state.weights = copied(model.stateDict());
      }
    } else state.wait++;
    if (isBetter(mode, value, stoppingThreshold)) {
      return this.#end(`${monitor} reached ${value}`);
    }
    if (isBetter(mode, divergenceThreshold, value)) {
      return this.#end(`${monitor} diverged to ${value}`);
    }
    return state.wait >= patience && state.wait > 0 &&
      this.#end(
        `${monitor} has not been better than ${state.best} for ${state.wait} epochs`,
      );
  }

  /** Puts the best weights into a model; returns whether there were any. */
  restore(model: Pick<Stateful, "loadStateDict">): boolean {
    const { weights } = this.#state;
    if (weights === null) return false;
    model.loadStateDict(weights);
    return true;
  }

  /** Begins anew, unless the training goes on from a checkpoint. */
  onFitStart(trainer: Trainer): void {
    const { reason } = this.#state;
    if (!trainer.resumed) this.#state = this.#fresh();
    else if (reason !== null) trainer.stop(reason);
  }

  /** Ends the training if it is time to. */
  onEpochEnd(trainer: Trainer, record: EpochRecord): void {
    const { monitor, startFromEpoch } = this.#options;
    if (record.interrupted || record.epoch <= startFromEpoch) return;
    const value = monitored("EarlyStopping", trainer, record, monitor);
    const model = trainer.model as unknown as Pick<Stateful, "stateDict">;
    if (this.update(value, model, record.epoch)) {
      trainer.stop(this.#state.reason!);
    }
  }

  /** Puts the best weights back. */
  onTrainEnd(trainer: Trainer): void {
    this.restore(trainer.model as unknown as Stateful);
  }

  /** All that it remembers. */
  stateDict(): EarlyStoppingState {
    return { ...this.#state };
  }

  /** Goes on from there. */
  loadStateDict(state: EarlyStoppingState): void {
    this.#state = { ...state };
  }

  #end(reason: string): true {
    this.#state.reason = reason;
    return true;
  }

  #fresh(): EarlyStoppingState {
    const best = worst(this.#options.mode);
    return { wait: 0, best, bestEpoch: 0, weights: null, reason: null };
  }
}

/** Tensors of their own, which no scope ends. */
function copied(state: Record<string, Tensor>): Record<string, Tensor> {
  return noGrad(() =>
    Object.fromEntries(
      Object.entries(state).map(([name, value]) => [name, keep(value.clone())]),
    )
  );
}
