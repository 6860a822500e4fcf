/** Max pooling to a given size, and back to where the values were. */

import {
  adaptiveMaxPool2d,
  maxUnpool2d,
  type MaxUnpool2dOptions,
  type OutputSize,
  type Pair,
  type Tensor,
} from "@fdunn/tensor";
import { AdaptivePool, Pool } from "./pooling.ts";

/**
 * The largest values of windows that cover each image, as many as the output
 * has pixels, whatever the image's size.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`; H and W become `outputSize`,
 * where null keeps the input's.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { AdaptiveMaxPool2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new AdaptiveMaxPool2d([3, null]);
 * assertEquals(layer.forward(zeros([16, 4, 9, 7])).shape, [16, 4, 3, 7]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
 */
export class AdaptiveMaxPool2d extends AdaptivePool<OutputSize> {
  /** `[N, C, H, W]` to `[N, C, ...outputSize]`. */
  forward(x: Tensor): Tensor {
    return adaptiveMaxPool2d(x, this.outputSize);
  }
}

/**
 * {@linkcode maxUnpool2d} as a layer: values where `maxPool2dWithIndices` took
 * them from, zeros elsewhere.
 *
 * Shapes: inputs `[N, C, H, W]` and its int32 positions, or without N; H and W
 * grow to `(H - 1) stride - 2 padding + kernel`, or to `outputSize`.
 *
 * ```ts
 * import { maxPool2dWithIndices, randn } from "@fdunn/tensor";
 * import { MaxUnpool2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const { values, indices } = maxPool2dWithIndices(randn([1, 4, 8, 8]), 2);
 * const y = new MaxUnpool2d(2).forward(values, indices);
 * assertEquals(y.shape, [1, 4, 8, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
 */
export class MaxUnpool2d
  extends Pool<Pair, MaxUnpool2dOptions, [Tensor, Tensor]> {
  /** Undoes pooling over windows of `kernelSize`. */
  constructor(kernelSize: Pair, options: MaxUnpool2dOptions = {}) {
    super(kernelSize, options);
  }

  /** `[N, C, H, W]` and its positions to `[N, C, H', W']`. */
  forward(x: Tensor, indices: Tensor): Tensor {
    return maxUnpool2d(x, indices, this.kernelSize, this.options);
  }
}
