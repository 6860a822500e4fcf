/** 3-D convolution as a layer. */

import {
  conv3d,
  type Conv3dOptions as ConvolutionOptions,
  type DType,
  type Tensor,
  type Triple,
  zeros,
} from "@fdunn/tensor";
import {
  checkConvolution,
  convolutionRepr,
  showTriple,
  triple,
} from "./convolution.ts";
import { resetWeightAndBias } from "./linear.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode Conv3d}. */
export interface Conv3dOptions extends ConvolutionOptions {
  /** Whether to add a bias. Default `true`. */
  bias?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

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
export class Conv3d extends Module<[Tensor]> {
  /** `[outChannels, inChannels / groups, kD, kH, kW]`. */
  weight: Parameter;
  /** `[outChannels]`, or null. */
  bias: Parameter | null;
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Depth, height and width of the window. */
  readonly kernelSize: readonly [number, number, number];
  /** Stride, padding, dilation and groups. */
  readonly options: Readonly<Required<ConvolutionOptions>>;

  /** Makes and initialises the parameters. */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: Triple,
    options: Conv3dOptions = {},
  ) {
    super();
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
    const kernel = triple(kernelSize);
    const channels = { inChannels, outChannels, groups };
    const window = { kernelSize, stride, dilation, padding };
    checkConvolution("Conv3d", { ...channels, ...window });
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

  /** `[N, inChannels, D, H, W]` to `[N, outChannels, D', H', W']`. */
  forward(x: Tensor): Tensor {
    return conv3d(x, this.weight, this.bias, this.options);
  }

  /** Channels, window and what is not as by default. */
  override extraRepr(): string {
    const sizes = { ...this, ...this.options };
    return convolutionRepr(sizes, this.bias !== null, showTriple);
  }
}
