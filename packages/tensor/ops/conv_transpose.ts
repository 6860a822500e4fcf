/** Transposed 2-D convolution: the adjoint of `conv2d` as a layer's map. */

import { ITEM_BYTES, requireFloat } from "../dtype.ts";
import { runInParts } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { formatShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { conv2d, type Conv2dOptions, type Pair, pairOf } from "./conv.ts";
import { requireSame } from "./matmul.ts";

type Two = readonly [number, number];

/** The convolution from `output` to `input` whose adjoint it is. */
interface ConvTransposeParams {
  input: Shape;
  weight: Shape;
  output: Shape;
  stride: Two;
  padding: Two;
  dilation: Two;
  groups: number;
}

/** That convolution's sizes in the kernels' order, for `n` of the images. */
function sizesOf(p: ConvTransposeParams, n: number): number[] {
  const [, c, h, w] = p.output;
  const [o, , kernelH, kernelW] = p.weight;
  return [
    ...[n, c!, h!, w!, o!, kernelH!, kernelW!],
    ...[...p.stride, ...p.padding, ...p.dilation, p.groups],
  ];
}

function flopsOf(p: ConvTransposeParams): number {
  return 2 * sizeOf(p.input) * sizeOf(p.weight.slice(1));
}

/** Bytes of one image of a batch. */
function imageBytes(x: NdArray): number {
  return x.size / x.shape[0]! * ITEM_BYTES[x.dtype];
}

/** Bilinear in x and weight. */
const CONV_TRANSPOSE2D: Op<ConvTransposeParams> = {
  name: "convTranspose2d",
  saves: [0b10, 0b01],
  forward: (p, x, weight) => {
    requireFloat("convTranspose2d", x.dtype);
    const [input, w] = [contiguous(x), contiguous(weight!)];
    const out = allocate(p.output, x.dtype);
    if (out.size === 0) return out;
    const [px, pw, po] = [pointer(input), pointer(w), writable(out)];
    const [from, to] = [imageBytes(input), imageBytes(out)];
    const kernel = "conv2d_grad_input";
    // Four images at least, since kernels choose other ways for less.
    const [n, flops] = [p.input[0]!, flopsOf(p)];
    runInParts(kernel, x.dtype, n, 4, flops, (i, end, scratch) => [
      ...sizesOf(p, end - i),
      ...[px + i * from, pw, po + i * to, scratch],
    ]);
    return out;
  },
  backward: (node, grad) => {
    const [x, weight] = [node.input(0), node.input(1)];
    const p = node.params;
    return [
      node.needs(0) ? conv2d(grad, weight, null, p) : null,
      node.needs(1) ? apply(CONV_TRANSPOSE2D_GRAD_WEIGHT, [grad, x], p) : null,
    ];
  },
};

/** Bilinear in grad, which has the output's shape, and x. */
const CONV_TRANSPOSE2D_GRAD_WEIGHT: Op<ConvTransposeParams> = {
  name: "convTranspose2dGradWeight",
  saves: [0b10, 0b01],
  forward: (p, grad, x) => {
    const [g, input] = [contiguous(grad), contiguous(x!)];
    const out = allocate(p.weight, grad.dtype);
    if (out.size === 0) return out;
    const [pg, px, po] = [pointer(g), pointer(input), writable(out)];
    const sizes = sizesOf(p, p.input[0]!);
    const [o, kernel] = [p.weight[0]!, "conv2d_grad_weight"] as const;
    runInParts(kernel, grad.dtype, o, o, 0, (from, to, scratch) => [
      ...sizes,
      ...[from, to, pg, px, po, scratch],
    ]);
    return out;
  },
  backward: (node, gg) => {
    const [grad, x] = [node.input(0), node.input(1)];
    const p = node.params;
    return [
      node.needs(0) ? apply(CONV_TRANSPOSE2D, [x, gg], p) : null,
      node.needs(1) ? conv2d(grad, gg, null, p) : null,
    ];
  },
};

/** Options of {@linkcode convTranspose2d}. */
export interface ConvTranspose2dOptions extends Conv2dOptions {
  /** Rows and columns more on one side; less than the stride. Default 0. */
  outputPadding?: Pair;
}

/**
 * Transposed convolution of a batch of images: each input pixel adds a
 * multiple of the kernel to the output. The gradient of `conv2d` to its input.
 *
 * Shapes: x `[N, C, H, W]` or `[C, H, W]`, weight `[C, O / groups, kH, kW]`,
 * bias `[O]` or null; result `[N, O, H', W']` with `H' = (H - 1) stride -
 * 2 padding + dilation (kH - 1) + outputPadding + 1`. float32 or float64.
 *
 * ```ts
 * import { convTranspose2d, ones } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const y = convTranspose2d(ones([1, 1, 2, 2]), ones([1, 1, 2, 2]), null, {
 *   stride: 2,
 * });
 * assertEquals(y.toArray(), ones([1, 1, 4, 4]).toArray());
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTranspose2dOptions = {},
): Tensor {
  const op = "convTranspose2d";
  if (x.shape.length === 3) {
    return convTranspose2d(x.unsqueeze(0), weight, bias, options).squeeze(0);
  }
  if (x.shape.length !== 4 || weight.shape.length !== 4) {
    throw new RangeError(
      `${op}() got input ${formatShape(x.shape)} and weight ${
        formatShape(weight.shape)
      }, expected [N, C, H, W] and [C, O / groups, kH, kW]`,
    );
  }
  const stride = pairOf(op, "stride", options.stride ?? 1, 1);
  const padding = pairOf(op, "padding", options.padding ?? 0, 0);
  const dilation = pairOf(op, "dilation", options.dilation ?? 1, 1);
  const extra = pairOf(op, "outputPadding", options.outputPadding ?? 0, 0);
  const groups = options.groups ?? 1;
  const [n, c] = x.shape as [number, number, number, number];
  const [channels, perGroup] = weight.shape as [number, number];
  if (
    !Number.isInteger(groups) || groups < 1 || c !== channels ||
    c % groups !== 0
  ) {
    throw new RangeError(
      `${op}() got input ${formatShape(x.shape)}, weight ${
        formatShape(weight.shape)
      } and groups ${groups}: the input's channels must be the weight's first size, and groups must divide them`,
    );
  }
  const o = perGroup * groups;
  if (bias !== null && (bias.shape.length !== 1 || bias.shape[0] !== o)) {
    throw new RangeError(
      `${op}() got bias ${formatShape(bias.shape)}, expected [${o}]`,
    );
  }
  requireSame(op, x, weight, bias);
  const size = [0, 1].map((i) => {
    const [at, kernel] = [x.shape[2 + i]!, weight.shape[2 + i]!];
    if (extra[i]! >= stride[i]!) {
      throw new RangeError(
        `${op}() got outputPadding ${extra[i]} and stride ${
          stride[i]
        }: it must be less than the stride`,
      );
    }
    const pixels = (at - 1) * stride[i]! - 2 * padding[i]! +
      dilation[i]! * (kernel - 1) + extra[i]! + 1;
    if (at > 0 && kernel > 0 && pixels > 0) return pixels;
    throw new RangeError(
      `${op}() got input ${formatShape(x.shape)} and weight ${
        formatShape(weight.shape)
      }: the output would have ${Math.max(0, pixels)} pixels along an axis`,
    );
  });
  const output = [n, o, ...size];
  const sizes = { input: x.shape, weight: weight.shape, output };
  const params = { ...sizes, stride, padding, dilation, groups };
  const y = apply(CONV_TRANSPOSE2D, [x, weight], params);
  return bias === null ? y : y.add(bias.reshape([o, 1, 1]));
}
