/** Schedules by a function of one's own. */

import {
  LRScheduler,
  type Scheduled,
  type ScheduleOptions,
} from "./lr_scheduler.ts";
import { requireOption } from "@fdunn/tensor/op";

/** A factor for each step. */
export type LRLambda = (epoch: number) => number;

/** Options of {@linkcode LambdaLR} and {@linkcode MultiplicativeLR}. */
export interface LambdaLROptions extends ScheduleOptions {
  /** The factor by the step, or a function for each group. */
  lrLambda: LRLambda | readonly LRLambda[];
}

/**
 * The first rate times a function of the step.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { LambdaLR, SGD } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * // The schedule of "Attention is all you need", with a warm-up of 4 steps.
 * const schedule = new LambdaLR(optimizer, {
 *   lrLambda: (t) => Math.min((t + 1) ** -0.5, (t + 1) * 4 ** -1.5),
 * });
 * assertEquals(schedule.getLastLr(), [0.125]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
 *
 * @throws RangeError when there is not a function for each group.
 */
export class LambdaLR extends LRScheduler {
  readonly #lambdas: readonly LRLambda[];

  /** Starts at the function's first value times the optimizer's rates. */
  constructor(optimizer: Scheduled, options: LambdaLROptions) {
    const { lrLambda, lastEpoch = -1 } = options;
    super(optimizer, { lastEpoch });
    const { length } = optimizer.paramGroups;
    const lambdas = typeof lrLambda === "function"
      ? new Array<LRLambda>(length).fill(lrLambda)
      : lrLambda;
    const fits = Array.isArray(lambdas) && lambdas.length === length &&
      lambdas.every((lambda) => typeof lambda === "function");
    const expected = `a function, or one for each of ${length} groups`;
    requireOption(this.constructor.name, "lrLambda", lrLambda, fits, expected);
    this.#lambdas = lambdas;
    this.start();
  }

  /** The factor of group `i`; functions are no part of the state. */
  protected factor(i: number): number {
    return this.#lambdas[i]!(this.lastEpoch);
  }

  /** See {@linkcode LRScheduler}. */
  protected next(_lr: number, baseLr: number, i: number): number {
    return baseLr * this.factor(i);
  }
}

/**
 * Multiplies the rate by a function of the step in every step.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { MultiplicativeLR, SGD } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const schedule = new MultiplicativeLR(optimizer, { lrLambda: () => 0.5 });
 * for (let epoch = 0; epoch < 3; epoch++) schedule.step();
 * assertEquals(schedule.getLastLr(), [0.125]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
 *
 * @throws RangeError when there is not a function for each group.
 */
export class MultiplicativeLR extends LambdaLR {
  /** See {@linkcode LRScheduler}. */
  protected override next(lr: number, _baseLr: number, i: number): number {
    return this.initial ? lr : lr * this.factor(i);
  }
}
