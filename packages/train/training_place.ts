/** Where a training is: what the loop counts, and how long it took. */

import { MeanLoss } from "./metrics/metric.ts";
import type { Sums } from "./metrics/running_mean.ts";

/** Measures time over several stretches. */
export class Stopwatch {
  #before = 0;
  #start: number | null = null;

  /** Seconds measured so far. */
  get seconds(): number {
    const running = this.#start === null ? 0 : performance.now() - this.#start;
    return this.#before + running / 1000;
  }

  /** Measures from now on. */
  start(): void {
    this.#start ??= performance.now();
  }

  /** Pauses. */
  stop(): void {
    this.reset(this.seconds);
  }

  /** Stands still at so many seconds. */
  reset(seconds = 0): void {
    this.#before = seconds;
    this.#start = null;
  }
}

/** A {@linkcode TrainingPlace} as plain data. */
export interface PlaceState {
  /** The running epoch, counted from 1. */
  epoch: number;
  /** The epochs before the running `fit()`. */
  firstEpoch: number;
  /** Batches done in the epoch. */
  step: number;
  /** Steps of the optimizer over all epochs. */
  globalStep: number;
  /** Batches whose gradients wait for a step. */
  accumulated: number;
  /** Whether an epoch has begun and not ended. */
  inEpoch: boolean;
  /** Whether all of its batches are done. */
  trained: boolean;
  /** The loss of the last batch. */
  batchLoss: number;
  /** The sums behind the epoch's training loss. */
  trainLoss: Sums;
  /** How long the epoch has taken. */
  seconds: number;
  /** The same without validation. */
  trainSeconds: number;
}

/** The loop's counters. */
export class TrainingPlace {
  /** The running epoch, counted from 1. */
  epoch = 0;
  /** The epochs before the running `fit()`. */
  firstEpoch = 0;
  /** Batches done in the epoch. */
  step = 0;
  /** Steps of the optimizer over all epochs. */
  globalStep = 0;
  /** Batches whose gradients wait for a step. */
  accumulated = 0;
  /** Whether an epoch has begun and not ended. */
  inEpoch = false;
  /** Whether all of its batches are done. */
  trained = false;
  /** The loss of the last batch. */
  batchLoss: number = NaN;
  /** The loss over the epoch so far. */
  readonly trainLoss: MeanLoss = new MeanLoss();
  /** Of the epoch. */
  readonly watch: Stopwatch = new Stopwatch();
  /** Of the epoch without validation. */
  readonly trainWatch: Stopwatch = new Stopwatch();

  /** Goes to the next epoch. */
  beginEpoch(): void {
    this.epoch++;
    this.step = this.accumulated = 0;
    this.inEpoch = true;
    this.trained = false;
    this.trainLoss.reset();
    this.watch.reset();
    this.trainWatch.reset();
  }

  /** Goes back to before an epoch of which no batch was taken. */
  dropEpoch(): void {
    this.epoch--;
    this.inEpoch = false;
    this.watch.stop();
  }

  /** The place as plain data. */
  state(): PlaceState {
    const { epoch, firstEpoch, step, globalStep, accumulated } = this;
    const { inEpoch, trained, batchLoss } = this;
    return {
      ...{ epoch, firstEpoch, step, globalStep, accumulated },
      ...{ inEpoch, trained, batchLoss },
      trainLoss: this.trainLoss.state(),
      seconds: this.watch.seconds,
      trainSeconds: this.trainWatch.seconds,
    };
  }

  /** Continues from a place. */
  loadState(state: PlaceState): void {
    const { trainLoss, seconds, trainSeconds, ...counters } = state;
    Object.assign(this, counters);
    this.trainLoss.loadState(trainLoss);
    this.watch.reset(seconds);
    this.trainWatch.reset(trainSeconds);
  }
}
