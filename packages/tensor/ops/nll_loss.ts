/** Negative log likelihood of class labels. */

import { requireFloat } from "../dtype.ts";
import { formatShape, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { warnOnce } from "../warning.ts";
import {
  checkLabels,
  checkReduction,
  IGNORED,
  reduceLoss,
  type Reduction,
} from "./loss.ts";
import { where } from "./where.ts";

/** Options of {@linkcode nllLoss}. */
export interface NLLLossOptions {
  /** `mean` over the labels that count (default), `sum`, or `none`. */
  reduction?: Reduction;
  /** How much each class counts, `[C]`; a mean divides by the sum of these. */
  weight?: Tensor | null;
  /** The label that counts nowhere. Default -100. */
  ignoreIndex?: number;
}

/** The axis of the classes: `[C]`, or `[N, C, ...]`. */
export function classAxis(op: string, x: Tensor): number {
  requireFloat(op, x.dtype);
  if (x.ndim === 0 || x.size === 0) {
    throw new RangeError(
      `${op}() got ${
        x.ndim === 0 ? "a scalar" : "an empty batch"
      }: input of shape ${formatShape(x.shape)}`,
    );
  }
  return x.ndim === 1 ? 0 : 1;
}

/** The weights in the input's dtype, as factors along the class axis. */
export function classWeights(
  op: string,
  weight: Tensor | null | undefined,
  x: Tensor,
): Tensor | null {
  if (weight === null || weight === undefined) return null;
  const classes = x.shape[x.ndim === 1 ? 0 : 1]!;
  if (!sameShape(weight.shape, [classes])) {
    throw new RangeError(
      `${op}() got weights of shape ${
        formatShape(weight.shape)
      } for ${classes} classes, expected [${classes}]`,
    );
  }
  return weight.to(x.dtype);
}

/** Throws unless the target has the input's shape without the class axis. */
export function checkTarget(op: string, x: Tensor, target: Tensor): void {
  const [shape, labels] = [x.shape, target.shape];
  const axis = shape.length === 1 ? 0 : 1;
  let fits = labels.length === shape.length - 1;
  for (let i = 0; i < labels.length; i++) {
    fits &&= labels[i] === shape[i < axis ? i : i + 1];
  }
  if (fits) return;
  const expected: Shape = shape.filter((_, i) => i !== axis);
  throw new RangeError(
    `${op}() got input ${formatShape(x.shape)} and labels ${
      formatShape(target.shape)
    }, expected labels ${formatShape(expected)}`,
  );
}

/**
 * The loss of log-probabilities, of which `smoothing` goes to all classes
 * alike.
 */
export function labelLoss(
  op: string,
  x: Tensor,
  target: Tensor,
  options: NLLLossOptions,
  smoothing: number,
): Tensor {
  const axis = classAxis(op, x);
  const reduction = checkReduction(op, options.reduction);
  checkTarget(op, x, target);
  const classes = x.shape[axis]!;
  const ignored = options.ignoreIndex ?? IGNORED;
  const { labels, kept } = checkLabels(op, target, classes, ignored);
  const weight = classWeights(op, options.weight, x);
  const only = (y: Tensor) => kept === null ? y : where(kept, y, 0);
  const factors = weight === null
    ? null
    : only(weight.indexSelect(0, labels.flatten()).reshape(labels.shape));

  const picked = x.gather(axis, labels.unsqueeze(axis)).squeeze(axis).neg();
  let losses = only(factors === null ? picked : picked.mul(factors));
  if (smoothing > 0) {
    const along = x.shape.map((_, i) => i === axis ? classes : 1);
    const weighted = weight === null ? x : x.mul(weight.reshape(along));
    const spread = only(weighted.sum(axis)).mul(-smoothing / classes);
    losses = losses.mul(1 - smoothing).add(spread);
  }
  if (reduction !== "mean") return reduceLoss(losses, reduction);
  if (factors !== null) return losses.sum().div(factors.sum());
  return kept === null ? losses.mean() : losses.sum().div(kept.sum());
}

/**
 * Negative log likelihood of class labels: `-x[label]`, x log-probabilities.
 *
 * Shapes: x `[N, C]`, `[N, C, d1, ...]` or `[C]`, float32 or float64; labels
 * the same without C, int32 (int64, int8 and uint8 convert) with values 0 to
 * C - 1; result a scalar, or the labels' shape with reduction `none`.
 *
 * ```ts
 * import { nllLoss, tensor } from "@fdunn/tensor";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const logits = tensor([[0, 0], [0, 0]]);
 * const labels = tensor([0, 1], { dtype: "int32" });
 * const loss = nllLoss(logits.logSoftmax(1), labels);
 * assertAlmostEquals(loss.item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
 *
 * @throws RangeError for sizes that do not fit, an empty batch, or a label
 * outside of 0 to C - 1 that is not `ignoreIndex`; TypeError for other dtypes.
 */
export function nllLoss(
  x: Tensor,
  target: Tensor,
  options: NLLLossOptions = {},
): Tensor {
  if (x.gradFn === "softmax") {
    warnOnce(
      "nllLoss() got the output of softmax(), but expects logarithms of probabilities: replace softmax() by logSoftmax()",
    );
  }
  return labelLoss("nllLoss", x, target, options, 0);
}
