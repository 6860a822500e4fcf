/** Pictures of a data set beside each other, with captions. */

import type { Tensor } from "@fdunn/tensor";
import { dataUri, encodePng } from "./png.ts";
import { ends } from "./plot_scale.ts";
import { round, svgDocument, svgText, textWidth } from "./svg.ts";

/** Options of {@linkcode pictureGrid}. */
export interface PictureGridOptions {
  /** The heading. Default "Pictures". */
  title?: string;
  /** Pictures in a row. Default 8. */
  columns?: number;
  /**
   * The values of black and of white. Default `[0, 1]` where the pixels are
   * within, else the smallest and the largest pixel.
   */
  range?: readonly [black: number, white: number];
}

/** Pixels of the page that a picture's larger side takes. */
const SIDE = 72;
const GAP = 14;
/** The height of a caption's line. */
const LINE = 15;

/**
 * Shows pictures `[n, 1 or 3, H, W]` with a caption each as SVG text: the
 * misclassified ones, say. A caption may have several lines.
 *
 * ```ts
 * import { pictureGrid } from "@fdunn/train";
 * import { rand } from "@fdunn/tensor";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const images = rand([2, 1, 28, 28]);
 * const svg = pictureGrid(images, ["4, not 9", "7, not 1"], {
 *   title: "Misclassified",
 * });
 * assertStringIncludes(svg, "4, not 9");
 * ```
 *
 * @throws RangeError for another shape, another number of captions, or options
 * that make no sense.
 */
export function pictureGrid(
  images: Tensor,
  captions: readonly string[],
  options: PictureGridOptions = {},
): string {
  const { title = "Pictures", columns = 8 } = options;
  const [count = 0, channels = 0, height = 0, width = 0] = images.shape;
  const fits = images.ndim === 4 && (channels === 1 || channels === 3) &&
    height > 0 && width > 0;
  if (!fits || captions.length !== count) {
    throw new RangeError(
      `pictureGrid() got images [${
        images.shape.join(", ")
      }] and ${captions.length} captions, expected [n, 1 or 3, H, W] and n`,
    );
  }
  if (!Number.isInteger(columns) || columns < 1) {
    throw new RangeError(
      `pictureGrid() got ${columns} columns, expected a whole number of at least 1`,
    );
  }
  const pixels = images.detach().permute([0, 2, 3, 1]).to("float64").data();
  const values = Array.from(pixels, Number);
  const range = options.range ?? rangeOf(values);
  if (!(range[0] < range[1])) {
    throw new RangeError(
      `pictureGrid() got the range [${
        range.join(", ")
      }], expected the smaller value first`,
    );
  }
  const scale = SIDE / Math.max(width, height);
  const [shownWidth, shownHeight] = [width * scale, height * scale];
  const lines = captions.map((caption) => caption.split("\n"));
  const widest = Math.max(0, ...lines.flat().map((l) => textWidth(l, 12)));
  const across = Math.max(shownWidth, widest) + GAP;
  const down = shownHeight + GAP +
    LINE * Math.max(1, ...lines.map((caption) => caption.length));
  const size = height * width * channels;
  const parts = lines.map((caption, i) => {
    const x = 20 + (i % columns) * across;
    const y = 48 + Math.floor(i / columns) * down;
    const bytes = Uint8Array.from(
      values.slice(i * size, (i + 1) * size),
      (value) => byteOf((value - range[0]) / (range[1] - range[0])),
    );
    const png = encodePng(bytes, {
      width,
      height,
      channels: channels as 1 | 3,
    });
    const middle = x + (across - GAP) / 2;
    return [
      `<image x="${round(middle - shownWidth / 2)}" y="${round(y)}" width="${
        round(shownWidth)
      }" height="${
        round(shownHeight)
      }" style="image-rendering:pixelated" href="${
        dataUri("image/png", png)
      }"/>`,
      ...caption.map((line, l) =>
        svgText(
          middle,
          y + shownHeight + LINE * (l + 1),
          line,
          "ink",
          `font-size="12" text-anchor="middle"`,
        )
      ),
    ].join("\n");
  });
  if (count === 0) {
    parts.push(svgText(20, 64, "none", "quiet", `font-size="14"`));
  }
  const rows = Math.max(1, Math.ceil(count / columns));
  return svgDocument({
    title,
    width: Math.max(
      40 - GAP + Math.max(1, Math.min(count, columns)) * across,
      textWidth(title, 18) + 40,
    ),
    height: 48 + rows * down,
    left: 20,
  }, parts);
}

function rangeOf(values: readonly number[]): [number, number] {
  const [low, high] = ends(values.filter(Number.isFinite));
  if (low >= 0 && high <= 1) return [0, 1];
  return low === high ? [low - 1, high] : [low, high];
}

/** A share of white as a byte; what is no number is black. */
function byteOf(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share || 0)) * 255);
}
