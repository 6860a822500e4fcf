/** Losses of the difference between two tensors. */

import type { Tensor } from "@fdunn/tensor";
import { checkReduction, reduceLoss, requireOption } from "@fdunn/tensor/op";
import { Loss, type LossOptions, requireSameShape } from "./loss.ts";

/** `x - target`, of one shape. */
function difference(
  op: string,
  x: Tensor,
  target: Tensor,
  options: LossOptions,
): Tensor {
  checkReduction(op, options.reduction);
  requireSameShape(op, x, target);
  return x.sub(target);
}

/** Options of {@linkcode mseLoss}. */
export type MSELossOptions = LossOptions;

/**
 * Mean squared error: `(x - target)²`, averaged over all elements.
 *
 * Shapes: both the same (PyTorch broadcasts with a warning; a `[N, 1]` against
 * a `[N]` is a mistake, so it throws here); result a scalar, or the input's
 * shape with reduction `none`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { mseLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(mseLoss(tensor([1, 2]), tensor([1, 4])).item(), 2);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html
 *
 * @throws RangeError when the shapes differ.
 */
export function mseLoss(
  x: Tensor,
  target: Tensor,
  options: MSELossOptions = {},
): Tensor {
  const squares = difference("mseLoss", x, target, options).square();
  return reduceLoss(squares, options.reduction ?? "mean");
}

/**
 * {@linkcode mseLoss} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { MSELoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new MSELoss().forward(tensor([1, 2]), tensor([1, 4]));
 * assertEquals(loss.item(), 2);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html
 */
export class MSELoss extends Loss<MSELossOptions> {
  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: MSELossOptions = {}) {
    super(options);
  }

  /** Two tensors of one shape to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    return mseLoss(x, target, this.options);
  }
}

/** Options of {@linkcode l1Loss}. */
export type L1LossOptions = LossOptions;

/**
 * Mean absolute error: `|x - target|`, averaged over all elements.
 *
 * Shapes: both the same; result a scalar, or the input's shape with reduction
 * `none`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { l1Loss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(l1Loss(tensor([1, 2]), tensor([1, 4])).item(), 1);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.l1_loss.html
 *
 * @throws RangeError when the shapes differ.
 */
export function l1Loss(
  x: Tensor,
  target: Tensor,
  options: L1LossOptions = {},
): Tensor {
  const distances = difference("l1Loss", x, target, options).abs();
  return reduceLoss(distances, options.reduction ?? "mean");
}

/**
 * {@linkcode l1Loss} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { L1Loss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new L1Loss().forward(tensor([1, 2]), tensor([1, 4]));
 * assertEquals(loss.item(), 1);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html
 */
export class L1Loss extends Loss<L1LossOptions> {
  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: L1LossOptions = {}) {
    super(options);
  }

  /** Two tensors of one shape to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    return l1Loss(x, target, this.options);
  }
}

/** Options of {@linkcode smoothL1Loss}. */
export interface SmoothL1LossOptions extends LossOptions {
  /** Where the parabola ends and the line begins. Default 1; 0 is `l1Loss`. */
  beta?: number;
}

/**
 * Absolute error with a round tip: `d² / 2 beta` where `|d| < beta`, else
 * `|d| - beta / 2`, d = x - target.
 *
 * Shapes: both the same; result a scalar, or the input's shape with reduction
 * `none`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { smoothL1Loss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(smoothL1Loss(tensor([1, 4]), tensor([0, 0])).item(), 2);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.smooth_l1_loss.html
 *
 * @throws RangeError when the shapes differ, or for a negative beta.
 */
export function smoothL1Loss(
  x: Tensor,
  target: Tensor,
  options: SmoothL1LossOptions = {},
): Tensor {
  const { beta = 1, reduction = "mean" } = options;
  requireOption("smoothL1Loss()", "beta", beta, beta >= 0, "at least 0");
  const d = difference("smoothL1Loss", x, target, options);
  const losses = beta === 0 ? d.abs() : rounded(d, beta);
  // A factor of 1 would be a pass over all of them.
  const scaled = beta === 0 || beta === 1 ? losses : losses.mul(1 / beta);
  return reduceLoss(scaled, reduction);
}

/** c (d - c / 2), c being d within the bound: smooth to the second order. */
function rounded(d: Tensor, bound: number): Tensor {
  const near = d.clamp(-bound, bound);
  return near.mul(d.sub(near.mul(0.5)));
}

/**
 * {@linkcode smoothL1Loss} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { SmoothL1Loss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const criterion = new SmoothL1Loss({ beta: 2 });
 * assertEquals(criterion.forward(tensor([1, 4]), tensor([0, 0])).item(), 1.625);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html
 */
export class SmoothL1Loss extends Loss<SmoothL1LossOptions> {
  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: SmoothL1LossOptions = {}) {
    super(options);
  }

  /** Two tensors of one shape to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(x, target, this.options);
  }
}

/** Options of {@linkcode huberLoss}. */
export interface HuberLossOptions extends LossOptions {
  /** Where the parabola ends and the line begins. Default 1. */
  delta?: number;
}

/**
 * Squared error for small differences, absolute error for large ones: `d² / 2`
 * where `|d| < delta`, else `delta (|d| - delta / 2)`, d = x - target.
 *
 * Shapes: both the same; result a scalar, or the input's shape with reduction
 * `none`. Paper: Huber, "Robust estimation of a location parameter", 1964.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { huberLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, target] = [tensor([1, 4]), tensor([0, 0])];
 * assertEquals(huberLoss(x, target, { delta: 2 }).item(), 3.25);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.huber_loss.html
 *
 * @throws RangeError when the shapes differ, or unless delta is above 0.
 */
export function huberLoss(
  x: Tensor,
  target: Tensor,
  options: HuberLossOptions = {},
): Tensor {
  const { delta = 1, reduction = "mean" } = options;
  requireOption("huberLoss()", "delta", delta, delta > 0, "more than 0");
  const d = difference("huberLoss", x, target, options);
  return reduceLoss(rounded(d, delta), reduction);
}

/**
 * {@linkcode huberLoss} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { HuberLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new HuberLoss().forward(tensor([1, 4]), tensor([0, 0]));
 * assertEquals(loss.item(), 2);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html
 */
export class HuberLoss extends Loss<HuberLossOptions> {
  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: HuberLossOptions = {}) {
    super(options);
  }

  /** Two tensors of one shape to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    return huberLoss(x, target, this.options);
  }
}
