/** The learning rate while weights are averaged. */

import {
  LRScheduler,
  type Scheduled,
  type ScheduleOptions,
} from "@fdunn/optim";

/** Options of {@linkcode SWALR}. */
export interface SWALROptions extends ScheduleOptions {
  /** The rate to go to, or one for each group. */
  swaLr: number | readonly number[];
  /** Steps on the way. Default 10. */
  annealEpochs?: number;
  /** Along half a cosine (default) or a straight line. */
  annealStrategy?: "cos" | "linear";
}

/**
 * From whatever the rate is to a constant one, for stochastic weight averaging.
 *
 * ```ts
 * import { SWALR } from "@fdunn/train";
 * import { zeros } from "@fdunn/tensor";
 * import { SGD } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const schedule = new SWALR(optimizer, { swaLr: 0.5, annealEpochs: 2 });
 * schedule.step();
 * assertAlmostEquals(schedule.getLastLr()[0]!, 0.75);
 * schedule.step();
 * assertAlmostEquals(schedule.getLastLr()[0]!, 0.5);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.swa_utils.SWALR.html
 *
 * @throws RangeError for options that make no sense.
 */
export class SWALR extends LRScheduler<Required<SWALROptions>> {
  /** Starts at the optimizer's rates. */
  constructor(optimizer: Scheduled, options: SWALROptions) {
    const groups = optimizer.paramGroups as readonly Partial<SWAGroup>[];
    const { swaLr, annealEpochs = 10, annealStrategy = "cos" } = options;
    const require = (option: string, fits: boolean, expected: string) => {
      if (fits) return;
      const value = options[option as keyof SWALROptions];
      throw new RangeError(
        `SWALR got ${option} ${value}, expected ${expected}`,
      );
    };
    const rates = typeof swaLr === "number" ? groups.map(() => swaLr) : swaLr;
    const count = `a number, or one for each of ${groups.length} groups`;
    require("swaLr", rates?.length === groups.length, count);
    const steps = Number.isInteger(annealEpochs) && annealEpochs >= 0;
    require("annealEpochs", steps, "a whole number of at least 0");
    const known = annealStrategy === "cos" || annealStrategy === "linear";
    require("annealStrategy", known, '"cos" or "linear"');
    groups.forEach((group, i) => group.swaLr = rates[i]!);
    const lastEpoch = -1;
    super(optimizer, { lastEpoch, annealEpochs, annealStrategy, ...options });
    this.start();
  }

  /** See {@linkcode LRScheduler}. */
  protected next(lr: number, _baseLr: number, i: number): number {
    const { annealEpochs } = this.options;
    const { swaLr } = this.optimizer.paramGroups[i] as unknown as SWAGroup;
    let step = this.stepCount - 1;
    if (annealEpochs === 0) step = Math.max(1, step);
    // The rate that the way began at, from where it has come to.
    const before = this.#part((step - 1) / Math.max(1, annealEpochs));
    const first = before === 1 ? swaLr : (lr - before * swaLr) / (1 - before);
    const part = this.#part(step / Math.max(1, annealEpochs));
    return swaLr * part + first * (1 - part);
  }

  /** How much of the way lies behind. */
  #part(time: number): number {
    const t = Math.max(0, Math.min(1, time));
    if (this.options.annealStrategy === "linear") return t;
    return (1 - Math.cos(Math.PI * t)) / 2;
  }
}

/** What the schedule keeps in a group, as PyTorch does. */
interface SWAGroup {
  swaLr: number;
}
