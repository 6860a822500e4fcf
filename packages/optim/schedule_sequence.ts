/** Schedules made of schedules. */

import {
  LRScheduler,
  ratesOf,
  type Scheduled,
  type ScheduleOptions,
  type SchedulerState,
} from "./lr_scheduler.ts";
import { camelKeys } from "./state.ts";
import { requireOption } from "@fdunn/tensor/op";

/** A schedule that steps others: the base of the two below. */
export abstract class CompoundSchedule extends LRScheduler {
  /** The schedules. */
  readonly schedulers: readonly LRScheduler[];

  /** All schedules must be of `optimizer`. */
  constructor(
    optimizer: Scheduled | undefined,
    schedulers: readonly LRScheduler[],
  ) {
    const name = new.target.name;
    const { length } = schedulers;
    requireOption(name, "schedulers", length, length > 0, "at least one");
    const shared = optimizer ?? schedulers[0]!.optimizer;
    schedulers.forEach((scheduler, i) => {
      if (!(scheduler instanceof LRScheduler)) {
        throw new TypeError(
          `${name} got a ${
            (scheduler as object)?.constructor.name
          } as scheduler ${i}, expected one whose step() takes no metric`,
        );
      }
      if (scheduler.optimizer !== shared) {
        throw new RangeError(
          `${name} got scheduler ${i}, a ${scheduler.constructor.name}, of another optimizer`,
        );
      }
    });
    super(shared, {});
    this.schedulers = schedulers;
  }

  /** The rates are the schedulers' business. */
  protected next(lr: number): number {
    return lr;
  }

  /** The places of all schedules. */
  override stateDict(): SchedulerState {
    const schedulers = this.schedulers.map((s) => s.stateDict());
    return { ...super.stateDict(), schedulers };
  }

  /**
   * Continues from places of as many schedules.
   *
   * @throws RangeError when their number differs.
   */
  override loadStateDict(state: SchedulerState): void {
    const { schedulers, ...rest } = camelKeys(state) as SchedulerState & {
      schedulers: SchedulerState[];
    };
    const count = schedulers?.length;
    if (count !== this.schedulers.length) {
      throw new RangeError(
        `Cannot load a state into ${this.constructor.name}: it has ${count} schedules, expected ${this.schedulers.length}`,
      );
    }
    // PyTorch's have no rates of their own.
    super.loadStateDict({ ...rest, baseLrs: this.baseLrs });
    this.schedulers.forEach((s, i) => s.loadStateDict(schedulers[i]!));
  }
}

/** Options of {@linkcode SequentialLR}. */
export interface SequentialLROptions extends ScheduleOptions {
  /** The steps at which the next schedule takes over. */
  milestones: readonly number[];
}

/**
 * One schedule after the other: each takes over at its milestone.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ConstantLR, ExponentialLR, SequentialLR, SGD } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const schedule = new SequentialLR(optimizer, [
 *   new ConstantLR(optimizer, { factor: 0.25, totalIters: 9 }),
 *   new ExponentialLR(optimizer, { gamma: 0.5 }),
 * ], { milestones: [2] });
 * const rates: number[] = [];
 * for (let epoch = 0; epoch < 5; epoch++) {
 *   rates.push(optimizer.paramGroups[0]!.lr);
 *   schedule.step();
 * }
 * assertEquals(rates, [0.25, 0.25, 1, 0.5, 0.25]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 *
 * @throws RangeError unless there is one milestone less than schedules, all of
 * `optimizer`; TypeError for a `ReduceLROnPlateau`.
 */
export class SequentialLR extends CompoundSchedule {
  /** Puts the groups back to their first rates, and starts at step 0. */
  constructor(
    optimizer: Scheduled,
    schedulers: readonly LRScheduler[],
    options: SequentialLROptions,
  ) {
    super(optimizer, schedulers);
    const milestones = options.milestones.slice();
    const expected = `${schedulers.length - 1}, one less than schedulers`;
    requireOption(
      ...["SequentialLR", "milestones", `[${milestones}]`] as const,
      milestones.length === schedulers.length - 1,
      expected,
    );
    this.options = { milestones } as SequentialLROptions;
    for (const group of optimizer.paramGroups) group.lr = group.initialLr!;
    this.lastEpoch = (options.lastEpoch ?? -1) + 1;
    // Each has taken the first step when it was made.
    undo(this);
    this.#at(0).start();
    this.lastLr = ratesOf(optimizer);
  }

  get #milestones(): readonly number[] {
    return (this.options as SequentialLROptions).milestones;
  }

  /** The schedule of a step. */
  #at(epoch: number): LRScheduler {
    const index = this.#milestones.filter((m) => m <= epoch).length;
    return this.schedulers[index]!;
  }

  /** Goes to the next rate. */
  override step(): void {
    this.lastEpoch++;
    const scheduler = this.#at(this.lastEpoch);
    if (this.#milestones.includes(this.lastEpoch)) scheduler.moveTo(0);
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }

  /** Starts anew with the first schedule: a sequence inside another. */
  override moveTo(): void {
    this.lastEpoch = 0;
    this.#at(0).moveTo(0);
    this.lastLr = ratesOf(this.optimizer);
  }
}

/**
 * Several schedules at once: their factors are multiplied.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ChainedScheduler, ConstantLR, ExponentialLR, SGD } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const schedule = new ChainedScheduler([
 *   new ConstantLR(optimizer, { factor: 0.1, totalIters: 2 }),
 *   new ExponentialLR(optimizer, { gamma: 0.9 }),
 * ]);
 * const rates: number[] = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   rates.push(optimizer.paramGroups[0]!.lr);
 *   schedule.step();
 * }
 * [0.1, 0.09, 0.81, 0.729].forEach((lr, i) =>
 *   assertAlmostEquals(rates[i]!, lr, 1e-12)
 * );
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
 *
 * @throws RangeError for an empty list or schedules of several optimizers;
 * TypeError for a `ReduceLROnPlateau`.
 */
export class ChainedScheduler extends CompoundSchedule {
  /** Starts where the schedules are. */
  constructor(schedulers: readonly LRScheduler[], optimizer?: Scheduled) {
    super(optimizer, schedulers);
    this.lastEpoch = 0;
    this.lastLr = ratesOf(this.optimizer);
  }

  /** Goes to the next rate. */
  override step(): void {
    this.lastEpoch++;
    for (const scheduler of this.schedulers) scheduler.step();
    this.lastLr = ratesOf(this.optimizer);
  }

  /** Puts all schedules to a step: a chain inside a sequence. */
  override moveTo(epoch = 0): void {
    this.lastEpoch = epoch;
    for (const scheduler of this.schedulers) scheduler.moveTo(epoch);
    this.lastLr = ratesOf(this.optimizer);
  }
}

/** Takes back the first step of the schedules below. */
function undo(schedule: LRScheduler): void {
  if (schedule instanceof CompoundSchedule) schedule.schedulers.forEach(undo);
  else schedule.lastEpoch--;
}
