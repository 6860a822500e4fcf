/** What a training logs, as lines of JSON. */

import type { Callback, LogRow } from "../callback.ts";
import { LogLines } from "./log_lines.ts";
import type { Trainer } from "../trainer.ts";

/** How many rows a logger has written, for checkpoints. */
export interface LoggedRows {
  /** Rows. */
  rows: number;
}

/**
 * Writes each row that is logged as a line of JSON: `kind` (`"step"` or
 * `"epoch"`), `epoch`, `step`, `time` (milliseconds since 1970), and the
 * figures by name. NaN and infinities, which JSON lacks, are null.
 *
 * A training that goes on from a checkpoint goes on with the lines that were
 * there when the checkpoint was made.
 *
 * ```ts
 * import { JsonLinesLogger } from "@fdunn/train";
 *
 * const callbacks = [new JsonLinesLogger("runs/first/log.jsonl")];
 * ```
 */
export class JsonLinesLogger implements Callback {
  readonly #lines: LogLines;
  #kept: number | null = null;

  /** Writes nothing yet. */
  constructor(path: string) {
    this.#lines = new LogLines("JsonLinesLogger", path);
  }

  /** Where it writes. */
  get path(): string {
    return this.#lines.path;
  }

  /**
   * Begins the file.
   *
   * @throws Error when it cannot be written.
   */
  onFitStart(trainer: Trainer): void {
    // A second fit() of the same training adds to the lines of the first.
    this.#lines.open(this.#kept ?? (trainer.epoch > 0 ? Infinity : null));
    this.#kept = null;
  }

  /** Writes a line. */
  onLog(trainer: Trainer, { kind, epoch, step, values }: LogRow): void {
    const row = { kind, epoch, step, time: Date.now(), ...values };
    this.#lines.append(JSON.stringify(row), trainer);
  }

  /** Writes what waits, if it can. */
  onFitEnd(trainer: Trainer): void {
    this.#lines.close(trainer);
  }

  /** How many lines there are. */
  stateDict(): LoggedRows {
    return { rows: this.#lines.count };
  }

  /** Goes on after so many lines. */
  loadStateDict(state: LoggedRows): void {
    this.#kept = state.rows;
  }
}
