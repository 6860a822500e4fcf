/** Convolutional layers. */

import {
  conv2d,
  type Conv2dOptions as ConvolutionOptions,
  type Pair,
  type Tensor,
} from "@fdunn/tensor";
import {
  Convolution,
  type ConvolutionParameterOptions,
  pair,
} from "./convolution.ts";

/** Options of {@linkcode Conv2d}. */
export interface Conv2dOptions
  extends ConvolutionOptions, ConvolutionParameterOptions {}

/**
 * 2-D convolution (cross-correlation, as everywhere in deep learning).
 *
 * Shapes: input `[N, inChannels, H, W]`, or without N; output
 * `[N, outChannels, H', W']` with
 * `H' = floor((H + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`.
 * Weight `[outChannels, inChannels / groups, kH, kW]` and bias
 * `[outChannels]` start uniform in ±1 / √fanIn.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Conv2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Conv2d(1, 4, 3, { padding: 1 });
 * assertEquals(layer.forward(zeros([16, 1, 28, 28])).shape, [16, 4, 28, 28]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export class Conv2d
  extends Convolution<readonly [number, number], Required<ConvolutionOptions>> {
  /** Makes and initialises the parameters. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Pair,
    options: Conv2dOptions = {},
  ) {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
    const window = { stride, padding, dilation, groups };
    super({
      layer: "Conv2d",
      inChannels,
      outChannels,
      kernelSize: pair(kernelSize),
      window,
    }, options);
  }

  /** `[N, inChannels, H, W]` to `[N, outChannels, H', W']`. */
  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this.options);
  }
}
