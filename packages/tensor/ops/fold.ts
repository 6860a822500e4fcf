/** Windows of images as columns of a matrix, and back. */

import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type Pair, pairOf, windows } from "./conv.ts";
import { pad } from "./pad.ts";
import { addWindows, type Windows, windowsOf } from "./window.ts";

/** Options of {@linkcode unfold} and {@linkcode fold}. */
export interface UnfoldOptions {
  /** Step of the window. Default 1. */
  stride?: Pair;
  /** Zeros added on each side. Default 0. */
  padding?: Pair;
  /** Distance between the window's elements. Default 1. */
  dilation?: Pair;
}

/** Rows and columns of windows over images of `size`, and their padding. */
function layout(
  op: string,
  size: readonly [number, number],
  kernelSize: Pair,
  options: UnfoldOptions,
): { rows: Windows; columns: Windows; padding: readonly [number, number] } {
  const kernel = pairOf(op, "kernelSize", kernelSize, 1);
  const stride = pairOf(op, "stride", options.stride ?? 1, 1);
  const padding = pairOf(op, "padding", options.padding ?? 0, 0);
  const dilation = pairOf(op, "dilation", options.dilation ?? 1, 1);
  const along = (i: 0 | 1): Windows => {
    const { [i]: step } = stride;
    const count = windows(
      op,
      size[i],
      kernel[i],
      step,
      padding[i],
      dilation[i],
    );
    return { dim: 2 + i, size: kernel[i], step, dilation: dilation[i], count };
  };
  return { rows: along(0), columns: along(1), padding };
}

/**
 * The windows of a convolution as columns: `unfold`, a product with the
 * flattened weights and a reshape are a convolution.
 *
 * Shapes: x `[N, C, H, W]` or `[C, H, W]`; result `[N, C kH kW, L]` with a
 * column for each of the L places of the window. float32 or float64.
 *
 * ```ts
 * import { arange, unfold } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = arange(6).reshape([1, 1, 2, 3]);
 * assertEquals(unfold(x, [2, 2]).toArray(), [[[0, 1], [1, 2], [3, 4], [4, 5]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function unfold(
  x: Tensor,
  kernelSize: Pair,
  options: UnfoldOptions = {},
): Tensor {
  if (x.ndim === 3) {
    return unfold(x.unsqueeze(0), kernelSize, options).squeeze(0);
  }
  if (x.ndim !== 4) {
    throw new RangeError(
      `unfold() got input ${
        formatShape(x.shape)
      }, expected [N, C, H, W] or [C, H, W]`,
    );
  }
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const { rows, columns, padding: [top, left] } = layout(
    "unfold",
    [h, w],
    kernelSize,
    options,
  );
  const framed = top === 0 && left === 0 ? x : pad(x, [left, left, top, top]);
  // [N, C, oh, W, kH], then [N, C, oh, ow, kH, kW]
  return windowsOf(windowsOf(framed, rows), columns)
    .permute([0, 1, 4, 5, 2, 3])
    .reshape([n, c * rows.size * columns.size, rows.count * columns.count]);
}

/**
 * Columns of windows added up where the windows lay: the adjoint of
 * {@linkcode unfold}, whose values it multiplies by how often a pixel was seen.
 *
 * Shapes: x `[N, C kH kW, L]` or `[C kH kW, L]`; result
 * `[N, C, ...outputSize]`. float32 or float64.
 *
 * ```ts
 * import { fold, ones } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const seen = fold(ones([1, 4, 2]), [2, 3], [2, 2]);
 * assertEquals(seen.toArray(), [[[[1, 2, 1], [1, 2, 1]]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.fold.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function fold(
  x: Tensor,
  outputSize: Pair,
  kernelSize: Pair,
  options: UnfoldOptions = {},
): Tensor {
  if (x.ndim === 2) {
    return fold(x.unsqueeze(0), outputSize, kernelSize, options).squeeze(0);
  }
  const [h, w] = pairOf("fold", "outputSize", outputSize, 1);
  const { rows, columns, padding: [top, left] } = layout(
    "fold",
    [h, w],
    kernelSize,
    options,
  );
  const window = rows.size * columns.size;
  const places = rows.count * columns.count;
  const [n, channels] = x.shape as [number, number];
  if (x.ndim !== 3 || channels % window !== 0 || x.shape[2] !== places) {
    throw new RangeError(
      `fold() got input ${
        formatShape(x.shape)
      }, expected [N, C * ${window}, ${places}] for images of ${
        formatShape([h, w])
      } and windows of ${formatShape([rows.size, columns.size])}`,
    );
  }
  const c = channels / window;
  const cut = x
    .reshape([n, c, rows.size, columns.size, rows.count, columns.count])
    .permute([0, 1, 4, 2, 5, 3]); // [N, C, oh, kH, ow, kW]
  const tall = addWindows(cut, rows, h + 2 * top); // [N, C, H, ow, kW]
  const whole = addWindows(tall, columns, w + 2 * left); // [N, C, H, W]
  if (top === 0 && left === 0) return whole;
  return whole.narrow(2, top, h).narrow(3, left, w);
}
