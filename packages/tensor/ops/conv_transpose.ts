/** Transposed 2-D convolution: the adjoint of `conv2d` as a layer's map. */

import { requireFloat } from "../dtype.ts";
import { apply, type Op } from "../op.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  conv2d,
  conv2dGradWeight,
  type Conv2dOptions,
  type Conv2dParams,
  convolveBack,
  type Pair,
  pairOf,
} from "./conv.ts";
import { requireSame } from "./matmul.ts";

/**
 * Its parameters are those of the convolution whose adjoint it is: `input` is
 * the result's shape, `output` the argument's. Bilinear in x and weight.
 */
const CONV_TRANSPOSE2D: Op<Conv2dParams> = {
  name: "convTranspose2d",
  saves: [0b10, 0b01],
  forward: (p, x, weight) => {
    requireFloat("convTranspose2d", x.dtype);
    return convolveBack(p, x, weight!);
  },
  backward: (node, grad) => {
    const [x, weight] = [node.input(0), node.input(1)];
    const p = node.params;
    return [
      node.needs(0) ? conv2d(grad, weight, null, p) : null,
      node.needs(1) ? conv2dGradWeight(grad, x, p) : null,
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
  const input = [n, o, ...size];
  const one = x.shape[2] === 1 && x.shape[3] === 1 && groups === 1;
  if (one && size[0] === weight.shape[2] && size[1] === weight.shape[3]) {
    // Windows that nothing is cut from or added to: multiples of all weights.
    const y = x.flatten(1).matmul(weight.flatten(1));
    return shifted(y.reshape(input), bias);
  }
  const sizes = { input, weight: weight.shape, output: x.shape };
  const params = { ...sizes, stride, padding, dilation, groups };
  return shifted(apply(CONV_TRANSPOSE2D, [x, weight], params), bias);
}

function shifted(y: Tensor, bias: Tensor | null): Tensor {
  return bias === null ? y : y.add(bias.reshape([bias.size, 1, 1]));
}
