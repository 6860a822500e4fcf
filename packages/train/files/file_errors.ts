/** What goes wrong with files, and saying so once. */

/** A file could not be written: the message names it, and what is lost. */
export class WriteError extends Error {
  /** The error's name. */
  override readonly name: string = "WriteError";
  /** The file. */
  readonly path: string;
  /** The system's name for what went wrong, such as `"ENOSPC"`. */
  readonly code: string;
  /** What went wrong, in the system's words. */
  readonly reason: string;

  /** Says of a file what became of it, and why. */
  constructor(path: string, fate: string, cause: Error) {
    super(`${path} could not be written (${cause.message}): ${fate}`, {
      cause,
    });
    this.path = path;
    this.reason = cause.message;
    this.code = String((cause as { code?: unknown }).code ?? cause.name);
  }
}

/** A training has ended, but not all that it keeps could be written. */
export class UnwrittenError extends Error {
  /** The error's name. */
  override readonly name: string = "UnwrittenError";
}

/** Whether an error is about files, and not a mistake in the program. */
export function isFileError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  // Where Deno has no permission its error has no code.
  return typeof code === "string" || error.name === "NotCapable";
}

/** What went wrong, in a few words, where the file is named already. */
export function shortReasonOf(error: unknown): string {
  return error instanceof WriteError ? error.reason : reasonOf(error);
}

/** What went wrong, in a few words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Attempts to write that may fail: what is wrong with files does not end a
 * training, and is told once, however often it fails in a row.
 */
export class Attempts {
  /** Why the last one failed; null where it did not. */
  failure: string | null = null;

  /** Whether `write` could be done; of files' errors it tells `warn`. */
  try(write: () => void, warn: (reason: string) => void): boolean {
    try {
      write();
      this.failure = null;
      return true;
    } catch (error) {
      if (!isFileError(error)) throw error;
      const first = this.failure === null;
      this.failure = shortReasonOf(error);
      if (first) warn(this.failure);
      return false;
    }
  }
}
