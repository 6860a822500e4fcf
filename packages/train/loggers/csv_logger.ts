/** What a training logs, as a table. */

import type { Callback, LogRow } from "../callback.ts";
import type { LoggedRows } from "./json_lines_logger.ts";
import { LogLines } from "./log_lines.ts";
import type { Trainer } from "../trainer.ts";

/** The columns that each row has. */
const FIRST: readonly string[] = ["kind", "epoch", "step"];

/**
 * Writes each row that is logged as a line of comma-separated values, with the
 * columns `kind` (`step` or `epoch`), `epoch`, `step` and one for each figure; a
 * figure that a row does not have is left empty. A new figure adds a column.
 *
 * A training that goes on from a checkpoint goes on with the rows that were
 * there when the checkpoint was made.
 *
 * ```ts
 * import { CSVLogger } from "@fdunn/train";
 *
 * const callbacks = [new CSVLogger("runs/first/log.csv")];
 * ```
 *
 * Format: https://www.rfc-editor.org/rfc/rfc4180
 */
export class CSVLogger implements Callback {
  readonly #lines: LogLines;
  #figures: string[] = [];
  #kept: (LoggedRows & { figures: string[] }) | null = null;

  /** Writes nothing yet. */
  constructor(path: string) {
    this.#lines = new LogLines(
      "CSVLogger",
      path,
      FIRST.join(),
      (line) => this.#fitted(line),
    );
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
    if (this.#kept !== null) this.#figures = [...this.#kept.figures];
    this.#lines.header = this.#header();
    // A second fit() of the same training adds to the rows of the first.
    const rest = trainer.epoch > 0 ? Infinity : null;
    this.#lines.open(this.#kept?.rows ?? rest);
    this.#kept = null;
  }

  /** Writes a row. */
  onLog(trainer: Trainer, { kind, epoch, step, values }: LogRow): void {
    const added = Object.keys(values).filter((name) =>
      !this.#figures.includes(name)
    );
    if (added.length > 0) {
      this.#figures.push(...added);
      this.#lines.rewrite(this.#header(), trainer);
    }
    const figures = this.#figures.map((name) => values[name] ?? "");
    this.#lines.append([kind, epoch, step, ...figures].join(), trainer);
  }

  /** Writes what waits, if it can. */
  onFitEnd(trainer: Trainer): void {
    this.#lines.close(trainer);
  }

  /** How many rows there are, and which columns. */
  stateDict(): LoggedRows & { figures: string[] } {
    return { rows: this.#lines.count, figures: [...this.#figures] };
  }

  /** Goes on after so many rows. */
  loadStateDict(state: LoggedRows & { figures: string[] }): void {
    this.#kept = state;
  }

  #header(): string {
    return [...FIRST, ...this.#figures].map(field).join();
  }

  /** A row with the columns of now: of those that went none was filled. */
  #fitted(row: string): string {
    const cells = row.split(",");
    const columns = FIRST.length + this.#figures.length;
    return Array.from({ length: columns }, (_, i) => cells[i] ?? "").join();
  }
}

/** A name as a field; line breaks would break the table for simple readers. */
function field(name: string): string {
  const line = name.replaceAll(/[\r\n]+/g, " ");
  return /[",]/.test(line) ? `"${line.replaceAll('"', '""')}"` : line;
}
