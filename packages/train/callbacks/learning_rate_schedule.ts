/** Learning rate schedules within a Trainer. */

import { ReduceLROnPlateau } from "@fdunn/optim";
import type { Callback, EpochRecord } from "../callback.ts";
import { monitored } from "./monitor.ts";
import type { Trainer } from "../trainer.ts";

/** What is stepped; every schedule of `@fdunn/optim` is. */
export interface Scheduler {
  /** Goes to the next rate; a plateau's schedule is given a figure. */
  step(figure?: number): void;
  /** The place in the schedule. */
  stateDict(): object;
  /** Continues from a place. */
  loadStateDict(state: never): void;
}

/** When a schedule is stepped. */
export interface LearningRateScheduleOptions {
  /** The schedule. */
  scheduler: Scheduler;
  /** After each epoch or each step of the optimizer. Default `"epoch"`. */
  interval?: "epoch" | "step";
  /** After every so manieth. Default 1. */
  frequency?: number;
  /** What `ReduceLROnPlateau` is given. Default `"validLoss"`. */
  monitor?: string;
}

/**
 * Steps a learning rate schedule, as a callback of the Trainer, which makes one
 * for each schedule among its options.
 *
 * ```ts
 * import { LearningRateSchedule } from "@fdunn/train";
 * import { Linear } from "@fdunn/nn";
 * import { CosineAnnealingLR, SGD } from "@fdunn/optim";
 *
 * const optimizer = new SGD(new Linear(2, 2).parameters(), { lr: 0.1 });
 * const scheduler = new CosineAnnealingLR(optimizer, { tMax: 1000 });
 * const callbacks = [new LearningRateSchedule({ scheduler, interval: "step" })];
 * ```
 */
export class LearningRateSchedule implements Callback {
  /** The schedule. */
  readonly scheduler: Scheduler;
  /** What it is given; null for nothing. */
  readonly monitor: string | null;
  readonly #interval: "epoch" | "step";
  readonly #frequency: number;
  /** After each step; undefined where the schedule follows epochs. */
  readonly onStep?: (trainer: Trainer) => void;

  /**
   * Steps nothing yet.
   *
   * @throws RangeError for another interval, or a frequency below 1.
   */
  constructor(options: LearningRateScheduleOptions) {
    const { scheduler, interval = "epoch", frequency = 1, monitor } = options;
    if (interval !== "epoch" && interval !== "step") {
      throw new RangeError(
        `LearningRateSchedule got interval ${
          JSON.stringify(interval)
        }, expected "epoch" or "step"`,
      );
    }
    if (!Number.isInteger(frequency) || frequency < 1) {
      throw new RangeError(
        `LearningRateSchedule got frequency ${frequency}, expected a whole number of at least 1`,
      );
    }
    this.scheduler = scheduler;
    this.monitor = monitor ??
      (scheduler instanceof ReduceLROnPlateau ? "validLoss" : null);
    this.#interval = interval;
    this.#frequency = frequency;
    if (interval === "step") {
      this.onStep = (trainer) => {
        if (trainer.globalStep % frequency !== 0) return;
        const { monitor } = this;
        if (monitor === null) return scheduler.step();
        const figure = trainer.figure(monitor);
        if (figure !== undefined) scheduler.step(figure);
      };
    }
  }

  /** Steps the schedule where it follows epochs. */
  onEpochEnd(trainer: Trainer, record: EpochRecord): void {
    const { scheduler, monitor } = this;
    if (this.#interval !== "epoch" || record.interrupted) return;
    if (record.epoch % this.#frequency !== 0) return;
    if (monitor === null) return scheduler.step();
    const who = scheduler.constructor.name;
    scheduler.step(monitored(who, trainer, record, monitor));
  }

  /** The schedule's place. */
  stateDict(): object {
    return this.scheduler.stateDict();
  }

  /** Continues from a place; the rates are in the optimizer's state. */
  loadStateDict(state: never): void {
    this.scheduler.loadStateDict(state);
  }
}
