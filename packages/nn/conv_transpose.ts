/** Transposed convolution, which enlarges images. */

import {
  convTranspose2d,
  type ConvTranspose2dOptions as ConvolutionOptions,
  type DType,
  type Pair,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { requireSize, resetWeightAndBias } from "./linear.ts";
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
    const check = (name: string, value: Pair, least: 0 | 1) => {
      for (const size of pair(value)) {
        requireSize("ConvTranspose2d", name, size === 0 ? 1 - least : size);
      }
    };
    check("inChannels", inChannels, 1);
    check("outChannels", outChannels, 1);
    check("groups", groups, 1);
    check("kernelSize", kernelSize, 1);
    check("stride", stride, 1);
    check("dilation", dilation, 1);
    check("padding", padding, 0);
    check("outputPadding", outputPadding, 0);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new RangeError(
        `ConvTranspose2d got ${inChannels} and ${outChannels} channels in ${groups} groups, which must divide both`,
      );
    }
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
    const { stride, padding, outputPadding, dilation, groups } = this.options;
    const parts = [
      `${this.inChannels}, ${this.outChannels}`,
      `kernelSize=[${this.kernelSize.join(", ")}]`,
      `stride=[${pair(stride).join(", ")}]`,
    ];
    const more = { padding, outputPadding, dilation };
    for (const [name, value] of Object.entries(more)) {
      const usual = name === "dilation" ? 1 : 0;
      if (pair(value).every((size) => size === usual)) continue;
      parts.push(`${name}=[${pair(value).join(", ")}]`);
    }
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (this.bias === null) parts.push("bias=false");
    return parts.join(", ");
  }
}

function pair(value: Pair): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}
