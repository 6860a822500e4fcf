/** Max pooling to a given size. */

import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { pairOf } from "./conv.ts";
import { coveringWindows } from "./covering_windows.ts";
import type { OutputSize } from "./adaptive_avg_pool.ts";
import { maxPool2d } from "./pool.ts";
import { positions } from "./positions.ts";

/**
 * The largest values of windows that cover each image, as many as the output
 * has pixels: row i covers rows floor(i H / H') up to ceil((i + 1) H / H').
 *
 * Shapes: x `[N, C, H, W]` or `[C, H, W]`; H and W become `outputSize`. Of
 * equal values the first takes the gradient; NaN wins. float32 or float64.
 *
 * ```ts
 * import { adaptiveMaxPool2d, arange } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = arange(6).reshape([1, 1, 2, 3]);
 * assertEquals(adaptiveMaxPool2d(x, [1, 2]).toArray(), [[[[4, 5]]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html
 *
 * @throws RangeError when sizes do not fit.
 */
export function adaptiveMaxPool2d(x: Tensor, outputSize: OutputSize): Tensor {
  const op = "adaptiveMaxPool2d";
  if (x.ndim === 3) {
    return adaptiveMaxPool2d(x.unsqueeze(0), outputSize).squeeze(0);
  }
  const [, , h, w] = x.shape;
  if (x.ndim !== 4 || h === 0 || w === 0) {
    throw new RangeError(
      `${op}() got input ${
        formatShape(x.shape)
      }, expected [N, C, H, W] or [C, H, W] with at least one pixel`,
    );
  }
  const given = typeof outputSize === "number"
    ? [outputSize, outputSize]
    : outputSize;
  const sizes = [given[0] ?? h!, given[1] ?? w!] as const;
  const [oh, ow] = pairOf(op, "outputSize", sizes, 1);
  const [high, kernelH] = evened(x, 2, oh);
  const [wide, kernelW] = evened(high, 3, ow);
  return maxPool2d(wide, [kernelH, kernelW]);
}

/**
 * An axis whose windows have one length and lie side by side, as pooling needs
 * them: where they overlap or differ, copies stand for what they share, and the
 * last element of a shorter one is repeated, which wins no later than itself.
 */
function evened(
  x: Tensor,
  dim: number,
  count: number,
): [x: Tensor, length: number] {
  const n = x.shape[dim]!;
  if (n % count === 0) return [x, n / count];
  const { length, at } = coveringWindows(n, count);
  return [x.indexSelect(dim, positions(count * length, at)), length];
}
