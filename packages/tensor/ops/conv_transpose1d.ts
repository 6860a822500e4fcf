/** Transposed 1-D convolution: a 2-D one over images of one row. */

import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Conv1dOptions } from "./conv1d.ts";
import { convTranspose2d } from "./conv_transpose.ts";

/** Options of {@linkcode convTranspose1d}. */
export interface ConvTranspose1dOptions extends Conv1dOptions {
  /** Elements more on one side; less than the stride. Default 0. */
  outputPadding?: number;
}

/**
 * Transposed convolution of a batch of sequences: each input element adds a
 * multiple of the kernel to the output. The gradient of `conv1d` to its input.
 *
 * Shapes: x `[N, C, L]` or `[C, L]`, weight `[C, O / groups, K]`, bias `[O]`
 * or null; result `[N, O, L']` with `L' = (L - 1) stride - 2 padding +
 * dilation (K - 1) + outputPadding + 1`. float32 or float64.
 *
 * ```ts
 * import { convTranspose1d, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const y = convTranspose1d(tensor([[1, 2]]), tensor([[[1, 10]]]), null, {
 *   stride: 2,
 * });
 * assertEquals(y.toArray(), [[1, 10, 2, 20]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: ConvTranspose1dOptions = {},
): Tensor {
  if (x.shape.length === 2) {
    return convTranspose1d(x.unsqueeze(0), weight, bias, options).squeeze(0);
  }
  if (x.shape.length !== 3 || weight.shape.length !== 3) {
    throw new RangeError(
      `convTranspose1d() got input ${formatShape(x.shape)} and weight ${
        formatShape(weight.shape)
      }, expected [N, C, L] and [C, O / groups, K]`,
    );
  }
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const y = convTranspose2d(x.unsqueeze(2), weight.unsqueeze(2), bias, {
    stride: [1, stride],
    padding: [0, padding],
    outputPadding: [0, options.outputPadding ?? 0],
    dilation: [1, dilation],
    groups,
  });
  return y.squeeze(2);
}
