/** What a classifier of points in the plane says everywhere. */

import { noGrad, scope, type Tensor, tensor } from "@fdunn/tensor";
import { regionOf } from "./contour.ts";
import { type Box, Frame } from "./plot_frame.ts";
import { ends, ticks } from "./plot_scale.ts";
import { fillOf, legend, markerPath, svgDocument } from "./svg.ts";

/** Options of {@linkcode decisionBoundaryChart}. */
export interface DecisionBoundaryOptions {
  /** The heading. Default "Decision boundary". */
  title?: string;
  /** What the first feature is. Default "x1". */
  xLabel?: string;
  /** What the second feature is. Default "x2". */
  yLabel?: string;
  /** Names of the classes. Default "class 0" and so on. */
  classes?: readonly string[];
  /** Points of the grid along each side, from 2 to 1000. Default 150. */
  resolution?: number;
  /** Pixels. Default 640. */
  width?: number;
  /** Pixels. Default 460. */
  height?: number;
}

/**
 * Draws where a classifier puts which class, with samples over it, as SVG
 * text. Samples in another class's region are ringed.
 *
 * `predict` gets points `[n, 2]` of the dtype of `x`, without gradients, and
 * returns logits `[n, C]` or classes `[n]`; put the model into evaluation mode
 * before. From logits, or anything else whose largest is the answer, borders
 * are smooth. `x` is `[n, 2]`, `y` the samples' classes `[n]`.
 *
 * ```ts
 * import { decisionBoundaryChart } from "@fdunn/train";
 * import { makeMoons } from "@fdunn/data";
 * import { Linear } from "@fdunn/nn";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const [x, y] = makeMoons(100, { noise: 0.1, randomState: 0 });
 * const model = new Linear(2, 2);
 * const svg = decisionBoundaryChart((points) => model.forward(points), x, y, {
 *   title: "Moons",
 *   classes: ["upper", "lower"],
 * });
 * assertStringIncludes(svg, "upper");
 * ```
 *
 * @throws RangeError for shapes that do not fit, classes that are no whole
 * numbers from 0, no samples, or a resolution out of range.
 */
export function decisionBoundaryChart(
  predict: (points: Tensor) => Tensor,
  x: Tensor,
  y: Tensor,
  options: DecisionBoundaryOptions = {},
): string {
  const { title = "Decision boundary", width = 640, height = 460 } = options;
  const { resolution = 150 } = options;
  check(x, y, resolution);
  const { samples, labels, xEnds, yEnds, scores, said } = noGrad(() =>
    scope(() => {
      const samples = x.detach().to("float64").data() as Float64Array;
      const xEnds = roomy(samples.filter((_, i) => i % 2 === 0));
      const yEnds = roomy(samples.filter((_, i) => i % 2 === 1));
      const grid = gridOf(xEnds, yEnds, resolution, x);
      return {
        samples,
        xEnds,
        yEnds,
        labels: classesOf(y, "y"),
        scores: scoresOf(predict(grid), "points"),
        said: scoresOf(predict(x.detach()), "x"),
      };
    })
  );
  const answers = answersOf(said);
  const known = Math.max(
    scores.classes,
    said.classes,
    ...labels.map((label) => label + 1),
  );
  const names = Array.from({ length: known }, (_, i) => {
    return options.classes?.[i] ?? `class ${i}`;
  });

  const sides = { left: 76, right: width - 24 };
  const keys = legend(names, { ...sides, top: 68 }, false);
  const box: Box = { ...sides, top: 86 + keys.extra, bottom: height - 52 };
  const frame = new Frame(
    box,
    axis(options.xLabel ?? "x1", xEnds, 10),
    axis(options.yLabel ?? "x2", yEnds, 8),
  );
  const wrong = labels.filter((label, i) => label !== answers[i]).length;
  const subtitle = `${labels.length} samples, ${wrong} on the wrong side${
    wrong === 0 ? "" : " (ringed)"
  }`;
  return svgDocument({ title, subtitle, width, height, left: box.left }, [
    ...keys.parts,
    ...regions(scores, resolution, box),
    ...frame.axes(false),
    ...points(frame, samples, labels, answers, known),
  ]);
}

/** How much each point is of each class, row by row. */
interface Scores {
  values: Float64Array;
  classes: number;
}

function check(x: Tensor, y: Tensor, resolution: number): void {
  const [rows, features] = x.shape;
  if (
    x.ndim !== 2 || features !== 2 || rows === 0 || y.ndim !== 1 ||
    y.size !== rows
  ) {
    throw new RangeError(
      `decisionBoundaryChart() got x [${x.shape.join(", ")}] and y [${
        y.shape.join(", ")
      }], expected [n, 2] and [n] with at least one sample`,
    );
  }
  if (!Number.isInteger(resolution) || resolution < 2 || resolution > 1000) {
    throw new RangeError(
      `decisionBoundaryChart() got resolution ${resolution}, expected a whole number from 2 to 1000`,
    );
  }
}

/** Whole numbers from 0, of any dtype. */
function classesOf(y: Tensor, name: string): number[] {
  const labels = Array.from(y.detach().to("float64").data() as Float64Array);
  const bad = labels.find((label) => !Number.isInteger(label) || label < 0);
  if (bad === undefined) return labels;
  throw new RangeError(
    `decisionBoundaryChart() got the class ${bad} in ${name}, expected whole numbers from 0`,
  );
}

function scoresOf(output: Tensor, asked: string): Scores {
  if (output.ndim === 1) {
    const labels = classesOf(output, "what predict returned");
    const classes = Math.max(...labels) + 1;
    const values = new Float64Array(labels.length * classes);
    for (const [i, label] of labels.entries()) values[i * classes + label] = 1;
    return { values, classes };
  }
  const classes = output.shape[1]!;
  if (output.ndim !== 2 || classes < 2) {
    throw new RangeError(
      `decisionBoundaryChart() got [${
        output.shape.join(", ")
      }] from predict(${asked}), expected logits [n, C] of at least two classes, or classes [n]`,
    );
  }
  return { values: output.to("float64").data() as Float64Array, classes };
}

function answersOf({ values, classes }: Scores): number[] {
  return Array.from({ length: values.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (values[row * classes + c]! > values[row * classes + best]!) best = c;
    }
    return best;
  });
}

/** Smallest and largest with room around them. */
function roomy(values: Float64Array): [number, number] {
  const [low, high] = ends(Array.from(values).filter(Number.isFinite));
  const room = low === high ? 1 : (high - low) * 0.08;
  return [low - room, high + room];
}

function axis(
  label: string,
  [low, high]: [number, number],
  count: number,
): { label: string; ends: [number, number]; ticks: number[] } {
  const all = ticks(low, high, count, false);
  return {
    label,
    ends: [low, high],
    ticks: all.filter((tick) => tick >= low && tick <= high),
  };
}

/** Points of a grid `[resolution^2, 2]`, from the top left, row by row. */
function gridOf(
  x: [number, number],
  y: [number, number],
  resolution: number,
  like: Tensor,
): Tensor {
  const last = resolution - 1;
  const values = new Float64Array(resolution * resolution * 2);
  for (let row = 0, at = 0; row < resolution; row++) {
    for (let column = 0; column < resolution; column++) {
      values[at++] = x[0] + column / last * (x[1] - x[0]);
      values[at++] = y[1] - row / last * (y[1] - y[0]);
    }
  }
  return tensor(values).reshape([-1, 2]).to(like.dtype);
}

/** Each class's region in its colour, then all borders. */
function regions(
  { values, classes }: Scores,
  resolution: number,
  { left, top, right, bottom }: Box,
): string[] {
  const last = resolution - 1;
  const atX = (column: number) => left + column / last * (right - left);
  const atY = (row: number) => top + row / last * (bottom - top);
  const areas: string[] = [];
  const borders: string[] = [];
  for (let c = 0; c < classes; c++) {
    const { area, border } = regionOf(
      {
        values: margins(values, classes, c),
        columns: resolution,
        rows: resolution,
      },
      atX,
      atY,
    );
    if (area === "") continue;
    areas.push(`<path ${fillOf(c)} fill-opacity="0.28" d="${area}"/>`);
    if (border !== "") borders.push(border);
  }
  const line = borders.length === 0 ? [] : [
    `<path class="border" d="${
      borders.join("")
    }" fill="none" stroke="#1f2328" stroke-width="1.4" stroke-linecap="round"/>`,
  ];
  return [...areas, ...line];
}

/** By how much a class leads the best of the others. */
function margins(
  values: Float64Array,
  classes: number,
  c: number,
): Float64Array {
  return Float64Array.from({ length: values.length / classes }, (_, row) => {
    let best = -Infinity;
    for (let other = 0; other < classes; other++) {
      const value = values[row * classes + other]!;
      if (other !== c && value > best) best = value;
    }
    return values[row * classes + c]! - best;
  });
}

/**
 * All samples of a class as one path, whose rim is under the fill, so that
 * samples on each other stay in sight; then a ring around each wrong one.
 */
function points(
  frame: Frame,
  samples: Float64Array,
  labels: readonly number[],
  answers: readonly number[],
  classes: number,
): string[] {
  const paths = new Array<string>(classes).fill("");
  const scale = labels.length > 500 ? 0.75 : 1;
  let rings = "";
  for (const [i, label] of labels.entries()) {
    const [x, y] = [samples[2 * i]!, samples[2 * i + 1]!];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    const [atX, atY] = [frame.atX(x), frame.atY(y)];
    paths[label] += markerPath(label, atX, atY, scale);
    if (label !== answers[i]) {
      rings += `M${atX - 7} ${atY}a7 7 0 1 0 14 0a7 7 0 1 0-14 0z`;
    }
  }
  const drawn = paths.flatMap((path, c) =>
    path === "" ? [] : [
      `<g class="rim" stroke="#ffffff" stroke-width="1.6" paint-order="stroke"><path ${
        fillOf(c)
      } d="${path}"/></g>`,
    ]
  );
  if (rings === "") return drawn;
  return [
    ...drawn,
    `<path class="border" d="${rings}" fill="none" stroke="#1f2328" stroke-width="1.3"/>`,
  ];
}
