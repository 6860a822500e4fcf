/** Text files that grow by lines, and outlive full disks and lost folders. */

import type { Trainer } from "../trainer.ts";
import {
  fileSystem,
  pathModule,
  writeFileAtomic,
} from "../checkpoints/file_system.ts";

/** Lines that cannot be written are kept up to so many characters. */
const WAITING_LIMIT = 1 << 20;

/**
 * A text file that is written line by line. A line that cannot be written is a
 * warning and waits for the next one: logs do not end trainings.
 */
export class LogLines {
  /** The file. */
  readonly path: string;
  readonly #who: string;
  readonly #fit: (line: string) => string;
  /** The first line, if it has one; not counted. */
  header: string | null;
  #count = 0;
  #waiting: string[] = [];
  #waitingSize = 0;
  #failing = false;

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
    this.path = path;
    this.#who = who;
    this.header = header;
    this.#fit = fit;
  }

  /** How many lines were given, without the header. */
  get count(): number {
    return this.#count;
  }

  /** Begins the file anew, or goes on with its first `count` lines. */
  open(count: number | null): void {
    const fs = fileSystem();
    fs.mkdirSync(pathModule().dirname(this.path), { recursive: true });
    const found = count !== null && fs.existsSync(this.path)
      ? this.#read().slice(0, count)
      : [];
    this.#count = found.length;
    this.#replace(found);
  }

  /** Adds a line. */
  append(line: string, trainer: Trainer): void {
    this.#count++;
    this.#waiting.push(line);
    this.#waitingSize += line.length + 1;
    while (this.#waitingSize > WAITING_LIMIT) {
      this.#waitingSize -= this.#waiting.shift()!.length + 1;
      this.#count--;
    }
    this.#try(trainer, () => {
      const fs = fileSystem();
      if (fs.existsSync(this.path)) {
        // What a full disk took of a line before it refused is taken back.
        if (this.#failing) this.#replace(this.#read());
      } else {
        fs.mkdirSync(pathModule().dirname(this.path), { recursive: true });
        this.#replace([]);
      }
      fs.appendFileSync(this.path, this.#waiting.join("\n") + "\n");
      this.#waiting = [];
      this.#waitingSize = 0;
    });
  }

  /** Replaces the header; all lines are made to fit it. */
  rewrite(header: string, trainer: Trainer): void {
    this.header = header;
    this.#waiting = this.#waiting.map(this.#fit);
    if (!fileSystem().existsSync(this.path)) return;
    this.#try(trainer, () => this.#replace(this.#read()));
  }

  /** The lines below the header. */
  #read(): string[] {
    const text = fileSystem().readFileSync(this.path, "utf8");
    // A line that a crash left unfinished has no end: it is dropped.
    return text.split("\n").slice(this.header === null ? 0 : 1, -1);
  }

  /** Writes the file anew, with these lines below the header. */
  #replace(lines: readonly string[]): void {
    const head = this.header === null ? [] : [this.header];
    const all = [...head, ...lines.map(this.#fit)];
    writeFileAtomic(this.path, all.map((line) => line + "\n").join(""));
  }

  #try(trainer: Trainer, write: () => void): void {
    try {
      write();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) {
        trainer.warn(
          `${this.#who} cannot write ${this.path} (${
            (error as Error).message
          }); it tries again with each line`,
        );
      }
      this.#failing = true;
    }
  }
}
