/** The plotting area of a chart: two axes, their ticks and names. */

import { logTickLabel, tickLabel } from "./plot_scale.ts";
import { round, segment, svgText } from "./svg.ts";

/** One direction of the plotting area. */
export interface Axis {
  /** What it counts or measures. */
  label: string;
  /** The values at its two sides. */
  ends: readonly [low: number, high: number];
  /** Where it has numbers. */
  ticks: readonly number[];
  /** Whether equal factors, not equal differences, are equally far apart. */
  log?: boolean;
}

/** A rectangle of the page. */
export interface Box {
  /** Pixels from the page's left side. */
  left: number;
  /** Pixels from the page's top. */
  top: number;
  /** Pixels from the page's left side. */
  right: number;
  /** Pixels from the page's top. */
  bottom: number;
}

/** Maps values to places on the page, and draws the axes. */
export class Frame {
  /** Where the plotting area is. */
  readonly box: Box;
  readonly #x: Axis;
  readonly #y: Axis;

  /** An area with these axes. */
  constructor(box: Box, x: Axis, y: Axis) {
    this.box = box;
    this.#x = x;
    this.#y = y;
  }

  /** Where a value of the horizontal axis is. */
  atX(x: number): number {
    const { left, right } = this.box;
    return round(left + share(x, this.#x) * (right - left));
  }

  /** Where a value of the vertical axis is. */
  atY(y: number): number {
    const { top, bottom } = this.box;
    return round(bottom - share(y, this.#y) * (bottom - top));
  }

  /** Whether the plotting area has the value. */
  coversY(y: number): boolean {
    return y >= this.#y.ends[0] && y <= this.#y.ends[1];
  }

  /** Grid lines, if wanted, the horizontal axis, numbers and names. */
  axes(grid: boolean): string[] {
    const { left, top, right, bottom } = this.box;
    const parts: string[] = [];
    for (const y of this.#y.ticks) {
      const at = this.atY(y);
      const lowest = y === this.#y.ends[0];
      if (grid && !lowest) parts.push(segment("grid", left, at, right, at));
      const words = numberOf(y, this.#y);
      const look = `font-size="12" text-anchor="end"`;
      parts.push(svgText(left - 8, at + 4, words, "quiet", look));
    }
    parts.push(segment("axis", left, bottom, right, bottom));
    for (const x of this.#x.ticks) {
      const at = this.atX(x);
      parts.push(
        segment("axis", at, bottom, at, bottom + 5),
        svgText(
          at,
          bottom + 20,
          numberOf(x, this.#x),
          "quiet",
          `font-size="12" text-anchor="middle"`,
        ),
      );
    }
    const look = `font-size="13" text-anchor="middle"`;
    parts.push(
      svgText((left + right) / 2, bottom + 40, this.#x.label, "quiet", look),
      svgText(
        -(top + bottom) / 2,
        18,
        this.#y.label,
        "quiet",
        `${look} transform="rotate(-90)"`,
      ),
    );
    return parts;
  }
}

function share(value: number, { ends: [low, high], log }: Axis): number {
  return log
    ? Math.log(value / low) / Math.log(high / low)
    : (value - low) / (high - low);
}

function numberOf(value: number, axis: Axis): string {
  return axis.log ? logTickLabel(value) : tickLabel(value, axis.ticks);
}
