/** Schedules that begin with a part of the rate: warm-up. */

import {
  LRScheduler,
  type Scheduled,
  type ScheduleOptions,
} from "./lr_scheduler.ts";
import { requireCount, requireOption } from "@fdunn/tensor/op";

/** Options of {@linkcode ConstantLR}. */
export interface ConstantLROptions extends ScheduleOptions {
  /** The part of the rate, in [0, 1]. Default 1/3. */
  factor?: number;
  /** Steps until the whole rate. Default 5. */
  totalIters?: number;
}

/**
 * A part of the rate for `totalIters` steps, then all of it.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ConstantLR, SGD } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const schedule = new ConstantLR(optimizer, { factor: 0.5, totalIters: 2 });
 * const rates: number[] = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   rates.push(optimizer.paramGroups[0]!.lr);
 *   schedule.step();
 * }
 * assertEquals(rates, [0.5, 0.5, 1, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html
 *
 * @throws RangeError for a factor outside of [0, 1].
 */
export class ConstantLR extends LRScheduler<Required<ConstantLROptions>> {
  /** Starts at the part of the optimizer's rates. */
  constructor(optimizer: Scheduled, options: ConstantLROptions = {}) {
    super(optimizer, {
      ...{ factor: 1 / 3, totalIters: 5, lastEpoch: -1 },
      ...options,
    });
    const { factor, totalIters } = this.options;
    requirePart("ConstantLR", "factor", factor);
    requireCount("ConstantLR", "totalIters", totalIters, 0);
    this.start();
  }

  /** See {@linkcode LRScheduler}. */
  protected next(lr: number, baseLr: number): number {
    const { lastEpoch, options: { factor, totalIters } } = this;
    if (lastEpoch === 0) return lr * factor;
    if (lastEpoch !== totalIters) return lr;
    // A rate of 0 does not tell what it was; PyTorch divides by it.
    return factor === 0 ? baseLr : lr * (1 / factor);
  }

  /** See {@linkcode LRScheduler}. */
  protected override closedForm(baseLr: number): number {
    const { factor, totalIters } = this.options;
    return baseLr * (this.lastEpoch >= totalIters ? 1 : factor);
  }
}

/** Options of {@linkcode LinearLR}. */
export interface LinearLROptions extends ScheduleOptions {
  /** The part of the rate at first, above 0 and at most 1. Default 1/3. */
  startFactor?: number;
  /** The part at last, in [0, 1]. Default 1. */
  endFactor?: number;
  /** Steps from one to the other. Default 5. */
  totalIters?: number;
}

/**
 * A straight line from `startFactor` of the rate to `endFactor` of it: the
 * usual warm-up, before another schedule in a {@linkcode SequentialLR}.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { CosineAnnealingLR, LinearLR, SequentialLR, SGD } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const warmUp = new LinearLR(optimizer, { startFactor: 0.2, totalIters: 4 });
 * const cosine = new CosineAnnealingLR(optimizer, { tMax: 16 });
 * const schedule = new SequentialLR(optimizer, [warmUp, cosine], {
 *   milestones: [4],
 * });
 * const rates: number[] = [];
 * for (let step = 0; step < 20; step++) {
 *   rates.push(optimizer.paramGroups[0]!.lr);
 *   schedule.step();
 * }
 * [0.2, 0.4, 0.6, 0.8, 1].forEach((lr, i) =>
 *   assertAlmostEquals(rates[i]!, lr, 1e-12)
 * );
 * assertAlmostEquals(schedule.getLastLr()[0]!, 0, 1e-12);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 *
 * @throws RangeError for a factor outside of its range.
 */
export class LinearLR extends LRScheduler<Required<LinearLROptions>> {
  /** Starts at the first part of the optimizer's rates. */
  constructor(optimizer: Scheduled, options: LinearLROptions = {}) {
    super(optimizer, {
      ...{ startFactor: 1 / 3, endFactor: 1, totalIters: 5, lastEpoch: -1 },
      ...options,
    });
    const { startFactor, endFactor, totalIters } = this.options;
    requirePart("LinearLR", "startFactor", startFactor || NaN);
    requirePart("LinearLR", "endFactor", endFactor);
    requireCount("LinearLR", "totalIters", totalIters);
    this.start();
  }

  /** See {@linkcode LRScheduler}. */
  protected next(lr: number): number {
    const { lastEpoch: t, options } = this;
    const { startFactor, endFactor, totalIters } = options;
    if (t === 0) return lr * startFactor;
    if (this.initial || t > totalIters) return lr;
    const rise = endFactor - startFactor;
    return lr * (1 + rise / (totalIters * startFactor + (t - 1) * rise));
  }

  /** See {@linkcode LRScheduler}. */
  protected override closedForm(baseLr: number): number {
    const { startFactor, endFactor, totalIters } = this.options;
    const t = Math.min(totalIters, this.lastEpoch);
    return baseLr * (startFactor + (endFactor - startFactor) * t / totalIters);
  }
}

function requirePart(owner: string, option: string, value: number): void {
  const fits = value >= 0 && value <= 1;
  requireOption(owner, option, value, fits, "a part: above 0, at most 1");
}
