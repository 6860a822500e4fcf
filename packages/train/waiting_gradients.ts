/** Gradients that several batches add up to before a step. */

import { noGrad, type Tensor } from "@fdunn/tensor";
import { groupsOf, type StepOptimizer } from "./trainable.ts";

/** The gradients that wait for a step, by the number of their parameter. */
export function gradientsOf(optimizer: StepOptimizer): Record<string, Tensor> {
  const gradients: Record<string, Tensor> = {};
  parametersOf(optimizer).forEach(({ slot }, i) => {
    if (slot.gradient !== null) gradients[i] = slot.gradient.detach();
  });
  return gradients;
}

/** Puts gradients back. */
export function loadGradients(
  optimizer: StepOptimizer,
  gradients: Readonly<Record<string, Tensor>>,
): void {
  const parameters = parametersOf(optimizer);
  for (const [i, gradient] of Object.entries(gradients)) {
    parameters[Number(i)]!.grad = gradient;
  }
}

/** Makes sums over so many batches their means. */
export function averageGradients(
  optimizer: StepOptimizer,
  batches: number,
): void {
  noGrad(() => {
    for (const { slot } of parametersOf(optimizer)) {
      slot.gradient?.mul_(1 / batches);
    }
  });
}

function parametersOf(optimizer: StepOptimizer): Tensor[] {
  return groupsOf("Accumulation of gradients", optimizer)
    .flatMap((group) => group.params);
}
