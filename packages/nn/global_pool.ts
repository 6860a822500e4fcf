/** Pooling over whole sequences and images: adaptive pooling to size 1. */

import { AdaptiveMaxPool2d } from "./max_pool.ts";
import { AdaptiveAvgPool2d } from "./pool.ts";
import { AdaptiveAvgPool1d, AdaptiveMaxPool1d } from "./pool1d.ts";

/**
 * The mean of each sequence: PyTorch's `AdaptiveAvgPool1d(1)`.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`, output `[N, C, 1]`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { GlobalAvgPool1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new GlobalAvgPool1d().forward(tensor([[1, 2, 6]]));
 * assertEquals(y.toArray(), [[3]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
 */
export class GlobalAvgPool1d extends AdaptiveAvgPool1d {
  /** Pools to one element. */
  constructor() {
    super(1);
  }
}

/**
 * The mean of each image: PyTorch's `AdaptiveAvgPool2d(1)`.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`, output `[N, C, 1, 1]`.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { GlobalAvgPool2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new GlobalAvgPool2d().forward(ones([2, 8, 7, 7]));
 * assertEquals(y.flatten(1).shape, [2, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export class GlobalAvgPool2d extends AdaptiveAvgPool2d {
  /** Pools to one pixel. */
  constructor() {
    super(1);
  }
}

/**
 * The largest value of each sequence: PyTorch's `AdaptiveMaxPool1d(1)`.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`, output `[N, C, 1]`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { GlobalMaxPool1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new GlobalMaxPool1d().forward(tensor([[1, 6, 2]]));
 * assertEquals(y.toArray(), [[6]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
 */
export class GlobalMaxPool1d extends AdaptiveMaxPool1d {
  /** Pools to one element. */
  constructor() {
    super(1);
  }
}

/**
 * The largest value of each image: PyTorch's `AdaptiveMaxPool2d(1)`.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`, output `[N, C, 1, 1]`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { GlobalMaxPool2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new GlobalMaxPool2d().forward(tensor([[[1, 6], [2, 3]]]));
 * assertEquals(y.toArray(), [[[6]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
 */
export class GlobalMaxPool2d extends AdaptiveMaxPool2d {
  /** Pools to one pixel. */
  constructor() {
    super(1);
  }
}
