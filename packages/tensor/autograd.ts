/** Reverse-mode differentiation, as users call it: `backward` and `grad`. */

import { describe } from "./liveness.ts";
import { type BackwardOptions, Pass } from "./pass.ts";
import type { Tensor } from "./tensor.ts";

export type { BackwardOptions } from "./pass.ts";

/** Accumulates gradients into the leaves that `roots` were computed from. */
export function backward(
  roots: readonly Tensor[],
  gradients: readonly (Tensor | null)[],
  options: BackwardOptions = {},
): void {
  new Pass(roots, options, null).run(gradients);
}

/** Options of {@linkcode grad}. */
export interface GradOptions extends BackwardOptions {
  /** Gradients of the outputs, for outputs that are not scalars. */
  gradOutputs?: Tensor | readonly (Tensor | null)[];
  /** Return null for inputs that the outputs do not depend on. */
  allowUnused?: boolean;
}

/**
 * The gradients of `outputs` with respect to `inputs`, leaving `.grad` alone.
 *
 * Outputs must be scalars unless `gradOutputs` has a tensor of each one's
 * shape. With `createGraph` the gradients can be differentiated again.
 *
 * ```ts
 * import { grad, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor(3, { requiresGrad: true });
 * const [dx] = grad(x.pow(3), [x], { createGraph: true });
 * const [ddx] = grad(dx!, [x]);
 * assertEquals([dx!.item(), ddx!.item()], [27, 18]); // 3x², 6x
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html
 *
 * @throws Error when an input was not used, unless `allowUnused`.
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const roots = isList(outputs) ? outputs : [outputs];
  const wanted = isList(inputs) ? inputs : [inputs];
  const { gradOutputs } = options;
  const gradients = gradOutputs === undefined
    ? []
    : isList(gradOutputs)
    ? gradOutputs
    : [gradOutputs];
  for (const input of wanted) {
    if (!input.requiresGrad) {
      throw new Error(
        `grad() got ${
          describe(input)
        } as an input, which does not require grad`,
      );
    }
  }
  const results = new Pass(roots, options, wanted).run(gradients);
  results.forEach((result, i) => {
    if (result === null && options.allowUnused !== true) {
      throw new Error(
        `grad() found no path from the outputs to input ${i}, ${
          describe(wanted[i]!)
        }: pass allowUnused: true to get null for it`,
      );
    }
  });
  return results;
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
