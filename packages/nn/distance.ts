/** How alike vectors are, as a layer. */

import {
  cosineSimilarity,
  type CosineSimilarityOptions,
  type Tensor,
} from "@fdunn/tensor";
import { Module } from "./module.ts";

/**
 * {@linkcode cosineSimilarity} as a layer.
 *
 * Shapes: two inputs that broadcast together; the output lacks axis `dim`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { CosineSimilarity } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new CosineSimilarity();
 * const y = layer.forward(tensor([[3, 4]]), tensor([[-6, -8]]));
 * assertEquals(y.toArray(), [-1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
 */
export class CosineSimilarity extends Module<[Tensor, Tensor]> {
  /** The axis and the least length. */
  readonly options: Readonly<CosineSimilarityOptions>;

  /** Compares along axis `dim`, 1 by default. */
  constructor(options: CosineSimilarityOptions = {}) {
    super();
    this.options = { ...options };
  }

  /** `[N, D]` and `[N, D]` to `[N]`, by default. */
  forward(a: Tensor, b: Tensor): Tensor {
    return cosineSimilarity(a, b, this.options);
  }

  /** The axis and the least length. */
  override extraRepr(): string {
    const { dim = 1, eps = 1e-8 } = this.options;
    return `dim=${dim}, eps=${eps}`;
  }
}
