/** Losses of class labels as modules. */

import {
  crossEntropy,
  type CrossEntropyOptions,
  nllLoss,
  type NLLLossOptions,
  type Tensor,
} from "@fdunn/tensor";
import { Loss } from "./loss.ts";

/**
 * Cross entropy of logits against class labels, `-log softmax(x)[label]`, or
 * against probabilities: {@linkcode crossEntropy} as a module.
 *
 * Shapes: logits `[N, C]`, `[N, C, d1, ...]` or `[C]` (no softmax before it: it
 * is applied here), labels the same without C, int32 with values 0 to C - 1, or
 * probabilities of the logits' shape; result a scalar, or the labels' shape
 * with reduction `none`. Class weights are a buffer: `weight`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { CrossEntropyLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const criterion = new CrossEntropyLoss();
 * const labels = tensor([1], { dtype: "int32" });
 * const loss = criterion.forward(tensor([[0, 0, 0, 0]]), labels);
 * assertAlmostEquals(loss.item(), Math.log(4), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  /** How much each class counts, `[C]`, or null. */
  weight: Tensor | null = null;

  /** The mean over the batch, unless `reduction` says otherwise. */
  constructor(options: CrossEntropyOptions = {}) {
    super(options);
    const { weight = null } = options;
    if (weight !== null) this.registerBuffer("weight", weight);
  }

  /** Logits and labels, or probabilities, to the loss. */
  forward(logits: Tensor, target: Tensor): Tensor {
    const { weight, options } = this;
    if (weight === null) return crossEntropy(logits, target, options);
    return crossEntropy(logits, target, { ...options, weight });
  }
}

/**
 * Negative log likelihood of class labels, `-x[label]`, x log-probabilities:
 * {@linkcode nllLoss} as a module.
 *
 * Shapes: x `[N, C]`, `[N, C, d1, ...]` or `[C]`, labels the same without C,
 * int32; result a scalar, or the labels' shape with reduction `none`. Class
 * weights are a buffer: `weight`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { NLLLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = tensor([[0, 0]]).logSoftmax(1);
 * const loss = new NLLLoss().forward(x, tensor([1], { dtype: "int32" }));
 * assertAlmostEquals(loss.item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 */
export class NLLLoss extends Loss<NLLLossOptions> {
  /** How much each class counts, `[C]`, or null. */
  weight: Tensor | null = null;

  /** The mean over the labels, unless `reduction` says otherwise. */
  constructor(options: NLLLossOptions = {}) {
    super(options);
    const { weight = null } = options;
    if (weight !== null) this.registerBuffer("weight", weight);
  }

  /** Log-probabilities and labels to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    return nllLoss(x, target, { ...this.options, weight: this.weight });
  }
}
