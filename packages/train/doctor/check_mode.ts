/** Notices a model that is in the wrong mode. */

import { type AnyModule, BatchNorm, Dropout } from "@fdunn/nn";
import { isGradEnabled, type Tensor } from "@fdunn/tensor";
import type { Check, Tell } from "./checkups.ts";

/** Steps in evaluation mode, one after another, that are a mistake. */
const STEPS = 3;
/** Losses that no backward pass reached, between steps, that are a mistake. */
const LOSSES = 2;

/**
 * A forgotten `eval()`: the model runs in training mode without gradients, or
 * its losses lead to no backward pass. A forgotten `train()`: steps are taken
 * in evaluation mode. Neither matters where no module does the one and the
 * other differently.
 */
export class ModeCheck implements Check {
  readonly #model: AnyModule;
  readonly #tell: Tell;
  /** A module that depends on the mode, by name. */
  readonly #dependent: string | null;
  /** Losses since the last step whose backward pass has not come yet. */
  #waiting = 0;
  #steps = 0;
  #evaluationSteps = 0;

  /** Watches a model. */
  constructor(model: AnyModule, tell: Tell) {
    this.#model = model;
    this.#tell = tell;
    const dependent = model.modules().find(dependsOnMode);
    this.#dependent = dependent?.constructor.name ?? null;
  }

  /** Looks for a run without gradients. */
  onForward(): void {
    if (this.#dependent === null || this.#steps === 0) return;
    if (this.#model.training && !isGradEnabled()) this.#forgottenEval();
  }

  /** Waits for the loss's backward pass. */
  onLoss(_output: Tensor, _target: Tensor, loss: Tensor): void {
    if (this.#dependent === null || !this.#model.training) return;
    if (!loss.requiresGrad) return;
    this.#waiting++;
    let reached = false;
    loss.registerHook(() => {
      if (!reached) this.#waiting--;
      reached = true;
    });
  }

  /** Counts. */
  onStep(): void {
    this.#steps++;
    if (this.#dependent === null) return;
    if (this.#waiting >= LOSSES) this.#forgottenEval();
    this.#waiting = 0;
    this.#evaluationSteps = this.#model.training
      ? 0
      : this.#evaluationSteps + 1;
    if (this.#evaluationSteps !== STEPS) return;
    this.#tell(
      "missing-train",
      `The model is trained in evaluation mode, in which ${this.#dependent} does not do its work. Call model.train() before the training steps, and again after every evaluation`,
    );
  }

  /** Looks at what came after the last step. */
  end(): void {
    if (this.#steps > 0 && this.#waiting >= LOSSES) this.#forgottenEval();
  }

  #forgottenEval(): void {
    this.#tell(
      "missing-eval",
      `The model is evaluated in training mode: ${this.#dependent} works on as in training, so that the figures are wrong. Call model.eval() before the evaluation and model.train() after it, and evaluate within noGrad()`,
    );
  }
}

function dependsOnMode(module: AnyModule): boolean {
  if (module instanceof BatchNorm) return true;
  if (module instanceof Dropout) return module.p > 0;
  // Recurrent layers and attention have dropout as an option.
  const { dropout } = module as { dropout?: unknown };
  return typeof dropout === "number" && dropout > 0;
}
