/** 1-D convolution: a 2-D one over images of one row. */

import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { conv2d } from "./conv.ts";

/** Options of {@linkcode conv1d}. */
export interface Conv1dOptions {
  /** Step of the window. Default 1. */
  stride?: number;
  /** Zeros added on each side. Default 0. */
  padding?: number;
  /** Distance between the kernel's taps. Default 1. */
  dilation?: number;
  /** Blocks of channels that see only each other. Default 1. */
  groups?: number;
}

/**
 * Cross-correlation of a batch of sequences with a bank of kernels.
 *
 * Shapes: x `[N, C, L]` or `[C, L]`, weight `[O, C / groups, K]`, bias `[O]`
 * or null; result `[N, O, L']` with
 * `L' = floor((L + 2 padding - dilation (K - 1) - 1) / stride) + 1`.
 * float32 or float64.
 *
 * ```ts
 * import { conv1d, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const y = conv1d(tensor([[1, 2, 3, 4]]), tensor([[[1, 1]]]));
 * assertEquals(y.toArray(), [[3, 5, 7]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function conv1d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: Conv1dOptions = {},
): Tensor {
  if (x.shape.length === 2) {
    return conv1d(x.unsqueeze(0), weight, bias, options).squeeze(0);
  }
  if (x.shape.length !== 3 || weight.shape.length !== 3) {
    throw new RangeError(
      `conv1d() got input ${formatShape(x.shape)} and weight ${
        formatShape(weight.shape)
      }, expected [N, C, L] and [O, C / groups, K]`,
    );
  }
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const y = conv2d(x.unsqueeze(2), weight.unsqueeze(2), bias, {
    stride: [1, stride],
    padding: [0, padding],
    dilation: [1, dilation],
    groups,
  });
  return y.squeeze(2);
}
