/** How far one distribution is from another. */

import type { Tensor } from "../tensor.ts";
import type { Distribution } from "./distribution.ts";

/**
 * The Kullback-Leibler divergence of `p` from `q`, `E_p[log p(x) - log q(x)]`,
 * one number for each of the batch, which broadcast. Both are of one class.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Categorical, klDivergence } from "@fdunn/tensor/distributions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const p = new Categorical({ probs: tensor([0.5, 0.5]) });
 * const q = new Categorical({ probs: tensor([0.25, 0.75]) });
 * assertAlmostEquals(klDivergence(p, q).item(), Math.log(4 / 3) / 2, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.kl.kl_divergence
 *
 * @throws TypeError for two of different classes.
 */
export function klDivergence<D extends Distribution>(p: D, q: D): Tensor {
  if (p.constructor === q.constructor) return p.divergence(q);
  throw new TypeError(
    `klDivergence() got ${p.constructor.name} and ${q.constructor.name}, expected two of one class`,
  );
}
