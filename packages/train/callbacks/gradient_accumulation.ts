/** One step from the gradients of several batches. */

import type { Optimizer, OptimizerState } from "@fdunn/optim";
import { noGrad } from "@fdunn/tensor";

/** Options of {@linkcode GradientAccumulation}. */
export interface GradientAccumulationOptions {
  /** Batches for each step. */
  batches: number;
  /**
   * Step by the mean of the batches' gradients (default), as for losses that
   * are means, or by their sum.
   */
  reduction?: "mean" | "sum";
}

/** An optimizer's state, and how many batches wait for a step. */
export interface AccumulationState {
  /** Batches since the last step; their gradients are no part of a state. */
  waiting: number;
  /** The optimizer's. */
  optimizer: OptimizerState;
}

/**
 * Stands in for an optimizer and steps it after every `batches` calls only:
 * as if the batches were one large batch. `zeroGrad()` and `step()` go where
 * they always go, also in a `Trainer`.
 *
 * `flush()` steps by the batches that wait: call it when the data end amid a
 * group, or they wait for those of the next epoch.
 *
 * ```ts
 * import { GradientAccumulation } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { SGD } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const w = tensor([0], { requiresGrad: true });
 * const optimizer = new GradientAccumulation(new SGD([w], { lr: 1 }), {
 *   batches: 2,
 * });
 * for (const x of [1, 3]) {
 *   optimizer.zeroGrad();
 *   w.mul(x).sum().backward();
 *   optimizer.step();
 * }
 * assertEquals(w.toArray(), [-2]); // the mean of 1 and 3
 * ```
 *
 * @throws RangeError when `batches` is no whole number of at least 1.
 */
export class GradientAccumulation {
  /** What takes the steps. */
  readonly optimizer: Optimizer;
  readonly #batches: number;
  readonly #mean: boolean;
  #waiting = 0;

  /** Wraps any optimizer whose step needs no closure. */
  constructor(optimizer: Optimizer, options: GradientAccumulationOptions) {
    const { batches, reduction = "mean" } = options;
    if (!Number.isInteger(batches) || batches < 1) {
      throw new RangeError(
        `GradientAccumulation got batches ${batches}, expected a whole number of at least 1`,
      );
    }
    if (reduction !== "mean" && reduction !== "sum") {
      throw new RangeError(
        `GradientAccumulation got reduction ${reduction}, expected "mean" or "sum"`,
      );
    }
    this.optimizer = optimizer;
    this.#batches = batches;
    this.#mean = reduction === "mean";
  }

  /** The optimizer's groups: schedules and checks work on them. */
  get paramGroups(): Optimizer["paramGroups"] {
    return this.optimizer.paramGroups;
  }

  /** How many batches wait for a step. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Forgets the gradients, unless batches wait for a step. */
  zeroGrad(): void {
    if (this.#waiting === 0) this.optimizer.zeroGrad();
  }

  /** Counts a batch, and steps when they are enough. */
  step(): void {
    if (++this.#waiting === this.#batches) this.flush();
  }

  /** Steps by the batches that wait, if any; says whether it did. */
  flush(): boolean {
    const count = this.#waiting;
    if (count === 0) return false;
    this.#waiting = 0;
    if (this.#mean && count > 1) noGrad(() => this.#scale(1 / count));
    this.optimizer.step();
    return true;
  }

  #scale(factor: number): void {
    for (const { params } of this.optimizer.paramGroups) {
      for (const { slot } of params) slot.gradient?.mul_(factor);
    }
  }

  /** The optimizer's state, and the count. */
  stateDict(): AccumulationState {
    const { optimizer } = this;
    return { waiting: this.#waiting, optimizer: optimizer.stateDict() };
  }

  /** Continues from a state; the waiting batches' gradients must be there. */
  loadStateDict(state: AccumulationState): void {
    this.optimizer.loadStateDict(state.optimizer);
    this.#waiting = state.waiting;
  }
}
