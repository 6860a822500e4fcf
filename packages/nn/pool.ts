/** Pooling layers. */

import {
  adaptiveAvgPool2d,
  avgPool2d,
  type AvgPool2dOptions,
  maxPool2d,
  type MaxPool2dOptions,
  type OutputSize,
  type Pair,
  type Tensor,
} from "@fdunn/tensor";
import { namedValues } from "./named_values.ts";
import { AdaptivePool, Pool } from "./pooling.ts";

/**
 * The largest value of each window.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`; H and W shrink as
 * `floor((H + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`. The
 * stride is the kernel's size unless given.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { MaxPool2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new MaxPool2d(2);
 * assertEquals(layer.forward(zeros([16, 4, 28, 28])).shape, [16, 4, 14, 14]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export class MaxPool2d extends Pool<Pair, MaxPool2dOptions> {
  /** Pools over windows of `kernelSize`. */
  constructor(kernelSize: Pair, options: MaxPool2dOptions = {}) {
    super(kernelSize, options);
  }

  /** `[N, C, H, W]` to `[N, C, H', W']`. */
  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, this.options);
  }

  /** The window and its options. */
  override extraRepr(): string {
    const { dilation = 1 } = this.options;
    return `${super.extraRepr()}, ${namedValues({ dilation })}`;
  }
}

/**
 * The mean of each window.
 *
 * Shapes as for {@linkcode MaxPool2d}, without dilation.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export class AvgPool2d extends Pool<Pair, AvgPool2dOptions> {
  /** Pools over windows of `kernelSize`. */
  constructor(kernelSize: Pair, options: AvgPool2dOptions = {}) {
    super(kernelSize, options);
  }

  /** `[N, C, H, W]` to `[N, C, H', W']`. */
  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.options);
  }
}

/**
 * The means of windows that cover each image, as many as the output has
 * pixels, whatever the image's size.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`; H and W become `outputSize`,
 * where null keeps the input's.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { AdaptiveAvgPool2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new AdaptiveAvgPool2d([1, 1]);
 * assertEquals(layer.forward(zeros([16, 4, 9, 7])).shape, [16, 4, 1, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export class AdaptiveAvgPool2d extends AdaptivePool<OutputSize> {
  /** `[N, C, H, W]` to `[N, C, ...outputSize]`. */
  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }
}
