/** A confusion matrix as a picture. */

import type { Tensor } from "@fdunn/tensor";
import {
  escapeMarkup,
  fillOf,
  round,
  svgDocument,
  svgText,
  textWidth,
} from "./svg.ts";

/** Options of {@linkcode confusionChart}. */
export interface ConfusionChartOptions {
  /** Names of the classes. Default: their numbers. */
  classes?: readonly string[];
  /** The heading. Default "Confusion matrix". */
  title?: string;
}

/** The colours of right and of wrong answers, by their series' numbers. */
const RIGHT = 0;
const WRONG = 1;

/**
 * Draws a confusion matrix `[C, C]`, rows actual, as SVG text: right answers
 * blue, wrong ones orange, the stronger the larger their share of the row. The
 * strength follows the square root of the share, so that few errors are seen,
 * too. Beside each row stands its recall, the share that was recognised.
 *
 * ```ts
 * import { confusionChart } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const matrix = tensor([[48, 2], [5, 45]], { dtype: "int32" });
 * const svg = confusionChart(matrix, { classes: ["cat", "dog"] });
 * assertStringIncludes(svg, "93.0 % of 100 right");
 * ```
 *
 * @throws RangeError when the matrix is not square or has negative counts, or
 * the number of names is another.
 */
export function confusionChart(
  matrix: Tensor,
  options: ConfusionChartOptions = {},
): string {
  const size = matrix.shape[0] ?? 0;
  if (matrix.ndim !== 2 || matrix.shape[1] !== size || size === 0) {
    throw new RangeError(
      `confusionChart() got a matrix [${
        matrix.shape.join(", ")
      }], expected [C, C]`,
    );
  }
  const counts = Array.from(matrix.detach().to("float64").data(), Number);
  if (counts.some((count) => !(count >= 0))) {
    throw new RangeError(
      "confusionChart() got negative counts, expected those of confusionMatrix()",
    );
  }
  const names = options.classes ??
    Array.from({ length: size }, (_, i) => `${i}`);
  if (names.length !== size) {
    throw new RangeError(
      `confusionChart() got ${names.length} names for ${size} classes`,
    );
  }
  return new Drawing(counts, names, options.title ?? "Confusion matrix").svg();
}

/** Places and sizes of one chart. */
class Drawing {
  readonly #counts: readonly number[];
  readonly #names: readonly string[];
  readonly #title: string;
  readonly #size: number;
  /** Pixels of a cell's side. */
  readonly #cell: number;
  readonly #left: number;
  readonly #top: number;
  /** Whether names of columns stand upright for want of width. */
  readonly #upright: boolean;

  constructor(
    counts: readonly number[],
    names: readonly string[],
    title: string,
  ) {
    this.#counts = counts;
    this.#names = names;
    this.#title = title;
    this.#size = names.length;
    const longest = Math.max(...names.map((name) => textWidth(name, 12)));
    const digits = String(Math.max(...counts)).length;
    const wanted = Math.max(this.#size > 20 ? 14 : 36, digits * 7.4 + 10);
    this.#cell = this.#size > 20 ? 14 : Math.max(wanted, 300 / this.#size);
    this.#left = 48 + Math.min(longest, 160);
    this.#upright = longest + 4 > this.#cell;
    this.#top = 88 + (this.#upright ? Math.min(longest, 160) + 4 : 16);
  }

  svg(): string {
    const total = sum(this.#counts);
    const right = sum(this.#names.map((_, i) => this.#count(i, i)));
    const side = this.#size * this.#cell;
    const [left, top] = [this.#left, this.#top];
    const parts: string[] = [];
    for (let row = 0; row < this.#size; row++) parts.push(...this.#row(row));
    const grey = `font-size="13" text-anchor="middle"`;
    const middle = top + side / 2;
    parts.push(
      svgText(left + side / 2, 76, "predicted", "quiet", grey),
      svgText(
        -middle,
        22,
        "actual",
        "quiet",
        `${grey} transform="rotate(-90)"`,
      ),
      svgText(
        left + side + 34,
        top - 8,
        "recall",
        "quiet",
        `font-size="12" text-anchor="middle"`,
      ),
      ...this.#names.map((name, i) => this.#columnName(name, i)),
      `<rect class="axis" x="${round(left)}" y="${round(top)}" width="${
        round(side)
      }" height="${round(side)}" fill="none" stroke="#6b7580"/>`,
    );
    const subtitle = total === 0
      ? "nothing counted yet"
      : `${percent(right / total)} of ${total} right; colour: share of the row`;
    const heading = Math.max(
      textWidth(this.#title, 18),
      textWidth(subtitle, 13),
    );
    return svgDocument({
      title: this.#title,
      subtitle,
      width: Math.max(left + side + 76, heading + 40),
      height: top + side + 24,
      left: 20,
    }, parts);
  }

  #count(row: number, column: number): number {
    return this.#counts[row * this.#size + column]!;
  }

  /** Name, cells and recall of an actual class. */
  #row(row: number): string[] {
    const cells = this.#names.map((_, column) => this.#count(row, column));
    const total = sum(cells);
    const middle = this.#top + (row + 0.5) * this.#cell + 4;
    const parts = cells.map((count, column) =>
      count === 0 ? "" : this.#drawCell(row, column, count, count / total)
    ).filter((part) => part !== "");
    parts.push(
      svgText(
        this.#left - 8,
        middle,
        this.#names[row]!,
        "ink",
        `font-size="12" text-anchor="end"`,
      ),
    );
    const recall = total === 0 ? "–" : percent(cells[row]! / total);
    parts.push(
      svgText(
        this.#left + this.#size * this.#cell + 62,
        middle,
        recall,
        "quiet",
        `font-size="12" text-anchor="end"`,
      ),
    );
    return parts;
  }

  #drawCell(row: number, column: number, count: number, share: number): string {
    const x = round(this.#left + column * this.#cell);
    const y = round(this.#top + row * this.#cell);
    const side = round(this.#cell);
    const strength = Math.sqrt(share) * 0.95;
    const hint = `${this.#names[row]} taken for ${
      this.#names[column]
    }: ${count}`;
    const words = this.#cell < 20 ? "" : svgText(
      x + side / 2,
      y + side / 2 + 4,
      String(count),
      strength > 0.72 ? "onfill" : "ink",
      `font-size="12" text-anchor="middle"`,
    );
    return `<g><title>${escapeMarkup(hint)}</title><rect ${
      fillOf(row === column ? RIGHT : WRONG)
    } fill-opacity="${
      round(strength)
    }" x="${x}" y="${y}" width="${side}" height="${side}"/>${words}</g>`;
  }

  #columnName(name: string, i: number): string {
    const x = this.#left + (i + 0.5) * this.#cell;
    const y = this.#top - 8;
    if (!this.#upright) {
      return svgText(x, y, name, "ink", `font-size="12" text-anchor="middle"`);
    }
    const look = `font-size="12" transform="rotate(-90 ${round(x + 4)} ${y})"`;
    return svgText(x + 4, y, name, "ink", look);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
