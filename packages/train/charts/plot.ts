/** Line charts as SVG text; every line has its own colour and marker. */

import { type Axis, type Box, Frame } from "./plot_frame.ts";
import { ends, logTicks, ticks } from "./plot_scale.ts";
import { legend, marker, strokeOf, svgDocument, svgText } from "./svg.ts";

/** One line of a chart. */
export interface Series {
  /** What the legend calls it. */
  name: string;
  /** `[x, y]` points; a y that is null or not finite leaves a gap. */
  points: readonly (readonly [x: number, y: number | null])[];
}

/** How an axis places its values. */
export type Scale = "linear" | "log";

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
  /** Where the horizontal axis has numbers. Default: round ones. */
  xTicks?: readonly number[];
  /** `"log"` leaves points out whose x is not above 0. Default `"linear"`. */
  xScale?: Scale;
  /** `"log"` leaves points out whose y is not above 0. Default `"linear"`. */
  yScale?: Scale;
  /** Pixels. Default 640. */
  width?: number;
  /** Pixels. Default 400. */
  height?: number;
}

/** A point that can be drawn. */
type Drawn = readonly [x: number, y: number];

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
  const { title, series, width = 640, height = 400 } = options;
  const sides = { left: 76, right: width - 24 };
  const names = legend(series.map((s) => s.name), { ...sides, top: 46 }, true);
  const box: Box = { ...sides, top: 64 + names.extra, bottom: height - 52 };
  const drawn = series.flatMap((s) => s.points.filter(isDrawn(options)));
  const frame = new Frame(
    box,
    xAxis(options, drawn.map(([x]) => x)),
    yAxis(options, drawn.map(([, y]) => y)),
  );
  const parts = [
    ...names.parts,
    ...frame.axes(true),
    ...series.map((line, i) => drawLine(frame, line, i, options)),
  ];
  if (drawn.length === 0) {
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const look = `font-size="14" text-anchor="middle"`;
    parts.push(svgText(x, y, "no data yet", "quiet", look));
  }
  return svgDocument({ title, width, height, left: box.left }, parts);
}

function xAxis(options: ChartOptions, values: number[]): Axis {
  const { xLabel: label, xScale, xTicks = null } = options;
  const whole = values.every(Number.isInteger);
  const [low, high] = ends(values);
  // Some room at both sides; a single point stands in the middle.
  if (xScale === "log") {
    const [first, last] = values.length === 0 ? [1, 10] : [low, high];
    const room = first === last ? 2 : (last / first) ** 0.02;
    const within: [number, number] = [first / room, last * room];
    const all = xTicks ?? logTicks(first, last);
    return { label, log: true, ends: within, ticks: inside(all, within) };
  }
  const room = low === high ? 1 : (high - low) * 0.02;
  const all = inside(xTicks ?? ticks(low, high, 12, whole), [
    xTicks === null ? low : low - room,
    xTicks === null ? high : high + room,
  ]);
  return { label, ends: [low - room, high + room], ticks: all };
}

function yAxis(options: ChartOptions, values: number[]): Axis {
  const { yLabel: label, yScale, yLimits = [-Infinity, Infinity] } = options;
  const log = yScale === "log";
  const [low, high] = ends(values);
  const all = log
    ? values.length === 0 ? [1, 10] : logTicks(low, high)
    : ticks(low, high, 6, false);
  const within = inside(all, yLimits);
  return { label, log, ends: [within[0]!, within.at(-1)!], ticks: within };
}

function inside(
  values: readonly number[],
  [low, high]: readonly [number, number],
): number[] {
  return values.filter((value) => value >= low && value <= high);
}

/** The line, broken where points are missing, and a marker on each point. */
function drawLine(
  frame: Frame,
  { points }: Series,
  index: number,
  options: ChartOptions,
): string {
  const runs: string[][] = [[]];
  const marks: string[] = [];
  const few = points.length <= 60;
  const drawn = isDrawn(options);
  for (const point of points) {
    if (!drawn(point) || !frame.coversY(point[1])) {
      runs.push([]);
      continue;
    }
    const [x, y] = [frame.atX(point[0]), frame.atY(point[1])];
    runs.at(-1)!.push(`${x},${y}`);
    if (few) marks.push(marker(index, x, y));
  }
  const lines = runs.filter((run) => run.length > 1).map((run) =>
    `<polyline ${strokeOf(index)} points="${
      run.join(" ")
    }" fill="none" stroke-width="2" stroke-linejoin="round"/>`
  );
  return [...lines, ...marks].join("\n");
}

function isDrawn({ xScale, yScale }: ChartOptions) {
  return (point: readonly [number, number | null]): point is Drawn => {
    const [x, y] = point;
    return y !== null && Number.isFinite(x) && Number.isFinite(y) &&
      (xScale !== "log" || x > 0) && (yScale !== "log" || y > 0);
  };
}
