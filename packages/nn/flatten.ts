/** Flattening as a layer. */

import type { Tensor } from "@fdunn/tensor";
import { Module } from "./module.ts";

/**
 * Joins neighbouring axes into one: by default all but the batch.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Flatten } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Flatten().forward(zeros([16, 8, 7, 7])).shape, [16, 392]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export class Flatten extends Module<[Tensor]> {
  /** The first axis to join. */
  readonly startDim: number;
  /** The last axis to join. */
  readonly endDim: number;

  /** Joins axes `startDim` to `endDim`, both included. */
  constructor(startDim = 1, endDim = -1) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  /** `[N, ...]` to `[N, M]`, by default. */
  forward(x: Tensor): Tensor {
    return x.flatten(this.startDim, this.endDim);
  }

  /** The axes. */
  override extraRepr(): string {
    return `startDim=${this.startDim}, endDim=${this.endDim}`;
  }
}
