/** Notices inputs that are not scaled. */

import { type AnyModule, BatchNorm, Embedding, LayerNorm } from "@fdunn/nn";
import { noGrad, scope, type Tensor } from "@fdunn/tensor";
import type { Check, Tell } from "./checkups.ts";

/** Batches that are looked at. */
const BATCHES = 3;
/** Inputs are large if one is above this, and their root mean square too. */
const LARGE = 20;
const LARGE_RMS = 5;
/** Inputs are small if none is above this. */
const SMALL = 0.01;

/** Looks at the first batches that a model gets in training. */
export class InputCheck implements Check {
  readonly #model: AnyModule;
  readonly #tell: Tell;
  #left: number;

  /** Watches a model, unless it begins with a normalisation. */
  constructor(model: AnyModule, tell: Tell) {
    this.#model = model;
    this.#tell = tell;
    const first = model.modules().find((m) => m.children().length === 0);
    const scales = first instanceof BatchNorm || first instanceof LayerNorm ||
      first instanceof Embedding;
    this.#left = scales ? 0 : BATCHES;
  }

  /** Looks at a batch. */
  onForward(input: Tensor): void {
    if (this.#left === 0 || !this.#model.training || input.size === 0) return;
    this.#left--;
    if (input.dtype !== "float32" && input.dtype !== "float64") return;
    const [largest, square] = noGrad(() =>
      scope(() => {
        const x = input.detach();
        return [x.abs().amax().item(), x.square().mean().item()];
      })
    );
    const problem = problemOf(largest!, Math.sqrt(square!));
    if (problem === null) return;
    this.#left = 0;
    this.#tell("unscaled-inputs", problem);
  }
}

function problemOf(largest: number, rms: number): string | null {
  const about = `up to ${digits(largest)} in size, root mean square ${
    digits(rms)
  }`;
  if (!Number.isFinite(largest) || !Number.isFinite(rms)) {
    return "The inputs have values that are not finite: every weight that they meet becomes NaN. Look for missing values and divisions by zero in the data";
  }
  if (largest > LARGE && rms > LARGE_RMS) {
    return `The inputs are not scaled: ${about}. Such sums saturate sigmoids and make gradients explode. Divide pixels by 255, or subtract the training data's mean and divide by its standard deviation`;
  }
  if (largest > 0 && largest < SMALL) {
    return `The inputs are tiny: ${about}. A network hardly tells them apart at first; perhaps they were divided by 255 twice. Scale them to about -1 to 1`;
  }
  return null;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
