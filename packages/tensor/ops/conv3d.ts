/** 3-D convolution: a 2-D one whose channels are those of some slices. */

import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { conv2d, windows } from "./conv.ts";
import { requireSame } from "./matmul.ts";
import { pad } from "./pad.ts";
import { windowsOf } from "./window.ts";

/** One number for three axes, or `[depth, height, width]`. */
export type Triple = number | readonly [number, number, number];

/** Options of {@linkcode conv3d}. */
export interface Conv3dOptions {
  /** Step of the window. Default 1. */
  stride?: Triple;
  /** Zeros added on each side. Default 0. */
  padding?: Triple;
  /** Distance between the kernel's taps. Default 1. */
  dilation?: Triple;
  /** Blocks of channels that see only each other. Default 1. */
  groups?: number;
}

function tripleOf(
  option: string,
  value: Triple,
  least: number,
): readonly [number, number, number] {
  const triple = typeof value === "number"
    ? [value, value, value] as const
    : value;
  const valid = triple.length === 3 &&
    triple.every((number) => Number.isInteger(number) && number >= least);
  if (valid) return triple;
  throw new RangeError(
    `conv3d() got ${option} ${
      typeof value === "number" ? value : formatShape(value)
    }, expected a whole number of at least ${least}, or three of them`,
  );
}

/**
 * Cross-correlation of a batch of volumes with a bank of kernels.
 *
 * Shapes: x `[N, C, D, H, W]` or `[C, D, H, W]`, weight
 * `[O, C / groups, kD, kH, kW]`, bias `[O]` or null; result
 * `[N, O, D', H', W']` with
 * `D' = floor((D + 2 padding - dilation (kD - 1) - 1) / stride) + 1`, H' and
 * W' alike. float32 or float64.
 *
 * ```ts
 * import { conv3d, ones } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const y = conv3d(ones([1, 1, 3, 3, 3]), ones([1, 1, 2, 2, 2]));
 * assertEquals(y.shape, [1, 1, 2, 2, 2]);
 * assertEquals(y.sum().item(), 64);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv3d.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function conv3d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: Conv3dOptions = {},
): Tensor {
  if (x.ndim === 4) {
    return conv3d(x.unsqueeze(0), weight, bias, options).squeeze(0);
  }
  if (x.ndim !== 5 || weight.ndim !== 5 || weight.size === 0) {
    throw new RangeError(
      `conv3d() got input ${formatShape(x.shape)} and weight ${
        formatShape(weight.shape)
      }, expected [N, C, D, H, W] and [O, C / groups, kD, kH, kW]`,
    );
  }
  const stride = tripleOf("stride", options.stride ?? 1, 1);
  const padding = tripleOf("padding", options.padding ?? 0, 0);
  const dilation = tripleOf("dilation", options.dilation ?? 1, 1);
  const groups = options.groups ?? 1;
  type Volumes = [number, number, number, number, number];
  const [n, c, d, h, w] = x.shape as Volumes;
  const [o, perGroup, kernelD, kernelH, kernelW] = weight.shape as Volumes;
  if (
    !Number.isInteger(groups) || groups < 1 || c !== perGroup * groups ||
    o % groups !== 0
  ) {
    throw new RangeError(
      `conv3d() got input ${formatShape(x.shape)}, weight ${
        formatShape(weight.shape)
      } and groups ${groups}: the input's channels must be the weight's second size times groups, and groups must divide the weight's first size`,
    );
  }
  if (bias !== null && (bias.ndim !== 1 || bias.size !== o)) {
    throw new RangeError(
      `conv3d() got bias ${formatShape(bias.shape)}, expected [${o}]`,
    );
  }
  requireSame("conv3d", x, weight, bias);
  const along = (i: 0 | 1 | 2, size: number, kernel: number) =>
    windows("conv3d", size, kernel, stride[i], padding[i], dilation[i]);
  const [depth, high, wide] = [
    along(0, d, kernelD),
    along(1, h, kernelH),
    along(2, w, kernelW),
  ];
  // The slices that a slice of the result sees, as so many times the channels:
  // [N, C, D', H, W, kD] -> [N D', C kD, H, W].
  const [front] = padding;
  const framed = front === 0 ? x : pad(x, [0, 0, 0, 0, front, front]);
  const slices = windowsOf(framed, {
    dim: 2,
    size: kernelD,
    step: stride[0],
    dilation: dilation[0],
    count: depth,
  }).permute([0, 2, 1, 5, 3, 4]).reshape([n * depth, c * kernelD, h, w]);
  const kernels = weight
    .reshape([o, perGroup * kernelD, kernelH, kernelW]);
  const y = conv2d(slices, kernels, bias, {
    stride: [stride[1], stride[2]],
    padding: [padding[1], padding[2]],
    dilation: [dilation[1], dilation[2]],
    groups,
  });
  // Row-major once, here: what follows would copy it more often.
  return y.reshape([n, depth, o, high, wide]).permute([0, 2, 1, 3, 4])
    .contiguous();
}
