/** Losses of how alike embeddings are: cosine, triplets. */

import { type Tensor, where } from "@fdunn/tensor";
import { checkReduction, formatShape, reduceLoss } from "@fdunn/tensor/op";
import { pairwiseDistance } from "./distance.ts";
import { Loss, type LossOptions, requireSameShape } from "./loss.ts";

/** Options of {@linkcode cosineEmbeddingLoss}. */
export interface CosineEmbeddingLossOptions extends LossOptions {
  /** The cosine that dissimilar ones may have. Default 0. */
  margin?: number;
}

/** Keeps the cosine of a zero vector finite, as PyTorch does. */
const LEAST_SQUARE = 1e-12;

/**
 * Loss of pairs of vectors that shall be alike (target 1) or not (-1), by the
 * cosine of their angle: `1 - cos`, or `max(0, cos - margin)`.
 *
 * Shapes: x1 and x2 `[N, D]` and target `[N]`, or `[D]` and a scalar; result a
 * scalar, or the target's shape with reduction `none`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { cosineEmbeddingLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [x1, x2] = [tensor([[1, 0]]), tensor([[0, 1]])];
 * assertAlmostEquals(cosineEmbeddingLoss(x1, x2, tensor([1])).item(), 1, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html
 *
 * @throws RangeError for shapes that do not fit.
 */
export function cosineEmbeddingLoss(
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  options: CosineEmbeddingLossOptions = {},
): Tensor {
  const { margin = 0 } = options;
  const name = "cosineEmbeddingLoss";
  const reduction = checkReduction(name, options.reduction);
  requireSameShape(name, x1, x2);
  if (x1.ndim < 1 || x1.shape.slice(0, -1).join() !== target.shape.join()) {
    throw new RangeError(
      `${name}() got input ${formatShape(x1.shape)} and target ${
        formatShape(target.shape)
      }, expected [N, D] and [N], or [D] and a scalar`,
    );
  }
  const dot = (a: Tensor, b: Tensor) => a.mul(b).sum(-1);
  const square = (x: Tensor) => dot(x, x).add(LEAST_SQUARE);
  const cosine = dot(x1, x2).div(square(x1).mul(square(x2)).sqrt());
  const alike = where(target.eq(1), cosine.neg().add(1), 0);
  const unlike = where(target.eq(-1), cosine.sub(margin).relu(), 0);
  return reduceLoss(alike.add(unlike), reduction);
}

/**
 * {@linkcode cosineEmbeddingLoss} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { CosineEmbeddingLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const criterion = new CosineEmbeddingLoss({ margin: 0.5 });
 * const x = tensor([[1, 0]]);
 * assertAlmostEquals(criterion.forward(x, x, tensor([-1])).item(), 0.5, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
 */
export class CosineEmbeddingLoss
  extends Loss<CosineEmbeddingLossOptions, [Tensor, Tensor, Tensor]> {
  /** The mean over the pairs, unless `reduction` says otherwise. */
  constructor(options: CosineEmbeddingLossOptions = {}) {
    super(options);
  }

  /** Pairs of vectors and labels 1 or -1 to the loss. */
  forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(x1, x2, target, this.options);
  }
}

/** Options of {@linkcode tripletMarginLoss}. */
export interface TripletMarginLossOptions extends LossOptions {
  /** By how much the positive shall be nearer. Default 1. */
  margin?: number;
  /** The norm of the distances. Default 2. */
  p?: number;
  /** Added to each difference. Default 1e-6. */
  eps?: number;
  /** The negative's distance is the positive's from it, if less. Default `false`. */
  swap?: boolean;
}

/**
 * Loss of triplets in which the anchor shall be nearer to the positive than to
 * the negative: `max(0, |a - p| - |a - n| + margin)`.
 *
 * Shapes: all `[N, D]` or `[D]`; result a scalar, or one value per triplet with
 * reduction `none`. Paper of `swap`: Balntas et al., "Learning local feature
 * descriptors with triplets and shallow convolutional neural networks", 2016.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { tripletMarginLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [a, p, n] = [tensor([[0, 0]]), tensor([[0, 2]]), tensor([[1, 0]])];
 * assertAlmostEquals(tripletMarginLoss(a, p, n).item(), 2, 1e-5);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html
 *
 * @throws RangeError when the shapes differ.
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginLossOptions = {},
): Tensor {
  const { margin = 1, p = 2, eps = 1e-6, swap = false } = options;
  const reduction = checkReduction("tripletMarginLoss", options.reduction);
  requireSameShape("tripletMarginLoss", anchor, positive);
  requireSameShape("tripletMarginLoss", anchor, negative);
  const distance = (a: Tensor, b: Tensor) => pairwiseDistance(a, b, { p, eps });
  const near = distance(anchor, positive);
  let far = distance(anchor, negative);
  if (swap) far = far.minimum(distance(positive, negative));
  return reduceLoss(near.sub(far).add(margin).relu(), reduction);
}

/**
 * {@linkcode tripletMarginLoss} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { TripletMarginLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const criterion = new TripletMarginLoss({ p: 1 });
 * const [a, p, n] = [tensor([[0, 0]]), tensor([[1, 1]]), tensor([[1, 0]])];
 * assertAlmostEquals(criterion.forward(a, p, n).item(), 2, 1e-5);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
 */
export class TripletMarginLoss
  extends Loss<TripletMarginLossOptions, [Tensor, Tensor, Tensor]> {
  /** The mean over the triplets, unless `reduction` says otherwise. */
  constructor(options: TripletMarginLossOptions = {}) {
    super(options);
  }

  /** Anchors, positives and negatives to the loss. */
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.options);
  }
}
