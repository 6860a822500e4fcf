/** Finer sequences, images and volumes, as layers. */

import {
  interpolate,
  type InterpolateOptions,
  pixelShuffle,
  pixelUnshuffle,
  type Tensor,
} from "@fdunn/tensor";
import { formatShape, requireCount } from "@fdunn/tensor/op";
import { Module } from "./module.ts";

/**
 * {@linkcode interpolate} as a layer: its input at another size.
 *
 * Shapes: input `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`; the axes
 * after the channels become `size`, or `floor(size scaleFactor)`.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Upsample } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Upsample({ scaleFactor: 2, mode: "bilinear" });
 * assertEquals(layer.forward(zeros([1, 3, 8, 8])).shape, [1, 3, 16, 16]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html
 */
export class Upsample extends Module<[Tensor]> {
  /** Size or factor, and mode. */
  readonly options: Readonly<InterpolateOptions>;

  /** Makes inputs `size`, or larger by `scaleFactor`. */
  constructor(options: InterpolateOptions) {
    super();
    if ((options.size === undefined) === (options.scaleFactor === undefined)) {
      throw new RangeError(
        "Upsample needs either size or scaleFactor, and not both",
      );
    }
    this.options = { ...options };
  }

  /** `[N, C, H, W]` to `[N, C, H', W']`, or with other axes. */
  forward(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }

  /** Size or factor, and mode. */
  override extraRepr(): string {
    const { size, scaleFactor, mode = "nearest" } = this.options;
    const text = (value: number | readonly number[]) =>
      typeof value === "number" ? `${value}` : `${formatShape(value)}`;
    const extent = size === undefined
      ? `scaleFactor=${text(scaleFactor!)}`
      : `size=${text(size)}`;
    return `${extent}, mode=${mode}`;
  }
}

/**
 * {@linkcode pixelShuffle} as a layer: blocks of channels become pixels.
 *
 * Shapes: input `[..., C r², H, W]`, output `[..., C, H r, W r]`.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { PixelShuffle } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new PixelShuffle(3).forward(zeros([1, 9, 4, 4]));
 * assertEquals(y.shape, [1, 1, 12, 12]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
 */
export class PixelShuffle extends Module<[Tensor]> {
  /** Pixels per pixel, along each axis. */
  readonly upscaleFactor: number;

  /** Spreads channels over `upscaleFactor` by `upscaleFactor` pixels. */
  constructor(upscaleFactor: number) {
    super();
    requireCount("PixelShuffle", "upscaleFactor", upscaleFactor);
    this.upscaleFactor = upscaleFactor;
  }

  /** `[..., C r², H, W]` to `[..., C, H r, W r]`. */
  forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor);
  }

  /** The factor. */
  override extraRepr(): string {
    return `upscaleFactor=${this.upscaleFactor}`;
  }
}

/**
 * {@linkcode pixelUnshuffle} as a layer: undoes {@linkcode PixelShuffle}.
 *
 * Shapes: input `[..., C, H r, W r]`, output `[..., C r², H, W]`.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { PixelUnshuffle } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new PixelUnshuffle(3).forward(zeros([1, 1, 12, 12]));
 * assertEquals(y.shape, [1, 9, 4, 4]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html
 */
export class PixelUnshuffle extends Module<[Tensor]> {
  /** Pixels per pixel of the output, along each axis. */
  readonly downscaleFactor: number;

  /** Gathers `downscaleFactor` by `downscaleFactor` pixels into channels. */
  constructor(downscaleFactor: number) {
    super();
    requireCount("PixelUnshuffle", "downscaleFactor", downscaleFactor);
    this.downscaleFactor = downscaleFactor;
  }

  /** `[..., C, H r, W r]` to `[..., C r², H, W]`. */
  forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor);
  }

  /** The factor. */
  override extraRepr(): string {
    return `downscaleFactor=${this.downscaleFactor}`;
  }
}
