/** A module run with other tensors in place of its own. */

import type { Tensor } from "@fdunn/tensor";
import type { Module } from "../module.ts";

/** Where a tensor of a module is. */
interface Place {
  holder: Record<string, unknown>;
  key: string;
}

/**
 * Calls `module.forward(...inputs)` with some of its parameters and buffers
 * replaced by tensors, given by their names in `stateDict()`; afterwards it is as
 * before. Gradients go to the tensors: for inner loops of meta-learning, second
 * derivatives by weights, several models at once.
 *
 * ```ts
 * import * as nn from "@fdunn/nn";
 * import { functionalCall } from "@fdunn/nn/weights";
 * import { grad, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * // MAML: a step of the inner loop that the outer one sees through.
 * const model = new nn.Linear(1, 1, { bias: false });
 * const x = tensor([[2]]);
 * const inner = model.forward(x).square().sum();
 * const [g] = grad(inner, [model.weight], { createGraph: true });
 * const fast = { weight: model.weight.sub(g!.mul(0.1)) };
 * functionalCall(model, fast, [x]).sum().backward();
 * // 2 d/dw (w - 0.1 · 2 · 4 w) = 2 (1 - 0.8)
 * assertEquals(Math.round(model.weight.grad!.item() * 1e5), 40000);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.func.functional_call.html
 *
 * @throws RangeError for names that the module does not have.
 */
export function functionalCall<Inputs extends unknown[], Output>(
  module: Module<Inputs, Output>,
  tensors: Readonly<Record<string, Tensor>>,
  inputs: Inputs,
): Output {
  const places = placesOf(module, Object.keys(tensors));
  const before = places.map(({ holder, key }) => holder[key]);
  try {
    Object.values(tensors).forEach((tensor, i) => {
      const { holder, key } = places[i]!;
      holder[key] = tensor;
    });
    return module.forward(...inputs);
  } finally {
    // Backwards, so that what was named twice is as it was at first.
    for (let i = places.length - 1; i >= 0; i--) {
      const { holder, key } = places[i]!;
      holder[key] = before[i];
    }
  }
}

function placesOf<Inputs extends unknown[], Output>(
  module: Module<Inputs, Output>,
  names: readonly string[],
): Place[] {
  const known = new Set(Object.keys(module.stateDict()));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new RangeError(
      `functionalCall() got ${
        unknown.map((name) => `"${name}"`).join(", ")
      }, which ${module.constructor.name} does not have`,
    );
  }
  return names.map((name) => {
    // Lists and modules alike are objects with a field for each part.
    const path = name.split(".");
    const key = path.pop()!;
    let holder = module as unknown as Record<string, unknown>;
    for (const part of path) holder = holder[part] as Record<string, unknown>;
    return { holder, key };
  });
}
