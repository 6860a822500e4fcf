/** What convolutions of all kinds check, make and print alike. */

import {
  type DType,
  type Pair,
  type Tensor,
  type Triple,
  zeros,
} from "@fdunn/tensor";
import { resetWeightAndBias } from "./linear.ts";
import { Module } from "./module.ts";
import { namedValues } from "./named_values.ts";
import { Parameter } from "./parameter.ts";
import { requireCount } from "@fdunn/tensor/op";

/** Both numbers of an option that may be given as one. */
export function pair(value: Pair): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}

/** All three numbers of an option that may be given as one. */
export function triple(
  value: Triple,
): readonly [number, number, number] {
  return typeof value === "number" ? [value, value, value] : value;
}

/** One number for all axes, or one for each. */
export type PerAxis = number | readonly number[];

/** How a window moves over its input: every option, none left to a default. */
export interface ConvolutionWindow {
  /** How far it moves. */
  readonly stride: PerAxis;
  /** How many zeros frame the input. */
  readonly padding: PerAxis;
  /** How far the result of a transposed convolution grows at its ends. */
  readonly outputPadding?: PerAxis;
  /** How far its elements are apart. */
  readonly dilation: PerAxis;
  /** Into how many groups the channels part. */
  readonly groups: number;
}

/** What a convolution is made of: see {@linkcode Convolution}. */
export interface ConvolutionPlan<
  Kernel extends PerAxis,
  Window extends ConvolutionWindow,
> {
  /** What errors call the layer. */
  layer: string;
  /** Channels of the input. */
  inChannels: number;
  /** Channels of the output. */
  outChannels: number;
  /** Size of the window. */
  kernelSize: Kernel;
  /** Stride, paddings, dilation and groups. */
  window: Window;
  /** Whether the weight has the input's channels first. */
  transposed?: boolean;
}

/** Options of a convolution's parameters. */
export interface ConvolutionParameterOptions {
  /** Whether to add a bias. Default `true`. */
  bias?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

/** What the convolutions share: they differ in axes and direction. */
export abstract class Convolution<
  Kernel extends PerAxis,
  Window extends ConvolutionWindow,
> extends Module<[Tensor]> {
  /**
   * `[outChannels, inChannels / groups, ...kernelSize]`; of a transposed one
   * `[inChannels, outChannels / groups, ...kernelSize]`.
   */
  weight: Parameter;
  /** `[outChannels]`, or null. */
  bias: Parameter | null;
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Size of the window. */
  readonly kernelSize: Kernel;
  /** Stride, paddings, dilation and groups. */
  readonly options: Readonly<Window>;

  /** Makes and initialises the parameters. */
  constructor(
    plan: ConvolutionPlan<Kernel, Window>,
    options: ConvolutionParameterOptions,
  ) {
    super();
    const { inChannels, outChannels, kernelSize, window } = plan;
    const { groups } = window;
    checkConvolution(plan.layer, {
      ...{ inChannels, outChannels, groups, kernelSize },
      ...window,
    });
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.options = window;
    const [first, second] = plan.transposed === true
      ? [inChannels, outChannels]
      : [outChannels, inChannels];
    const shape = [first, second / groups, ...each(kernelSize)];
    const dtype = options.dtype ?? "float32";
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

  /** Channels, window and what is not as by default. */
  override extraRepr(): string {
    const { kernelSize } = this;
    const { stride, padding, outputPadding = 0, dilation, groups } =
      this.options;
    const show = (name: string, value: PerAxis) =>
      namedValues({
        [name]: typeof kernelSize === "number" || typeof value !== "number"
          ? value
          : kernelSize.map(() => value),
      });
    const parts = [
      `${this.inChannels}, ${this.outChannels}`,
      show("kernelSize", kernelSize),
      show("stride", stride),
    ];
    for (const [name, value] of Object.entries({ padding, outputPadding })) {
      if (each(value).some((n) => n !== 0)) parts.push(show(name, value));
    }
    if (each(dilation).some((n) => n !== 1)) {
      parts.push(show("dilation", dilation));
    }
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (this.bias === null) parts.push("bias=false");
    return parts.join(", ");
  }
}

function each(value: PerAxis): readonly number[] {
  return typeof value === "number" ? [value] : value;
}

/** Sizes that may be zero; all others are at least one. */
const MAY_BE_ZERO = ["padding", "outputPadding"];

/** Throws unless all sizes are whole and groups divide the channels. */
function checkConvolution(
  layer: string,
  sizes: ConvolutionWindow & {
    inChannels: number;
    outChannels: number;
    kernelSize: PerAxis;
  },
): void {
  for (const [name, value] of Object.entries(sizes)) {
    for (const size of each(value as PerAxis)) {
      const zero = size === 0 && MAY_BE_ZERO.includes(name);
      if (!zero) requireCount(layer, name, size);
    }
  }
  const { inChannels, outChannels, groups } = sizes;
  if (inChannels % groups !== 0 || outChannels % groups !== 0) {
    throw new RangeError(
      `${layer} got ${inChannels} and ${outChannels} channels in ${groups} groups, which must divide both`,
    );
  }
}
