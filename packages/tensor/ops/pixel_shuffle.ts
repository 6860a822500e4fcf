/** Channels as pixels of a finer image, and back. */

import { requireCount } from "../option_check.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Spreads blocks of r² channels over r by r pixels: what a convolution with
 * more channels makes becomes a finer image. Shi et al., "Real-time single
 * image and video super-resolution", 2016, https://arxiv.org/abs/1609.05158.
 *
 * Shapes: x `[..., C r², H, W]`; result `[..., C, H r, W r]`. Any dtype.
 *
 * ```ts
 * import { pixelShuffle, tensor } from "@fdunn/tensor";
 * import { requireCount } from "../option_check.ts";
import { assertEquals } from "@std/assert";
 *
 * const x = tensor([1, 2, 3, 4], { shape: [4, 1, 1] });
 * assertEquals(pixelShuffle(x, 2).toArray(), [[[1, 2], [3, 4]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pixel_shuffle.html
 *
 * @throws RangeError when r² does not divide the channels.
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  requireCount("pixelShuffle()", "factor", upscaleFactor);
  const r = upscaleFactor;
  const [batch, [c, h, w]] = splitImages("pixelShuffle", x);
  if (c % (r * r) !== 0) {
    throw new RangeError(
      `pixelShuffle() got input ${formatShape(x.shape)}, whose ${c} channels ${
        r * r
      } must divide`,
    );
  }
  const n = batch.length;
  const channels = c / (r * r);
  return x.reshape([...batch, channels, r, r, h, w])
    .permute([...batch.keys(), ...[0, 3, 1, 4, 2].map((i) => n + i)])
    .reshape([...batch, channels, h * r, w * r]);
}

/**
 * Gathers r by r pixels into r² channels: undoes {@linkcode pixelShuffle}.
 *
 * Shapes: x `[..., C, H r, W r]`; result `[..., C r², H, W]`. Any dtype.
 *
 * ```ts
 * import { pixelUnshuffle, tensor } from "@fdunn/tensor";
 * import { requireCount } from "../option_check.ts";
import { assertEquals } from "@std/assert";
 *
 * const x = tensor([[[1, 2], [3, 4]]]);
 * assertEquals(pixelUnshuffle(x, 2).toArray(), [[[1]], [[2]], [[3]], [[4]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html
 *
 * @throws RangeError when r does not divide height and width.
 */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  requireCount("pixelUnshuffle()", "factor", downscaleFactor);
  const r = downscaleFactor;
  const [batch, [c, h, w]] = splitImages("pixelUnshuffle", x);
  if (h % r !== 0 || w % r !== 0) {
    throw new RangeError(
      `pixelUnshuffle() got input ${
        formatShape(x.shape)
      }, whose height and width ${r} must divide`,
    );
  }
  const n = batch.length;
  return x.reshape([...batch, c, h / r, r, w / r, r])
    .permute([...batch.keys(), ...[0, 2, 4, 1, 3].map((i) => n + i)])
    .reshape([...batch, c * r * r, h / r, w / r]);
}

function splitImages(
  op: string,
  x: Tensor,
): [batch: number[], image: [c: number, h: number, w: number]] {
  if (x.ndim < 3) {
    throw new RangeError(
      `${op}() got input ${formatShape(x.shape)}, expected [..., C, H, W]`,
    );
  }
  const [batch, image] = [x.shape.slice(0, -3), x.shape.slice(-3)];
  return [batch, image as [number, number, number]];
}
