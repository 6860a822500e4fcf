/** Schedules that lower the rate by a rule, step by step. */

import {
  LRScheduler,
  type Scheduled,
  type ScheduleOptions,
} from "./lr_scheduler.ts";
import { requireAtLeastZero } from "./option_check.ts";
import { requireCount } from "@fdunn/tensor/op";

/** Options of {@linkcode StepLR}. */
export interface StepLROptions extends ScheduleOptions {
  /** Steps between two changes. */
  stepSize: number;
  /** The factor. Default 0.1. */
  gamma?: number;
}

/**
 * Multiplies the rate by `gamma` every `stepSize` steps.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { SGD, StepLR } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const schedule = new StepLR(optimizer, { stepSize: 2, gamma: 0.5 });
 * const rates: number[] = [];
 * for (let epoch = 0; epoch < 5; epoch++) {
 *   rates.push(optimizer.paramGroups[0]!.lr);
 *   schedule.step();
 * }
 * assertEquals(rates, [1, 1, 0.5, 0.5, 0.25]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 *
 * @throws RangeError when `stepSize` is no whole number of at least 1.
 */
export class StepLR extends LRScheduler<Required<StepLROptions>> {
  /** Starts at the optimizer's rates. */
  constructor(optimizer: Scheduled, options: StepLROptions) {
    super(optimizer, { gamma: 0.1, lastEpoch: -1, ...options });
    requireCount("StepLR", "stepSize", options.stepSize);
    this.start();
  }

  /** See {@linkcode LRScheduler}. */
  protected next(lr: number): number {
    const { lastEpoch, options: { stepSize, gamma } } = this;
    return lastEpoch === 0 || lastEpoch % stepSize !== 0 ? lr : lr * gamma;
  }

  /** See {@linkcode LRScheduler}. */
  protected override closedForm(baseLr: number): number {
    const { stepSize, gamma } = this.options;
    return baseLr * gamma ** Math.floor(this.lastEpoch / stepSize);
  }
}

/** Options of {@linkcode MultiStepLR}. */
export interface MultiStepLROptions extends ScheduleOptions {
  /** The steps after which the rate changes. */
  milestones: readonly number[];
  /** The factor. Default 0.1. */
  gamma?: number;
}

/**
 * Multiplies the rate by `gamma` at each milestone.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { MultiStepLR, SGD } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const milestones = [1, 3];
 * const schedule = new MultiStepLR(optimizer, { milestones, gamma: 0.5 });
 * const rates: number[] = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   schedule.step();
 *   rates.push(schedule.getLastLr()[0]!);
 * }
 * assertEquals(rates, [0.5, 0.5, 0.25, 0.25]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 *
 * @throws RangeError when a milestone is no whole number of at least 1.
 */
export class MultiStepLR extends LRScheduler<Required<MultiStepLROptions>> {
  /** Starts at the optimizer's rates. */
  constructor(optimizer: Scheduled, options: MultiStepLROptions) {
    super(optimizer, { gamma: 0.1, lastEpoch: -1, ...options });
    for (const milestone of options.milestones) {
      requireCount("MultiStepLR", "milestone", milestone);
    }
    this.start();
  }

  /** See {@linkcode LRScheduler}. */
  protected next(lr: number): number {
    const { milestones, gamma } = this.options;
    return lr * gamma ** milestones.filter((m) => m === this.lastEpoch).length;
  }

  /** See {@linkcode LRScheduler}. */
  protected override closedForm(baseLr: number): number {
    const { milestones, gamma } = this.options;
    return baseLr *
      gamma ** milestones.filter((m) => m <= this.lastEpoch).length;
  }
}

/** Options of {@linkcode ExponentialLR}. */
export interface ExponentialLROptions extends ScheduleOptions {
  /** The factor. */
  gamma: number;
}

/**
 * Multiplies the rate by `gamma` in every step.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ExponentialLR, SGD } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const schedule = new ExponentialLR(optimizer, { gamma: 0.5 });
 * for (let epoch = 0; epoch < 3; epoch++) schedule.step();
 * assertEquals(schedule.getLastLr(), [0.125]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 *
 * @throws RangeError for a negative factor.
 */
export class ExponentialLR extends LRScheduler<Required<ExponentialLROptions>> {
  /** Starts at the optimizer's rates. */
  constructor(optimizer: Scheduled, options: ExponentialLROptions) {
    super(optimizer, { lastEpoch: -1, ...options });
    requireAtLeastZero("ExponentialLR", options, "gamma");
    this.start();
  }

  /** See {@linkcode LRScheduler}. */
  protected next(lr: number): number {
    return this.initial ? lr : lr * this.options.gamma;
  }

  /** See {@linkcode LRScheduler}. */
  protected override closedForm(baseLr: number): number {
    return baseLr * this.options.gamma ** this.lastEpoch;
  }
}

/** Options of {@linkcode PolynomialLR}. */
export interface PolynomialLROptions extends ScheduleOptions {
  /** Steps until the rate is 0. Default 5. */
  totalIters?: number;
  /** The exponent: 1 is a straight line. Default 1. */
  power?: number;
}

/**
 * Lowers the rate to 0: `lr (1 - t / totalIters)^power`.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { PolynomialLR, SGD } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const schedule = new PolynomialLR(optimizer, { totalIters: 4, power: 2 });
 * schedule.step();
 * assertAlmostEquals(schedule.getLastLr()[0]!, 0.5625); // (3/4)²
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
 *
 * @throws RangeError when `totalIters` is no whole number of at least 1.
 */
export class PolynomialLR extends LRScheduler<Required<PolynomialLROptions>> {
  /** Starts at the optimizer's rates. */
  constructor(optimizer: Scheduled, options: PolynomialLROptions = {}) {
    super(optimizer, { totalIters: 5, power: 1, lastEpoch: -1, ...options });
    requireCount("PolynomialLR", "totalIters", this.options.totalIters);
    requireAtLeastZero("PolynomialLR", this.options, "power");
    this.start();
  }

  /** See {@linkcode LRScheduler}. */
  protected next(lr: number): number {
    const { lastEpoch: t, options: { totalIters, power } } = this;
    if (this.initial || t > totalIters) return lr;
    return lr *
      ((1 - t / totalIters) / (1 - (t - 1) / totalIters)) ** power;
  }

  /** See {@linkcode LRScheduler}. */
  protected override closedForm(baseLr: number): number {
    const { totalIters, power } = this.options;
    const t = Math.min(totalIters, this.lastEpoch);
    return baseLr * (1 - t / totalIters) ** power;
  }
}
