/** Transposed convolution, which enlarges images. */

import {
  convTranspose2d,
  type ConvTranspose2dOptions as ConvolutionOptions,
  type Pair,
  type Tensor,
} from "@fdunn/tensor";
import {
  Convolution,
  type ConvolutionParameterOptions,
  pair,
} from "./convolution.ts";

/** Options of {@linkcode ConvTranspose2d}. */
export interface ConvTranspose2dOptions
  extends ConvolutionOptions, ConvolutionParameterOptions {}

/**
 * Transposed 2-D convolution, sometimes called deconvolution.
 *
 * Shapes: input `[N, inChannels, H, W]`, or without N; output
 * `[N, outChannels, H', W']` with `H' = (H - 1) stride - 2 padding +
 * dilation (kernel - 1) + outputPadding + 1`. Weight `[inChannels,
 * outChannels / groups, kH, kW]` and bias `[outChannels]` start uniform in
 * ±1 / √fanIn, where fanIn is `outChannels / groups kH kW`.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ConvTranspose2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new ConvTranspose2d(16, 8, 4, { stride: 2, padding: 1 });
 * assertEquals(layer.forward(zeros([2, 16, 7, 7])).shape, [2, 8, 14, 14]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 */
export class ConvTranspose2d
  extends Convolution<readonly [number, number], Required<ConvolutionOptions>> {
  /** Makes and initialises the parameters. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Pair,
    options: ConvTranspose2dOptions = {},
  ) {
    const { stride = 1, padding = 0, outputPadding = 0 } = options;
    const { dilation = 1, groups = 1 } = options;
    const window = { stride, padding, outputPadding, dilation, groups };
    super({
      layer: "ConvTranspose2d",
      inChannels,
      outChannels,
      kernelSize: pair(kernelSize),
      window,
      transposed: true,
    }, options);
  }

  /** `[N, inChannels, H, W]` to `[N, outChannels, H', W']`. */
  forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.options);
  }
}
