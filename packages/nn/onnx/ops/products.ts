/** Matrix products, convolutions, determinants. */

import { type Call, plain, type Translate, type Translators } from "../call.ts";
import type { Operand } from "../graph.ts";
import { derive, type Dim } from "../sizes.ts";

/** `x wᵀ + b` for matrices. */
const linear: Translate = ({ graph, inputs }) =>
  graph.add("Gemm", inputs, { transB: 1 });

/** How a window of any number of axes moves. */
export interface Window {
  /** Steps. */
  stride: readonly number[];
  /** Zeros on each side. */
  padding: readonly number[];
  /** Distances between taps. */
  dilation: readonly number[];
  /** Blocks of channels. */
  groups: number;
}

/** The attributes of Conv and ConvTranspose. */
export function windowAttributes(window: Window, kernel: readonly Dim[]) {
  const { stride, padding, dilation, groups } = window;
  return {
    kernel_shape: kernel,
    strides: stride,
    pads: [...padding, ...padding],
    dilations: dilation,
    group: groups,
  };
}

interface Convolution extends Window {
  input: readonly Dim[];
}

/** A convolution of any number of axes. */
export const convolution: Translate = (
  { graph, inputs, params }: Call<Window>,
) => graph.add("Conv", inputs, windowAttributes(params, kernelOf(inputs)));

/** The sizes of a convolution's window, which its weight has. */
export function kernelOf(inputs: readonly Operand[]): readonly Dim[] {
  return inputs[1]!.dims.slice(2);
}

/** `input` is the shape of the result: see the op. */
const convTranspose2d: Translate = (
  { graph, inputs, params }: Call<Convolution>,
) => {
  const { stride, padding, dilation } = params;
  const kernel = kernelOf(inputs);
  const output_padding = kernel.map((size, i) =>
    derive(
      [params.input[2 + i]!, inputs[0]!.dims[2 + i]!, size],
      (after, before, k) =>
        after - (before - 1) * stride[i]! + 2 * padding[i]! -
        dilation[i]! * (k - 1) - 1,
    )
  );
  return graph.add("ConvTranspose", inputs, {
    ...windowAttributes(params, kernel),
    output_padding,
  });
};

/** Products by op. */
export const PRODUCTS: Translators = {
  conv2d: convolution,
  convTranspose2d,
  det: plain("Det"),
  linear,
  matmul: plain("MatMul"),
};
