/** An epoch of training, batch by batch. */

import { noGrad, scope, type Tensor } from "@fdunn/tensor";
import { takeLoss } from "./batch_loss.ts";
import { BatchWalk, type WalkOptions } from "./batch_walk.ts";
import type { EpochRecord, LogRow } from "./callback.ts";
import {
  type Evaluation,
  figuresOf,
  type Metrics,
  updateMetrics,
} from "./evaluation.ts";
import { type Listeners, listenersOf } from "./listeners.ts";
import { Logbook } from "./logbook.ts";
import {
  loadRandomState,
  type RandomState,
  randomState,
} from "./checkpoints/random_state.ts";
import {
  type Batch,
  type Batches,
  isResumable,
  lengthOf,
} from "./trainable.ts";
import type { Trainer } from "./trainer.ts";
import {
  figureName,
  reductionOf,
  type TrainerOptions,
} from "./trainer_options.ts";
import type { LoopState } from "./trainer_state.ts";
import { TrainingPlace } from "./training_place.ts";
import {
  averageGradients,
  gradientsOf,
  loadGradients,
} from "./waiting_gradients.ts";

/** The loss is no longer a finite number: training has diverged. */
export class DivergedError extends Error {
  /** The error's name. */
  override readonly name: string = "DivergedError";
}

/** What goes on within a Trainer's epoch. */
export class TrainingLoop {
  /** Where it is. */
  readonly place: TrainingPlace = new TrainingPlace();
  /** What was logged. */
  readonly book: Logbook = new Logbook();
  /** How it goes through batches. */
  readonly walk: BatchWalk = new BatchWalk();
  /** Gathered over the training batches. */
  readonly metrics: Metrics;
  /** The random streams at the begin of the epoch. */
  epochRandom: RandomState = randomState();
  /** Batches of a whole epoch; null where the loader does not know. */
  stepsPerEpoch: number | null = null;
  /** Batches whose gradients are added up for a step. */
  window: number;

  readonly #trainer: Trainer;
  readonly #listeners: Listeners;
  /** Whether gradients are means: sums add up to larger sums by themselves. */
  readonly #averages: boolean;
  readonly #measures: boolean;
  readonly #logEvery: number;

  /** Runs nothing yet. */
  constructor(trainer: Trainer, options: TrainerOptions) {
    const { accumulateGradBatches = 1, trainMetrics = {} } = options;
    this.#trainer = trainer;
    this.#listeners = listenersOf(trainer.callbacks);
    this.metrics = trainMetrics;
    this.#measures = Object.keys(trainMetrics).length > 0;
    this.#logEvery = options.logEveryNSteps ?? 50;
    this.window = accumulateGradBatches;
    this.#averages = reductionOf(options.loss) !== "sum";
  }

  /** Where it is, with what an exact continuation hangs on. */
  state(): LoopState {
    const { optimizer, history } = this.#trainer;
    const place = this.place.state();
    const records = history.slice();
    // An epoch that was cut short goes on: its record will be another one.
    if (place.inEpoch && records.at(-1)?.epoch === place.epoch) records.pop();
    return {
      place,
      gradients: place.accumulated > 0 ? gradientsOf(optimizer) : {},
      random: randomState(),
      epochRandom: this.epochRandom,
      log: this.book.state(),
      history: records,
    };
  }

  /** Continues from there. */
  loadState(state: LoopState): void {
    const { optimizer, history } = this.#trainer;
    this.place.loadState(state.place);
    this.book.loadState(state.log);
    history.splice(0, Infinity, ...state.history);
    this.epochRandom = state.epochRandom;
    if (Object.keys(state.gradients).length > 0) {
      loadGradients(optimizer, state.gradients);
    }
    loadRandomState(state.random);
  }

  /** One epoch, or the rest of one, with its validation. */
  async runEpoch(train: Batches, valid: Batches | null): Promise<void> {
    const { place } = this;
    const trainer = this.#trainer;
    const { callbacks, history, model } = trainer;
    this.stepsPerEpoch = lengthOf(train);
    const resuming = place.inEpoch;
    if (!resuming) {
      place.beginEpoch();
      for (const metric of Object.values(this.metrics)) metric.reset();
    }
    place.watch.start();
    // Parts that were frozen by eval() stay so, unless all of it is.
    if (!model.training) model.train(true);
    if (!resuming) {
      for (const c of callbacks) await c.onEpochStart?.(trainer);
      if (trainer.stopped) return place.dropEpoch();
      this.epochRandom = randomState();
    }
    if (!place.trained) await this.#trainEpoch(train, resuming);
    // A stop with the last step leaves a whole epoch: it is validated.
    const interrupted = !place.trained;
    let evaluation: Evaluation | null = null;
    if (valid !== null && !interrupted) {
      evaluation = await trainer.evaluate(valid);
    }
    place.watch.stop();
    const record = this.#record(evaluation, interrupted);
    history.push(record);
    if (!interrupted) this.#logEpoch(record);
    for (const c of callbacks) await c.onEpochEnd?.(trainer, record);
    if (interrupted) return;
    place.inEpoch = false;
    this.#tellLog("epoch");
    for (const c of this.#listeners.onSavePoint) c.onSavePoint(trainer, record);
  }

  /** Goes through the epoch's batches, or those that are left. */
  async #trainEpoch(train: Batches, resuming: boolean): Promise<void> {
    const { place } = this;
    const trainer = this.#trainer;
    const { onBatchStart, onBatchEnd, onSavePoint } = this.#listeners;
    place.trainWatch.start();
    const skip = resuming ? this.#skipped(train) : undefined;
    const goOn = () => !trainer.stopped;
    await this.walk.each<Batch>(train, (batch) => {
      for (const c of onBatchStart) c.onBatchStart(trainer, batch);
      const stepped = this.#trainStep(batch);
      for (const c of onBatchEnd) c.onBatchEnd(trainer);
      if (stepped && place.globalStep % this.#logEvery === 0) {
        this.#tellLog("step");
      }
      if (trainer.stopped) return false; // its save point comes behind
      for (const c of onSavePoint) c.onSavePoint(trainer, null);
      return goOn();
    }, { skip, goOn });
    place.trainWatch.stop();
    if (place.step === 0) throw new Error("The training data has no batches");
    place.trained = !trainer.stopped || place.step === this.stepsPerEpoch;
    if (place.trained) {
      if (place.accumulated > 0) this.#applyGradients();
    } else {
      for (const c of onSavePoint) c.onSavePoint(trainer, null);
    }
  }

  /** Where a loader has no place, its batches are drawn again and dropped. */
  #skipped(train: Batches): WalkOptions["skip"] {
    if (isResumable(train)) return undefined;
    const now = randomState();
    loadRandomState(this.epochRandom);
    return { count: this.place.step, done: () => loadRandomState(now) };
  }

  /** One batch; returns whether the optimizer took its step. */
  #trainStep(batch: Batch): boolean {
    const trainer = this.#trainer;
    const { model, optimizer } = trainer;
    const { onBackwardStart, onBackwardEnd } = this.#listeners;
    const { place } = this;
    if (place.accumulated === 0) optimizer.zeroGrad();
    const { loss, mean, samples, output, target } = takeLoss(
      model,
      trainer.loss,
      batch,
    );
    if (!Number.isFinite(mean)) throw this.#diverged(mean);
    for (const c of onBackwardStart) c.onBackwardStart(trainer, loss);
    loss.backward();
    for (const c of onBackwardEnd) c.onBackwardEnd(trainer);
    place.step++;
    place.accumulated++;
    place.batchLoss = mean;
    place.trainLoss.update(mean, samples);
    if (this.#measures) this.#measure(output, target);
    if (
      place.accumulated < this.window && place.step !== this.stepsPerEpoch
    ) return false;
    this.#applyGradients();
    return true;
  }

  #applyGradients(): void {
    const { onStepStart, onStep } = this.#listeners;
    const { place } = this;
    const trainer = this.#trainer;
    const { optimizer } = trainer;
    if (this.#averages && place.accumulated > 1) {
      averageGradients(optimizer, place.accumulated);
    }
    for (const c of onStepStart) c.onStepStart(trainer);
    optimizer.step();
    place.globalStep++;
    place.accumulated = 0;
    for (const c of onStep) c.onStep(trainer);
  }

  #measure(output: Tensor | null, target: Tensor | null): void {
    noGrad(() => scope(() => updateMetrics(this.metrics, output, target)));
  }

  #diverged(value: number): DivergedError {
    const { epoch, step } = this.place;
    return new DivergedError(
      `The training loss became ${value} in epoch ${epoch}, step ${
        step + 1
      }: try a smaller learning rate, and look for infinities in the data`,
    );
  }

  #record(evaluation: Evaluation | null, interrupted: boolean): EpochRecord {
    const { place } = this;
    const record: EpochRecord = {
      epoch: place.epoch,
      trainLoss: place.trainLoss.compute(),
      validLoss: evaluation?.loss ?? null,
      validAccuracy: evaluation?.accuracy ?? null,
      itPerSecond: place.step / place.trainWatch.seconds,
      seconds: place.watch.seconds,
      steps: place.step,
    };
    const trained = figuresOf(this.metrics);
    for (const [name, value] of Object.entries(trained)) {
      record[figureName("train", name)] = value;
    }
    for (const [name, value] of Object.entries(evaluation?.metrics ?? {})) {
      record[figureName("valid", name)] = value;
    }
    return interrupted ? { ...record, interrupted } : record;
  }

  #logEpoch(record: EpochRecord): void {
    for (const [name, value] of Object.entries(record)) {
      if (typeof value === "number" && name !== "epoch") {
        this.book.set(name, value);
      }
    }
  }

  #tellLog(kind: LogRow["kind"]): void {
    const { onLog } = this.#listeners;
    if (onLog.length === 0) return;
    const { epoch, globalStep: step, batchLoss } = this.place;
    if (kind === "step") this.book.set("batchLoss", batchLoss);
    const values = this.book.take();
    if (values === null) return;
    for (const c of onLog) {
      c.onLog(this.#trainer, { kind, epoch, step, values });
    }
  }
}
