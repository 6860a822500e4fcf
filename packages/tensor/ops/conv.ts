/** 2-D convolution and its two adjoints, each an op with gradients. */

import { ITEM_BYTES, requireFloat } from "../dtype.ts";
import { floatKernels, runInParts } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { scatteredOf } from "../scattered.ts";
import { formatShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { sparseGradInput, sparseGradWeight } from "./conv_sparse.ts";
import { linear } from "./linear.ts";
import { requireSame } from "./matmul.ts";

/** Output channels whose weight gradients one thread computes at least. */
const CHANNEL_GRAIN = 4;

/** One number for both axes, or `[height, width]`. */
export type Pair = number | readonly [number, number];

/** Options of {@linkcode conv2d}. */
export interface Conv2dOptions {
  /** Step of the window. Default 1. */
  stride?: Pair;
  /** Zeros added on each side. Default 0. */
  padding?: Pair;
  /** Distance between the kernel's taps. Default 1. */
  dilation?: Pair;
  /** Blocks of channels that see only each other. Default 1. */
  groups?: number;
}

/** Every size of one convolution. */
export interface Conv2dParams {
  /** `[N, C, H, W]`. */
  input: Shape;
  /** `[O, C / groups, kH, kW]`. */
  weight: Shape;
  /** `[N, O, H', W']`. */
  output: Shape;
  /** Step of the window. */
  stride: readonly [number, number];
  /** Zeros on each side. */
  padding: readonly [number, number];
  /** Distance between taps. */
  dilation: readonly [number, number];
  /** Blocks of channels. */
  groups: number;
}

/** The sizes in the kernels' order, for `n` of the images, and what follows. */
function argumentsOf(p: Conv2dParams, n: number, ...rest: number[]): number[] {
  const { input, weight, stride, padding, dilation } = p;
  // Spreads and destructured arrays cost more than small convolutions.
  // deno-fmt-ignore
  const all = [
    n, input[1]!, input[2]!, input[3]!, weight[0]!, weight[2]!, weight[3]!,
    stride[0], stride[1], padding[0], padding[1], dilation[0], dilation[1],
    p.groups,
  ];
  for (let i = 0; i < rest.length; i++) all.push(rest[i]!);
  return all;
}

const CONV2D: Op<Conv2dParams> = {
  name: "conv2d",
  saves: [0b10, 0b01, 0],
  forward: (p, x, weight, bias) => {
    requireFloat("conv2d", x.dtype);
    const input = contiguous(x), w = contiguous(weight!);
    const b = bias === undefined ? null : contiguous(bias);
    const out = allocate(p.output, x.dtype);
    if (out.size === 0) return out;
    const px = pointer(input), pw = pointer(w);
    const pb = b === null ? 0 : pointer(b);
    const from = imageBytes(input), to = imageBytes(out);
    const po = writable(out);
    const n = p.input[0]!, grain = imageGrain(p.output);
    runInParts(
      "conv2d",
      x.dtype,
      n,
      grain,
      flopsOf(p),
      (i, end, scratch) =>
        argumentsOf(p, end - i, px + i * from, pw, pb, po + i * to, scratch),
    );
    return out;
  },
  backward: (node, grad) => {
    const [x, weight] = [node.input(0), node.input(1)];
    const p = node.params;
    const grads = [
      node.needs(0) ? apply(CONV2D_GRAD_INPUT, [grad, weight], p) : null,
      node.needs(1) ? apply(CONV2D_GRAD_WEIGHT, [x, grad], p) : null,
    ];
    if (node.inputs.length === 3) {
      grads.push(node.needs(2) ? apply(CONV2D_GRAD_BIAS, [grad], p) : null);
    }
    return grads;
  },
};

/** Bilinear in gradient and weight, like every map of the three. */
const CONV2D_GRAD_INPUT: Op<Conv2dParams> = {
  name: "conv2dGradInput",
  saves: [0b10, 0b01],
  forward: (p, grad, weight) =>
    sparseGradInput(p, grad, weight!) ?? convolveBack(p, grad, weight!),
  backward: (node, gg) => {
    const [grad, weight] = [node.input(0), node.input(1)];
    const p = node.params;
    return [
      node.needs(0) ? apply(CONV2D, [gg, weight], p) : null,
      node.needs(1) ? apply(CONV2D_GRAD_WEIGHT, [gg, grad], p) : null,
    ];
  },
};

/** The adjoint of a convolution: from its output's shape to its input's. */
export function convolveBack(
  p: Conv2dParams,
  grad: NdArray,
  weight: NdArray,
): NdArray {
  const g = contiguous(grad), w = contiguous(weight);
  const out = allocate(p.input, grad.dtype);
  if (out.size === 0) return out;
  const pg = pointer(g), pw = pointer(w);
  const from = imageBytes(g), to = imageBytes(out);
  const po = writable(out);
  const n = p.input[0]!, grain = imageGrain(p.input);
  runInParts(
    "conv2d_grad_input",
    grad.dtype,
    n,
    grain,
    flopsOf(p),
    (i, end, scratch) =>
      argumentsOf(p, end - i, pg + i * from, pw, po + i * to, scratch),
  );
  return out;
}

const CONV2D_GRAD_WEIGHT: Op<Conv2dParams> = {
  name: "conv2dGradWeight",
  saves: [0b10, 0b01],
  forward: (p, x, grad) => {
    const sparse = sparseGradWeight(p, x, grad!);
    if (sparse !== null) return sparse;
    const input = contiguous(x), g = contiguous(grad!);
    const out = allocate(p.weight, x.dtype);
    if (out.size === 0) return out;
    const px = pointer(input), pg = pointer(g), po = writable(out);
    const n = p.input[0]!, o = p.weight[0]!;
    runInParts(
      "conv2d_grad_weight",
      x.dtype,
      o,
      CHANNEL_GRAIN,
      flopsOf(p),
      (from, to, scratch) => argumentsOf(p, n, from, to, px, pg, po, scratch),
    );
    return out;
  },
  backward: (node, gg) => {
    const [x, grad] = [node.input(0), node.input(1)];
    const p = node.params;
    return [
      node.needs(0) ? apply(CONV2D_GRAD_INPUT, [grad, gg], p) : null,
      node.needs(1) ? apply(CONV2D, [x, gg], p) : null,
    ];
  },
};

/** The gradient of a convolution to its weight, as a differentiable map. */
export function conv2dGradWeight(
  x: Tensor,
  grad: Tensor,
  p: Conv2dParams,
): Tensor {
  return apply(CONV2D_GRAD_WEIGHT, [x, grad], p);
}

/**
 * Images that one thread computes at least. For results of few pixels the
 * kernels go another way from four images on.
 */
function imageGrain(result: Shape): number {
  return result[2]! * result[3]! < 64 ? 4 : 1;
}

/** Bytes of one image of a batch. */
function imageBytes(x: NdArray): number {
  return x.size / x.shape[0]! * ITEM_BYTES[x.dtype];
}

/** Multiplications and additions of one pass. */
function flopsOf(p: Conv2dParams): number {
  const perOutput = sizeOf(p.weight) / Math.max(1, p.weight[0]!);
  return 2 * sizeOf(p.output) * perOutput;
}

/** Sums over all but the channels. */
const CONV2D_GRAD_BIAS: Op<Conv2dParams> = {
  name: "conv2dGradBias",
  saves: "none",
  forward: (_, grad) => {
    const kernel = floatKernels("conv2d", grad.dtype).conv2d_grad_bias;
    // Zeros add nothing.
    const g = contiguous(scatteredOf(grad)?.values ?? grad);
    const [n, o, h, w] = g.shape as [number, number, number, number];
    const out = allocate([o], grad.dtype);
    if (o > 0) kernel(n, o, h * w, pointer(g), writable(out));
    return out;
  },
  backward: (node, gg) => [
    gg.reshape([1, gg.size, 1, 1]).expand(node.params.output),
  ],
};

/**
 * Cross-correlation of a batch of images with a bank of kernels.
 *
 * Shapes: x `[N, C, H, W]`, weight `[O, C / groups, kH, kW]`, bias `[O]` or
 * null; result `[N, O, H', W']` with
 * `H' = floor((H + 2 padding - dilation (kH - 1) - 1) / stride) + 1`.
 * float32 or float64.
 *
 * ```ts
 * import { conv2d, ones } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const y = conv2d(ones([1, 1, 3, 3]), ones([1, 1, 2, 2]), null, { padding: 1 });
 * assertEquals(y.shape, [1, 1, 4, 4]);
 * assertEquals(y.sum().item(), 36);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: Conv2dOptions = {},
): Tensor {
  if (x.shape.length === 3) {
    return conv2d(x.unsqueeze(0), weight, bias, options).squeeze(0);
  }
  if (x.shape.length !== 4 || weight.shape.length !== 4) {
    throw new RangeError(
      `conv2d() got input ${formatShape(x.shape)} and weight ${
        formatShape(weight.shape)
      }, expected [N, C, H, W] and [O, C / groups, kH, kW]`,
    );
  }
  const stride = pairOf("conv2d", "stride", options.stride ?? 1, 1);
  const padding = pairOf("conv2d", "padding", options.padding ?? 0, 0);
  const dilation = pairOf("conv2d", "dilation", options.dilation ?? 1, 1);
  const groups = options.groups ?? 1;
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [o, perGroup, kernelH, kernelW] = weight.shape as [
    number,
    number,
    number,
    number,
  ];
  if (kernelH === 0 || kernelW === 0) {
    throw new RangeError(
      `conv2d() got weight ${
        formatShape(weight.shape)
      }: its kernels must have at least one element`,
    );
  }
  if (
    !Number.isInteger(groups) || groups < 1 || c !== perGroup * groups ||
    o % groups !== 0
  ) {
    throw new RangeError(
      `conv2d() got input ${formatShape(x.shape)}, weight ${
        formatShape(weight.shape)
      } and groups ${groups}: the input's channels must be the weight's second size times groups, and groups must divide the weight's first size`,
    );
  }
  if (bias !== null && (bias.shape.length !== 1 || bias.shape[0] !== o)) {
    throw new RangeError(
      `conv2d() got bias ${formatShape(bias.shape)}, expected [${o}]`,
    );
  }
  requireSame("conv2d", x, weight, bias);
  const whole = kernelH === h && kernelW === w && padding[0] === 0 &&
    padding[1] === 0 && groups === 1;
  if (whole) {
    // One window for a picture: a linear layer over all of its values.
    const rows = linear(x.flatten(1), weight.flatten(1), bias);
    return rows.unsqueeze(2).unsqueeze(3);
  }
  const output = [
    n,
    o,
    windows("conv2d", h, kernelH, stride[0], padding[0], dilation[0]),
    windows("conv2d", w, kernelW, stride[1], padding[1], dilation[1]),
  ];
  const params: Conv2dParams = {
    input: x.shape,
    weight: weight.shape,
    output,
    stride,
    padding,
    dilation,
    groups,
  };
  const inputs = bias === null ? [x, weight] : [x, weight, bias];
  return apply(CONV2D, inputs, params);
}

/** How often a window fits along one axis; throws when not once. */
export function windows(
  op: string,
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
): number {
  const span = dilation * (kernel - 1) + 1;
  const padded = size + 2 * padding;
  if (span > padded) {
    throw new RangeError(
      `${op}() got a kernel that spans ${span} over an axis of size ${size} with padding ${padding}: it must not be larger than ${padded}`,
    );
  }
  return Math.floor((padded - span) / stride) + 1;
}

/** One number or two as two; throws unless whole and at least `least`. */
export function pairOf(
  op: string,
  option: string,
  value: Pair,
  least: number,
): readonly [number, number] {
  const pair = typeof value === "number" ? [value, value] as const : value;
  const valid = pair.length === 2 && Number.isInteger(pair[0]) &&
    Number.isInteger(pair[1]) && pair[0] >= least && pair[1] >= least;
  if (!valid) {
    throw new RangeError(
      `${op}() got ${option} ${
        typeof value === "number" ? value : formatShape(value)
      }, expected a whole number of at least ${least}, or two of them`,
    );
  }
  return pair;
}
