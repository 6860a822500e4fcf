/** Activations of straight pieces, and those that shrink, as layers. */

import {
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  softshrink,
  type Tensor,
} from "@fdunn/tensor";
import { Module } from "./module.ts";
import { requireOption } from "@fdunn/tensor/op";

/**
 * `x` between `minVal` and `maxVal`, and these beyond.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Hardtanh } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Hardtanh().forward(tensor([-3, 0.5, 3])).toArray(), [-1, 0.5, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
 */
export class Hardtanh extends Module<[Tensor]> {
  /** The least value. Default -1. */
  readonly minVal: number;
  /** The largest value. Default 1. */
  readonly maxVal: number;

  /** With PyTorch's defaults. */
  constructor(minVal = -1, maxVal = 1) {
    super();
    if (!(minVal <= maxVal)) {
      throw new RangeError(
        `Hardtanh got bounds ${minVal} and ${maxVal}: the first must not be above the second`,
      );
    }
    this.minVal = minVal;
    this.maxVal = maxVal;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return hardtanh(x, this.minVal, this.maxVal);
  }

  /** The parameters. */
  override extraRepr(): string {
    return `minVal=${this.minVal}, maxVal=${this.maxVal}`;
  }
}

/**
 * `min(max(x / 6 + 1 / 2, 0), 1)`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Hardsigmoid } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Hardsigmoid().forward(tensor([-4, 0, 4])).toArray(), [0, 0.5, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html
 */
export class Hardsigmoid extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return hardsigmoid(x);
  }
}

/**
 * `x hardsigmoid(x)`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Hardswish } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Hardswish().forward(tensor([-4, 0, 4])).toArray(), [0, 0, 4]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardswish.html
 */
export class Hardswish extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return hardswish(x);
  }
}

/**
 * `x` where it is farther from 0 than `lambda`, 0 elsewhere.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Hardshrink } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Hardshrink().forward(tensor([-1, 0.5, 2])).toArray(), [-1, 0, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html
 */
export class Hardshrink extends Module<[Tensor]> {
  /** The distance. Default 0.5. */
  readonly lambda: number;

  /** With PyTorch's defaults. */
  constructor(lambda = 0.5) {
    super();
    this.lambda = lambda;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return hardshrink(x, this.lambda);
  }

  /** The parameters. */
  override extraRepr(): string {
    return `lambda=${this.lambda}`;
  }
}

/**
 * `x` moved towards 0 by `lambda`, and 0 where that would pass it.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Softshrink } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Softshrink().forward(tensor([-1, 0.5, 2])).toArray(), [-0.5, 0, 1.5]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Softshrink.html
 */
export class Softshrink extends Module<[Tensor]> {
  /** The distance, at least 0. Default 0.5. */
  readonly lambda: number;

  /** With PyTorch's defaults. */
  constructor(lambda = 0.5) {
    super();
    requireOption("Softshrink", "lambda", lambda, lambda >= 0, "at least 0");
    this.lambda = lambda;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return softshrink(x, this.lambda);
  }

  /** The parameters. */
  override extraRepr(): string {
    return `lambda=${this.lambda}`;
  }
}
