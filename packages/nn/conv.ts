/** Convolutional layers. */

import {
  conv2d,
  type Conv2dOptions as ConvolutionOptions,
  type DType,
  type Pair,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import {
  checkConvolution,
  convolutionRepr,
  pair,
  showPair,
} from "./convolution.ts";
import { resetWeightAndBias } from "./linear.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode Conv2d}. */
export interface Conv2dOptions extends ConvolutionOptions {
  /** Whether to add a bias. Default `true`. */
  bias?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

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
export class Conv2d extends Module<[Tensor]> {
  /** `[outChannels, inChannels / groups, kH, kW]`. */
  weight: Parameter;
  /** `[outChannels]`, or null. */
  bias: Parameter | null;
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Height and width of the window. */
  readonly kernelSize: readonly [number, number];
  /** Stride, padding, dilation and groups. */
  readonly options: Readonly<Required<ConvolutionOptions>>;

  /** Makes and initialises the parameters. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Pair,
    options: Conv2dOptions = {},
  ) {
    super();
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
    const kernel = pair(kernelSize);
    const channels = { inChannels, outChannels, groups };
    const window = { kernelSize, stride, dilation, padding };
    checkConvolution("Conv2d", { ...channels, ...window });
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernel;
    this.options = { stride, padding, dilation, groups };
    const dtype = options.dtype ?? "float32";
    const shape = [outChannels, inChannels / groups, ...kernel];
    this.weight = new Parameter(zeros(shape, { dtype }));
    this.bias = options.bias === false
      ? null
      : new Parameter(zeros([outChannels], { dtype }));
    this.resetParameters();
  }

  /** Initialises the parameters anew. */
  resetParameters(): void {
    resetWeightAndBias(this.weight, this.bias);
  }

  /** `[N, inChannels, H, W]` to `[N, outChannels, H', W']`. */
  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this.options);
  }

  /** Channels, window and what is not as by default. */
  override extraRepr(): string {
    const sizes = { ...this, ...this.options };
    return convolutionRepr(sizes, this.bias !== null, showPair);
  }
}
