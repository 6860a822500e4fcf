/** Cross entropy of two classes: probabilities against probabilities. */

import { requireFloat } from "../dtype.ts";
import { floatKernels } from "../kernel.ts";
import {
  allocate,
  contiguous,
  elementsOf,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { warnOnce } from "../warning.ts";
import { checkReduction, reduceLoss, type Reduction } from "./loss.ts";
import { logSigmoid } from "./smooth.ts";

/** No logarithm is taken as less, so that a sure mistake costs 100. */
const LEAST_LOG = -100;
/** And no slope is steeper than its inverse. */
const LEAST_VARIANCE = 1e-12;

/** -(t log x + (1 - t) log(1 - x)), elementwise. */
const BINARY_CROSS_ENTROPY: Op = {
  name: "binaryCrossEntropy",
  saves: "inputs",
  forward: (_, x, target) => {
    const k = floatKernels("binaryCrossEntropy", x.dtype);
    const [p, t] = [contiguous(x), contiguous(target!)];
    checkProbabilities(p);
    const n = x.size;
    const out = allocate(x.shape, x.dtype);
    const other = allocate(x.shape, x.dtype);
    if (n === 0) return out;
    const [px, pt] = [pointer(p), pointer(t)];
    const [po, pq] = [writable(out), writable(other)];
    k.neg(n, px, pq);
    k.log1p(n, pq, pq);
    k.clamp(n, LEAST_LOG, Infinity, pq, pq);
    k.log(n, px, po);
    k.clamp(n, LEAST_LOG, Infinity, po, po);
    // t (log(1 - x) - log x) - log(1 - x)
    k.sub(n, pq, 1, po, 1, po);
    k.mul(n, po, 1, pt, 1, po);
    k.sub(n, po, 1, pq, 1, po);
    return out;
  },
  backward: (node, grad) => {
    const [x, t] = [node.input(0), node.input(1)];
    const rest = x.neg().add(1);
    const slope = () =>
      x.sub(t).div(x.mul(rest).clamp(LEAST_VARIANCE, Infinity));
    return [
      node.needs(0) ? grad.mul(slope()) : null,
      node.needs(1) ? grad.mul(rest.log().sub(x.log())) : null,
    ];
  },
};

function checkProbabilities(x: NdArray): void {
  const values = elementsOf(x)[0]!;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value >= 0 && value <= 1) continue;
    throw new RangeError(
      `binaryCrossEntropy() got probability ${value} at position ${i}, expected 0 to 1: apply sigmoid(), or use binaryCrossEntropyWithLogits()`,
    );
  }
}

/** Options of {@linkcode binaryCrossEntropy}. */
export interface BCELossOptions {
  /** `mean` over all elements (default), `sum`, or `none`. */
  reduction?: Reduction;
  /** What each element's loss is multiplied by; broadcast. */
  weight?: Tensor | null;
}

/** Options of {@linkcode binaryCrossEntropyWithLogits}. */
export interface BCEWithLogitsLossOptions extends BCELossOptions {
  /** What the loss of true ones is multiplied by; broadcast: `[C]` for classes. */
  posWeight?: Tensor | null;
}

function checkShapes(op: string, x: Tensor, target: Tensor): void {
  requireFloat(op, x.dtype);
  if (sameShape(x.shape, target.shape)) return;
  throw new RangeError(
    `${op}() got input ${formatShape(x.shape)} and target ${
      formatShape(target.shape)
    }, which must be equal`,
  );
}

function finish(losses: Tensor, options: BCELossOptions): Tensor {
  const { weight = null, reduction = "mean" } = options;
  const weighted = weight === null ? losses : losses.mul(weight);
  return reduceLoss(weighted, reduction);
}

/**
 * Cross entropy of probabilities: `-(t log x + (1 - t) log(1 - x))`, t the
 * target. Logarithms end at -100, so that the loss stays finite.
 *
 * Shapes: x and target the same, any; float32 or float64, x in [0, 1]; result a
 * scalar, or the input's shape with reduction `none`. From logits rather use
 * {@linkcode binaryCrossEntropyWithLogits}, which keeps its digits.
 *
 * ```ts
 * import { binaryCrossEntropy, tensor } from "@fdunn/tensor";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const loss = binaryCrossEntropy(tensor([0.5, 0.5]), tensor([0, 1]));
 * assertAlmostEquals(loss.item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
 *
 * @throws RangeError for shapes that differ or a probability outside of 0 to 1,
 * with its position; TypeError for other dtypes.
 */
export function binaryCrossEntropy(
  x: Tensor,
  target: Tensor,
  options: BCELossOptions = {},
): Tensor {
  checkReduction("binaryCrossEntropy", options.reduction);
  checkShapes("binaryCrossEntropy", x, target);
  const inputs = [x, target.to(x.dtype)];
  return finish(apply(BINARY_CROSS_ENTROPY, inputs, undefined), options);
}

/**
 * Cross entropy of probabilities given by logits, without overflow:
 * `-(p t log σ(x) + (1 - t) log(1 - σ(x)))`, σ the sigmoid, t the target, p
 * `posWeight`.
 *
 * Shapes: x and target the same, any; float32 or float64; result a scalar, or
 * the input's shape with reduction `none`.
 *
 * ```ts
 * import { binaryCrossEntropyWithLogits, tensor } from "@fdunn/tensor";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const loss = binaryCrossEntropyWithLogits(tensor([0, 0]), tensor([0, 1]));
 * assertAlmostEquals(loss.item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy_with_logits.html
 *
 * @throws RangeError for shapes that differ; TypeError for other dtypes.
 */
export function binaryCrossEntropyWithLogits(
  x: Tensor,
  target: Tensor,
  options: BCEWithLogitsLossOptions = {},
): Tensor {
  checkReduction("binaryCrossEntropyWithLogits", options.reduction);
  checkShapes("binaryCrossEntropyWithLogits", x, target);
  if (x.gradFn === "sigmoid") {
    warnOnce(
      "binaryCrossEntropyWithLogits() got the output of sigmoid(), and applies sigmoid itself: trained so, a network learns slowly and is never sure. Remove sigmoid() and pass what it was given",
    );
  }
  const t = target.to(x.dtype);
  const positive = options.posWeight ?? null;
  // (1 - t) x - (1 + (p - 1) t) log σ(x)
  let hit = logSigmoid(x);
  if (positive !== null) hit = hit.mul(t.mul(positive.sub(1)).add(1));
  return finish(x.sub(x.mul(t)).sub(hit), options);
}
