/** Max pooling that says where the largest values were, and its way back. */

import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type Pair, pairOf } from "./conv.ts";
import { type MaxPool2dOptions, maxPooled } from "./pool.ts";

/** What {@linkcode maxPool2dWithIndices} returns. */
export interface PooledMaxima {
  /** The largest values, with gradients. */
  values: Tensor;
  /** Their positions in the flattened plane, int32. */
  indices: Tensor;
}

/**
 * `maxPool2d`, and where the largest values were: row times width plus column,
 * for {@linkcode maxUnpool2d}. Shapes and options are the same.
 *
 * ```ts
 * import { arange, maxPool2dWithIndices } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = arange(16).reshape([1, 4, 4]);
 * const { values, indices } = maxPool2dWithIndices(x, 2);
 * assertEquals(values.toArray(), [[[5, 7], [13, 15]]]);
 * assertEquals(indices.toArray(), [[[5, 7], [13, 15]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
 *
 * @throws RangeError when sizes or options do not fit.
 */
export function maxPool2dWithIndices(
  x: Tensor,
  kernelSize: Pair,
  options: MaxPool2dOptions = {},
): PooledMaxima {
  if (x.ndim === 3) {
    const batch = maxPool2dWithIndices(x.unsqueeze(0), kernelSize, options);
    const { values, indices } = batch;
    return { values: values.squeeze(0), indices: indices.squeeze(0) };
  }
  const op = "maxPool2dWithIndices";
  const [values, indices] = maxPooled(op, x, kernelSize, options);
  return { values: values!, indices: indices! };
}

/** Options of {@linkcode maxUnpool2d}. */
export interface MaxUnpool2dOptions {
  /** Step of the window that pooled. Default: the kernel's size. */
  stride?: Pair;
  /** What it added on each side. Default 0. */
  padding?: Pair;
  /** Height and width of the result. Default: the least that was possible. */
  outputSize?: readonly [number, number];
}

/**
 * Values where max pooling took them from, zeros elsewhere.
 *
 * Shapes: x and indices `[N, C, H, W]` or `[C, H, W]`; H and W grow to
 * `outputSize`, by default `(H - 1) stride - 2 padding + kernel`. Where two
 * windows took the same element, one of their values stays.
 *
 * ```ts
 * import { maxPool2dWithIndices, maxUnpool2d, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const { values, indices } = maxPool2dWithIndices(tensor([[[1, 3], [2, 0]]]), 2);
 * const y = maxUnpool2d(values, indices, 2);
 * assertEquals(y.toArray(), [[[0, 3], [0, 0]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_unpool2d.html
 *
 * @throws RangeError when sizes do not fit or an index lies outside.
 */
export function maxUnpool2d(
  x: Tensor,
  indices: Tensor,
  kernelSize: Pair,
  options: MaxUnpool2dOptions = {},
): Tensor {
  const op = "maxUnpool2d";
  const images = x.ndim === 3 || x.ndim === 4;
  if (!images || !sameShape(x.shape, indices.shape)) {
    throw new RangeError(
      `${op}() got input ${formatShape(x.shape)} and indices ${
        formatShape(indices.shape)
      }, expected [N, C, H, W] or [C, H, W] twice`,
    );
  }
  const kernel = pairOf(op, "kernelSize", kernelSize, 1);
  const stride = pairOf(op, "stride", options.stride ?? kernel, 1);
  const padding = pairOf(op, "padding", options.padding ?? 0, 0);
  const least = [0, 1].map((i) =>
    (x.shape[x.ndim - 2 + i]! - 1) * stride[i]! - 2 * padding[i]! + kernel[i]!
  ) as [number, number];
  const [h, w] = pairOf(op, "outputSize", options.outputSize ?? least, 1);
  const before = x.shape.slice(0, -2);
  const zeros = x.scalarLike(0).expand([...before, h * w]);
  return zeros.scatter(-1, indices.flatten(-2), x.flatten(-2))
    .reshape([...before, h, w]);
}
