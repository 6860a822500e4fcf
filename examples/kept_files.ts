/** The files of a run, on disks that may be full and in folders that may go. */

import { join } from "@std/path";
import { UserError, withoutStack } from "./command_line.ts";

/** Writes a whole file. */
type Writer = (path: string) => void;

/**
 * Writes files into a folder. What cannot be written is said once, and tried
 * again whenever another is written; a folder that was deleted is made again
 * with all that was in it.
 */
export class KeptFiles {
  /** Where they are. */
  readonly folder: string;
  readonly #warn: (message: string) => void;
  /** How each is written as a whole. */
  readonly #writers = new Map<string, Writer>();
  /** Those that are not as they should be. */
  readonly #late = new Set<string>();
  #failure: unknown = null;

  /** Makes nothing yet. */
  constructor(folder: string, warn: (message: string) => void) {
    this.folder = folder;
    this.#warn = warn;
  }

  /** Takes in a file that is there; the first is the sign of the folder. */
  adopt(name: string, whole: Writer): void {
    this.#writers.set(name, whole);
  }

  /** Writes a file; `whole` does if `write` only adds to it. */
  put(name: string, write: Writer, whole: Writer = write): void {
    this.#writers.set(name, whole);
    const { folder } = this;
    if (this.#isGone() && this.#try(() => this.#makeAgain())) {
      this.#warn(`the run folder ${folder} was gone: made it again`);
    } else if (this.#late.has(name)) this.#tryWhole(name);
    else if (!this.#try(() => write(join(folder, name)))) this.#late.add(name);
    for (const late of this.#late) this.#tryWhole(late);
  }

  /**
   * Tries a last time what could not be written.
   *
   * @throws UserError when that fails again.
   */
  settle(): void {
    for (const late of this.#late) this.#tryWhole(late);
    if (this.#late.size === 0) return;
    throw new UserError(
      `the run has ended, but ${
        [...this.#late].join(", ")
      } could not be written to ${this.folder}: ${withoutStack(this.#failure)}`,
    );
  }

  #isGone(): boolean {
    const [first] = this.#writers.keys();
    try {
      Deno.statSync(join(this.folder, first!));
      return false;
    } catch (error) {
      return error instanceof Deno.errors.NotFound;
    }
  }

  #makeAgain(): void {
    Deno.mkdirSync(this.folder, { recursive: true });
    for (const name of this.#writers.keys()) this.#late.add(name);
  }

  #tryWhole(name: string): void {
    const write = this.#writers.get(name)!;
    const done = this.#try(() => write(join(this.folder, name)));
    if (done) this.#late.delete(name);
  }

  /** Whether it could be done; only files may fail. */
  #try(write: () => void): boolean {
    try {
      write();
      return true;
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      if (this.#late.size === 0) {
        this.#warn(
          `cannot write to ${this.folder}: ${
            withoutStack(error)
          }; the run goes on, and it is tried again`,
        );
      }
      this.#failure = error;
      return false;
    }
  }
}
