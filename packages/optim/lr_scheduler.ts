/**
 * Learning rate schedules: each changes the `lr` of an optimizer's groups,
 * once per call of `step()`, usually after an epoch.
 *
 * See https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 *
 * @module
 */

import type { Hyperparameters, ParamGroup } from "./optimizer.ts";

/** What a schedule needs of an optimizer. */
export interface Scheduled {
  /** The groups whose learning rates change. */
  readonly paramGroups: readonly ParamGroup<Hyperparameters>[];
}

/** A schedule's place, as plain data, for checkpoints. */
export interface SchedulerState {
  /** Steps taken. */
  lastEpoch: number;
  /** The groups' learning rates before any schedule. */
  baseLrs: number[];
}

/** Base of the schedules that count steps. */
export abstract class LRScheduler {
  /** Steps taken. */
  lastEpoch = 0;
  /** The optimizer. */
  protected readonly optimizer: Scheduled;
  /** The groups' learning rates before any schedule. */
  protected baseLrs: number[];

  /** Notes the rates that `optimizer` starts from. */
  constructor(optimizer: Scheduled) {
    this.optimizer = optimizer;
    this.baseLrs = optimizer.paramGroups.map((group) =>
      group.initialLr ??= group.lr
    );
  }

  /**
   * The rate of step `lastEpoch`, from the one before and the first one: so
   * schedules can follow one another, and rates be changed by hand.
   */
  protected abstract next(lr: number, baseLr: number): number;

  /** Goes to the next rate. */
  step(): void {
    this.lastEpoch++;
    this.optimizer.paramGroups.forEach((group, i) => {
      group.lr = this.next(group.lr, this.baseLrs[i] ?? group.lr);
    });
  }

  /** The groups' rates. */
  getLastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** The place in the schedule; the rates are in the optimizer's state. */
  stateDict(): SchedulerState {
    return { lastEpoch: this.lastEpoch, baseLrs: this.baseLrs.slice() };
  }

  /** Continues from a place. */
  loadStateDict(state: SchedulerState): void {
    if (state.baseLrs?.length !== this.optimizer.paramGroups.length) {
      throw new RangeError(
        `Cannot load a state into ${this.constructor.name}: it has ${state.baseLrs?.length} groups, the optimizer ${this.optimizer.paramGroups.length}`,
      );
    }
    this.lastEpoch = state.lastEpoch;
    this.baseLrs = state.baseLrs.slice();
  }
}

/** Options of {@linkcode StepLR}. */
export interface StepLROptions {
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
 */
export class StepLR extends LRScheduler {
  readonly #stepSize: number;
  readonly #gamma: number;

  /** Starts at the optimizer's rates. */
  constructor(optimizer: Scheduled, options: StepLROptions) {
    super(optimizer);
    requireCount("StepLR", "stepSize", options.stepSize);
    this.#stepSize = options.stepSize;
    this.#gamma = options.gamma ?? 0.1;
  }

  /** See {@linkcode LRScheduler}. */
  protected next(lr: number): number {
    return this.lastEpoch % this.#stepSize === 0 ? lr * this.#gamma : lr;
  }
}

/** Options of {@linkcode MultiStepLR}. */
export interface MultiStepLROptions {
  /** The steps after which the rate changes. */
  milestones: readonly number[];
  /** The factor. Default 0.1. */
  gamma?: number;
}

/**
 * Multiplies the rate by `gamma` at each milestone.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 */
export class MultiStepLR extends LRScheduler {
  readonly #milestones: readonly number[];
  readonly #gamma: number;

  /** Starts at the optimizer's rates. */
  constructor(optimizer: Scheduled, options: MultiStepLROptions) {
    super(optimizer);
    for (const milestone of options.milestones) {
      requireCount("MultiStepLR", "milestone", milestone);
    }
    this.#milestones = options.milestones.slice();
    this.#gamma = options.gamma ?? 0.1;
  }

  /** See {@linkcode LRScheduler}. */
  protected next(lr: number): number {
    const times = this.#milestones.filter((m) => m === this.lastEpoch).length;
    return lr * this.#gamma ** times;
  }
}

/** Options of {@linkcode ExponentialLR}. */
export interface ExponentialLROptions {
  /** The factor. */
  gamma: number;
}

/**
 * Multiplies the rate by `gamma` in every step.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 */
export class ExponentialLR extends LRScheduler {
  readonly #gamma: number;

  /** Starts at the optimizer's rates. */
  constructor(optimizer: Scheduled, options: ExponentialLROptions) {
    super(optimizer);
    if (!(options.gamma >= 0)) {
      throw new RangeError(
        `ExponentialLR got gamma ${options.gamma}, expected at least 0`,
      );
    }
    this.#gamma = options.gamma;
  }

  /** See {@linkcode LRScheduler}. */
  protected next(lr: number): number {
    return lr * this.#gamma;
  }
}

/** Options of {@linkcode CosineAnnealingLR}. */
export interface CosineAnnealingLROptions {
  /** Steps from the first rate to the last. */
  tMax: number;
  /** The last rate. Default 0. */
  etaMin?: number;
}

/**
 * Half a cosine from the first rate down to `etaMin`:
 * `etaMin + (lr - etaMin) (1 + cos(π t / tMax)) / 2`. Loshchilov and Hutter,
 * "SGDR: stochastic gradient descent with warm restarts", 2016.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 */
export class CosineAnnealingLR extends LRScheduler {
  readonly #tMax: number;
  readonly #etaMin: number;

  /** Starts at the optimizer's rates. */
  constructor(optimizer: Scheduled, options: CosineAnnealingLROptions) {
    super(optimizer);
    requireCount("CosineAnnealingLR", "tMax", options.tMax);
    this.#tMax = options.tMax;
    this.#etaMin = options.etaMin ?? 0;
  }

  /** The ratio of two neighbours, except where the cosine is at its foot. */
  protected next(lr: number, baseLr: number): number {
    const [t, tMax, etaMin] = [this.lastEpoch, this.#tMax, this.#etaMin];
    if ((t - 1 - tMax) % (2 * tMax) === 0) {
      return lr + (baseLr - etaMin) * (1 - Math.cos(Math.PI / tMax)) / 2;
    }
    const now = 1 + Math.cos(Math.PI * t / tMax);
    const before = 1 + Math.cos(Math.PI * (t - 1) / tMax);
    return now / before * (lr - etaMin) + etaMin;
  }
}

function requireCount(schedule: string, option: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(
      `${schedule} got ${option} ${value}, expected a whole number of at least 1`,
    );
  }
}
