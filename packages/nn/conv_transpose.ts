/** Transposed convolution, which enlarges images. */

import {
  convTranspose2d,
  type ConvTranspose2dOptions as ConvolutionOptions,
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

/** Options of {@linkcode ConvTranspose2d}. */
export interface ConvTranspose2dOptions extends ConvolutionOptions {
  /** Whether to add a bias. Default `true`. */
  bias?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

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
export class ConvTranspose2d extends Module<[Tensor]> {
  /** `[inChannels, outChannels / groups, kH, kW]`. */
  weight: Parameter;
  /** `[outChannels]`, or null. */
  bias: Parameter | null;
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Height and width of the window. */
  readonly kernelSize: readonly [number, number];
  /** Stride, paddings, dilation and groups. */
  readonly options: Readonly<Required<ConvolutionOptions>>;

  /** Makes and initialises the parameters. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Pair,
    options: ConvTranspose2dOptions = {},
  ) {
    super();
    const { stride = 1, padding = 0, outputPadding = 0 } = options;
    const { dilation = 1, groups = 1 } = options;
    const kernel = pair(kernelSize);
    const channels = { inChannels, outChannels, groups };
    const window = { kernelSize, stride, dilation, padding, outputPadding };
    checkConvolution("ConvTranspose2d", { ...channels, ...window });
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernel;
    this.options = { stride, padding, outputPadding, dilation, groups };
    const dtype = options.dtype ?? "float32";
    const shape = [inChannels, outChannels / groups, ...kernel];
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
    return convTranspose2d(x, this.weight, this.bias, this.options);
  }

  /** Channels, window and what is not as by default. */
  override extraRepr(): string {
    const sizes = { ...this, ...this.options };
    return convolutionRepr(sizes, this.bias !== null, showPair);
  }
}
