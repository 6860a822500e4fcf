/** Pooling layers for sequences. */

import {
  adaptiveAvgPool1d,
  adaptiveMaxPool1d,
  avgPool1d,
  type AvgPool1dOptions,
  maxPool1d,
  type MaxPool1dOptions,
  type Tensor,
} from "@fdunn/tensor";
import { namedValues } from "./named_values.ts";
import { AdaptivePool, Pool } from "./pooling.ts";
import { requireCount } from "@fdunn/tensor/op";

/**
 * The largest value of each window.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`; L shrinks as
 * `floor((L + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`. The
 * stride is the kernel's size unless given.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { MaxPool1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new MaxPool1d(2);
 * assertEquals(layer.forward(zeros([16, 4, 28])).shape, [16, 4, 14]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
 */
export class MaxPool1d extends Pool<number, MaxPool1dOptions> {
  /** Pools over windows of `kernelSize`. */
  constructor(kernelSize: number, options: MaxPool1dOptions = {}) {
    super(kernelSize, options);
  }

  /** `[N, C, L]` to `[N, C, L']`. */
  forward(x: Tensor): Tensor {
    return maxPool1d(x, this.kernelSize, this.options);
  }

  /** The window and its options. */
  override extraRepr(): string {
    const { dilation = 1, ceilMode = false } = this.options;
    return `${super.extraRepr()}, ${namedValues({ dilation, ceilMode })}`;
  }
}

/**
 * The mean of each window.
 *
 * Shapes as for {@linkcode MaxPool1d}, without dilation.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { AvgPool1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new AvgPool1d(3, { stride: 2, padding: 1 });
 * assertEquals(layer.forward(ones([1, 1, 5])).shape, [1, 1, 3]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
 */
export class AvgPool1d extends Pool<number, AvgPool1dOptions> {
  /** Pools over windows of `kernelSize`. */
  constructor(kernelSize: number, options: AvgPool1dOptions = {}) {
    super(kernelSize, options);
  }

  /** `[N, C, L]` to `[N, C, L']`. */
  forward(x: Tensor): Tensor {
    return avgPool1d(x, this.kernelSize, this.options);
  }

  /** The window and its options. */
  override extraRepr(): string {
    const { ceilMode = false } = this.options;
    return `${super.extraRepr()}, ${namedValues({ ceilMode })}`;
  }
}

/**
 * The means of as many windows as the output has elements, whatever the
 * sequence's length.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`; L becomes `outputSize`.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { AdaptiveAvgPool1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new AdaptiveAvgPool1d(5);
 * assertEquals(layer.forward(zeros([16, 4, 12])).shape, [16, 4, 5]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
 */
export class AdaptiveAvgPool1d extends AdaptivePool<number> {
  /** Pools to `outputSize`. */
  constructor(outputSize: number) {
    super(outputSize);
    requireCount(new.target.name, "outputSize", outputSize);
  }

  /** `[N, C, L]` to `[N, C, outputSize]`. */
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool1d(x, this.outputSize);
  }
}

/**
 * The largest values of as many windows as the output has elements.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`; L becomes `outputSize`.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { AdaptiveMaxPool1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new AdaptiveMaxPool1d(5);
 * assertEquals(layer.forward(zeros([16, 4, 12])).shape, [16, 4, 5]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
 */
export class AdaptiveMaxPool1d extends AdaptivePool<number> {
  /** Pools to `outputSize`. */
  constructor(outputSize: number) {
    super(outputSize);
    requireCount(new.target.name, "outputSize", outputSize);
  }

  /** `[N, C, L]` to `[N, C, outputSize]`. */
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool1d(x, this.outputSize);
  }
}
