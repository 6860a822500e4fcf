/** Convolution over sequences. */

import {
  conv1d,
  type Conv1dOptions as ConvolutionOptions,
  type Tensor,
} from "@fdunn/tensor";
import {
  Convolution,
  type ConvolutionParameterOptions,
} from "./convolution.ts";

/** Options of {@linkcode Conv1d}. */
export interface Conv1dOptions
  extends ConvolutionOptions, ConvolutionParameterOptions {}

/**
 * 1-D convolution (cross-correlation).
 *
 * Shapes: input `[N, inChannels, L]`, or without N; output
 * `[N, outChannels, L']` with
 * `L' = floor((L + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`.
 * Weight `[outChannels, inChannels / groups, kernel]` and bias `[outChannels]`
 * start uniform in ±1 / √fanIn.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Conv1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Conv1d(16, 33, 3, { stride: 2 });
 * assertEquals(layer.forward(zeros([20, 16, 50])).shape, [20, 33, 24]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
 */
export class Conv1d extends Convolution<number, Required<ConvolutionOptions>> {
  /** Makes and initialises the parameters. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: Conv1dOptions = {},
  ) {
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
    const window = { stride, padding, dilation, groups };
    super({
      layer: "Conv1d",
      inChannels,
      outChannels,
      kernelSize,
      window,
    }, options);
  }

  /** `[N, inChannels, L]` to `[N, outChannels, L']`. */
  forward(x: Tensor): Tensor {
    return conv1d(x, this.weight, this.bias, this.options);
  }
}
