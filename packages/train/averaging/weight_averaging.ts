/** Averages of the weights within a Trainer: EMA and SWA. */

import { Module } from "@fdunn/nn";
import type { Scheduled } from "@fdunn/optim";
import { noGrad, scope, type Tensor } from "@fdunn/tensor";
import {
  AveragedModel,
  type AveragedModelOptions,
  getEmaMultiAvgFn,
  updateBn,
} from "./averaged_model.ts";
import type { Callback, EpochRecord } from "../callback.ts";
import { SWALR } from "./swa_schedule.ts";
import { groupsOf } from "../trainable.ts";
import type { Trainer } from "../trainer.ts";

/** What {@linkcode WeightAveraging} remembers. */
export interface WeightAveragingState {
  /** The averages by name; null before there are any. */
  averages: Record<string, Tensor> | null;
  /** Of a schedule, where there is one. */
  schedule?: object | null;
}

/**
 * Base of the callbacks that average a model's weights along the way: while it
 * trains, `validLoss` and the like are those of the averages, and in the end
 * the model gets them. Buffers are averaged, too.
 *
 * In a checkpoint `model` has the weights that are trained, and the callback's
 * state the averages: a training that goes on needs both.
 */
export abstract class WeightAveraging implements Callback {
  /** The averages; null before the first training. */
  averaged: AveragedModel | null = null;
  readonly #options: AveragedModelOptions;
  #loaded: WeightAveragingState["averages"] = null;
  #swapped = false;

  /** `options` are those of {@linkcode AveragedModel}. */
  constructor(options: AveragedModelOptions) {
    this.#options = { useBuffers: true, ...options };
  }

  /** Makes the averages, or takes up those of a checkpoint. */
  onFitStart(trainer: Trainer): void {
    const { model } = trainer;
    if (!(model instanceof Module)) {
      throw new TypeError(
        `${this.constructor.name} got a Trainer whose model is no nn.Module`,
      );
    }
    this.averaged ??= new AveragedModel(model, this.#options);
    if (this.#loaded !== null) this.averaged.loadStateDict(this.#loaded);
    this.#loaded = null;
  }

  /** Lets the averages be evaluated, where there are some. */
  onEvaluationStart(trainer: Trainer): void {
    if (trainer.fitting) this.#swap(trainer, true);
  }

  /** Goes on with the weights. */
  onEvaluationEnd(trainer: Trainer): void {
    this.#swap(trainer, false);
  }

  /** Goes on with the weights where an evaluation failed. */
  onException(trainer: Trainer): void {
    this.#swap(trainer, false);
  }

  /** Gives the model the averages. */
  onTrainEnd(trainer: Trainer): void | Promise<void> {
    if (this.#hasAverages()) {
      const state = this.averaged!.module.stateDict();
      (trainer.model as Module<[Tensor]>).loadStateDict(state);
    }
  }

  /** The averages. */
  stateDict(): WeightAveragingState {
    return { averages: this.averaged?.stateDict() ?? null };
  }

  /** Goes on from these averages. */
  loadStateDict(state: WeightAveragingState): void {
    this.#loaded = state.averages;
  }

  /** For subclasses: takes the model's weights into the averages. */
  protected update(trainer: Trainer): void {
    this.averaged!.updateParameters(trainer.model as Module<[Tensor]>);
  }

  #hasAverages(): boolean {
    return this.averaged !== null && this.averaged.numAveraged > 0;
  }

  /** Exchanges the model's weights and the averages, or takes that back. */
  #swap(trainer: Trainer, swapped: boolean): void {
    if (this.#swapped === swapped || !this.#hasAverages()) return;
    this.#swapped = swapped;
    const ours = this.averaged!.module.stateDict();
    const theirs = (trainer.model as Module<[Tensor]>).stateDict();
    noGrad(() =>
      scope(() => {
        for (const [name, own] of Object.entries(ours)) {
          const kept = own.clone();
          own.copy_(theirs[name]!);
          theirs[name]!.copy_(kept);
        }
      })
    );
  }
}

/** Options of {@linkcode EMAWeightAveraging}. */
export interface EMAWeightAveragingOptions {
  /** How slowly the averages forget. Default 0.999. */
  decay?: number;
  /** Take the weights in after every so many steps. Default 1. */
  updateEveryNSteps?: number;
  /** Not before this step. Default 0. */
  updateStartingAtStep?: number;
}

/**
 * Exponential moving averages of the weights: after each step
 * `average = decay average + (1 - decay) weight`.
 *
 * ```ts
 * import { EMAWeightAveraging } from "@fdunn/train";
 *
 * const callbacks = [new EMAWeightAveraging({ decay: 0.99 })];
 * ```
 *
 * See https://lightning.ai/docs/pytorch/stable/api/lightning.pytorch.callbacks.EMAWeightAveraging.html
 */
export class EMAWeightAveraging extends WeightAveraging {
  readonly #every: number;
  readonly #start: number;

  /**
   * Averages nothing yet.
   *
   * @throws RangeError for a decay outside of 0 to 1.
   */
  constructor(options: EMAWeightAveragingOptions = {}) {
    const { decay = 0.999, updateEveryNSteps = 1, updateStartingAtStep = 0 } =
      options;
    super({ multiAvgFn: getEmaMultiAvgFn(decay) });
    this.#every = updateEveryNSteps;
    this.#start = updateStartingAtStep;
  }

  /** Takes the weights in. */
  onStep(trainer: Trainer): void {
    const { globalStep } = trainer;
    if (globalStep >= this.#start && globalStep % this.#every === 0) {
      this.update(trainer);
    }
  }
}

/** Options of {@linkcode StochasticWeightAveraging}. */
export interface StochasticWeightAveragingOptions {
  /** The learning rate while weights are averaged. */
  swaLrs: number;
  /** Epochs before, or with a fraction the part of all. Default 0.8. */
  swaEpochStart?: number;
  /** Epochs from the rate before to `swaLrs`. Default 10. */
  annealingEpochs?: number;
  /** How the rate goes there. Default `"cos"`. */
  annealingStrategy?: "cos" | "linear";
}

/**
 * Stochastic weight averaging (Izmailov et al., 2018): in the last epochs the
 * learning rate goes to a constant, and the weights at the end of each count
 * alike. In the end batch norms get the moments that the training data have
 * under the averages. Other schedules go on: give them an end.
 *
 * ```ts
 * import { StochasticWeightAveraging } from "@fdunn/train";
 *
 * const callbacks = [new StochasticWeightAveraging({ swaLrs: 0.05 })];
 * ```
 *
 * See https://lightning.ai/docs/pytorch/stable/api/lightning.pytorch.callbacks.StochasticWeightAveraging.html
 */
export class StochasticWeightAveraging extends WeightAveraging {
  readonly #options: Required<StochasticWeightAveragingOptions>;
  #schedule: SWALR | null = null;
  #loadedSchedule: object | null = null;

  /**
   * Averages nothing yet.
   *
   * @throws RangeError for a learning rate that is not above 0.
   */
  constructor(options: StochasticWeightAveragingOptions) {
    super({});
    this.#options = {
      swaEpochStart: 0.8,
      annealingEpochs: 10,
      annealingStrategy: "cos",
      ...options,
    };
    if (!(options.swaLrs > 0)) {
      throw new RangeError(
        `StochasticWeightAveraging got swaLrs ${options.swaLrs}, expected more than 0`,
      );
    }
  }

  /** See {@linkcode WeightAveraging}; takes up the schedule, too. */
  override onFitStart(trainer: Trainer): void {
    super.onFitStart(trainer);
    if (!trainer.resumed) this.#schedule = null;
    else if (this.#loadedSchedule !== null) {
      this.#scheduleOf(trainer).loadStateDict(this.#loadedSchedule as never);
    }
    this.#loadedSchedule = null;
  }

  /** Takes the weights in, and goes to the next rate. */
  onEpochEnd(trainer: Trainer, record: EpochRecord): void {
    const { swaEpochStart: start } = this.#options;
    const { epochs, lastEpoch } = trainer;
    const before = Number.isInteger(start) ? start : Math.floor(start * epochs);
    const epoch = record.epoch - (lastEpoch - epochs);
    if (record.interrupted || epoch <= before) return;
    this.update(trainer);
    this.#scheduleOf(trainer).step();
  }

  /** Gives the model the averages, and batch norms what fits to them. */
  override async onTrainEnd(trainer: Trainer): Promise<void> {
    super.onTrainEnd(trainer);
    const { model, trainData } = trainer;
    if (this.averaged!.numAveraged > 0 && trainData !== null) {
      await updateBn(trainData, model as Module<[Tensor]>);
    }
  }

  /** The averages and the schedule. */
  override stateDict(): WeightAveragingState {
    const schedule = this.#schedule?.stateDict() ?? null;
    return { ...super.stateDict(), schedule };
  }

  /** Goes on from there. */
  override loadStateDict(state: WeightAveragingState): void {
    super.loadStateDict(state);
    this.#loadedSchedule = state.schedule ?? null;
  }

  #scheduleOf({ optimizer }: Trainer): SWALR {
    const { swaLrs, annealingEpochs, annealingStrategy } = this.#options;
    groupsOf("StochasticWeightAveraging", optimizer);
    return this.#schedule ??= new SWALR(optimizer as unknown as Scheduled, {
      swaLr: swaLrs,
      annealEpochs: annealingEpochs,
      annealStrategy: annealingStrategy,
    });
  }
}
