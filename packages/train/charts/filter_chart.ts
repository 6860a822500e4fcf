/** The weights of convolutions as pictures. */

import type { Tensor } from "@fdunn/tensor";
import { fillOf, round, svgDocument, svgText, textWidth } from "./svg.ts";

/** Options of {@linkcode filterChart}. */
export interface FilterChartOptions {
  /** The heading. Default "Filters". */
  title?: string;
}

/** The colours of weights below and above zero, by their series' numbers. */
const BELOW = 0;
const ABOVE = 1;
const GAP = 22;
/** Pixels of the page that a row of filters may take. */
const WIDTH = 660;
/** Shades of each colour: more would not be told apart. */
const LEVELS = 40;

/**
 * Draws the weights `[O, C, kh, kw]` of a convolution as SVG text: a picture
 * for each filter, with its channels beside each other. Positive weights are
 * orange, negative ones blue, zero is the page; all have one scale.
 *
 * ```ts
 * import { filterChart } from "@fdunn/train";
 * import { Conv2d } from "@fdunn/nn";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = filterChart(new Conv2d(1, 4, 3).weight, { title: "conv1" });
 * assertStringIncludes(svg, "conv1");
 * ```
 *
 * @throws RangeError for another shape, or when there are no weights.
 */
export function filterChart(
  weights: Tensor,
  options: FilterChartOptions = {},
): string {
  const { title = "Filters" } = options;
  const [filters = 0, channels = 0, height = 0, width = 0] = weights.shape;
  if (weights.ndim !== 4 || weights.size === 0) {
    throw new RangeError(
      `filterChart() got weights [${
        weights.shape.join(", ")
      }], expected [O, C, kh, kw] of at least one weight`,
    );
  }
  const values = Array.from(weights.detach().to("float64").data(), Number);
  const largest = values.reduce(
    (most, v) => Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most,
    0,
  );
  const pixel = (channels === 1 ? 60 : 42) / Math.max(height, width);
  const patch = { width: width * pixel, height: height * pixel };
  const across = channels * (patch.width + 4) - 4 + GAP;
  const columns = Math.max(1, Math.min(filters, Math.floor(WIDTH / across)));
  const down = patch.height + GAP + 8;
  const size = height * width;
  const shades = new Shades(pixel);
  const words: string[] = [];
  let frames = "";
  for (let o = 0; o < filters; o++) {
    const left = 20 + (o % columns) * across;
    const top = 98 + Math.floor(o / columns) * down;
    words.push(svgText(left, top - 5, String(o), "quiet", `font-size="11"`));
    for (let c = 0; c < channels; c++) {
      const x = left + c * (patch.width + 4);
      const start = (o * channels + c) * size;
      for (let i = 0; i < size; i++) {
        const share = largest === 0 ? 0 : values[start + i]! / largest;
        const row = Math.floor(i / width);
        shades.add(share, x + (i % width) * pixel, top + row * pixel);
      }
      const [w, h] = [round(patch.width), round(patch.height)];
      frames += `M${round(x)} ${round(top)}h${w}v${h}h-${w}z`;
    }
  }
  const parts = [
    ...words,
    ...shades.paths(),
    `<path class="axis" d="${frames}" fill="none" stroke="#6b7580" stroke-width="0.8"/>`,
  ];
  const rows = Math.ceil(filters / columns);
  return svgDocument({
    title,
    subtitle: describe(filters, channels, height, width),
    width: Math.max(
      40 - GAP + columns * across,
      textWidth(title, 18) + 40,
      320,
    ),
    height: 98 + rows * down - 8,
    left: 20,
  }, [...scaleOf(largest), ...parts]);
}

function describe(o: number, c: number, kh: number, kw: number): string {
  return `${o} of ${kh} × ${kw}, ${c} ${c === 1 ? "channel" : "channels"}`;
}

/** Squares by their shade, each shade one path: there are many squares. */
class Shades {
  readonly #side: number;
  readonly #paths: Map<number, string> = new Map();

  constructor(side: number) {
    this.#side = round(side);
  }

  /** Adds a square of a weight from -1 to 1; what is no number stays empty. */
  add(share: number, x: number, y: number): void {
    const level = Math.round(share * LEVELS);
    if (!Number.isFinite(level) || level === 0) return;
    const side = this.#side;
    const square = `M${round(x)} ${round(y)}h${side}v${side}h-${side}z`;
    this.#paths.set(level, (this.#paths.get(level) ?? "") + square);
  }

  paths(): string[] {
    return [...this.#paths].map(([level, path]) =>
      `<path ${fillOf(level < 0 ? BELOW : ABOVE)} fill-opacity="${
        Math.abs(level) / LEVELS
      }" shape-rendering="crispEdges" d="${path}"/>`
    );
  }
}

/** What the colours mean. */
function scaleOf(largest: number): string[] {
  const bound = largest.toPrecision(2);
  const words = textWidth(`-${bound}`, 11) + 6;
  const parts = [
    svgText(20, 69, `−${bound}`, "quiet", `font-size="11"`),
    svgText(20 + words + 112, 69, `+${bound}`, "quiet", `font-size="11"`),
  ];
  const shades = new Shades(5);
  for (let i = -10; i <= 10; i++) {
    for (const y of [60, 65]) shades.add(i / 10, 20 + words + (i + 10) * 5, y);
  }
  return [...parts, ...shades.paths()];
}
