/** Flattening, and its inverse, as layers. */

import type { Shape, Tensor } from "@fdunn/tensor";
import { formatShape } from "@fdunn/tensor/op";
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

/**
 * Cuts one axis into several: the inverse of {@linkcode Flatten}.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Unflatten } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Unflatten(1, [8, 7, -1]);
 * assertEquals(layer.forward(zeros([16, 392])).shape, [16, 8, 7, 7]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
 */
export class Unflatten extends Module<[Tensor]> {
  /** The axis to cut. */
  readonly dim: number;
  /** The sizes that it is cut into; one may be -1. */
  readonly unflattenedSize: Shape;

  /** Cuts axis `dim` into `unflattenedSize`. */
  constructor(dim: number, unflattenedSize: Shape) {
    super();
    this.dim = dim;
    this.unflattenedSize = [...unflattenedSize];
  }

  /** `[N, M]` to `[N, ...unflattenedSize]`, for dim 1. */
  forward(x: Tensor): Tensor {
    return x.unflatten(this.dim, this.unflattenedSize);
  }

  /** The axis and its parts. */
  override extraRepr(): string {
    return `dim=${this.dim}, unflattenedSize=${
      formatShape(this.unflattenedSize)
    }`;
  }
}
