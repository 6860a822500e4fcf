/** Cross entropy between logits and class labels. */

import { runtime } from "@fdunn/wasm-kernels";
import { requireFloat } from "../dtype.ts";
import { floatKernels } from "../kernel.ts";
import { allocate, contiguous, pointer, writable } from "../nd_array.ts";
import { apply, applyMany, type Op } from "../op.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** How a loss turns one value per sample into one: PyTorch's names. */
export type Reduction = "none" | "mean" | "sum";

const CODES: Readonly<Record<Reduction, number>> = { none: 0, mean: 1, sum: 2 };

/** Results: the loss, and softmax of the logits for the way back. */
const CROSS_ENTROPY: Op<Reduction> = {
  name: "crossEntropy",
  saves: [0b10, 0],
  forward: (reduction, logits, target) => {
    const kernel = floatKernels("crossEntropy", logits.dtype).cross_entropy;
    const x = contiguous(logits);
    const labels = contiguous(target!);
    const rows = logits.shape[0]!;
    const classes = logits.shape[1]!;
    const p = allocate(logits.shape, logits.dtype);
    const loss = allocate(reduction === "none" ? [rows] : [], logits.dtype);
    const px = pointer(x);
    const pt = pointer(labels);
    const code = CODES[reduction];
    const bad = kernel(
      rows,
      classes,
      code,
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
const CROSS_ENTROPY_BACKWARD: Op<Reduction> = {
  name: "crossEntropyBackward",
  saves: [0b100, 0, 0b011],
  forward: (reduction, p, target, grad) => {
    const kernel = floatKernels("crossEntropy", p.dtype).cross_entropy_backward;
    const q = contiguous(p);
    const t = contiguous(target!);
    const g = contiguous(grad!);
    const out = allocate(p.shape, p.dtype);
    const rows = p.shape[0]!;
    const classes = p.shape[1]!;
    const scale = reduction === "mean" ? 1 / rows : 1;
    const step = reduction === "none" ? 1 : 0;
    const pp = pointer(q);
    const pt = pointer(t);
    const pg = pointer(g);
    kernel(rows, classes, scale, pp, pt, pg, step, writable(out));
    return out;
  },
  backward: (node, gg) => {
    const [p, target, grad] = [node.input(0), node.input(1), node.input(2)];
    const rows = p.shape[0]!;
    const scale = node.params === "mean" ? 1 / rows : 1;
    const perRow = node.params === "none" ? grad.unsqueeze(1) : grad;
    let dGrad: Tensor | null = null;
    if (node.needs(2)) {
      const hot = target.oneHot(p.shape[1]!, p.dtype);
      const each = gg.mul(p.sub(hot)).sum(1).mul(scale);
      dGrad = node.params === "none" ? each : each.sum();
    }
    return [
      node.needs(0) ? gg.mul(perRow).mul(scale) : null,
      null,
      dGrad,
    ];
  },
};

/** Options of {@linkcode crossEntropy}. */
export interface CrossEntropyOptions {
  /** `mean` over the batch (default), `sum`, or `none` for one per sample. */
  reduction?: Reduction;
}

/**
 * Cross entropy of logits against class labels: `-log softmax(x)[label]`.
 *
 * Shapes: logits `[N, C]` float32 or float64 (not softmax output: it is applied
 * here), target `[N]` int32 with values 0 to C - 1; result a scalar, or `[N]`
 * with reduction `none`.
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
 * outside of 0 to C - 1; TypeError for other dtypes.
 */
export function crossEntropy(
  logits: Tensor,
  target: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  const reduction = options.reduction ?? "mean";
  requireFloat("crossEntropy", logits.dtype);
  if (CODES[reduction] === undefined) {
    throw new RangeError(
      `crossEntropy() got reduction "${reduction}", expected "mean", "sum" or "none"`,
    );
  }
  if (target.dtype !== "int32") {
    throw new TypeError(
      `crossEntropy() expects class labels of dtype int32, got ${target.dtype}: convert them with to("int32")`,
    );
  }
  const fits = logits.shape.length === 2 && target.shape.length === 1 &&
    logits.shape[0] === target.shape[0];
  if (!fits) {
    throw new RangeError(
      `crossEntropy() got logits ${formatShape(logits.shape)} and labels ${
        formatShape(target.shape)
      }, expected [N, C] and [N]`,
    );
  }
  if (logits.size === 0) {
    throw new RangeError(
      `crossEntropy() got an empty batch: logits of shape ${
        formatShape(logits.shape)
      }`,
    );
  }
  return applyMany(CROSS_ENTROPY, [logits, target], reduction)[0]!;
}
