/** Text files that grow by lines, for loggers. */

import { Attempts } from "../files/file_errors.ts";
import { fileSystem } from "../files/file_system.ts";
import { GrowingFile, wholeLines } from "../files/growing_file.ts";
import type { Trainer } from "../trainer.ts";

/**
 * A text file that is written line by line. A line that cannot be written is a
 * warning and waits for the next one: logs do not end trainings.
 */
export class LogLines {
  readonly #who: string;
  readonly #fit: (line: string) => string;
  readonly #file: GrowingFile;
  readonly #attempts = new Attempts();
  /** The first line, if it has one; not counted. */
  header: string | null;
  #count = 0;
  /** Whether the file has another header yet. */
  #stale = false;

  /**
   * A file that `who` writes; nothing is written yet. `fit` makes lines of
   * before as they are to stand below the header of now.
   */
  constructor(
    who: string,
    path: string,
    header: string | null = null,
    fit: (line: string) => string = (line) => line,
  ) {
    this.#who = who;
    this.header = header;
    this.#fit = fit;
    this.#file = new GrowingFile(path, {
      head: () => this.header === null ? "" : `${this.header}\n`,
    });
  }

  /** The file. */
  get path(): string {
    return this.#file.path;
  }

  /** How many lines were given, without the header. */
  get count(): number {
    return this.#count;
  }

  /** Begins the file anew, or goes on with its first `count` lines. */
  open(count: number | null): void {
    const found = count === null ? [] : this.#read().slice(0, count);
    this.#begin(found);
    this.#count = found.length;
  }

  /** Adds a line. */
  append(line: string, trainer: Trainer): void {
    if (this.#stale) this.#refit(trainer);
    const { failure } = this.#attempts;
    const { dropped } = this.#file;
    this.#try(trainer, () => {
      const gone = this.#file.add(`${line}\n`);
      if (gone && failure === null) {
        trainer.warn(`${this.path} was gone: ${this.#who} began it again`);
      }
    });
    this.#count += 1 - (this.#file.dropped - dropped);
  }

  /** Replaces the header; all lines are made to fit it. */
  rewrite(header: string, trainer: Trainer): void {
    this.header = header;
    this.#refit(trainer);
  }

  /** Tries a last time what could not be written, and says what is lost. */
  close(trainer: Trainer): void {
    try {
      this.#file.settle();
    } catch (error) {
      trainer.warn(`${this.#who}: ${(error as Error).message}`);
    }
  }

  #refit(trainer: Trainer): void {
    const decoder = new TextDecoder();
    const waiting = () => this.#file.waiting.map((it) => decoder.decode(it));
    this.#stale = !this.#try(
      trainer,
      () => this.#begin([...this.#read(), ...wholeLines(waiting().join(""))]),
    );
  }

  /** The lines below the header. */
  #read(): string[] {
    const fs = fileSystem();
    if (!fs.existsSync(this.path)) return [];
    const lines = wholeLines(fs.readFileSync(this.path, "utf8"));
    return this.header === null ? lines : lines.slice(1);
  }

  /** Writes the file anew, with these lines below the header. */
  #begin(lines: readonly string[]): void {
    this.#file.begin(lines.map((line) => `${this.#fit(line)}\n`).join(""));
  }

  #try(trainer: Trainer, write: () => void): boolean {
    return this.#attempts.try(write, (reason) =>
      trainer.warn(
        `${this.#who} cannot write ${this.path} (${reason}); it tries again with each line`,
      ));
  }
}
