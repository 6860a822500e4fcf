/** How alike vectors are: cosineSimilarity, pairwiseDistance. */

import { noGrad, type Tensor } from "@fdunn/tensor";
import { broadcastShapes } from "@fdunn/tensor/op";
import { Module } from "./module.ts";

/** Options of {@linkcode cosineSimilarity}. */
export interface CosineSimilarityOptions {
  /** The axis of the vectors. Default 1. */
  dim?: number;
  /** The least length that is divided by. Default 1e-8. */
  eps?: number;
}

/**
 * The cosine of the angle between vectors: `x1 · x2 / (|x1| |x2|)`, lengths
 * below `eps` counting as `eps`.
 *
 * Shapes: the two broadcast; the result loses the axis `dim`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { cosineSimilarity } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const cosine = cosineSimilarity(tensor([[1, 0]]), tensor([[1, 1]]));
 * assertAlmostEquals(cosine.item(), Math.SQRT1_2, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cosine_similarity.html
 *
 * @throws RangeError for shapes that do not broadcast, or an axis outside.
 */
export function cosineSimilarity(
  x1: Tensor,
  x2: Tensor,
  options: CosineSimilarityOptions = {},
): Tensor {
  const { dim = 1, eps = 1e-8 } = options;
  const shape = broadcastShapes("cosineSimilarity", x1.shape, x2.shape);
  const rank = shape.length;
  if (!Number.isInteger(dim) || dim < -rank || dim >= rank) {
    throw new RangeError(
      `cosineSimilarity() got dim ${dim}, expected ${-rank} to ${rank - 1}`,
    );
  }
  const [a, b] = [x1, x2].map((x) => direction(x.expand(shape), dim, eps));
  return a!.mul(b!).sum(dim);
}

/** x over its length; what a length lacks to `eps` is no part of the gradient. */
function direction(x: Tensor, dim: number, eps: number): Tensor {
  const length = x.norm(2, dim, { keepdim: true });
  const missing = noGrad(() => length.clamp(eps, null).sub(length));
  return x.div(length.add(missing));
}

/**
 * {@linkcode cosineSimilarity} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { CosineSimilarity } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const cosine = new CosineSimilarity({ dim: 0 });
 * assertEquals(cosine.forward(tensor([2, 0]), tensor([-1, 0])).item(), -1);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
 */
export class CosineSimilarity extends Module<[Tensor, Tensor]> {
  /** What it was made with. */
  readonly options: Readonly<CosineSimilarityOptions>;

  /** Along axis 1, unless `dim` says otherwise. */
  constructor(options: CosineSimilarityOptions = {}) {
    super();
    this.options = { ...options };
  }

  /** Two tensors of vectors to their cosines. */
  forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.options);
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
