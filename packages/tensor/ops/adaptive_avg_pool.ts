/** Average pooling to a size of the output. */

import { requireFloat } from "../dtype.ts";
import { formatShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { pairOf } from "./conv.ts";
import { coveringWindows } from "./covering_windows.ts";
import { avgPool2d, imagesOf } from "./pool.ts";
import { factors, positions } from "./positions.ts";
import { resample } from "./resample.ts";

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
  const [, , h, w] = imagesOf("adaptiveAvgPool2d", x);
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
  requireFloat("adaptiveAvgPool2d", x.dtype);
  return means(means(x, 2, oh), 3, ow);
}

/** The means of the windows along an axis. */
function means(x: Tensor, dim: number, count: number): Tensor {
  const windows = coveringWindows(x.shape[dim]!, count);
  const table = [count, windows.length];
  const index = positions(sizeOf(table), windows.at).reshape(table);
  const weight = factors(x, sizeOf(table), windows.times).reshape(table);
  const sums = resample(x, dim, index, weight);
  const sizes = factors(x, count, windows.size);
  return sums.div(dim === 2 ? sizes.unsqueeze(1) : sizes);
}
