/** Grey pictures as lines of text: a half block shows two pixels. */

/** A picture's grey values in [0, 1], row by row. */
export interface Picture {
  pixels: ArrayLike<number>;
  width: number;
  height: number;
}

/**
 * The picture as lines of `width` characters, two pixel rows a line: in shades
 * where the terminal shows colours, else in black and white.
 */
export function drawPicture(picture: Picture, shades: boolean): string[] {
  const { pixels, width, height } = picture;
  const at = (x: number, y: number) => y < height ? pixels[y * width + x]! : 0;
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let line = "";
    for (let x = 0; x < width; x++) {
      const [upper, lower] = [at(x, y), at(x, y + 1)];
      line += shades
        ? `\x1b[38;5;${grey(upper)};48;5;${grey(lower)}m▀`
        : " ▀▄█"[(upper >= 0.4 ? 1 : 0) + (lower >= 0.4 ? 2 : 0)];
    }
    lines.push(shades ? `${line}\x1b[0m` : line);
  }
  return lines;
}

/** The nearest of the 24 greys that terminals number from 232. */
function grey(value: number): number {
  return 232 + Math.round(Math.min(1, Math.max(0, value)) * 23);
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
