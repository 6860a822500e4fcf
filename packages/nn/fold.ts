/** Windows of images as columns of a matrix, and back, as layers. */

import {
  fold,
  type Pair,
  type Tensor,
  unfold,
  type UnfoldOptions,
} from "@fdunn/tensor";
import { pair } from "./convolution.ts";
import { Module } from "./module.ts";
import { namedValues } from "./named_values.ts";

function windowRepr(kernel: Pair, options: UnfoldOptions): string {
  const { dilation = 1, padding = 0, stride = 1 } = options;
  return namedValues({
    kernelSize: pair(kernel),
    dilation: pair(dilation),
    padding: pair(padding),
    stride: pair(stride),
  });
}

/**
 * The windows of a convolution as columns.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`, output `[N, C kH kW, L]` with a
 * column for each of the L places of the window.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Unfold } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Unfold(3, { padding: 1 });
 * assertEquals(layer.forward(zeros([2, 5, 4, 4])).shape, [2, 45, 16]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html
 */
export class Unfold extends Module<[Tensor]> {
  /** Height and width of the window. */
  readonly kernelSize: Pair;
  /** Stride, padding and dilation. */
  readonly options: Readonly<UnfoldOptions>;

  /** Takes windows of `kernelSize`. */
  constructor(kernelSize: Pair, options: UnfoldOptions = {}) {
    super();
    this.kernelSize = kernelSize;
    this.options = { ...options };
  }

  /** `[N, C, H, W]` to `[N, C kH kW, L]`. */
  forward(x: Tensor): Tensor {
    return unfold(x, this.kernelSize, this.options);
  }

  /** The window and its options. */
  override extraRepr(): string {
    return windowRepr(this.kernelSize, this.options);
  }
}

/**
 * Columns of windows added up where the windows lay.
 *
 * Shapes: input `[N, C kH kW, L]` or `[C kH kW, L]`, output
 * `[N, C, ...outputSize]`.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Fold } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Fold(4, 3, { padding: 1 });
 * assertEquals(layer.forward(zeros([2, 45, 16])).shape, [2, 5, 4, 4]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Fold.html
 */
export class Fold extends Module<[Tensor]> {
  /** Height and width of the images. */
  readonly outputSize: Pair;
  /** Height and width of the window. */
  readonly kernelSize: Pair;
  /** Stride, padding and dilation. */
  readonly options: Readonly<UnfoldOptions>;

  /** Adds up windows of `kernelSize` in images of `outputSize`. */
  constructor(
    outputSize: Pair,
    kernelSize: Pair,
    options: UnfoldOptions = {},
  ) {
    super();
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.options = { ...options };
  }

  /** `[N, C kH kW, L]` to `[N, C, ...outputSize]`. */
  forward(x: Tensor): Tensor {
    return fold(x, this.outputSize, this.kernelSize, this.options);
  }

  /** The images' size, the window and its options. */
  override extraRepr(): string {
    return `${namedValues({ outputSize: pair(this.outputSize) })}, ${
      windowRepr(this.kernelSize, this.options)
    }`;
  }
}
