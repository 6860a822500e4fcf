/** Losses of yes or no, one or several to an example. */

import {
  type BCELossOptions,
  type BCEWithLogitsLossOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  logSigmoid,
  type Tensor,
} from "@fdunn/tensor";
import { checkReduction, reduceLoss } from "@fdunn/tensor/op";
import { Loss, type LossOptions, requireSameShape } from "./loss.ts";

/**
 * Cross entropy of probabilities, `-(t log x + (1 - t) log(1 - x))`:
 * {@linkcode binaryCrossEntropy} as a module.
 *
 * Shapes: x and target the same, any, x in [0, 1]; result a scalar, or the
 * input's shape with reduction `none`. The weight is a buffer.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { BCELoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const loss = new BCELoss().forward(tensor([0.5]), tensor([1]));
 * assertAlmostEquals(loss.item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
 */
export class BCELoss extends Loss<BCELossOptions> {
  /** What each element's loss is multiplied by, or null. */
  weight: Tensor | null = null;

  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: BCELossOptions = {}) {
    super(options);
    const { weight = null } = options;
    if (weight !== null) this.registerBuffer("weight", weight);
  }

  /** Probabilities and a target of their shape to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    const { weight, options } = this;
    return binaryCrossEntropy(x, target, { ...options, weight });
  }
}

/**
 * Cross entropy of probabilities given by logits:
 * {@linkcode binaryCrossEntropyWithLogits} as a module.
 *
 * Shapes: x and target the same, any; result a scalar, or the input's shape
 * with reduction `none`. The weights are buffers.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { BCEWithLogitsLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const criterion = new BCEWithLogitsLoss({ posWeight: tensor([3]) });
 * const loss = criterion.forward(tensor([[0]]), tensor([[1]]));
 * assertAlmostEquals(loss.item(), 3 * Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export class BCEWithLogitsLoss extends Loss<BCEWithLogitsLossOptions> {
  /** What each element's loss is multiplied by, or null. */
  weight: Tensor | null = null;
  /** What the loss of true ones is multiplied by, or null. */
  posWeight: Tensor | null = null;

  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: BCEWithLogitsLossOptions = {}) {
    super(options);
    const { weight = null, posWeight = null } = options;
    if (weight !== null) this.registerBuffer("weight", weight);
    if (posWeight !== null) this.registerBuffer("posWeight", posWeight);
  }

  /** Logits and a target of their shape to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    const { weight, posWeight, options } = this;
    const given = { ...options, weight, posWeight };
    return binaryCrossEntropyWithLogits(x, target, given);
  }
}

/** Options of {@linkcode softMarginLoss}. */
export type SoftMarginLossOptions = LossOptions;

/**
 * Logistic loss of labels 1 and -1: `log(1 + e^(-target x))`.
 *
 * Shapes: both the same, any; result a scalar, or the input's shape with
 * reduction `none`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { softMarginLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const loss = softMarginLoss(tensor([0, 0]), tensor([1, -1]));
 * assertAlmostEquals(loss.item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.soft_margin_loss.html
 *
 * @throws RangeError when the shapes differ.
 */
export function softMarginLoss(
  x: Tensor,
  target: Tensor,
  options: SoftMarginLossOptions = {},
): Tensor {
  const reduction = checkReduction("softMarginLoss", options.reduction);
  requireSameShape("softMarginLoss", x, target);
  return reduceLoss(logSigmoid(x.mul(target)).neg(), reduction);
}

/**
 * {@linkcode softMarginLoss} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { SoftMarginLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const loss = new SoftMarginLoss().forward(tensor([0]), tensor([-1]));
 * assertAlmostEquals(loss.item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html
 */
export class SoftMarginLoss extends Loss<SoftMarginLossOptions> {
  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: SoftMarginLossOptions = {}) {
    super(options);
  }

  /** Scores and labels 1 or -1 to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    return softMarginLoss(x, target, this.options);
  }
}

/** Options of {@linkcode multilabelSoftMarginLoss}. */
export interface MultiLabelSoftMarginLossOptions extends LossOptions {
  /** How much each class counts, `[C]`. */
  weight?: Tensor | null;
}

/**
 * Cross entropy of several labels to an example, averaged over the classes:
 * `-(t log σ(x) + (1 - t) log σ(-x))`, σ the sigmoid.
 *
 * Shapes: x and target `[C]` or `[N, C]`, targets 0 or 1; result a scalar, or
 * one value per example with reduction `none`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { multilabelSoftMarginLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const loss = multilabelSoftMarginLoss(tensor([[0, 0]]), tensor([[1, 0]]));
 * assertAlmostEquals(loss.item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_soft_margin_loss.html
 *
 * @throws RangeError for shapes that differ, or weights that do not fit.
 */
export function multilabelSoftMarginLoss(
  x: Tensor,
  target: Tensor,
  options: MultiLabelSoftMarginLossOptions = {},
): Tensor {
  const name = "multilabelSoftMarginLoss";
  const reduction = checkReduction(name, options.reduction);
  requireSameShape(name, x, target);
  // log σ(-x) = log σ(x) - x
  const losses = x.sub(x.mul(target)).sub(logSigmoid(x));
  const { weight = null } = options;
  const weighted = weight === null ? losses : losses.mul(weight);
  return reduceLoss(weighted.mean(-1), reduction);
}

/**
 * {@linkcode multilabelSoftMarginLoss} as a module; the weight is a buffer.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { MultiLabelSoftMarginLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const criterion = new MultiLabelSoftMarginLoss();
 * const loss = criterion.forward(tensor([[0, 0]]), tensor([[1, 0]]));
 * assertAlmostEquals(loss.item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html
 */
export class MultiLabelSoftMarginLoss
  extends Loss<MultiLabelSoftMarginLossOptions> {
  /** How much each class counts, `[C]`, or null. */
  weight: Tensor | null = null;

  /** The mean over the examples, unless `reduction` says otherwise. */
  constructor(options: MultiLabelSoftMarginLossOptions = {}) {
    super(options);
    const { weight = null } = options;
    if (weight !== null) this.registerBuffer("weight", weight);
  }

  /** Scores and labels 0 or 1 to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    const { weight, options } = this;
    return multilabelSoftMarginLoss(x, target, { ...options, weight });
  }
}
