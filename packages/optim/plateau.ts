/** A schedule that waits for a metric to stop improving. */

import { perGroup, ratesOf, type Scheduled } from "./lr_scheduler.ts";
import { requireChoice, requireFraction } from "./option_check.ts";
import { camelKeys } from "./state.ts";

/** Options of {@linkcode ReduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions {
  /** Whether smaller (`min`, default) or larger is better. */
  mode?: "min" | "max";
  /** What rates are multiplied by. Default 0.1. */
  factor?: number;
  /** Steps without improvement that are tolerated. Default 10. */
  patience?: number;
  /** By how much a value must be better to count. Default 1e-4. */
  threshold?: number;
  /** Whether the threshold is a fraction (`rel`, default) or a difference. */
  thresholdMode?: "rel" | "abs";
  /** Steps after a reduction that do not count. Default 0. */
  cooldown?: number;
  /** No rate goes below; or one bound for each group. Default 0. */
  minLr?: number | readonly number[];
  /** Smaller changes are not made. Default 1e-8. */
  eps?: number;
}

/** A plateau schedule's place, as plain data, for checkpoints. */
export interface PlateauState {
  /** The best value so far; null for none yet. */
  best: number | null;
  /** Steps without improvement. */
  numBadEpochs: number;
  /** Steps that do not count still. */
  cooldownCounter: number;
  /** Steps taken. */
  lastEpoch: number;
}

/**
 * Multiplies the rate by `factor` when a metric has not improved for more than
 * `patience` steps.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ReduceLROnPlateau, SGD } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1 });
 * const schedule = new ReduceLROnPlateau(optimizer, { patience: 1 });
 * for (const loss of [3, 2, 2, 2]) schedule.step(loss);
 * assertEquals(schedule.getLastLr(), [0.1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 */
export class ReduceLROnPlateau {
  readonly #optimizer: Scheduled;
  readonly #options: Required<ReduceLROnPlateauOptions>;
  #state: PlateauState = {
    best: null,
    numBadEpochs: 0,
    cooldownCounter: 0,
    lastEpoch: 0,
  };

  /** Starts at the optimizer's rates. */
  constructor(optimizer: Scheduled, options: ReduceLROnPlateauOptions = {}) {
    this.#optimizer = optimizer;
    this.#options = {
      mode: "min",
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: "rel",
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
      ...options,
    };
    const { factor, mode, thresholdMode, minLr } = this.#options;
    const name = "ReduceLROnPlateau";
    requireFraction(name, "factor", factor);
    requireChoice(name, "mode", mode, ["min", "max"]);
    requireChoice(name, "thresholdMode", thresholdMode, ["rel", "abs"]);
    perGroup(name, "minLr", optimizer, minLr);
  }

  /** Notes the metric's value and reduces the rate if it is time. */
  step(metric: number): void {
    const state = this.#state;
    state.lastEpoch++;
    if (this.#isBetter(metric)) {
      state.best = metric;
      state.numBadEpochs = 0;
    } else state.numBadEpochs++;
    if (state.cooldownCounter > 0) {
      state.cooldownCounter--;
      state.numBadEpochs = 0;
    }
    if (state.numBadEpochs > this.#options.patience) {
      this.#reduce();
      state.cooldownCounter = this.#options.cooldown;
      state.numBadEpochs = 0;
    }
  }

  #isBetter(value: number): boolean {
    const { best } = this.#state;
    const { mode, threshold, thresholdMode } = this.#options;
    if (best === null) {
      return mode === "min" ? value < Infinity : value > -Infinity;
    }
    const sign = mode === "min" ? -1 : 1;
    const bar = thresholdMode === "rel"
      ? best * (1 + sign * threshold)
      : best + sign * threshold;
    return mode === "min" ? value < bar : value > bar;
  }

  #reduce(): void {
    const { factor, minLr, eps } = this.#options;
    this.#optimizer.paramGroups.forEach((group, i) => {
      const least = typeof minLr === "number" ? minLr : minLr[i] ?? 0;
      const lr = Math.max(group.lr * factor, least);
      if (group.lr - lr > eps) group.lr = lr;
    });
  }

  /** The groups' rates. */
  getLastLr(): number[] {
    return ratesOf(this.#optimizer);
  }

  /** The place; the rates are in the optimizer's state. */
  stateDict(): PlateauState {
    return { ...this.#state };
  }

  /** Continues from a place; also from PyTorch's, with its names. */
  loadStateDict(state: PlateauState): void {
    const known = camelKeys(state) as unknown as PlateauState;
    const { best, numBadEpochs, cooldownCounter, lastEpoch } = known;
    this.#state = { best, numBadEpochs, cooldownCounter, lastEpoch };
  }
}
