/** Writing into a run folder that may be full, or gone. */

import { existsSync } from "node:fs";
import { join } from "@std/path";
import { UserError, withoutStack } from "./command_line.ts";

/** What {@linkcode RunWriter} is told. */
export interface RunWriterOptions {
  /** The run folder. */
  path: string;
  /** What `config.json` holds, should it get lost. */
  config: string;
  /** Where warnings go. */
  warn: (message: string) => void;
  /** Writes all figures again. */
  rewrite: () => void;
}

/** Writes files; what fails is a warning, and does not end a training. */
export class RunWriter {
  readonly #options: RunWriterOptions;
  /** Why the last attempt failed; null where it did not. */
  #failure: Error | null = null;
  #warned = false;

  /** Writes nothing yet. */
  constructor(options: RunWriterOptions) {
    this.#options = options;
  }

  /**
   * Looks back when all is written.
   *
   * @throws UserError where the last attempt failed.
   */
  requireWritten(): void {
    if (this.#failure === null) return;
    throw new UserError(
      `The training has ended, but its results are not in ${this.#options.path}: ${
        withoutStack(this.#failure)
      }`,
    );
  }

  /** Adds a line of figures, which `rewrite` knows already, to their file. */
  addLine(name: string, line: string): void {
    const path = join(this.#options.path, name);
    this.attempt((whole) => {
      if (!whole) Deno.writeTextFileSync(path, line, { append: true });
    });
  }

  /** Replaces a file as a whole or not at all. */
  write(name: string, text: string): void {
    const path = join(this.#options.path, name);
    this.attempt(() => {
      const temporary = `${path}.tmp`;
      try {
        Deno.writeTextFileSync(temporary, text);
        Deno.renameSync(temporary, path);
      } catch (error) {
        if (existsSync(temporary)) Deno.removeSync(temporary);
        throw error;
      }
    });
  }

  /**
   * Writes; after a failure, or where the folder was made again, `whole` says
   * that all figures are written anyway.
   */
  attempt(write: (whole: boolean) => void): void {
    try {
      const whole = this.#restore() || this.#failure !== null;
      write(whole);
      this.#failure = null;
      if (whole) this.#options.rewrite();
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      this.#failure = error;
      if (this.#warned) return;
      this.#warned = true;
      const { path, warn } = this.#options;
      const why = withoutStack(error);
      warn(`${path} cannot be written (${why}): the training goes on`);
    }
  }

  /** Makes the folder again where it was deleted; returns whether it was. */
  #restore(): boolean {
    const { path, config, warn } = this.#options;
    const file = join(path, "config.json");
    if (existsSync(file)) return false;
    Deno.mkdirSync(path, { recursive: true });
    Deno.writeTextFileSync(file, config);
    warn(`${path} was gone: made it again`);
    return true;
  }
}
