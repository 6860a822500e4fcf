/** Schedules along cosines. */

import {
  LRScheduler,
  type Scheduled,
  type ScheduleOptions,
  type SchedulerState,
} from "./lr_scheduler.ts";
import { requireAtLeastZero } from "./option_check.ts";
import { camelKeys } from "./state.ts";
import { requireCount } from "@fdunn/tensor/op";

/** Options of {@linkcode CosineAnnealingLR}. */
export interface CosineAnnealingLROptions extends ScheduleOptions {
  /** Steps from the first rate to the last. */
  tMax: number;
  /** The last rate. Default 0. */
  etaMin?: number;
}

/**
 * Half a cosine from the first rate down to `etaMin`:
 * `etaMin + (lr - etaMin) (1 + cos(π t / tMax)) / 2`, and up again. Loshchilov
 * and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2016.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { CosineAnnealingLR, SGD } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const schedule = new CosineAnnealingLR(optimizer, { tMax: 10 });
 * for (let epoch = 0; epoch < 5; epoch++) schedule.step();
 * assertAlmostEquals(schedule.getLastLr()[0]!, 0.5);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 *
 * @throws RangeError when `tMax` is no whole number of at least 1.
 */
export class CosineAnnealingLR
  extends LRScheduler<Required<CosineAnnealingLROptions>> {
  /** Starts at the optimizer's rates. */
  constructor(optimizer: Scheduled, options: CosineAnnealingLROptions) {
    super(optimizer, { etaMin: 0, lastEpoch: -1, ...options });
    requireCount("CosineAnnealingLR", "tMax", options.tMax);
    this.start();
  }

  /** The ratio of two neighbours, except where the cosine is at its foot. */
  protected next(lr: number, baseLr: number): number {
    const { lastEpoch: t, options: { tMax, etaMin } } = this;
    if (this.initial) return lr;
    if ((t - 1 - tMax) % (2 * tMax) === 0) {
      return lr + (baseLr - etaMin) * (1 - Math.cos(Math.PI / tMax)) / 2;
    }
    const now = 1 + Math.cos(Math.PI * t / tMax);
    const before = 1 + Math.cos(Math.PI * (t - 1) / tMax);
    return now / before * (lr - etaMin) + etaMin;
  }

  /** See {@linkcode LRScheduler}. */
  protected override closedForm(baseLr: number): number {
    const { tMax, etaMin } = this.options;
    return cosine(baseLr, etaMin, this.lastEpoch / tMax);
  }
}

/** Options of {@linkcode CosineAnnealingWarmRestarts}. */
export interface CosineAnnealingWarmRestartsOptions extends ScheduleOptions {
  /** Steps until the first restart. */
  t0: number;
  /** How many times longer each time is than the one before. Default 1. */
  tMult?: number;
  /** The lowest rate. Default 0. */
  etaMin?: number;
}

/**
 * Half a cosine from the first rate down to `etaMin`, again and again: after
 * `t0` steps, then after `t0 tMult`, and so on. Loshchilov and Hutter, "SGDR:
 * stochastic gradient descent with warm restarts", 2016.
 *
 * `step(epoch)` takes fractions, too, for a rate that changes with each batch:
 * `step(epoch + batch / batches)`.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { CosineAnnealingWarmRestarts, SGD } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const schedule = new CosineAnnealingWarmRestarts(optimizer, { t0: 2 });
 * const rates: number[] = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   rates.push(schedule.getLastLr()[0]!);
 *   schedule.step();
 * }
 * [1, 0.5, 1, 0.5].forEach((lr, i) => assertAlmostEquals(rates[i]!, lr));
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
 *
 * @throws RangeError when `t0` or `tMult` is no whole number of at least 1, or
 * for a negative epoch.
 */
export class CosineAnnealingWarmRestarts
  extends LRScheduler<Required<CosineAnnealingWarmRestartsOptions>> {
  /** Steps since the last restart. */
  protected tCur: number;
  /** Steps from the last restart to the next. */
  protected tI: number;

  /** Starts at the optimizer's rates. */
  constructor(
    optimizer: Scheduled,
    options: CosineAnnealingWarmRestartsOptions,
  ) {
    super(optimizer, { tMult: 1, etaMin: 0, lastEpoch: -1, ...options });
    const { t0, tMult, lastEpoch } = this.options;
    requireCount("CosineAnnealingWarmRestarts", "t0", t0);
    requireCount("CosineAnnealingWarmRestarts", "tMult", tMult);
    this.tI = t0;
    this.tCur = lastEpoch;
    this.start();
  }

  /** See {@linkcode LRScheduler}. */
  protected next(_lr: number, baseLr: number): number {
    return cosine(baseLr, this.options.etaMin, this.tCur / this.tI);
  }

  /** Goes to the next rate, or to that of `epoch`, which may be a fraction. */
  override step(epoch?: number): void {
    const { t0, tMult } = this.options;
    if (epoch === undefined && this.lastEpoch < 0) epoch = 0;
    if (epoch === undefined) {
      epoch = this.lastEpoch + 1;
      this.tCur++;
      if (this.tCur >= this.tI) {
        this.tCur %= this.tI;
        this.tI *= tMult;
      }
    } else {
      requireAtLeastZero(this.constructor.name, { epoch }, "epoch");
      this.tI = t0;
      this.tCur = tMult === 1 ? epoch % t0 : epoch;
      if (epoch >= t0 && tMult > 1) {
        // How often it has restarted by then.
        const n = Math.floor(
          Math.log(epoch / t0 * (tMult - 1) + 1) / Math.log(tMult),
        );
        this.tI = t0 * tMult ** n;
        this.tCur = epoch - t0 * (tMult ** n - 1) / (tMult - 1);
      }
    }
    this.stepCount++;
    this.lastEpoch = Math.floor(epoch) - 1;
    this.moveTo();
  }

  /** See {@linkcode LRScheduler.stateDict}. */
  override stateDict(): SchedulerState {
    return { ...super.stateDict(), tCur: this.tCur, tI: this.tI };
  }

  /** See {@linkcode LRScheduler.loadStateDict}. */
  override loadStateDict(state: SchedulerState): void {
    super.loadStateDict(state);
    const { tCur, tI } = camelKeys(state);
    if (typeof tCur === "number") this.tCur = tCur;
    if (typeof tI === "number") this.tI = tI;
  }
}

/** From `first` at 0 to `last` at 1. */
function cosine(first: number, last: number, part: number): number {
  return last + (first - last) * (1 + Math.cos(Math.PI * part)) / 2;
}
