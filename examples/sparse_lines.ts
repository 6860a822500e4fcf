/** Progress in lines: not all of them where epochs take milliseconds. */

import { type Callback, ProgressBar, standardOutput } from "@fdunn/train";
import type { Row } from "./experiment.ts";

/** After some lines, progress is printed this often. */
const PRINT_MS = 500;
const LINES_AT_ONCE = 20;

/** Which lines are printed. */
export class SparseLines {
  #printed = -Infinity;
  #lines = 0;

  /** Begins another part: its first lines are printed. */
  begin(): void {
    this.#lines = 0;
  }

  /** Whether it is time for a line; the last one always comes. */
  isTime(last = false): boolean {
    const now = performance.now();
    if (!last && this.#lines >= LINES_AT_ONCE) {
      if (now - this.#printed < PRINT_MS) return false;
    }
    this.#lines++;
    this.#printed = now;
    return true;
  }

  /** A bar of progress with such lines for epochs. */
  bar(): Callback {
    const bar = new ProgressBar();
    const print = bar.onEpochEnd.bind(bar);
    bar.onEpochEnd = (trainer, record) => {
      const last = record.epoch === trainer.lastEpoch || trainer.stopped;
      if (this.isTime(last)) print(trainer, record);
    };
    return bar;
  }
}

/** A warning in a line of its own, over the progress bar's. */
export function warn(message: string): void {
  const { terminal } = standardOutput();
  console.error(`${terminal ? "\r\x1b[2K" : ""}${message}`);
}

/** A row's figures in one line. */
export function rowLine(row: Row): string {
  const words = Object.entries(row)
    .filter(([, value]) => typeof value === "number")
    .map(([name, value]) =>
      `${name} ${Number((value as number).toPrecision(4))}`
    );
  return words.join("  ");
}
