/** Transposed convolution, which lengthens sequences. */

import {
  convTranspose1d,
  type ConvTranspose1dOptions as ConvolutionOptions,
  type DType,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { checkConvolution, convolutionRepr } from "./convolution.ts";
import { resetWeightAndBias } from "./linear.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode ConvTranspose1d}. */
export interface ConvTranspose1dOptions extends ConvolutionOptions {
  /** Whether to add a bias. Default `true`. */
  bias?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

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
export class ConvTranspose1d extends Module<[Tensor]> {
  /** `[inChannels, outChannels / groups, kernelSize]`. */
  weight: Parameter;
  /** `[outChannels]`, or null. */
  bias: Parameter | null;
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Length of the window. */
  readonly kernelSize: number;
  /** Stride, paddings, dilation and groups. */
  readonly options: Readonly<Required<ConvolutionOptions>>;

  /** Makes and initialises the parameters. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: ConvTranspose1dOptions = {},
  ) {
    super();
    const { stride = 1, padding = 0, outputPadding = 0 } = options;
    const { dilation = 1, groups = 1 } = options;
    const channels = { inChannels, outChannels, groups };
    const window = { kernelSize, stride, dilation, padding, outputPadding };
    checkConvolution("ConvTranspose1d", { ...channels, ...window });
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.options = { stride, padding, outputPadding, dilation, groups };
    const dtype = options.dtype ?? "float32";
    const shape = [inChannels, outChannels / groups, kernelSize];
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

  /** `[N, inChannels, L]` to `[N, outChannels, L']`. */
  forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, this.bias, this.options);
  }

  /** Channels, window and what is not as by default. */
  override extraRepr(): string {
    const sizes = { ...this, ...this.options };
    return convolutionRepr(sizes, this.bias !== null, String);
  }
}
