/** Limits of a training by steps and by time. */

import type { Callback } from "../callback.ts";
import type { Trainer } from "../trainer.ts";

/** A duration: seconds, or its parts. */
export type Duration =
  | number
  | {
    /** 24 hours each. */
    days?: number;
    /** 60 minutes each. */
    hours?: number;
    /** 60 seconds each. */
    minutes?: number;
    /** What is left. */
    seconds?: number;
  };

/** Where a training ends; what is left out limits nothing. */
export interface TrainingLimitsOptions {
  /** Steps of the optimizer that one `fit()` takes at most. */
  maxSteps?: number | undefined;
  /** How long one `fit()` trains at most: ends with the step at hand. */
  maxTime?: Duration | undefined;
}

/**
 * Stops a training after so many steps or so much time, as a callback of the
 * Trainer, which makes one for its options `maxSteps` and `maxTime`. Both count
 * over all that one `fit()` takes, with the parts before it was resumed.
 */
export class TrainingLimits implements Callback {
  readonly #maxSteps: number;
  readonly #maxSeconds: number;
  #steps = 0;
  #secondsBefore = 0;
  #start = 0;
  /** After each step. */
  readonly onStep: (trainer: Trainer) => void;

  /**
   * Limits nothing yet.
   *
   * @throws RangeError for less than a step, or no time.
   */
  constructor(options: TrainingLimitsOptions) {
    const { maxSteps = Infinity, maxTime = Infinity } = options;
    const seconds = secondsOf(maxTime);
    if (
      !(maxSteps === Infinity || Number.isInteger(maxSteps)) || maxSteps < 1
    ) {
      throw new RangeError(
        `Trainer got maxSteps ${maxSteps}, expected a whole number of at least 1`,
      );
    }
    if (!(seconds > 0)) {
      throw new RangeError(
        `Trainer got maxTime ${
          JSON.stringify(maxTime)
        }, expected more than 0 seconds`,
      );
    }
    this.#maxSteps = maxSteps;
    this.#maxSeconds = seconds;
    this.onStep = (trainer) => {
      if (++this.#steps >= maxSteps) {
        trainer.stop(`maxSteps ${maxSteps} reached`);
      } else if (seconds !== Infinity && this.seconds >= seconds) {
        trainer.stop(`maxTime of ${seconds} s reached`);
      }
    };
  }

  /** How long the `fit()` has trained. */
  get seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#start) / 1000;
  }

  /** Starts the clock. */
  onFitStart(trainer: Trainer): void {
    if (!trainer.resumed) this.#steps = this.#secondsBefore = 0;
    this.#start = performance.now();
    if (this.#steps >= this.#maxSteps) {
      trainer.stop(`maxSteps ${this.#maxSteps} reached`);
    } else if (this.#secondsBefore >= this.#maxSeconds) {
      trainer.stop(`maxTime of ${this.#maxSeconds} s reached`);
    }
  }

  /** Steps and seconds so far. */
  stateDict(): { steps: number; seconds: number } {
    return { steps: this.#steps, seconds: this.seconds };
  }

  /** Goes on from there. */
  loadStateDict(state: { steps: number; seconds: number }): void {
    this.#steps = state.steps;
    this.#secondsBefore = state.seconds;
  }
}

function secondsOf(duration: Duration): number {
  if (typeof duration === "number") return duration;
  const { days = 0, hours = 0, minutes = 0, seconds = 0 } = duration;
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}
