/**
 * Pooling of sequences: 2-D pooling over images whose rows are the channels,
 * of which kernels take several at a time; adaptive pooling over images of one
 * row.
 */

import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { pairOf } from "./conv.ts";
import { adaptiveMaxPool2d } from "./adaptive_max_pool.ts";
import { adaptiveAvgPool2d } from "./adaptive_avg_pool.ts";
import { avgPool2d, maxPool2d } from "./pool.ts";

/** Options of {@linkcode avgPool1d}. */
export interface AvgPool1dOptions {
  /** Step of the window. Default: the kernel's size. */
  stride?: number;
  /** Zeros added on each side. At most half the kernel. Default 0. */
  padding?: number;
  /** Whether windows may hang over the end. Default `false`. */
  ceilMode?: boolean;
  /** Whether the zeros count in the average. Default `true`. */
  countIncludePad?: boolean;
}

/** Options of {@linkcode maxPool1d}. */
export interface MaxPool1dOptions {
  /** Step of the window. Default: the kernel's size. */
  stride?: number;
  /** Added on each side, never chosen. At most half the kernel. Default 0. */
  padding?: number;
  /** Distance between the window's taps. Default 1. */
  dilation?: number;
  /** Whether windows may hang over the end. Default `false`. */
  ceilMode?: boolean;
}

/** Throws unless the input is a batch of sequences or one. */
function requireSequences(op: string, x: Tensor): void {
  if (x.ndim === 2 || x.ndim === 3) return;
  throw new RangeError(
    `${op}() got input ${formatShape(x.shape)}, expected [N, C, L] or [C, L]`,
  );
}

/** Throws unless the window is whole and its padding at most half of it. */
function requireWindow(
  op: string,
  kernelSize: number,
  { stride = kernelSize, padding = 0, dilation = 1 }: MaxPool1dOptions,
): void {
  pairOf(op, "kernelSize", kernelSize, 1);
  pairOf(op, "stride", stride, 1);
  pairOf(op, "padding", padding, 0);
  pairOf(op, "dilation", dilation, 1);
  if (padding * 2 <= kernelSize) return;
  throw new RangeError(
    `${op}() got padding ${padding} and kernelSize ${kernelSize}: padding must be at most half of the kernel`,
  );
}

/**
 * The largest value of each window.
 *
 * Shapes: x `[N, C, L]` or `[C, L]`; L shrinks as
 * `floor((L + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`. Of equal
 * values the first takes the gradient; NaN wins. float32 or float64.
 *
 * ```ts
 * import { maxPool1d, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(maxPool1d(tensor([[1, 3, 2, 0]]), 2).toArray(), [[3, 2]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function maxPool1d(
  x: Tensor,
  kernelSize: number,
  options: MaxPool1dOptions = {},
): Tensor {
  requireSequences("maxPool1d", x);
  requireWindow("maxPool1d", kernelSize, options);
  const { stride = kernelSize, padding = 0, dilation = 1 } = options;
  const { ceilMode = false } = options;
  return maxPool2d(x.unsqueeze(-3), [1, kernelSize], {
    stride: [1, stride],
    padding: [0, padding],
    dilation: [1, dilation],
    ceilMode,
  }).squeeze(-3);
}

/**
 * The mean of each window.
 *
 * Shapes as in {@linkcode maxPool1d}, without dilation. float32 or float64.
 *
 * ```ts
 * import { avgPool1d, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(avgPool1d(tensor([[1, 3, 2, 0]]), 2).toArray(), [[2, 1]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool1d.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function avgPool1d(
  x: Tensor,
  kernelSize: number,
  options: AvgPool1dOptions = {},
): Tensor {
  requireSequences("avgPool1d", x);
  requireWindow("avgPool1d", kernelSize, options);
  const { stride = kernelSize, padding = 0, ceilMode = false } = options;
  const { countIncludePad = true } = options;
  return avgPool2d(x.unsqueeze(-3), [1, kernelSize], {
    stride: [1, stride],
    padding: [0, padding],
    countIncludePad,
    ceilMode,
  }).squeeze(-3);
}

/**
 * The means of as many windows as the output has elements: element i covers
 * floor(i L / L') up to ceil((i + 1) L / L').
 *
 * Shapes: x `[N, C, L]` or `[C, L]`; L becomes `outputSize`. float32 or
 * float64.
 *
 * ```ts
 * import { adaptiveAvgPool1d, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([[1, 3, 2, 0, 4]]);
 * assertEquals(adaptiveAvgPool1d(x, 2).toArray(), [[2, 2]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool1d.html
 *
 * @throws RangeError when sizes do not fit.
 */
export function adaptiveAvgPool1d(x: Tensor, outputSize: number): Tensor {
  requireSequences("adaptiveAvgPool1d", x);
  pairOf("adaptiveAvgPool1d", "outputSize", outputSize, 1);
  return adaptiveAvgPool2d(x.unsqueeze(-2), [1, outputSize]).squeeze(-2);
}

/**
 * The largest values of as many windows as the output has elements; the
 * windows are those of {@linkcode adaptiveAvgPool1d}.
 *
 * Shapes: x `[N, C, L]` or `[C, L]`; L becomes `outputSize`. float32 or
 * float64.
 *
 * ```ts
 * import { adaptiveMaxPool1d, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([[1, 3, 2, 0, 4]]);
 * assertEquals(adaptiveMaxPool1d(x, 2).toArray(), [[3, 4]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool1d.html
 *
 * @throws RangeError when sizes do not fit.
 */
export function adaptiveMaxPool1d(x: Tensor, outputSize: number): Tensor {
  requireSequences("adaptiveMaxPool1d", x);
  pairOf("adaptiveMaxPool1d", "outputSize", outputSize, 1);
  return adaptiveMaxPool2d(x.unsqueeze(-2), [1, outputSize]).squeeze(-2);
}
