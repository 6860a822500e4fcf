/** Files through Node's modules, loaded when first used: browsers have none. */

type FileSystem = typeof import("node:fs");
type Path = typeof import("node:path");

interface HostProcess {
  getBuiltinModule?(name: string): unknown;
  pid?: number;
}

function load(name: string): unknown {
  const host = (globalThis as { process?: HostProcess }).process;
  const module = host?.getBuiltinModule?.(name);
  if (module === undefined) {
    throw new Error(
      "Files can be written in Deno and in Node from 20.16 on, not here",
    );
  }
  return module;
}

/** `node:fs`. */
export function fileSystem(): FileSystem {
  return load("node:fs") as FileSystem;
}

/** SHA-256 of bytes in parts, in hexadecimal. */
export function sha256(...parts: Uint8Array[]): string {
  const { createHash } = load("node:crypto") as typeof import("node:crypto");
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** `node:path`. */
export function pathModule(): Path {
  return load("node:path") as Path;
}

/** Whether an error is about files, and not a mistake in the program. */
export function isFileError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  // Where Deno has no permission its error has no code.
  return typeof code === "string" || error.name === "NotCapable";
}

/** A training has ended, but not all that it keeps could be written. */
export class UnwrittenError extends Error {
  /** The error's name. */
  override readonly name: string = "UnwrittenError";
}

/** What went wrong, in a few words. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How files end that were not written to their end. */
const TEMPORARY = ".tmp";

/** Forces to disk which names a folder has, where the system can do that. */
function syncFolder(path: string): void {
  const fs = fileSystem();
  try {
    const folder = fs.openSync(path, "r");
    try {
      fs.fsyncSync(folder);
    } finally {
      fs.closeSync(folder);
    }
  } catch {
    // Windows opens no folders; the file itself is on disk.
  }
}

/** Removes what a crash left of files that were being written in a folder. */
export function removeTemporaries(folder: string): void {
  const fs = fileSystem();
  for (const name of fs.readdirSync(folder)) {
    if (name.endsWith(TEMPORARY)) {
      fs.unlinkSync(pathModule().join(folder, name));
    }
  }
}

/**
 * Replaces a file as a whole: who reads it, even after a crash, finds the old
 * contents or the new ones, never a part.
 *
 * The contents go to a new file in the same folder and are forced to disk
 * before it takes the old one's name. With `keepAs` the old one gets that name.
 */
export function writeFileAtomic(
  path: string,
  contents: string | Uint8Array,
  keepAs?: string,
): void {
  const fs = fileSystem();
  const name = Math.random().toString(36).slice(2, 10);
  const temporary = `${path}.${name}${TEMPORARY}`;
  try {
    const file = fs.openSync(temporary, "wx");
    try {
      fs.writeFileSync(file, contents);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    if (keepAs !== undefined && fs.existsSync(path)) {
      fs.renameSync(path, keepAs);
    }
    fs.renameSync(temporary, path);
    syncFolder(pathModule().dirname(path));
  } catch (error) {
    try {
      fs.unlinkSync(temporary);
    } catch {
      // It was never made, or may not be touched: the first error says more.
    }
    throw error;
  }
}

/** Appends text to a file, and forces it to disk. */
export function appendFile(path: string, text: string): void {
  const fs = fileSystem();
  const file = fs.openSync(path, "a");
  try {
    fs.writeFileSync(file, text);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}
