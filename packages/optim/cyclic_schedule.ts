/** Schedules that move the rate up and down, and the momentum against it. */

import {
  LRScheduler,
  perGroup,
  type Scheduled,
  type ScheduleOptions,
} from "./lr_scheduler.ts";
import { requireChoice } from "./option_check.ts";
import { requireCount, requireOption } from "@fdunn/tensor/op";

/** Options of what cycles the momentum, too. */
export interface MomentumCycleOptions extends ScheduleOptions {
  /**
   * Whether `momentum`, or `betas[0]`, moves against the rate. Default `true`.
   */
  cycleMomentum?: boolean;
  /** The lowest momentum, or one for each group. */
  baseMomentum?: number | readonly number[];
  /** The highest momentum, or one for each group. */
  maxMomentum?: number | readonly number[];
}

/** What a cycle keeps in a group, as PyTorch does. */
interface CycledGroup {
  momentum?: number;
  betas?: readonly [number, number];
  initialLr: number;
  maxLr: number;
  minLr: number;
  baseMomentum: number;
  maxMomentum: number;
}

/** Base of the schedules that cycle the momentum with the rate. */
export abstract class MomentumCycle<
  Options extends Required<MomentumCycleOptions>,
> extends LRScheduler<Options> {
  /** Sets the groups to the highest momentum. */
  protected startMomentum(): void {
    const { optimizer, options } = this;
    const { cycleMomentum, baseMomentum, maxMomentum, lastEpoch } = options;
    if (!cycleMomentum) return;
    const { name } = this.constructor;
    const highest = perGroup(name, "maxMomentum", optimizer, maxMomentum);
    const lowest = perGroup(name, "baseMomentum", optimizer, baseMomentum);
    optimizer.paramGroups.forEach((group, i) => {
      if (!("momentum" in group || "betas" in group)) {
        throw new RangeError(
          `${name} got an optimizer without momentum or betas: pass cycleMomentum: false`,
        );
      }
      if (lastEpoch !== -1) return;
      const range = { maxMomentum: highest[i]!, baseMomentum: lowest[i]! };
      Object.assign(group, range);
      this.setMomentum(i, range.maxMomentum);
    });
  }

  /** Sets the momentum of group `i`, or its first beta. */
  protected setMomentum(i: number, momentum: number): void {
    const group = cycled(this.optimizer, i);
    if (group.betas === undefined) group.momentum = momentum;
    else group.betas = [momentum, group.betas[1]];
  }
}

/** Group `i`, with what a cycle keeps in it. */
function cycled(optimizer: Scheduled, i: number): CycledGroup {
  return optimizer.paramGroups[i] as unknown as CycledGroup;
}

/** Options of {@linkcode CyclicLR}. */
export interface CyclicLROptions extends MomentumCycleOptions {
  /** The lowest rate, or one for each group. */
  baseLr: number | readonly number[];
  /** The highest rate, or one for each group. */
  maxLr: number | readonly number[];
  /** Steps of a way up. Default 2000. */
  stepSizeUp?: number;
  /** Steps of a way down; null for as many as up. Default null. */
  stepSizeDown?: number | null;
  /**
   * Equal triangles (default), triangles that halve from cycle to cycle, or
   * some that shrink by `gamma` in each step.
   */
  mode?: "triangular" | "triangular2" | "expRange";
  /** The factor of `expRange`. Default 1. */
  gamma?: number;
  /** A scale by cycle or step instead of a mode. */
  scaleFn?: ((x: number) => number) | null;
  /** What `scaleFn` gets. Default `"cycle"`. */
  scaleMode?: "cycle" | "iterations";
}

/**
 * Up and down between two rates, and the momentum down and up from 0.9 to 0.8.
 * Smith, "Cyclical learning rates for training neural networks", 2015.
 *
 * Step it after each batch.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { CyclicLR, SGD } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const optimizer = new SGD([zeros([1])], { lr: 1, momentum: 0.9 });
 * const schedule = new CyclicLR(optimizer, {
 *   baseLr: 0.1,
 *   maxLr: 0.5,
 *   stepSizeUp: 2,
 * });
 * const rates: number[] = [];
 * for (let step = 0; step < 5; step++) {
 *   rates.push(optimizer.paramGroups[0]!.lr);
 *   schedule.step();
 * }
 * [0.1, 0.3, 0.5, 0.3, 0.1].forEach((lr, i) =>
 *   assertAlmostEquals(rates[i]!, lr, 1e-12)
 * );
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
 *
 * @throws RangeError for options that make no sense, or an optimizer that has
 * no momentum to cycle.
 */
export class CyclicLR extends MomentumCycle<Required<CyclicLROptions>> {
  readonly #maxLrs: readonly number[];

  /** Starts at the lowest rate. */
  constructor(optimizer: Scheduled, options: CyclicLROptions) {
    const { baseLr, lastEpoch = -1 } = options;
    const baseLrs = perGroup("CyclicLR", "baseLr", optimizer, baseLr);
    if (lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => group.lr = baseLrs[i]!);
    }
    super(optimizer, {
      ...{ stepSizeUp: 2000, stepSizeDown: null, mode: "triangular", gamma: 1 },
      ...{ scaleFn: null, scaleMode: "cycle", cycleMomentum: true },
      ...{ baseMomentum: 0.8, maxMomentum: 0.9, lastEpoch: -1 },
      ...options,
    });
    const { mode, scaleFn, scaleMode, stepSizeUp } = this.options;
    const modes = ["triangular", "triangular2", "expRange"];
    if (scaleFn === null) requireChoice("CyclicLR", "mode", mode, modes);
    requireChoice("CyclicLR", "scaleMode", scaleMode, ["cycle", "iterations"]);
    const longest = Math.max(stepSizeUp, this.options.stepSizeDown ?? 0);
    requireOption("CyclicLR", "stepSizeUp", longest, longest > 0, "above 0");
    this.#maxLrs = perGroup("CyclicLR", "maxLr", optimizer, options.maxLr);
    this.startMomentum();
    this.baseLrs = baseLrs;
    this.start();
  }

  /** See {@linkcode LRScheduler}. */
  protected next(_lr: number, baseLr: number, i: number): number {
    const { stepSizeUp, cycleMomentum } = this.options;
    const total = stepSizeUp + (this.options.stepSizeDown ?? stepSizeUp);
    const turn = stepSizeUp / total;
    const cycle = Math.floor(1 + this.lastEpoch / total);
    const x = 1 + this.lastEpoch / total - cycle;
    const part = x <= turn ? x / turn : (x - 1) / (turn - 1);
    const scale = this.#scale(cycle);
    if (cycleMomentum) {
      const { maxMomentum, baseMomentum } = cycled(this.optimizer, i);
      const height = (maxMomentum - baseMomentum) * part;
      this.setMomentum(i, maxMomentum - height * scale);
    }
    return baseLr + (this.#maxLrs[i]! - baseLr) * part * scale;
  }

  #scale(cycle: number): number {
    const { mode, gamma, scaleFn, scaleMode } = this.options;
    if (scaleFn !== null) {
      return scaleFn(scaleMode === "cycle" ? cycle : this.lastEpoch);
    }
    if (mode === "triangular2") return 1 / 2 ** (cycle - 1);
    return mode === "expRange" ? gamma ** this.lastEpoch : 1;
  }
}

/** Options of {@linkcode OneCycleLR}. */
export interface OneCycleLROptions extends MomentumCycleOptions {
  /** The highest rate, or one for each group. */
  maxLr: number | readonly number[];
  /** Steps of the cycle; or say `epochs` and `stepsPerEpoch`. */
  totalSteps?: number | null;
  /** Epochs, for `totalSteps`. */
  epochs?: number | null;
  /** Steps an epoch, for `totalSteps`. */
  stepsPerEpoch?: number | null;
  /** The part of the cycle on which the rate rises. Default 0.3. */
  pctStart?: number;
  /** By half a cosine (default) or in straight lines. */
  annealStrategy?: "cos" | "linear";
  /** The first rate is `maxLr / divFactor`. Default 25. */
  divFactor?: number;
  /** The last rate is the first by this. Default 1e4. */
  finalDivFactor?: number;
  /** Down to the first rate as steeply as up, and then on. Default `false`. */
  threePhase?: boolean;
}

/** Where a phase ends, and between which of a group's values it goes. */
type Phase = readonly [
  end: number,
  lrs: readonly ["initialLr" | "maxLr", "initialLr" | "maxLr" | "minLr"],
  momentums: readonly [Momentum, Momentum],
];
type Momentum = "maxMomentum" | "baseMomentum";

/**
 * Up to the highest rate and down to nearly 0, once, and the momentum down from
 * 0.95 to 0.85 and up. Smith and Topin, "Super-convergence: very fast training
 * of neural networks using large learning rates", 2017.
 *
 * Step it after each batch, `totalSteps` times at most.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Adam, OneCycleLR } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const optimizer = new Adam([zeros([1])]);
 * const schedule = new OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 10 });
 * assertAlmostEquals(schedule.getLastLr()[0]!, 0.004); // 0.1 / 25
 * for (let step = 0; step < 2; step++) schedule.step();
 * assertAlmostEquals(schedule.getLastLr()[0]!, 0.1);
 * assertAlmostEquals(optimizer.paramGroups[0]!.betas[0], 0.85);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 *
 * @throws RangeError for options that make no sense, an optimizer that has no
 * momentum to cycle, or a step beyond the last.
 */
export class OneCycleLR extends MomentumCycle<Required<OneCycleLROptions>> {
  readonly #phases: readonly Phase[];
  readonly #totalSteps: number;

  /** Starts at the first rate. */
  constructor(optimizer: Scheduled, options: OneCycleLROptions) {
    super(optimizer, {
      ...{ totalSteps: null, epochs: null, stepsPerEpoch: null },
      ...{ pctStart: 0.3, annealStrategy: "cos", threePhase: false },
      ...{ divFactor: 25, finalDivFactor: 1e4, cycleMomentum: true },
      ...{ baseMomentum: 0.85, maxMomentum: 0.95, lastEpoch: -1 },
      ...options,
    });
    const full = this.options;
    const { pctStart, divFactor, finalDivFactor } = full;
    const total = full.totalSteps ??
      (full.epochs ?? NaN) * (full.stepsPerEpoch ?? NaN);
    requireCount("OneCycleLR", "totalSteps", total);
    const part = pctStart >= 0 && pctStart <= 1;
    requireOption("OneCycleLR", "pctStart", pctStart, part, "a part of 1");
    const strategies = ["cos", "linear"];
    const { annealStrategy } = full;
    requireChoice("OneCycleLR", "annealStrategy", annealStrategy, strategies);
    const maxLrs = perGroup("OneCycleLR", "maxLr", optimizer, full.maxLr);
    if (this.lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        const [maxLr, initialLr] = [maxLrs[i]!, maxLrs[i]! / divFactor];
        const minLr = initialLr / finalDivFactor;
        Object.assign(group, { maxLr, initialLr, minLr });
        this.baseLrs[i] = initialLr;
      });
    }
    this.#totalSteps = total;
    const end = pctStart * total - 1;
    const down = ["maxMomentum", "baseMomentum"] as const;
    const up = ["baseMomentum", "maxMomentum"] as const;
    const still = ["maxMomentum", "maxMomentum"] as const;
    const rise: Phase = [end, ["initialLr", "maxLr"], down];
    this.#phases = full.threePhase
      ? [
        rise,
        [2 * pctStart * total - 2, ["maxLr", "initialLr"], up],
        [total - 1, ["initialLr", "minLr"], still],
      ]
      : [rise, [total - 1, ["maxLr", "minLr"], up]];
    this.startMomentum();
    this.start();
  }

  /** See {@linkcode LRScheduler}. */
  protected next(_lr: number, _baseLr: number, i: number): number {
    const t = this.lastEpoch;
    if (t > this.#totalSteps) {
      throw new RangeError(
        `OneCycleLR got step ${t} of ${this.#totalSteps}: its cycle is over`,
      );
    }
    const phases = this.#phases;
    let at = phases.findIndex(([end]) => t <= end);
    if (at < 0) at = phases.length - 1;
    const [end, lrs, momentums] = phases[at]!;
    const start = at === 0 ? 0 : phases[at - 1]![0];
    const part = (t - start) / (end - start);
    const group = cycled(this.optimizer, i);
    if (this.options.cycleMomentum) {
      const [from, to] = momentums;
      this.setMomentum(i, this.#anneal(group[from], group[to], part));
    }
    const [from, to] = lrs;
    return this.#anneal(group[from], group[to], part);
  }

  #anneal(from: number, to: number, part: number): number {
    if (this.options.annealStrategy === "linear") {
      return (to - from) * part + from;
    }
    return to + (from - to) / 2 * (Math.cos(Math.PI * part) + 1);
  }
}
