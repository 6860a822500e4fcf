/** Convolution over sequences. */

import {
  conv1d,
  type Conv1dOptions as ConvolutionOptions,
  type DType,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { checkConvolution, convolutionRepr } from "./convolution.ts";
import { resetWeightAndBias } from "./linear.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode Conv1d}. */
export interface Conv1dOptions extends ConvolutionOptions {
  /** Whether to add a bias. Default `true`. */
  bias?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

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
export class Conv1d extends Module<[Tensor]> {
  /** `[outChannels, inChannels / groups, kernelSize]`. */
  weight: Parameter;
  /** `[outChannels]`, or null. */
  bias: Parameter | null;
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Length of the window. */
  readonly kernelSize: number;
  /** Stride, padding, dilation and groups. */
  readonly options: Readonly<Required<ConvolutionOptions>>;

  /** Makes and initialises the parameters. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: Conv1dOptions = {},
  ) {
    super();
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
    const channels = { inChannels, outChannels, groups };
    const window = { kernelSize, stride, dilation, padding };
    checkConvolution("Conv1d", { ...channels, ...window });
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.options = { stride, padding, dilation, groups };
    const dtype = options.dtype ?? "float32";
    const shape = [outChannels, inChannels / groups, kernelSize];
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
    return conv1d(x, this.weight, this.bias, this.options);
  }

  /** Channels, window and what is not as by default. */
  override extraRepr(): string {
    const sizes = { ...this, ...this.options };
    return convolutionRepr(sizes, this.bias !== null, String);
  }
}
