/**
 * What learning rate schedules share: each changes the `lr` of an optimizer's
 * groups, once per call of `step()`, usually after an epoch.
 *
 * See https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 *
 * @module
 */

import type { Hyperparameters, ParamGroup } from "./optimizer.ts";
import { camelKeys } from "./state.ts";
import { requireOption } from "@fdunn/tensor/op";

/** What a schedule needs of an optimizer. */
export interface Scheduled {
  /** The groups whose learning rates change. */
  readonly paramGroups: readonly ParamGroup<Hyperparameters>[];
}

/** A schedule's place and options, as plain data, for checkpoints. */
export interface SchedulerState {
  /** The step it is at; 0 at first. */
  lastEpoch: number;
  /** The groups' learning rates before any schedule. */
  baseLrs?: number[];
  /** Options, and whatever else a schedule keeps. */
  [field: string]: unknown;
}

/** Options of every schedule. */
export interface ScheduleOptions {
  /**
   * The step to continue after. The groups must have an `initialLr` then.
   * Default -1: from the start.
   */
  lastEpoch?: number;
}

/**
 * Base of the schedules that count steps.
 *
 * A subclass says in {@linkcode next} how one rate follows from the one before,
 * so that schedules can be combined and rates be changed by hand, and calls
 * {@linkcode start} at the end of its constructor.
 *
 * ```ts
 * import { LRScheduler, type Scheduled, SGD } from "@fdunn/optim";
 * import { zeros } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * class InverseLR extends LRScheduler {
 *   constructor(optimizer: Scheduled) {
 *     super(optimizer, {});
 *     this.start();
 *   }
 *   protected next(_lr: number, baseLr: number): number {
 *     return baseLr / (1 + this.lastEpoch);
 *   }
 * }
 * const schedule = new InverseLR(new SGD([zeros([1])], { lr: 1 }));
 * schedule.step();
 * assertEquals(schedule.getLastLr(), [0.5]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LRScheduler.html
 */
export abstract class LRScheduler<
  Options extends ScheduleOptions = ScheduleOptions,
> {
  /** The step it is at; 0 once it has started. */
  lastEpoch: number;
  /** The groups' learning rates before any schedule. */
  baseLrs: number[];
  /** The optimizer. */
  readonly optimizer: Scheduled;
  /** The options, each with a value. */
  protected options: Options;
  /** Calls of `step()`, with the constructor's. */
  protected stepCount = 0;
  /** The groups' rates after the last step. */
  protected lastLr: number[] = [];
  /** Whether the running step is the constructor's. */
  protected initial = false;

  /** Notes the rates that `optimizer` starts from. */
  constructor(optimizer: Scheduled, options: Options) {
    const { lastEpoch = -1 } = options;
    const { name } = this.constructor;
    requireOption(
      ...[name, "lastEpoch", lastEpoch] as const,
      Number.isInteger(lastEpoch) && lastEpoch >= -1,
      "a whole number of at least -1",
    );
    this.optimizer = optimizer;
    this.options = options;
    this.lastEpoch = lastEpoch;
    this.baseLrs = optimizer.paramGroups.map((group, i) => {
      if (lastEpoch >= 0 && group.initialLr === undefined) {
        throw new RangeError(
          `${name} got lastEpoch ${lastEpoch}, but group ${i} has no initialLr: load the optimizer's state first`,
        );
      }
      return group.initialLr ??= group.lr;
    });
  }

  /** Takes the first step; a subclass's constructor ends with it. */
  start(): void {
    this.stepCount = 0;
    this.initial = true;
    this.step();
    this.initial = false;
  }

  /**
   * The rate of group `i` at step `lastEpoch`, from the one before and the one
   * before any schedule. The first call is the constructor's ({@linkcode
   * initial}), at step 0.
   */
  protected abstract next(lr: number, baseLr: number, i: number): number;

  /** The rate at step `lastEpoch` without the one before; null for none. */
  protected closedForm(_baseLr: number, _i: number): number | null {
    return null;
  }

  /**
   * Goes to the next rate; with `epoch` to that step, by the closed form where
   * there is one.
   */
  step(epoch?: number): void {
    this.stepCount++;
    this.moveTo(epoch);
  }

  /** {@linkcode step} without counting a call. */
  moveTo(epoch?: number): void {
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    this.optimizer.paramGroups.forEach((group, i) => {
      const base = this.baseLrs[i] ?? group.lr;
      const lr = epoch === undefined ? null : this.closedForm(base, i);
      group.lr = lr ?? this.next(group.lr, base, i);
    });
    this.lastLr = ratesOf(this.optimizer);
  }

  /** The groups' rates after the last step. */
  getLastLr(): number[] {
    return this.lastLr.slice();
  }

  /** The place in the schedule, and the options but for functions. */
  stateDict(): SchedulerState {
    const { baseLrs, lastEpoch, lastLr, stepCount } = this;
    const options: object = this.options;
    return plain({ ...options, lastEpoch, stepCount, baseLrs, lastLr });
  }

  /**
   * Continues from a place; also from PyTorch's, with its names. The rates are
   * in the optimizer's state.
   *
   * @throws RangeError when the number of groups differs.
   */
  loadStateDict(state: SchedulerState): void {
    const known = camelKeys(state) as SchedulerState;
    const { length } = this.optimizer.paramGroups;
    if (known.baseLrs?.length !== length) {
      throw new RangeError(
        `Cannot load a state into ${this.constructor.name}: it has ${known.baseLrs?.length} groups, the optimizer ${length}`,
      );
    }
    const { lastEpoch, stepCount, lastLr } = { ...this.stateDict(), ...known };
    this.options = withKnown(this.options, known);
    Object.assign(this, plain({ lastEpoch, stepCount, lastLr }));
    this.baseLrs = known.baseLrs.slice();
  }
}

/** The groups' rates. */
export function ratesOf(optimizer: Scheduled): number[] {
  return optimizer.paramGroups.map((group) => group.lr);
}

/** A copy without functions, which shares no lists. */
function plain<T extends object>(fields: T): T {
  const entries = Object.entries(fields)
    .filter(([, value]) => typeof value !== "function")
    .map(([key, value]) => [key, Array.isArray(value) ? [...value] : value]);
  return Object.fromEntries(entries) as T;
}

/** Options with the values that a state has for them, if they are alike. */
function withKnown<T extends object>(options: T, state: object): T {
  const kind = (value: unknown) => Array.isArray(value) ? "list" : typeof value;
  const from = plain(state) as Record<string, unknown>;
  const entries = Object.entries(options).map(([key, value]) => [
    key,
    Object.hasOwn(from, key) && kind(from[key]) === kind(value)
      ? from[key]
      : value,
  ]);
  return Object.fromEntries(entries) as T;
}

/** One value for each group. */
export function perGroup(
  owner: string,
  option: string,
  optimizer: Scheduled,
  value: number | readonly number[],
): number[] {
  const { length } = optimizer.paramGroups;
  if (typeof value === "number") return new Array(length).fill(value);
  const expected = `a number, or one for each of ${length} groups`;
  requireOption(owner, option, value, value?.length === length, expected);
  return value.slice();
}
