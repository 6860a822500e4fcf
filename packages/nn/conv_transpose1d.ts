/** Transposed convolution, which lengthens sequences. */

import {
  convTranspose1d,
  type ConvTranspose1dOptions as ConvolutionOptions,
  type Tensor,
} from "@fdunn/tensor";
import {
  Convolution,
  type ConvolutionParameterOptions,
} from "./convolution.ts";

/** Options of {@linkcode ConvTranspose1d}. */
export interface ConvTranspose1dOptions
  extends ConvolutionOptions, ConvolutionParameterOptions {}

/**
 * Transposed 1-D convolution.
 *
 * Shapes: input `[N, inChannels, L]`, or without N; output
 * `[N, outChannels, L']` with `L' = (L - 1) stride - 2 padding +
 * dilation (kernel - 1) + outputPadding + 1`. Weight `[inChannels,
 * outChannels / groups, kernel]` and bias `[outChannels]` start uniform in
 * ±1 / √fanIn, where fanIn is `outChannels / groups kernel`.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ConvTranspose1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new ConvTranspose1d(16, 8, 4, { stride: 2, padding: 1 });
 * assertEquals(layer.forward(zeros([2, 16, 7])).shape, [2, 8, 14]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
 */
export class ConvTranspose1d
  extends Convolution<number, Required<ConvolutionOptions>> {
  /** Makes and initialises the parameters. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: ConvTranspose1dOptions = {},
  ) {
    const { stride = 1, padding = 0, outputPadding = 0 } = options;
    const { dilation = 1, groups = 1 } = options;
    const window = { stride, padding, outputPadding, dilation, groups };
    super({
      layer: "ConvTranspose1d",
      inChannels,
      outChannels,
      kernelSize,
      window,
      transposed: true,
    }, options);
  }

  /** `[N, inChannels, L]` to `[N, outChannels, L']`. */
  forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, this.bias, this.options);
  }
}
