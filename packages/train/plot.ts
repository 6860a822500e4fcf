/**
 * Line charts as SVG text: readable on light and dark pages, in print, and by
 * people who see colours differently (Okabe and Ito's palette; every line has
 * its own marker, too).
 */

import { ticks } from "./plot_scale.ts";

/** One line of a chart. */
export interface Series {
  /** What the legend calls it. */
  name: string;
  /** `[x, y]` points; a y that is null or not finite leaves a gap. */
  points: readonly (readonly [x: number, y: number | null])[];
}

/** What a chart shows. */
export interface ChartOptions {
  /** The heading. */
  title: string;
  /** What the horizontal axis counts. */
  xLabel: string;
  /** What the vertical axis measures, with its unit. */
  yLabel: string;
  /** The lines. */
  series: readonly Series[];
  /** What the vertical axis never passes, such as `[0, 100]` for percents. */
  yLimits?: readonly [low: number, high: number];
  /** Pixels. Default 640. */
  width?: number;
  /** Pixels. Default 400. */
  height?: number;
}

/** Colours on light and on dark pages; Okabe and Ito, 2008. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ["#0072b2", "#56b4e9"],
  ["#d55e00", "#e69f00"],
  ["#009e73", "#2fc49a"],
  ["#cc79a7", "#e19bc2"],
  ["#56b4e9", "#0090e0"],
  ["#e69f00", "#f0e442"],
];

const MARGIN = { top: 64, right: 24, bottom: 52, left: 76 } as const;

// Not every renderer knows custom properties or media queries, so every
// colour is written out, and those of light pages are attributes.
const STYLE: string = `text{font-family:system-ui,sans-serif}` +
  `@media(prefers-color-scheme:dark){` +
  `.page{fill:#0d1117}.ink{fill:#e6edf3}.quiet{fill:#9da7b1}` +
  `.grid{stroke:#2b323b}.axis{stroke:#768390}` +
  COLOURS.map(([, dark], i) =>
    `.line${i}{stroke:${dark}}.mark${i}{fill:${dark}}`
  ).join("") + `}`;

/**
 * Draws lines into a complete SVG document.
 *
 * ```ts
 * import { lineChart } from "@fdunn/train";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = lineChart({
 *   title: "Loss",
 *   xLabel: "epoch",
 *   yLabel: "cross entropy",
 *   series: [{ name: "train", points: [[1, 0.9], [2, 0.4], [3, 0.3]] }],
 * });
 * assertStringIncludes(svg, "<svg");
 * ```
 */
export function lineChart(options: ChartOptions): string {
  const { title, xLabel, yLabel, width = 640, height = 400 } = options;
  const frame = new Frame(options, width, height);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}" fill="#ffffff"/>`,
    text(MARGIN.left, 28, title, "ink", `font-size="17" font-weight="600"`),
    legend(options.series),
    ...frame.axes(),
    text(
      (frame.left + frame.right) / 2,
      height - 12,
      xLabel,
      "quiet",
      `font-size="13" text-anchor="middle"`,
    ),
    text(
      -(frame.top + frame.bottom) / 2,
      18,
      yLabel,
      "quiet",
      `font-size="13" text-anchor="middle" transform="rotate(-90)"`,
    ),
    ...options.series.map((series, i) => frame.line(series, i)),
  ];
  if (frame.empty) {
    parts.push(text(
      (frame.left + frame.right) / 2,
      (frame.top + frame.bottom) / 2,
      "no data yet",
      "quiet",
      `font-size="14" text-anchor="middle"`,
    ));
  }
  return parts.join("\n") + "\n</svg>\n";
}

/** The plotting area and its scales. */
class Frame {
  readonly left: number = MARGIN.left;
  readonly top: number = MARGIN.top;
  readonly right: number;
  readonly bottom: number;
  readonly empty: boolean;
  readonly #x: readonly number[];
  readonly #y: readonly number[];
  readonly #xEnds: readonly [number, number];
  readonly #yEnds: readonly [number, number];

  constructor(options: ChartOptions, width: number, height: number) {
    this.right = width - MARGIN.right;
    this.bottom = height - MARGIN.bottom;
    const drawn = options.series.flatMap((series) =>
      series.points.filter(isDrawn)
    );
    this.empty = drawn.length === 0;
    const x = ends(drawn.map(([x]) => x));
    const y = ends(drawn.map(([, y]) => y as number));
    const [low, high] = options.yLimits ?? [-Infinity, Infinity];
    const whole = drawn.every(([x]) => Number.isInteger(x));
    // Some room at both sides; a single point stands in the middle.
    const room = x[0] === x[1] ? 1 : (x[1] - x[0]) * 0.02;
    this.#xEnds = [x[0] - room, x[1] + room];
    this.#x = ticks(...x, 12, whole).filter((t) => t >= x[0] && t <= x[1]);
    this.#y = ticks(...y, 6, false).filter((t) => t >= low && t <= high);
    this.#yEnds = [this.#y[0]!, this.#y.at(-1)!];
  }

  #atX(x: number): number {
    const [low, high] = this.#xEnds;
    return round(
      this.left + (x - low) / (high - low) * (this.right - this.left),
    );
  }

  #atY(y: number): number {
    const [low, high] = this.#yEnds;
    return round(
      this.bottom - (y - low) / (high - low) * (this.bottom - this.top),
    );
  }

  /** Grid lines, the horizontal axis, and the numbers. */
  axes(): string[] {
    const parts: string[] = [];
    for (const [i, y] of this.#y.entries()) {
      const at = this.#atY(y);
      parts.push(
        i === 0
          ? segment("axis", "#6b7580", this.left, at, this.right, at)
          : segment("grid", "#e3e7eb", this.left, at, this.right, at),
        text(
          this.left - 8,
          at + 4,
          label(y, this.#y),
          "quiet",
          `font-size="12" text-anchor="end"`,
        ),
      );
    }
    for (const x of this.#x) {
      const at = this.#atX(x);
      parts.push(
        segment("axis", "#6b7580", at, this.bottom, at, this.bottom + 5),
        text(
          at,
          this.bottom + 20,
          label(x, this.#x),
          "quiet",
          `font-size="12" text-anchor="middle"`,
        ),
      );
    }
    return parts;
  }

  /** The line, broken where points are missing, and a marker on each point. */
  line(series: Series, index: number): string {
    const runs: string[][] = [[]];
    const marks: string[] = [];
    const few = series.points.length <= 60;
    for (const point of series.points) {
      const within = isDrawn(point) && this.#covers(point[1] as number);
      if (!within) {
        runs.push([]);
        continue;
      }
      const [x, y] = [this.#atX(point[0]), this.#atY(point[1] as number)];
      runs.at(-1)!.push(`${x},${y}`);
      if (few) marks.push(marker(index, x, y));
    }
    const [light] = colours(index);
    const lines = runs.filter((run) => run.length > 1).map((run) =>
      `<polyline class="line${index % COLOURS.length}" points="${
        run.join(" ")
      }" fill="none" stroke="${light}" stroke-width="2" stroke-linejoin="round"/>`
    );
    return [...lines, ...marks].join("\n");
  }

  #covers(y: number): boolean {
    return y >= this.#yEnds[0] && y <= this.#yEnds[1];
  }
}

/** Names with their markers, in one row under the title. */
function legend(series: readonly Series[]): string {
  const parts: string[] = [];
  let x = MARGIN.left;
  for (const [i, { name }] of series.entries()) {
    const [light] = colours(i);
    parts.push(
      `<line class="line${i % COLOURS.length}" x1="${x}" y1="46" x2="${
        x + 22
      }" y2="46" stroke="${light}" stroke-width="2"/>`,
      marker(i, x + 11, 46),
      text(x + 28, 50, name, "ink", `font-size="13"`),
    );
    x += 28 + name.length * 7.2 + 22;
  }
  return parts.join("\n");
}

/** A disc, square, triangle or diamond: lines differ without colours, too. */
function marker(index: number, x: number, y: number): string {
  const [light] = colours(index);
  const look = `class="mark${index % COLOURS.length}" fill="${light}"`;
  switch (index % 4) {
    case 0:
      return `<circle ${look} cx="${x}" cy="${y}" r="3.5"/>`;
    case 1:
      return `<rect ${look} x="${round(x - 3.2)}" y="${
        round(y - 3.2)
      }" width="6.4" height="6.4"/>`;
    case 2:
      return `<path ${look} d="M${x} ${round(y - 4.4)}l4.2 7.4h-8.4z"/>`;
    default:
      return `<path ${look} d="M${x} ${
        round(y - 4.6)
      }l4.6 4.6-4.6 4.6-4.6-4.6z"/>`;
  }
}

function colours(index: number): readonly [string, string] {
  return COLOURS[index % COLOURS.length]!;
}

function segment(
  kind: string,
  colour: string,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): string {
  return `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"/>`;
}

function text(
  x: number,
  y: number,
  content: string,
  kind: "ink" | "quiet",
  attributes: string,
): string {
  const fill = kind === "ink" ? "#1f2328" : "#59636e";
  return `<text class="${kind}" x="${round(x)}" y="${
    round(y)
  }" fill="${fill}" ${attributes}>${escape(content)}</text>`;
}

function isDrawn([x, y]: readonly [number, number | null]): boolean {
  return Number.isFinite(x) && y !== null && Number.isFinite(y);
}

/** Smallest and largest; [0, 1] of nothing. */
function ends(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** A tick's number with as many digits as tell all of them apart. */
function label(value: number, all: readonly number[]): string {
  const step = all.length > 1 ? all[1]! - all[0]! : 1;
  const digits = Math.min(10, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  const magnitude = Math.max(...all.map(Math.abs));
  if (magnitude >= 1e6 || digits > 6) return value.toExponential(1);
  return value.toFixed(digits);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
