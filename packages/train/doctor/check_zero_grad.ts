/** Notices gradients that nobody forgets. */

import type { Tensor } from "@fdunn/tensor";
import type { Check, Patient, Tell } from "./checkups.ts";
import { parametersOf } from "./check_optimizers.ts";

/** Steps, one after another, that begin with old gradients. */
const STEPS = 3;
/** Who has not forgotten it in so many steps will not: a hook costs time. */
const WATCHED = 100;

/**
 * Sees, by a hook on one small parameter, whether the first backward pass
 * after a step adds to the gradient that the step has used already. Further
 * passes before the next step may add: that is accumulation on purpose.
 */
export class ZeroGradCheck implements Check {
  readonly #tell: Tell;
  readonly #unhook: (() => void) | null;
  #stepped = false;
  #steps = 0;
  #times = 0;

  /** Watches the smallest parameter that an optimizer holds. */
  constructor({ model, optimizers }: Patient, tell: Tell) {
    this.#tell = tell;
    const held = parametersOf(optimizers);
    let smallest: Tensor | null = null;
    for (const parameter of model.parameters()) {
      if (!parameter.requiresGrad || !held.has(parameter)) continue;
      if (smallest === null || parameter.size < smallest.size) {
        smallest = parameter;
      }
    }
    const watched = smallest;
    this.#unhook = watched === null
      ? null
      : watched.registerHook(() => this.#onBackward(watched));
  }

  /** The gradient is used. */
  onStep(): void {
    this.#stepped = true;
    if (++this.#steps === WATCHED) this.#unhook?.();
  }

  /** Takes the hook away. */
  end(): void {
    this.#unhook?.();
  }

  #onBackward(parameter: Tensor): void {
    if (!this.#stepped) return;
    this.#stepped = false;
    const old = parameter.grad;
    // Who fills gradients with zeros does not forget them, either.
    const kept = old !== null &&
      old.data().some((value) => Number(value) !== 0);
    this.#times = kept ? this.#times + 1 : 0;
    if (this.#times !== STEPS) return;
    this.#tell(
      "missing-zero-grad",
      "Gradients are added to those of the steps before, which were used already: each step follows the sum of all batches so far. Call optimizer.zeroGrad() before every backward(), or, to accumulate on purpose, after every step()",
    );
  }
}
