/** Files that are written as a whole or not at all. */

import { isFileError, WriteError } from "./file_errors.ts";
import { fileSystem, pathModule } from "./file_system.ts";

/** What is written to files; texts as UTF-8. */
export type Contents = string | Uint8Array;

/** Options of {@linkcode replaceFile}. */
export interface ReplaceFileOptions {
  /** A path in the same folder that the old file gets. Default: it is gone. */
  keepAs?: string;
}

/** How files are called until all of them is written. */
const TEMPORARY = /\.[a-z0-9]{1,8}\.tmp$/;

function temporaryFor(path: string): string {
  return `${path}.${Math.random().toString(36).slice(2, 10)}.tmp`;
}

/**
 * Replaces a file as a whole: who reads it finds the old contents or the new
 * ones, never a part, also after a full disk, a kill or a power cut.
 *
 * The contents go to a new file in the same folder and are forced to disk
 * before it takes the old one's name. With `keepAs` there is an old or a new
 * file under the first name at every moment, too, where the file system has
 * hard links; elsewhere a kill between two renames leaves it under `keepAs`
 * only. What a kill leaves of unfinished files is passed over, and taken away
 * by {@linkcode removeUnfinished}.
 *
 * Needs permission to read and to write the folder.
 *
 * ```ts ignore
 * import { replaceFile } from "@fdunn/train";
 *
 * replaceFile("best.json", JSON.stringify({ epoch: 3, loss: 0.1 }));
 * ```
 *
 * @throws WriteError when it cannot be written: the old file is as it was.
 */
export function replaceFile(
  path: string,
  contents: Contents,
  { keepAs }: ReplaceFileOptions = {},
): void {
  const fs = fileSystem();
  const unfinished = temporaryFor(path);
  try {
    writeNew(unfinished, contents);
    const putBack = keepAs === undefined ? null : keepOld(path, keepAs);
    try {
      fs.renameSync(unfinished, path);
    } catch (error) {
      putBack?.();
      throw error;
    }
  } catch (error) {
    removeIfThere(unfinished);
    if (!isFileError(error)) throw error;
    const fate = fs.existsSync(path)
      ? "it is as it was before"
      : "there is no such file";
    throw new WriteError(path, fate, error);
  }
  syncFolder(pathModule().dirname(path));
}

/**
 * Makes a file as a whole where there is none: of several programs that try at
 * once one succeeds, and a kill leaves all of it or nothing (an empty file at
 * worst, where the file system has no hard links).
 *
 * @throws WriteError when there is a file already (its `code` is `"EEXIST"`),
 * or it cannot be written.
 */
export function createFile(path: string, contents: Contents): void {
  const unfinished = temporaryFor(path);
  try {
    writeNew(unfinished, contents);
    takeName(unfinished, path);
  } catch (error) {
    if (!isFileError(error)) throw error;
    const { code } = error as { code?: unknown };
    const fate = code === "EEXIST"
      ? "it is there already"
      : "there is no such file";
    throw new WriteError(path, fate, error);
  } finally {
    removeIfThere(unfinished);
  }
  syncFolder(pathModule().dirname(path));
}

/** Removes what kills have left in a folder of files that were unfinished. */
export function removeUnfinished(folder: string): void {
  const fs = fileSystem();
  for (const name of fs.readdirSync(folder)) {
    if (TEMPORARY.test(name)) fs.unlinkSync(pathModule().join(folder, name));
  }
}

/** Writes a file that nobody has yet, down to the disk. */
function writeNew(path: string, contents: Contents): void {
  const fs = fileSystem();
  const file = fs.openSync(path, "wx");
  try {
    fs.writeFileSync(file, contents);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** Gives a file a name that none has yet. */
function takeName(path: string, name: string): void {
  const fs = fileSystem();
  try {
    fs.linkSync(path, name);
  } catch (error) {
    if (!isFileError(error)) throw error;
    // It is taken, or there are no hard links: the next line tells which.
    fs.closeSync(fs.openSync(name, "wx"));
    fs.renameSync(path, name);
  }
}

/** Gives a file a second name; returns how to undo it where that took the first. */
function keepOld(path: string, keepAs: string): (() => void) | null {
  const fs = fileSystem();
  if (!fs.existsSync(path)) return null;
  const second = temporaryFor(path);
  try {
    fs.linkSync(path, second);
  } catch (error) {
    if (!isFileError(error)) throw error;
    // A file system without hard links, or a program that may make none.
    fs.renameSync(path, keepAs);
    return () => fs.renameSync(keepAs, path);
  }
  try {
    fs.renameSync(second, keepAs);
  } finally {
    // Where both names are one file's already, as after a kill, it stays.
    removeIfThere(second);
  }
  return null;
}

function removeIfThere(path: string): void {
  try {
    fileSystem().unlinkSync(path);
  } catch {
    // It is not there, or may not be touched: the first error says more.
  }
}

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
