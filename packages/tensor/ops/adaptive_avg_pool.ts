/** Average pooling to a size of the output. */

import { floatKernels } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { pairOf } from "./conv.ts";
import { avgPool2d, imagesOf, planesOf } from "./pool.ts";

/** Input and output shapes. */
interface AdaptiveParams {
  input: Shape;
  output: Shape;
}

const ADAPTIVE_AVG_POOL2D: Op<AdaptiveParams> = {
  name: "adaptiveAvgPool2d",
  saves: "none",
  forward: (p, x) => {
    const kernels = floatKernels("adaptiveAvgPool2d", x.dtype);
    return adapt(kernels.adaptive_avg_pool2d, p, x, p.output);
  },
  backward: (node, grad) => [
    apply(ADAPTIVE_AVG_POOL2D_BACKWARD, [grad], node.params),
  ],
};

const ADAPTIVE_AVG_POOL2D_BACKWARD: Op<AdaptiveParams> = {
  name: "adaptiveAvgPool2dBackward",
  saves: "none",
  forward: (p, grad) => {
    const kernels = floatKernels("adaptiveAvgPool2d", grad.dtype);
    return adapt(kernels.adaptive_avg_pool2d_backward, p, grad, p.input);
  },
  backward: (node, grad) => [apply(ADAPTIVE_AVG_POOL2D, [grad], node.params)],
};

function adapt(
  kernel: ReturnType<typeof floatKernels>["adaptive_avg_pool2d"],
  p: AdaptiveParams,
  x: NdArray,
  shape: Shape,
): NdArray {
  const source = contiguous(x);
  const out = allocate(shape, x.dtype);
  if (out.size === 0) return out;
  const [[, , h, w], [, , oh, ow]] = [p.input, p.output];
  const px = pointer(source);
  kernel(planesOf(p.input), h!, w!, oh!, ow!, px, writable(out));
  return out;
}

/** A size for both axes, or one each; null keeps the input's. */
export type OutputSize = number | readonly [number | null, number | null];

/**
 * The means of windows that cover each image, as many as the output has
 * pixels: row i covers rows floor(i H / H') up to ceil((i + 1) H / H').
 *
 * Shapes: x `[N, C, H, W]` or `[C, H, W]`; H and W become `outputSize`.
 * float32 or float64.
 *
 * ```ts
 * import { adaptiveAvgPool2d, arange } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = arange(6).reshape([1, 1, 2, 3]);
 * assertEquals(adaptiveAvgPool2d(x, 1).item(), 2.5);
 * assertEquals(adaptiveAvgPool2d(x, [1, 2]).toArray(), [[[[2, 3]]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html
 *
 * @throws RangeError when sizes do not fit.
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: OutputSize): Tensor {
  if (x.shape.length === 3) {
    return adaptiveAvgPool2d(x.unsqueeze(0), outputSize).squeeze(0);
  }
  const [n, c, h, w] = imagesOf("adaptiveAvgPool2d", x);
  const given = typeof outputSize === "number"
    ? [outputSize, outputSize]
    : outputSize;
  const sizes = [given[0] ?? h, given[1] ?? w] as const;
  const [oh, ow] = pairOf("adaptiveAvgPool2d", "outputSize", sizes, 1);
  if (h === 0 || w === 0) {
    throw new RangeError(
      `adaptiveAvgPool2d() got input ${
        formatShape(x.shape)
      }, expected images of at least one pixel`,
    );
  }
  // Windows of one size that do not overlap: the usual pooling.
  if (h % oh === 0 && w % ow === 0) return avgPool2d(x, [h / oh, w / ow]);
  const params = { input: x.shape, output: [n, c, oh, ow] };
  return apply(ADAPTIVE_AVG_POOL2D, [x], params);
}
