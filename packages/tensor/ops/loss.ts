/** What losses share: reductions, and class labels. */

import { isFollowed } from "../grad_mode.ts";
import {
  allocate,
  contiguous,
  type Elements,
  elementsOf,
} from "../nd_array.ts";
import { applyMany, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";

/** How a loss turns one value per sample into one: PyTorch's names. */
export type Reduction = "none" | "mean" | "sum";

/** Throws unless `reduction` is one; a missing one is `mean`. */
export function checkReduction(
  name: string,
  reduction: Reduction = "mean",
): Reduction {
  if (reduction !== "mean" && reduction !== "sum" && reduction !== "none") {
    throw new RangeError(
      `${name}() got reduction "${reduction}", expected "mean", "sum" or "none"`,
    );
  }
  return reduction;
}

/** One value per element, their mean or their sum. */
export function reduceLoss(losses: Tensor, reduction: Reduction): Tensor {
  switch (reduction) {
    case "mean":
      return losses.mean();
    case "sum":
      return losses.sum();
    case "none":
      return losses;
  }
}

/** The label that counts nowhere unless another is named, as in PyTorch. */
export const IGNORED = -100;

/** Class labels that can serve as positions. */
export interface Labels {
  /** The labels, int32; 0 for those that count nowhere. */
  labels: Tensor;
  /** Which labels count, bool; null if all do. */
  kept: Tensor | null;
}

interface LabelParams {
  op: string;
  classes: number;
  ignored: number | null;
}

/** Results: labels with 0 for the ignored, which are not, how many are not. */
const LABELS: Op<LabelParams> = {
  name: "labels",
  saves: "none",
  forward: ({ op, classes, ignored }, target) => {
    const source = contiguous(target);
    const labels = allocate(target.shape, "int32");
    const kept = allocate(target.shape, "bool");
    const count = allocate([], "int32");
    const [from, to, mask, total] = elementsOf(
      source,
      labels,
      kept,
      count,
    ) as [Elements, Elements, Elements, Elements];
    total[0] = 0;
    for (let i = 0; i < from.length; i++) {
      const label = from[i]!;
      const counts = label !== ignored;
      if (counts && !(label >= 0 && label < classes)) {
        throw new RangeError(
          `${op}() got label ${label} at position ${i}, expected 0 to ${
            classes - 1
          }`,
        );
      }
      to[i] = counts ? label : 0;
      mask[i] = counts ? 1 : 0;
      total[0] += mask[i]!;
    }
    return [labels, kept, count];
  },
  backward: null,
};

/** Labels as int32; int64 and other whole numbers convert. */
export function wholeLabels(op: string, target: Tensor): Tensor {
  switch (target.dtype) {
    case "int32":
      return target;
    case "int64":
    case "int8":
    case "uint8":
      return target.to("int32");
    default:
      throw new TypeError(
        `${op}() expects class labels of dtype int32, got ${target.dtype}: convert them with to("int32")`,
      );
  }
}

/**
 * Class labels 0 to `classes` - 1, checked: a label outside, and not the
 * ignored one, is an error that names it and its position.
 */
export function checkLabels(
  op: string,
  target: Tensor,
  classes: number,
  ignored: number | null = null,
): Labels {
  const params = { op, classes, ignored };
  const found = applyMany(LABELS, [wholeLabels(op, target)], params);
  const all = !isFollowed(target) && found[2]!.item() === target.size;
  return { labels: found[0]!, kept: all ? null : found[1]! };
}
