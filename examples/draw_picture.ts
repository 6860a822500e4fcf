/** Pictures as lines of text: a half block shows two pixels. */

import type { Tensor } from "@fdunn/tensor";
import { standardOutput } from "@fdunn/train";

/** A picture's bytes: planes of grey, or of red, green and blue. */
export interface Picture {
  pixels: ArrayLike<number>;
  channels: 1 | 3;
  width: number;
  height: number;
}

/**
 * The picture as lines of `width` characters, two pixel rows a line: in colours
 * where the terminal shows them, else in black and white.
 */
export function drawPicture(picture: Picture, colours: boolean): string[] {
  const { width, height } = picture;
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let line = "";
    for (let x = 0; x < width; x++) {
      const [upper, lower] = [at(picture, x, y), at(picture, x, y + 1)];
      line += colours
        ? `\x1b[38;${colour(upper)};48;${colour(lower)}m▀`
        : " ▀▄█"[
          (brightness(upper) >= 102 ? 1 : 0) +
          (brightness(lower) >= 102 ? 2 : 0)
        ];
    }
    lines.push(colours ? `${line}\x1b[0m` : line);
  }
  return lines;
}

/** A pixel's channels; black below the last row. */
function at(
  { pixels, channels, width, height }: Picture,
  x: number,
  y: number,
): number[] {
  return Array.from(
    { length: channels },
    (_, c) => y < height ? pixels[(c * height + y) * width + x]! : 0,
  );
}

/** As terminals number it: one of the 24 greys from 232 on, or all of it. */
function colour(pixel: readonly number[]): string {
  const [first, ...more] = pixel;
  return more.length === 0
    ? `5;${232 + Math.round(first! / 255 * 23)}`
    : `2;${pixel.join(";")}`;
}

function brightness(pixel: readonly number[]): number {
  return pixel.reduce((sum, value) => sum + value, 0) / pixel.length;
}

/** Blocks of lines beside each other, each with its caption below. */
export function beside(
  blocks: readonly { lines: readonly string[]; caption: string }[],
  width: number,
): string {
  const rows = Math.max(...blocks.map(({ lines }) => lines.length));
  const text: string[] = [];
  for (let row = 0; row < rows; row++) {
    text.push(blocks.map(({ lines }) => lines[row] ?? "").join("  "));
  }
  text.push(
    blocks.map(({ caption }) => caption.padEnd(width)).join("  ").trimEnd(),
  );
  return text.join("\n");
}

/** The first of pictures `[N, C, H, W]`, as many as there are captions. */
export function gallery(images: Tensor, captions: readonly string[]): string {
  const { columns, colour, terminal } = standardOutput();
  const [channels, height, width] = images.shape.slice(1) as [
    channels: 1 | 3,
    height: number,
    width: number,
  ];
  const each = Math.max(width, ...captions.map(({ length }) => length));
  const blocks = captions.map((caption, i) => {
    const pixels = images.select(0, i).data() as Uint8Array;
    const lines = drawPicture({ pixels, channels, width, height }, colour)
      .map((line) => line + " ".repeat(each - width));
    return { lines, caption };
  });
  const room = (terminal ? columns : 90) + 2;
  const fitting = Math.max(1, Math.floor(room / (each + 2)));
  let text = "";
  for (let i = 0; i < blocks.length; i += fitting) {
    text += beside(blocks.slice(i, i + fitting), each) + "\n\n";
  }
  return text.slice(0, -1);
}
