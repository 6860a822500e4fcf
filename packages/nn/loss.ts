/** What losses share. */

import type { Reduction, Tensor } from "@fdunn/tensor";
import { checkReduction, formatShape, sameShape } from "@fdunn/tensor/op";
import { Module } from "./module.ts";

/** Options that every loss has. */
export interface LossOptions {
  /** `mean` over what it counts (default), `sum`, or `none`. */
  reduction?: Reduction;
}

/**
 * A loss as a module: it holds the options that its function takes.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { HuberLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const criterion = new HuberLoss({ delta: 2, reduction: "sum" });
 * assertEquals(criterion.options.delta, 2);
 * assertEquals(criterion.forward(tensor([3]), tensor([0])).item(), 4);
 * ```
 */
export abstract class Loss<
  Options extends LossOptions = LossOptions,
  Inputs extends unknown[] = [Tensor, Tensor],
> extends Module<Inputs> {
  /** What it was made with. */
  readonly options: Readonly<Options>;

  /** Keeps the options; throws a RangeError for an unknown reduction. */
  constructor(options: Options) {
    super();
    checkReduction(new.target.name, options.reduction);
    this.options = { ...options };
  }

  /** How values become one. */
  get reduction(): Reduction {
    return this.options.reduction ?? "mean";
  }
}

/** Throws unless two tensors have one shape: a broadcast loss is a mistake. */
export function requireSameShape(op: string, x: Tensor, target: Tensor): void {
  const [a, b] = [x.shape, target.shape];
  if (sameShape(a, b)) return;
  throw new RangeError(
    `${op}() got shapes ${formatShape(a)} and ${
      formatShape(b)
    }, which must be equal`,
  );
}
