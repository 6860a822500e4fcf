/** Weight normalization: length and direction apart. */

import type { Tensor } from "@fdunn/tensor";
import type { AnyModule } from "../module.ts";
import { Parameter } from "../parameter.ts";
import {
  type Fields,
  parameterOf,
  reparametrize,
  restore,
} from "./reparametrize.ts";

/** Options of {@linkcode weightNorm}. */
export interface WeightNormOptions {
  /** The parameter. Default `weight`. */
  name?: string;
  /** The axis whose entries have lengths of their own; null for one length. Default 0. */
  dim?: number | null;
}

/**
 * Replaces a module's weight by `g v / |v|`: its length `weight_g` and direction
 * `weight_v` are learned apart. Salimans, Kingma, "Weight normalization", 2016.
 * Returns the module; its optimizer is made afterwards.
 *
 * ```ts
 * import * as nn from "@fdunn/nn";
 * import { weightNorm } from "@fdunn/nn/weights";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = weightNorm(new nn.Linear(20, 40));
 * const shapes = layer.namedParameters().map(([name, p]) => [name, p.shape]);
 * assertEquals(shapes, [
 *   ["bias", [40]],
 *   ["weight_g", [40, 1]],
 *   ["weight_v", [40, 20]],
 * ]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html
 *
 * @throws RangeError when the module has no such parameter, or it no such axis.
 */
export function weightNorm<M extends AnyModule>(
  module: M,
  options: WeightNormOptions = {},
): M {
  const { name = "weight", dim = 0 } = options;
  const weight = parameterOf("weightNorm()", module, name);
  const axes = weight.shape.map((_, i) => i).filter((i) => i !== dim);
  if (dim !== null && axes.length === weight.ndim) {
    throw new RangeError(
      `weightNorm() got dim ${dim}, expected null or 0 to ${weight.ndim - 1}`,
    );
  }
  const length = (v: Tensor): Tensor => {
    if (dim === null) return v.norm();
    if (axes.length === 0) return v.abs();
    return v.norm(2, axes, { keepdim: true });
  };
  const fields = module as unknown as Fields;
  const [g, v] = [`${name}_g`, `${name}_v`];
  const parts = {
    [g]: new Parameter(length(weight.detach())),
    [v]: new Parameter(weight.detach()),
  };
  reparametrize(module, name, "weightNorm()", parts, () => {
    const direction = fields[v] as Tensor;
    return direction.mul((fields[g] as Tensor).div(length(direction)));
  });
  return module;
}

/**
 * Puts back the weight that {@linkcode weightNorm} replaced, with its value.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.remove_weight_norm.html
 *
 * @throws RangeError when it was not replaced.
 */
export function removeWeightNorm<M extends AnyModule>(
  module: M,
  name = "weight",
): M {
  restore("removeWeightNorm()", module, name, "weightNorm()");
  return module;
}
