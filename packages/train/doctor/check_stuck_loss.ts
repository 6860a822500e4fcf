/** Notices a loss that does not leave ln(classes). */

import type { AnyModule } from "@fdunn/nn";
import type { Tensor } from "@fdunn/tensor";
import type { Check, Patient, Tell } from "./checkups.ts";

/** How near to ln(classes) a mean is that is still there. */
const NEAR = 0.01;

/**
 * A step of fewer samples counts for less: with one sample a step a sound
 * training takes thousands of them to leave ln(classes).
 */
const FULL_BATCH = 16;

/** Means of losses over half of what the patience allows, twice. */
export class StuckLossCheck implements Check {
  readonly #model: AnyModule;
  readonly #sums: boolean;
  readonly #patience: number;
  readonly #tell: Tell;
  #classes = 0;
  #steps = 0;
  /** What these steps count for. */
  #weight = 0;
  #total = 0;
  /** Halves of the patience that are over. */
  #halves = 0;

  /** Watches a loss over steps of training. */
  constructor({ model, loss }: Patient, patience: number, tell: Tell) {
    this.#model = model;
    this.#sums = loss?.reduction === "sum";
    this.#patience = patience;
    this.#tell = tell;
  }

  /** Takes in a loss between logits `[N, C]` and classes `[N]`. */
  onLoss(output: Tensor, target: Tensor, loss: Tensor): void {
    const { shape } = output;
    if (
      !this.#model.training || !loss.requiresGrad || loss.size !== 1 ||
      shape.length !== 2 || target.shape.length !== 1 || shape[1]! < 2 ||
      target.dtype !== "int32"
    ) return;
    if (this.#classes !== shape[1]) {
      this.#classes = shape[1]!;
      this.#steps =
        this.#weight =
        this.#total =
        this.#halves =
          0;
    }
    const value = loss.item();
    this.#total += this.#sums ? value / shape[0]! : value;
    this.#steps++;
    this.#weight += Math.min(1, shape[0]! / FULL_BATCH);
    if (this.#weight < this.#patience / 2) return;
    const mean = this.#total / this.#steps;
    const guess = Math.log(this.#classes);
    const stuck = Math.abs(mean - guess) < NEAR * guess;
    this.#halves = stuck ? this.#halves + 1 : 0;
    if (this.#halves === 2) {
      const steps = 2 * this.#steps;
      this.#tell(
        "stuck-loss",
        `The loss has stayed at ${
          mean.toFixed(3)
        }, which is ln(${this.#classes}), for ${steps} steps: to the network all ${this.#classes} classes are equally likely. Try a larger learning rate (with a mean over the batch it must be larger than with a sum), or another initialisation: sigmoids need init.kaimingNormal_ or init.xavierNormal_. See also that the labels belong to the inputs, and that nothing detaches the graph. Some problems just start so`,
      );
    }
    this.#steps = this.#weight = this.#total = 0;
  }
}
