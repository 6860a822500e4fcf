/** Dropout of whole channels: neighbours in an image say much the same. */

import { bernoulli, streamFor, type Tensor } from "@fdunn/tensor";
import { formatShape, requireProbability } from "@fdunn/tensor/op";
import { Dropout, type DropoutOptions } from "./dropout.ts";

/** A mask of 0 and 1 for each channel of each sample, 1 along the others. */
export function channelMask(
  x: Tensor,
  p: number,
  options: DropoutOptions,
): Tensor {
  const generator = options.generator ?? streamFor("dropout");
  const { dtype } = x;
  const shape = x.shape.map((size, i) => i < 2 ? size : 1);
  return bernoulli(shape, 1 - p, { dtype, generator });
}

/** Zeroes channels of `[N, C, ...]` with one of these numbers of axes. */
function dropChannels(
  op: string,
  x: Tensor,
  p: number,
  options: DropoutOptions,
  ranks: readonly number[],
): Tensor {
  requireProbability(`${op}()`, "p", p);
  if (!ranks.includes(x.ndim)) {
    throw new RangeError(
      `${op}() got input ${formatShape(x.shape)}, expected ${
        ranks.join(" or ")
      } axes`,
    );
  }
  if (options.training === false || p === 0) return x;
  // A sample without its batch axis gets it for the while.
  if (x.ndim === ranks[0] && op !== "dropout2d") {
    return scaled(x.unsqueeze(0), p, options).squeeze(0);
  }
  return scaled(x, p, options);
}

function scaled(x: Tensor, p: number, options: DropoutOptions): Tensor {
  const mask = channelMask(x, p, options);
  return x.mul(p === 1 ? mask : mask.mul(1 / (1 - p)));
}

/**
 * Zeroes each channel of each sequence with probability `p` and scales the
 * others by 1 / (1 - p). Tompson et al., "Efficient object localization using
 * convolutional networks", 2015, https://arxiv.org/abs/1411.4280.
 *
 * Shapes: x `[N, C, L]` or `[C, L]`, which stays. float32 or float64.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { dropout1d } from "@fdunn/nn";
 * import { assert } from "@std/assert";
 *
 * const rows = dropout1d(ones([100, 4, 2]), 0.5).sum(-1);
 * assert(rows.eq(0).logicalOr(rows.eq(4)).all().item()); // whole or gone
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout1d.html
 *
 * @throws RangeError when p is not a probability, or for other ranks.
 */
export function dropout1d(
  x: Tensor,
  p = 0.5,
  options: DropoutOptions = {},
): Tensor {
  return dropChannels("dropout1d", x, p, options, [2, 3]);
}

/**
 * Zeroes each channel of each image with probability `p` and scales the others
 * by 1 / (1 - p); see {@linkcode dropout1d}.
 *
 * Shapes: x `[N, C, H, W]` or `[N, C, L]`, which stays. float32 or float64.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { dropout2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const x = ones([2, 3, 4, 4]);
 * assertEquals(dropout2d(x, 1).sum().item(), 0);
 * assertEquals(dropout2d(x, 0.5, { training: false }).sum().item(), 96);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout2d.html
 *
 * @throws RangeError when p is not a probability, or for other ranks.
 */
export function dropout2d(
  x: Tensor,
  p = 0.5,
  options: DropoutOptions = {},
): Tensor {
  return dropChannels("dropout2d", x, p, options, [3, 4]);
}

/**
 * Zeroes each channel of each volume with probability `p` and scales the
 * others by 1 / (1 - p); see {@linkcode dropout1d}.
 *
 * Shapes: x `[N, C, D, H, W]` or `[C, D, H, W]`, which stays. float32 or
 * float64.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { dropout3d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dropout3d(ones([1, 2, 2, 2, 2]), 1).sum().item(), 0);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout3d.html
 *
 * @throws RangeError when p is not a probability, or for other ranks.
 */
export function dropout3d(
  x: Tensor,
  p = 0.5,
  options: DropoutOptions = {},
): Tensor {
  return dropChannels("dropout3d", x, p, options, [4, 5]);
}

/**
 * {@linkcode dropout1d} while training, nothing otherwise.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { Dropout1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Dropout1d(0.2).eval();
 * assertEquals(layer.forward(ones([1, 2, 3])).sum().item(), 6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html
 */
export class Dropout1d extends Dropout {
  /** `[N, C, L]` or `[C, L]`, which stays. */
  override forward(x: Tensor): Tensor {
    return dropout1d(x, this.p, { training: this.training });
  }
}

/**
 * {@linkcode dropout2d} while training, nothing otherwise.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { Dropout2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Dropout2d(0.2).eval();
 * assertEquals(layer.forward(ones([1, 2, 3, 3])).sum().item(), 18);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
 */
export class Dropout2d extends Dropout {
  /** `[N, C, H, W]` or `[N, C, L]`, which stays. */
  override forward(x: Tensor): Tensor {
    return dropout2d(x, this.p, { training: this.training });
  }
}

/**
 * {@linkcode dropout3d} while training, nothing otherwise.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { Dropout3d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Dropout3d(0.2).eval();
 * assertEquals(layer.forward(ones([2, 2, 2, 2])).sum().item(), 16);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html
 */
export class Dropout3d extends Dropout {
  /** `[N, C, D, H, W]` or `[C, D, H, W]`, which stays. */
  override forward(x: Tensor): Tensor {
    return dropout3d(x, this.p, { training: this.training });
  }
}
