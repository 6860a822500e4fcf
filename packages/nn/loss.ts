/** Losses, as functions and as modules. */

import {
  crossEntropy,
  type CrossEntropyOptions,
  type Reduction,
  type Tensor,
} from "@fdunn/tensor";
import { Module } from "./module.ts";

/**
 * Cross entropy of logits against class labels: `-log softmax(x)[label]`.
 *
 * Shapes: logits `[N, C]` (no softmax before it: it is applied here), target
 * `[N]` int32 with values 0 to C - 1; result a scalar, or `[N]` with reduction
 * `none`.
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
export class CrossEntropyLoss extends Module<[Tensor, Tensor]> {
  /** How values per sample become one. */
  readonly reduction: Reduction;
  readonly #options: CrossEntropyOptions;

  /** The mean over the batch, unless `reduction` says otherwise. */
  constructor(options: CrossEntropyOptions = {}) {
    super();
    this.reduction = reductionOf("CrossEntropyLoss", options.reduction);
    this.#options = { reduction: this.reduction };
  }

  /** Logits `[N, C]` and labels `[N]` to the loss. */
  forward(logits: Tensor, target: Tensor): Tensor {
    return crossEntropy(logits, target, this.#options);
  }
}

/** Options of {@linkcode mseLoss}. */
export interface MSELossOptions {
  /** `mean` over all elements (default), `sum`, or `none`. */
  reduction?: Reduction;
}

/**
 * Mean squared error: `(x - target)²`, averaged over all elements.
 *
 * Shapes: both the same (PyTorch broadcasts with a warning; a `[N, 1]` against
 * a `[N]` is a mistake, so it throws here); result a scalar, or the input's
 * shape with reduction `none`.
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
  const reduction = reductionOf("mseLoss()", options.reduction);
  if (x.shape.join() !== target.shape.join()) {
    throw new RangeError(
      `mseLoss() got shapes [${x.shape.join(", ")}] and [${
        target.shape.join(", ")
      }], which must be equal`,
    );
  }
  const squares = x.sub(target).square();
  switch (reduction) {
    case "mean":
      return squares.mean();
    case "sum":
      return squares.sum();
    case "none":
      return squares;
  }
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
export class MSELoss extends Module<[Tensor, Tensor]> {
  /** How values per element become one. */
  readonly reduction: Reduction;
  readonly #options: MSELossOptions;

  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: MSELossOptions = {}) {
    super();
    this.reduction = reductionOf("MSELoss", options.reduction);
    this.#options = { reduction: this.reduction };
  }

  /** Two tensors of one shape to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    return mseLoss(x, target, this.#options);
  }
}

function reductionOf(name: string, reduction: Reduction = "mean"): Reduction {
  if (!["mean", "sum", "none"].includes(reduction)) {
    throw new RangeError(
      `${name} got reduction "${reduction}", expected "mean", "sum" or "none"`,
    );
  }
  return reduction;
}
