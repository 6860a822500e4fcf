/** Cross entropy between logits and class labels, or probabilities. */

import { runtime } from "@fdunn/wasm-kernels";
import { isFloat, requireFloat } from "../dtype.ts";
import { floatKernels } from "../kernel.ts";
import { allocate, contiguous, pointer, writable } from "../nd_array.ts";
import { apply, applyMany, type Op } from "../op.ts";
import { requireProbability } from "../option_check.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { warnOnce } from "../warning.ts";
import {
  checkReduction,
  IGNORED,
  reduceLoss,
  type Reduction,
  wholeLabels,
} from "./loss.ts";
import {
  checkTarget,
  classAxis,
  classWeights,
  labelLoss,
  type NLLLossOptions,
} from "./nll_loss.ts";
import { around } from "./softmax.ts";

const CODES: Readonly<Record<Reduction, number>> = { none: 0, mean: 1, sum: 2 };

interface CrossEntropyParams {
  reduction: Reduction;
  /** The label that counts nowhere. */
  ignored: number;
}

/** Results: the loss, and softmax of the logits for the way back. */
const CROSS_ENTROPY: Op<CrossEntropyParams> = {
  name: "crossEntropy",
  saves: [0b10, 0],
  forward: ({ reduction, ignored }, logits, target) => {
    const kernel = floatKernels("crossEntropy", logits.dtype).cross_entropy;
    const x = contiguous(logits);
    const labels = contiguous(target!);
    const [outer, classes, inner] = around(logits, 1);
    const p = allocate(logits.shape, logits.dtype);
    const each = reduction === "none" ? target!.shape : [];
    const loss = allocate(each, logits.dtype);
    const px = pointer(x);
    const pt = pointer(labels);
    const code = CODES[reduction];
    const bad = kernel(
      outer,
      classes,
      inner,
      code,
      ignored,
      px,
      pt,
      writable(p),
      writable(loss),
    );
    if (bad >= 0) {
      const label = runtime.memory.heap.i32[(pt >>> 2) + bad];
      throw new RangeError(
        `crossEntropy() got label ${label} at position ${bad}, expected 0 to ${
          classes - 1
        } for logits of shape ${formatShape(logits.shape)}`,
      );
    }
    return [loss, p];
  },
  backward: (node, grad, gradP) => {
    const loss = node.outputs[0]!;
    const p = node.outputs[1]!;
    const inputs = [p, node.input(1), grad ?? loss.zerosLike()];
    const dx = apply(CROSS_ENTROPY_BACKWARD, inputs, node.params);
    // A second backward also comes back through the softmax.
    const through = gradP as Tensor | null;
    if (through === null) return [dx, null];
    const dot = through.mul(p).sum(1, { keepdim: true });
    return [dx.add(p.mul(through.sub(dot))), null];
  },
};

/** (softmax - one-hot) times the incoming gradient, over rows for a mean. */
const CROSS_ENTROPY_BACKWARD: Op<CrossEntropyParams> = {
  name: "crossEntropyBackward",
  saves: [0b100, 0, 0b011],
  forward: ({ reduction, ignored }, p, target, grad) => {
    const kernel = floatKernels("crossEntropy", p.dtype).cross_entropy_backward;
    const q = contiguous(p);
    const t = contiguous(target!);
    const g = contiguous(grad!);
    const out = allocate(p.shape, p.dtype);
    const [outer, classes, inner] = around(p, 1);
    const mean = reduction === "mean" ? 1 : 0;
    const step = reduction === "none" ? 1 : 0;
    const pp = pointer(q);
    const pt = pointer(t);
    const pg = pointer(g);
    const po = writable(out);
    kernel(outer, classes, inner, mean, ignored, pp, pt, pg, step, po);
    return out;
  },
  backward: (node, gg) => {
    const [p, target, grad] = [node.input(0), node.input(1), node.input(2)];
    const { reduction, ignored } = node.params;
    const counted = () => target.ne(ignored).sum().item();
    const scale = reduction === "mean" ? 1 / counted() : 1;
    const perRow = reduction === "none" ? grad.unsqueeze(1) : grad;
    let dGrad: Tensor | null = null;
    if (node.needs(2)) {
      // softmax - one-hot, and 0 in the rows that do not count.
      const ones = p.select(1, 0).onesLike();
      const params = { reduction: "none", ignored } as const;
      const slope = apply(CROSS_ENTROPY_BACKWARD, [p, target, ones], params);
      const each = gg.mul(slope).sum(1).mul(scale);
      dGrad = reduction === "none" ? each : each.sum();
    }
    // Where rows do not count p is 0, which ends what comes back to it.
    return [
      node.needs(0) ? gg.mul(perRow).mul(scale) : null,
      null,
      dGrad,
    ];
  },
};

/** The usual parameters, made once. */
const PLAIN: Readonly<Record<Reduction, CrossEntropyParams>> = {
  none: { reduction: "none", ignored: IGNORED },
  mean: { reduction: "mean", ignored: IGNORED },
  sum: { reduction: "sum", ignored: IGNORED },
};

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions extends NLLLossOptions {
  /** The part of the target that goes to all classes alike. Default 0. */
  labelSmoothing?: number;
}

/**
 * Cross entropy of logits against class labels, `-log softmax(x)[label]`, or
 * against probabilities, `-Σ p log softmax(x)`.
 *
 * Shapes: logits `[N, C]`, `[N, C, d1, ...]` or `[C]`, float32 or float64 (not
 * softmax output: it is applied here); labels the same without C, int32 (int64,
 * int8 and uint8 convert) with values 0 to C - 1, or probabilities of the
 * logits' shape; result a scalar, or the labels' shape with reduction `none`.
 *
 * ```ts
 * import { crossEntropy, tensor } from "@fdunn/tensor";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const labels = tensor([0, 1], { dtype: "int32" });
 * const loss = crossEntropy(tensor([[0, 0], [0, 0]]), labels);
 * assertAlmostEquals(loss.item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 *
 * @throws RangeError for sizes that do not fit, an empty batch, or a label
 * outside of 0 to C - 1 that is not `ignoreIndex`; TypeError for other dtypes.
 */
export function crossEntropy(
  logits: Tensor,
  target: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  const reduction = checkReduction("crossEntropy", options.reduction);
  requireFloat("crossEntropy", logits.dtype);
  if (logits.node !== null) warnOfSoftmax(logits.node.op.name);
  const { weight = null, ignoreIndex = IGNORED, labelSmoothing = 0 } = options;
  const fused = weight === null && labelSmoothing === 0 &&
    target.dtype === "int32" && logits.shape.length > 1;
  if (!fused) return composed(logits, target, options);
  checkTarget("crossEntropy", logits, target);
  if (logits.size === 0) {
    throw new RangeError(
      `crossEntropy() got an empty batch: logits of shape ${
        formatShape(logits.shape)
      }`,
    );
  }
  const params = ignoreIndex === IGNORED
    ? PLAIN[reduction]
    : { reduction, ignored: ignoreIndex };
  return applyMany(CROSS_ENTROPY, [logits, target], params)[0]!;
}

/** Everything that the fused kernels do not do. */
function composed(
  logits: Tensor,
  target: Tensor,
  options: CrossEntropyOptions,
): Tensor {
  const smoothing = options.labelSmoothing ?? 0;
  requireProbability("crossEntropy()", "labelSmoothing", smoothing);
  const axis = classAxis("crossEntropy", logits);
  if (isFloat(target.dtype)) {
    return probabilityLoss(logits, target, options, axis, smoothing);
  }
  const labels = wholeLabels("crossEntropy", target);
  // Labels of another type were all that kept it from the fused kernels.
  const fused = logits.ndim > 1 && smoothing === 0 &&
    (options.weight ?? null) === null;
  if (fused) return crossEntropy(logits, labels, options);
  const x = logits.logSoftmax(axis);
  return labelLoss("crossEntropy", x, labels, options, smoothing);
}

/** The loss of probabilities for every class. */
function probabilityLoss(
  logits: Tensor,
  target: Tensor,
  options: CrossEntropyOptions,
  axis: number,
  smoothing: number,
): Tensor {
  if (target.ndim === logits.ndim - 1) wholeLabels("crossEntropy", target);
  if (!sameShape(logits.shape, target.shape)) {
    throw new RangeError(
      `crossEntropy() got logits ${formatShape(logits.shape)} and ${
        formatShape(target.shape)
      } of ${target.dtype}: probabilities must have the logits' shape, labels must be int32`,
    );
  }
  if ((options.ignoreIndex ?? IGNORED) >= 0) {
    throw new RangeError(
      `crossEntropy() got ignoreIndex ${options.ignoreIndex} with probabilities, which have no index to ignore`,
    );
  }
  const classes = logits.shape[axis]!;
  const weight = classWeights("crossEntropy", options.weight, logits);
  const p = smoothing === 0
    ? target
    : target.mul(1 - smoothing).add(smoothing / classes);
  const x = logits.logSoftmax(axis).mul(p);
  const along = logits.shape.map((_, i) => i === axis ? classes : 1);
  const weighted = weight === null ? x : x.mul(weight.reshape(along));
  const losses = weighted.sum(axis).neg();
  return reduceLoss(losses, options.reduction ?? "mean");
}

function warnOfSoftmax(name: string): void {
  if (name === "softmax") {
    warnOnce(
      "crossEntropy() got the output of softmax(), and applies softmax itself: trained so, a network learns slowly and is never sure. Remove softmax() and pass what it was given",
    );
  } else if (name === "logSoftmax") {
    warnOnce(
      "crossEntropy() got the output of logSoftmax(), and applies it itself: the loss is right, but computed twice. Remove logSoftmax(), or use nllLoss()",
    );
  }
}
