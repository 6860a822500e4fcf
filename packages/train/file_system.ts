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

/** `node:path`. */
export function pathModule(): Path {
  return load("node:path") as Path;
}

/**
 * Replaces a file as a whole: who reads it, even after a crash, finds the old
 * contents or the new ones, never a part.
 *
 * The contents go to a new file in the same folder and are forced to disk
 * before it takes the old one's name.
 */
export function writeFileAtomic(
  path: string,
  contents: string | Uint8Array,
): void {
  const fs = fileSystem();
  const temporary = `${path}.${Math.random().toString(36).slice(2, 10)}.tmp`;
  try {
    const file = fs.openSync(temporary, "wx");
    try {
      fs.writeFileSync(file, contents);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(temporary, path);
  } catch (error) {
    try {
      fs.unlinkSync(temporary);
    } catch {
      // It was never made, or may not be touched: the first error says more.
    }
    throw error;
  }
}
