/** The files of a run, on disks that may be full and in folders that may go. */

import { isFileError, shortReasonOf, UnwrittenError } from "./file_errors.ts";
import { fileSystem, pathModule } from "./file_system.ts";
import { GrowingFile } from "./growing_file.ts";
import { type Contents, replaceFile } from "./replace_file.ts";

/** Writes the whole of a file. */
export type FileWriter = (path: string) => void;

/** Options of {@linkcode KeptFiles}. */
export interface KeptFilesOptions {
  /** Who is told, in a sentence, of what goes wrong. */
  warn: (message: string) => void;
  /** Force additions to disk, against power cuts. Default `false`. */
  durable?: boolean;
}

/**
 * The files of a folder. What cannot be written is said once, and tried again
 * whenever another is written; a folder that was deleted is made again with
 * all that was in it.
 *
 * Needs permission to read and to write the folder.
 *
 * ```ts ignore
 * import { KeptFiles } from "@fdunn/train";
 *
 * const files = new KeptFiles("runs/first", { warn: console.warn });
 * files.replace("config.json", "{}\n");
 * const lines: string[] = [];
 * for (let epoch = 1; epoch <= 3; epoch++) {
 *   const line = `${JSON.stringify({ epoch })}\n`;
 *   lines.push(line);
 *   files.add("metrics.jsonl", line, () => lines.join(""));
 * }
 * files.settle();
 * ```
 */
export class KeptFiles {
  /** Where they are. */
  readonly folder: string;
  readonly #options: KeptFilesOptions;
  /** How each is written as a whole; the first is the sign of the folder. */
  readonly #writers = new Map<string, FileWriter>();
  readonly #growing = new Map<string, GrowingFile>();
  /** Those that are not as they should be. */
  readonly #late = new Set<string>();
  /** What could not be written last, and why. */
  #failure = "";

  /** Makes nothing yet. */
  constructor(folder: string, options: KeptFilesOptions) {
    this.folder = folder;
    this.#options = options;
  }

  /** Takes in a file that is there, and what it holds. */
  adopt(name: string, contents: Contents): void {
    this.#writers.set(name, (path) => replaceFile(path, contents));
  }

  /** Replaces a file as a whole. */
  replace(name: string, contents: Contents): void {
    this.#growing.delete(name);
    this.put(name, (path) => replaceFile(path, contents));
  }

  /** Adds to a file; `whole` is all of it, this addition included. */
  add(name: string, piece: Contents, whole: () => Contents): void {
    let file = this.#growing.get(name);
    if (file === undefined) {
      const { durable = false } = this.#options;
      file = new GrowingFile(this.#path(name), { durable });
      this.#growing.set(name, file);
    }
    const begin = () => file.begin(whole());
    this.put(name, (path) => {
      if (fileSystem().existsSync(path)) file.add(piece);
      else begin();
    }, begin);
  }

  /** Writes a file by a function, which may be called again later. */
  put(name: string, write: FileWriter, whole: FileWriter = write): void {
    const [first = name] = this.#writers.keys();
    const known = this.#writers.has(first);
    this.#writers.set(name, whole);
    if (known && !fileSystem().existsSync(this.#path(first))) {
      this.#makeAgain(first);
    } else if (!this.#late.has(name) && !this.#try(name, write)) {
      this.#late.add(name);
    }
    this.#catchUp();
  }

  /**
   * Tries a last time what could not be written.
   *
   * @throws UnwrittenError when that fails again; `lead` begins its message, up
   * to the folder.
   */
  settle(
    lead = "The training has ended, but its results are not in",
  ): void {
    this.#catchUp();
    if (this.#late.size === 0) return;
    throw new UnwrittenError(
      `${lead} ${this.folder}: ${
        [...this.#late].join(", ")
      } could not be written (${this.#failure})`,
    );
  }

  /** All files are late where the first, the sign of the folder, is gone. */
  #makeAgain(first: string): void {
    const { folder } = this;
    const said = this.#late.has(first);
    const made = this.#try(first, () => {
      fileSystem().mkdirSync(folder, { recursive: true });
    });
    for (const name of this.#writers.keys()) this.#late.add(name);
    if (made && !said) {
      this.#options.warn(`The run folder ${folder} was gone: made it again`);
    }
  }

  #catchUp(): void {
    for (const name of this.#late) {
      if (this.#try(name, this.#writers.get(name)!)) this.#late.delete(name);
    }
  }

  /** Whether it could be done; only files may fail. */
  #try(name: string, write: FileWriter): boolean {
    try {
      write(this.#path(name));
      return true;
    } catch (error) {
      if (!isFileError(error)) throw error;
      this.#failure = `${name}: ${shortReasonOf(error)}`;
      // Said once, however much fails in a row.
      if (this.#late.size === 0) {
        this.#options.warn(
          `The run folder ${this.folder} could not be written: ${this.#failure}. The training goes on, and what is missing is written as soon as it can be`,
        );
      }
      return false;
    }
  }

  #path(name: string): string {
    return pathModule().join(this.folder, name);
  }
}
