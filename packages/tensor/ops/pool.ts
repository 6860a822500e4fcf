/** Max and average pooling over windows of images. */

import { ITEM_BYTES, requireFloat } from "../dtype.ts";
import { mode } from "../grad_mode.ts";
import { runInParts } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, applyMany, type Op } from "../op.ts";
import { gather, scatter, scatteredOf, scatterTo } from "../scattered.ts";
import { formatShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type Pair, pairOf } from "./conv.ts";
import { poolWindows } from "./pool_window.ts";

type Two = readonly [number, number];

interface PoolParams {
  input: Shape;
  output: Shape;
  kernel: Two;
  stride: Two;
  padding: Two;
  dilation: Two;
  countIncludePad: boolean;
  /** The version of the result: another one says that it was changed. */
  version: number;
}

/** Floating point operations that cost as much as one value of a window. */
const TAP_WORK = 12;
/** What pooling all planes costs, in floating point operations. */
function workOf(p: PoolParams): number {
  return TAP_WORK * sizeOf(p.output) * p.kernel[0] * p.kernel[1];
}

const MAX_POOL2D: Op<PoolParams> = {
  name: "maxPool2d",
  saves: "none",
  forward: (p, x) => {
    requireFloat("maxPool2d", x.dtype);
    const input = contiguous(x);
    const out = allocate(p.output, x.dtype);
    const indices = allocate(p.output, "int32");
    if (out.size === 0) return [out, indices];
    const from = planeOf(p.input), to = planeOf(p.output);
    const item = ITEM_BYTES[x.dtype];
    const px = pointer(input), po = writable(out), pi = writable(indices);
    const { kernel, stride, padding, dilation, input: full, output } = p;
    runInParts(
      "max_pool2d",
      x.dtype,
      planesOf(full),
      1,
      workOf(p),
      // deno-fmt-ignore
      (first, end, scratch) => [
        end - first, full[2]!, full[3]!, kernel[0], kernel[1], stride[0],
        stride[1], padding[0], padding[1], dilation[0], dilation[1], output[2]!,
        output[3]!, px + item * first * from, po + item * first * to,
        pi + 4 * first * to, scratch,
      ],
    );
    p.version = out.storage.version;
    return [out, indices];
  },
  backward: (node, grad) => {
    const p = node.params;
    const back = apply(MAX_POOL2D_BACKWARD, [grad, node.outputs[1]!], p);
    const pooled = node.output.array;
    if (pooled.storage.live && pooled.storage.version === p.version) {
      scatteredOf(back.array)?.know(node.input(0).array, pooled);
    }
    return [back];
  },
};

/** Adds each output's gradient at the input that was largest. */
const MAX_POOL2D_BACKWARD: Op<PoolParams> = {
  name: "maxPool2dBackward",
  saves: [0b10, 0],
  forward: (p, grad, indices) => {
    if (mode.inner && grad.dtype === "float32" && grad.size > 0) {
      return scatter(grad, indices!, p.input);
    }
    const out = allocate(p.input, grad.dtype);
    scatterTo(grad, indices!, p.input, writable(out));
    return out;
  },
  backward: (node, gg) => [
    apply(PLANE_GATHER, [gg, node.input(1)], node.params),
    null,
  ],
};

/** The adjoint: picks what stands at the largest inputs' places. */
const PLANE_GATHER: Op<PoolParams> = {
  name: "maxPool2dGather",
  saves: [0b10, 0],
  forward: (_, x, indices) => gather(x, indices!),
  backward: (node, grad) => [
    apply(MAX_POOL2D_BACKWARD, [grad, node.input(1)], node.params),
    null,
  ],
};

/** How many planes. */
function planesOf(shape: Shape): number {
  return shape[0]! * shape[1]!;
}

function planeOf(shape: Shape): number {
  return shape[2]! * shape[3]!;
}

const AVG_POOL2D: Op<PoolParams> = {
  name: "avgPool2d",
  saves: "none",
  forward: (p, x) => average("avg_pool2d", p, x, p.input, p.output),
  backward: (node, grad) => [apply(AVG_POOL2D_BACKWARD, [grad], node.params)],
};

const AVG_POOL2D_BACKWARD: Op<PoolParams> = {
  name: "avgPool2dBackward",
  saves: "none",
  forward: (p, grad) =>
    average("avg_pool2d_backward", p, grad, p.output, p.input),
  backward: (node, grad) => [apply(AVG_POOL2D, [grad], node.params)],
};

function average(
  kernel: "avg_pool2d" | "avg_pool2d_backward",
  p: PoolParams,
  x: NdArray,
  before: Shape,
  after: Shape,
): NdArray {
  requireFloat("avgPool2d", x.dtype);
  const source = contiguous(x);
  const out = allocate(after, x.dtype);
  if (out.size === 0) return out;
  const [px, po] = [pointer(source), writable(out)];
  const item = ITEM_BYTES[x.dtype];
  const [from, to] = [planeOf(before) * item, planeOf(after) * item];
  const planes = planesOf(p.input);
  runInParts(kernel, x.dtype, planes, 1, workOf(p), (first, end, scratch) => [
    ...[end - first, p.input[2]!, p.input[3]!, ...p.kernel, ...p.stride],
    ...[...p.padding, p.countIncludePad ? 1 : 0, p.output[2]!, p.output[3]!],
    ...[px + first * from, po + first * to, scratch],
  ]);
  return out;
}

/** Options of {@linkcode maxPool2d}. */
export interface MaxPool2dOptions {
  /** Step of the window. Default: the kernel's size. */
  stride?: Pair;
  /** Added on each side, never chosen. At most half the kernel. Default 0. */
  padding?: Pair;
  /** Distance between the window's taps. Default 1. */
  dilation?: Pair;
  /** Whether windows may hang over the end. Default `false`. */
  ceilMode?: boolean;
}

/** Options of {@linkcode avgPool2d}. */
export interface AvgPool2dOptions {
  /** Step of the window. Default: the kernel's size. */
  stride?: Pair;
  /** Zeros added on each side. At most half the kernel. Default 0. */
  padding?: Pair;
  /** Whether the zeros count in the average. Default `true`. */
  countIncludePad?: boolean;
  /** Whether windows may hang over the end. Default `false`. */
  ceilMode?: boolean;
}

/** Values and positions of {@linkcode maxPool2d}, in a batch of images. */
export function maxPooled(
  op: string,
  x: Tensor,
  kernelSize: Pair,
  options: MaxPool2dOptions,
): Tensor[] {
  const p = paramsOf(op, x, kernelSize, options, true);
  return applyMany(MAX_POOL2D, [x], p);
}

/**
 * The largest value of each window.
 *
 * Shapes: x `[N, C, H, W]` or `[C, H, W]`; H and W shrink as
 * `floor((H + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`. Of equal
 * values the first takes the gradient; NaN wins. float32 or float64.
 *
 * ```ts
 * import { arange, maxPool2d } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = arange(16).reshape([1, 1, 4, 4]);
 * assertEquals(maxPool2d(x, 2).toArray(), [[[[5, 7], [13, 15]]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function maxPool2d(
  x: Tensor,
  kernelSize: Pair,
  options: MaxPool2dOptions = {},
): Tensor {
  if (x.shape.length === 3) {
    return maxPool2d(x.unsqueeze(0), kernelSize, options).squeeze(0);
  }
  return maxPooled("maxPool2d", x, kernelSize, options)[0]!;
}

/**
 * The mean of each window.
 *
 * Shapes as in {@linkcode maxPool2d}, without dilation. float32 or float64.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function avgPool2d(
  x: Tensor,
  kernelSize: Pair,
  options: AvgPool2dOptions = {},
): Tensor {
  if (x.shape.length === 3) {
    return avgPool2d(x.unsqueeze(0), kernelSize, options).squeeze(0);
  }
  const include = options.countIncludePad ?? true;
  const p = paramsOf("avgPool2d", x, kernelSize, options, include);
  return apply(AVG_POOL2D, [x], p);
}

type Images = [n: number, c: number, h: number, w: number];

/** The sizes of images; throws for other tensors. */
export function imagesOf(op: string, x: Tensor): Images {
  if (x.shape.length === 4) return [...x.shape] as Images;
  throw new RangeError(
    `${op}() got input ${
      formatShape(x.shape)
    }, expected [N, C, H, W] or [C, H, W]`,
  );
}

function paramsOf(
  op: string,
  x: Tensor,
  kernelSize: Pair,
  options: MaxPool2dOptions,
  countIncludePad: boolean,
): PoolParams {
  const [n, c, h, w] = imagesOf(op, x);
  const kernel = pairOf(op, "kernelSize", kernelSize, 1);
  const stride = pairOf(op, "stride", options.stride ?? kernel, 1);
  const padding = pairOf(op, "padding", options.padding ?? 0, 0);
  const dilation = pairOf(op, "dilation", options.dilation ?? 1, 1);
  for (let i = 0; i < 2; i++) {
    if (padding[i]! * 2 > kernel[i]!) {
      throw new RangeError(
        `${op}() got padding ${formatShape(padding)} and kernelSize ${
          formatShape(kernel)
        }: padding must be at most half of the kernel`,
      );
    }
  }
  const window = { kernel, stride, padding, dilation };
  const ceil = options.ceilMode ?? false;
  const output = [
    n,
    c,
    poolWindows(op, h, 0, window, ceil),
    poolWindows(op, w, 1, window, ceil),
  ];
  return { input: x.shape, output, ...window, countIncludePad, version: 0 };
}
