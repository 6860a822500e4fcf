/** How far a racer has come, and what it has cost. */

import type { Context } from "./experiment.ts";

/** What {@linkcode Curves} are made for. */
export interface CurvesOptions {
  /** Points are kept up to so many gradients. */
  gradients: number;
  /** The loss whose first time becomes figures. */
  target: number;
  /** Where points and figures go, too. */
  context: Context;
}

/** Below, float32 has nothing more to tell: a racer has arrived. */
const FLOOR = 1e-9;

/** The lowest loss so far against steps, gradients computed, and seconds. */
export class Curves {
  readonly steps: [number, number][] = [];
  readonly gradients: [number, number][] = [];
  readonly seconds: [number, number][] = [];
  readonly #options: CurvesOptions;
  readonly #start = performance.now();
  #lowest = Infinity; // a line search tries points that it leaves again
  #next = 0;

  /** Time begins. */
  constructor(readonly name: string, options: CurvesOptions) {
    this.#options = options;
  }

  /** Whether there is no lower loss to reach. */
  get done(): boolean {
    return this.#lowest <= FLOOR;
  }

  /** Takes in the loss at a point, and what was spent up to it. */
  add(loss: number, steps: number, gradients: number): void {
    const { context, gradients: most, target } = this.#options;
    const seconds = (performance.now() - this.#start) / 1000;
    const before = this.#lowest;
    const lowest = this.#lowest = Math.min(before, loss);
    if (before > target && lowest <= target) {
      context.figures(this.name, {
        ...{ stepsTo: steps, gradientsTo: gradients, secondsTo: seconds },
      });
    }
    if (gradients < this.#next || gradients > most) return;
    // Evenly on a logarithmic axis, and few enough to mark.
    this.#next = gradients * 1.16;
    const row = { epoch: gradients, trainLoss: lowest, elapsed: seconds };
    context.record(this.name, row);
    const height = Math.max(lowest, FLOOR);
    this.steps.push([steps, height]);
    this.gradients.push([gradients, height]);
    this.seconds.push([seconds, height]);
  }
}
