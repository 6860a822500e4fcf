/** 3-D convolution as a layer. */

import {
  conv3d,
  type Conv3dOptions as ConvolutionOptions,
  type Tensor,
  type Triple,
} from "@fdunn/tensor";
import {
  Convolution,
  type ConvolutionParameterOptions,
  triple,
} from "./convolution.ts";

/** Options of {@linkcode Conv3d}. */
export interface Conv3dOptions
  extends ConvolutionOptions, ConvolutionParameterOptions {}

/**
 * 3-D convolution (cross-correlation) of volumes, or of images over time.
 *
 * Shapes: input `[N, inChannels, D, H, W]`, or without N; output
 * `[N, outChannels, D', H', W']` with
 * `D' = floor((D + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`, H'
 * and W' alike.
 * Weight `[outChannels, inChannels / groups, kD, kH, kW]` and bias
 * `[outChannels]` start uniform in ±1 / √fanIn.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Conv3d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Conv3d(1, 4, 3, { padding: 1 });
 * const y = layer.forward(zeros([2, 1, 8, 9, 9]));
 * assertEquals(y.shape, [2, 4, 8, 9, 9]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
 */
export class Conv3d extends Convolution<
  readonly [number, number, number],
  Required<ConvolutionOptions>
> {
  /** Makes and initialises the parameters. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Triple,
    options: Conv3dOptions = {},
  ) {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
    const window = { stride, padding, dilation, groups };
    super({
      layer: "Conv3d",
      inChannels,
      outChannels,
      kernelSize: triple(kernelSize),
      window,
    }, options);
  }

  /** `[N, inChannels, D, H, W]` to `[N, outChannels, D', H', W']`. */
  forward(x: Tensor): Tensor {
    return conv3d(x, this.weight, this.bias, this.options);
  }
}
