/** How alike vectors are: CosineSimilarity, pairwiseDistance. */

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

/** Options of {@linkcode pairwiseDistance}. */
export interface PairwiseDistanceOptions {
  /** The norm. Default 2. */
  p?: number;
  /** Added to each difference, so that there is a slope at 0. Default 1e-6. */
  eps?: number;
  /** Keep the last axis with size 1. Default `false`. */
  keepdim?: boolean;
}

/**
 * The distance between vectors in the last axis: the p-norm of `x1 - x2 + eps`.
 *
 * Shapes: the two broadcast; the result loses the last axis.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { pairwiseDistance } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const distance = pairwiseDistance(tensor([[3, 0]]), tensor([[0, 4]]));
 * assertAlmostEquals(distance.item(), 5, 1e-5);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pairwise_distance.html
 *
 * @throws RangeError for shapes that do not broadcast.
 */
export function pairwiseDistance(
  x1: Tensor,
  x2: Tensor,
  options: PairwiseDistanceOptions = {},
): Tensor {
  const { p = 2, eps = 1e-6, keepdim = false } = options;
  return x1.sub(x2).add(eps).norm(p, -1, { keepdim });
}

/**
 * {@linkcode pairwiseDistance} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { PairwiseDistance } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const distance = new PairwiseDistance({ p: 1 });
 * const between = distance.forward(tensor([[3, 0]]), tensor([[0, 4]]));
 * assertAlmostEquals(between.item(), 7, 1e-5);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html
 */
export class PairwiseDistance extends Module<[Tensor, Tensor]> {
  /** What it was made with. */
  readonly options: Readonly<PairwiseDistanceOptions>;

  /** By the 2-norm, unless `p` says otherwise. */
  constructor(options: PairwiseDistanceOptions = {}) {
    super();
    this.options = { ...options };
  }

  /** Two tensors of vectors to their distances. */
  forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.options);
  }
}
