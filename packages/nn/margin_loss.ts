/** Losses that stop where a margin is kept: hinge, ranking, classes. */

import { type Tensor, where } from "@fdunn/tensor";
import {
  checkLabels,
  checkReduction,
  formatShape,
  reduceLoss,
} from "@fdunn/tensor/op";
import { Loss, type LossOptions, requireSameShape } from "./loss.ts";

/** Options of {@linkcode hingeEmbeddingLoss}. */
export interface HingeEmbeddingLossOptions extends LossOptions {
  /** The distance that dissimilar ones shall have. Default 1. */
  margin?: number;
}

/**
 * Loss of distances x: x itself where the target is 1 (similar),
 * `max(0, margin - x)` where it is -1.
 *
 * Shapes: both the same, any; result a scalar, or the input's shape with
 * reduction `none`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { hingeEmbeddingLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = hingeEmbeddingLoss(tensor([3, 0.5]), tensor([1, -1]));
 * assertEquals(loss.item(), 1.75);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hinge_embedding_loss.html
 *
 * @throws RangeError when the shapes differ.
 */
export function hingeEmbeddingLoss(
  x: Tensor,
  target: Tensor,
  options: HingeEmbeddingLossOptions = {},
): Tensor {
  const { margin = 1 } = options;
  const reduction = checkReduction("hingeEmbeddingLoss", options.reduction);
  requireSameShape("hingeEmbeddingLoss", x, target);
  const similar = where(target.ne(-1), x, 0);
  const apart = where(target.ne(1), x.neg().add(margin).relu(), 0);
  return reduceLoss(similar.add(apart), reduction);
}

/**
 * {@linkcode hingeEmbeddingLoss} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { HingeEmbeddingLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const criterion = new HingeEmbeddingLoss({ margin: 2 });
 * assertEquals(criterion.forward(tensor([0.5]), tensor([-1])).item(), 1.5);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
 */
export class HingeEmbeddingLoss extends Loss<HingeEmbeddingLossOptions> {
  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: HingeEmbeddingLossOptions = {}) {
    super(options);
  }

  /** Distances and labels 1 or -1 to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(x, target, this.options);
  }
}

/** Options of {@linkcode marginRankingLoss}. */
export interface MarginRankingLossOptions extends LossOptions {
  /** By how much the better one shall lead. Default 0. */
  margin?: number;
}

/**
 * Loss of pairs of which x1 (target 1) or x2 (target -1) shall rank higher:
 * `max(0, -target (x1 - x2) + margin)`.
 *
 * Shapes: all the same, any; result a scalar, or the input's shape with
 * reduction `none`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { marginRankingLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const [x1, x2, target] = [tensor([1, 2]), tensor([3, 1]), tensor([1, 1])];
 * assertEquals(marginRankingLoss(x1, x2, target).item(), 1);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.margin_ranking_loss.html
 *
 * @throws RangeError when the shapes differ.
 */
export function marginRankingLoss(
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  options: MarginRankingLossOptions = {},
): Tensor {
  const { margin = 0 } = options;
  const reduction = checkReduction("marginRankingLoss", options.reduction);
  requireSameShape("marginRankingLoss", x1, x2);
  requireSameShape("marginRankingLoss", x1, target);
  const lead = target.mul(x1.sub(x2));
  return reduceLoss(lead.neg().add(margin).relu(), reduction);
}

/**
 * {@linkcode marginRankingLoss} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { MarginRankingLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const criterion = new MarginRankingLoss({ margin: 0.5 });
 * const one = tensor([1]);
 * assertEquals(criterion.forward(one, one, one).item(), 0.5);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
 */
export class MarginRankingLoss
  extends Loss<MarginRankingLossOptions, [Tensor, Tensor, Tensor]> {
  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: MarginRankingLossOptions = {}) {
    super(options);
  }

  /** Two scores and labels 1 or -1 to the loss. */
  forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(x1, x2, target, this.options);
  }
}

/** Options of {@linkcode multiMarginLoss}. */
export interface MultiMarginLossOptions extends LossOptions {
  /** The power of each violation: 1 (default) or 2. */
  p?: 1 | 2;
  /** By how much the right class shall lead. Default 1. */
  margin?: number;
  /** How much each class counts, `[C]`. */
  weight?: Tensor | null;
}

/**
 * Hinge loss of classes: `Σ max(0, margin - x[y] + x[i])^p / C` over all
 * classes i but the right one y, times its weight.
 *
 * Shapes: x `[N, C]` or `[C]`; labels `[N]` or a scalar, int32 with values 0 to
 * C - 1; result a scalar, or the labels' shape with reduction `none`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { multiMarginLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const labels = tensor([0], { dtype: "int32" });
 * assertEquals(multiMarginLoss(tensor([[1, 0.5]]), labels).item(), 0.25);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.multi_margin_loss.html
 *
 * @throws RangeError for shapes that do not fit, another p, or a label outside
 * of 0 to C - 1, with its position; TypeError for labels that are no integers.
 */
export function multiMarginLoss(
  x: Tensor,
  target: Tensor,
  options: MultiMarginLossOptions = {},
): Tensor {
  const { p = 1, margin = 1, weight = null } = options;
  const reduction = checkReduction("multiMarginLoss", options.reduction);
  if (p !== 1 && p !== 2) {
    throw new RangeError(`multiMarginLoss() got p ${p}, expected 1 or 2`);
  }
  const rows = x.shape.slice(0, -1);
  if (x.ndim < 1 || x.ndim > 2 || rows.join() !== target.shape.join()) {
    throw new RangeError(
      `multiMarginLoss() got input ${formatShape(x.shape)} and labels ${
        formatShape(target.shape)
      }, expected [N, C] and [N], or [C] and a scalar`,
    );
  }
  const classes = x.shape[x.ndim - 1]!;
  if (weight !== null && weight.shape.join() !== `${classes}`) {
    throw new RangeError(
      `multiMarginLoss() got weights of shape ${
        formatShape(weight.shape)
      } for ${classes} classes, expected [${classes}]`,
    );
  }
  const { labels } = checkLabels("multiMarginLoss", target, classes);
  const right = x.gather(-1, labels.unsqueeze(-1));
  const short = x.sub(right).add(margin).relu();
  const others = labels.oneHot(classes, x.dtype).neg().add(1);
  const violations = (p === 1 ? short : short.square()).mul(others);
  const losses = violations.sum(-1).mul(1 / classes);
  if (weight === null) return reduceLoss(losses, reduction);
  const factors = weight.to(x.dtype).indexSelect(0, labels.flatten())
    .reshape(labels.shape);
  return reduceLoss(losses.mul(factors), reduction);
}

/**
 * {@linkcode multiMarginLoss} as a module; the weight is a buffer.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { MultiMarginLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const labels = tensor([0], { dtype: "int32" });
 * const criterion = new MultiMarginLoss({ p: 2 });
 * assertEquals(criterion.forward(tensor([[0, 1]]), labels).item(), 2);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
 */
export class MultiMarginLoss extends Loss<MultiMarginLossOptions> {
  /** How much each class counts, `[C]`, or null. */
  weight: Tensor | null = null;

  /** The mean over the examples, unless `reduction` says otherwise. */
  constructor(options: MultiMarginLossOptions = {}) {
    super(options);
    const { weight = null } = options;
    if (weight !== null) this.registerBuffer("weight", weight);
  }

  /** Scores and labels to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    const { weight, options } = this;
    return multiMarginLoss(x, target, { ...options, weight });
  }
}
