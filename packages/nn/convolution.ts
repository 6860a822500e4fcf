/** What convolutions of all kinds check, make and print alike. */

import type { Pair, Triple } from "@fdunn/tensor";
import { requireSize } from "./linear.ts";

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
type PerAxis = number | readonly number[];

/** The sizes of a convolution. */
interface ConvolutionSizes {
  inChannels: number;
  outChannels: number;
  groups: number;
  kernelSize: PerAxis;
  stride: PerAxis;
  dilation: PerAxis;
  padding: PerAxis;
  outputPadding?: PerAxis;
}

function each(value: PerAxis): readonly number[] {
  return typeof value === "number" ? [value] : value;
}

/** Sizes that may be zero; all others are at least one. */
const MAY_BE_ZERO = ["padding", "outputPadding"];

/** Throws unless all sizes are whole and groups divide the channels. */
export function checkConvolution(layer: string, sizes: ConvolutionSizes): void {
  for (const [name, value] of Object.entries(sizes)) {
    for (const size of each(value as PerAxis)) {
      const zero = size === 0 && MAY_BE_ZERO.includes(name);
      if (!zero) requireSize(layer, name, size);
    }
  }
  const { inChannels, outChannels, groups } = sizes;
  if (inChannels % groups !== 0 || outChannels % groups !== 0) {
    throw new RangeError(
      `${layer} got ${inChannels} and ${outChannels} channels in ${groups} groups, which must divide both`,
    );
  }
}

/** Channels, window and what is not as by default, as `extraRepr` shows it. */
export function convolutionRepr(
  sizes: ConvolutionSizes,
  hasBias: boolean,
  show: (value: PerAxis) => string,
): string {
  const { inChannels, outChannels, kernelSize, stride, groups } = sizes;
  const { padding, outputPadding = 0, dilation } = sizes;
  const parts = [
    `${inChannels}, ${outChannels}`,
    `kernelSize=${show(kernelSize)}`,
    `stride=${show(stride)}`,
  ];
  for (const [name, value] of Object.entries({ padding, outputPadding })) {
    if (each(value).some((n) => n !== 0)) parts.push(`${name}=${show(value)}`);
  }
  if (each(dilation).some((n) => n !== 1)) {
    parts.push(`dilation=${show(dilation)}`);
  }
  if (groups !== 1) parts.push(`groups=${groups}`);
  if (!hasBias) parts.push("bias=false");
  return parts.join(", ");
}

/** `[3, 3]`: a size of two axes. */
export function showPair(value: PerAxis): string {
  return `[${pair(value as Pair).join(", ")}]`;
}

/** `[3, 3, 3]`: a size of three axes. */
export function showTriple(value: PerAxis): string {
  return `[${triple(value as Triple).join(", ")}]`;
}
