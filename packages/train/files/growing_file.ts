/** Files that grow: what cannot be added now is added later. */

import { isFileError, WriteError } from "./file_errors.ts";
import { fileSystem, pathModule } from "./file_system.ts";
import { type Contents, replaceFile } from "./replace_file.ts";

/** Options of {@linkcode GrowingFile}. */
export interface GrowingFileOptions {
  /** What each new file begins with. Default: nothing. */
  head?: () => Contents;
  /** Where a file goes on that was deleted. Default: under its own path. */
  successor?: () => string;
  /** Force each addition to disk, against power cuts. Default `false`. */
  durable?: boolean;
  /** Bytes that wait at most; the oldest pieces go first. Default 1 MB. */
  limit?: number;
}

/**
 * A file that pieces are added to: lines, records. A piece that cannot be
 * written waits in memory, and is written with the next one that can; what a
 * full disk took of it is taken back, so that the file ends with a whole piece.
 * A file that was deleted, also with its folder, is begun again.
 *
 * A kill may leave a part of a piece at the end: {@linkcode wholeLines} leaves
 * it out, and {@linkcode begin} puts a file without it in its place.
 *
 * Needs permission to read and to write the folder.
 *
 * ```ts ignore
 * import { GrowingFile } from "@fdunn/train";
 *
 * const file = new GrowingFile("runs/first/log.csv", {
 *   head: () => "step,loss\n",
 * });
 * file.add("1,0.5\n");
 * ```
 */
export class GrowingFile {
  #path: string;
  readonly #options: GrowingFileOptions;
  /** Bytes of whole pieces; null before it was looked at. */
  #length: number | null = null;
  /** Whether there may be a part of a piece behind them. */
  #torn = false;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #dropped = 0;

  /** Writes nothing yet. */
  constructor(path: string, options: GrowingFileOptions = {}) {
    this.#path = path;
    this.#options = options;
  }

  /** The file. */
  get path(): string {
    return this.#path;
  }

  /** Pieces that are not in the file yet. */
  get waiting(): readonly Uint8Array[] {
    return this.#waiting;
  }

  /** How many pieces were given up, since too much was waiting. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Puts a file with these contents, behind the head, in the place of whatever
   * there is; nothing waits any more.
   *
   * @throws WriteError when it cannot be written: all stays as it was.
   */
  begin(contents: Contents = ""): void {
    this.#beginAt(this.#path, bytesOf(contents));
  }

  /**
   * Adds a piece, and those that wait. Returns whether the file was gone, so
   * that it was begun again.
   *
   * @throws WriteError when they cannot be written: they wait.
   */
  add(piece: Contents): boolean {
    const bytes = bytesOf(piece);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    return this.#write(false);
  }

  /**
   * Tries a last time what waits.
   *
   * @throws WriteError when it cannot be written.
   */
  settle(): void {
    if (this.#waiting.length > 0) this.#write(true);
  }

  /** Forces to disk what was added. */
  sync(): void {
    const fs = fileSystem();
    const file = fs.openSync(this.#path, "r+");
    try {
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
  }

  /** Writes what waits, for the last time or not. */
  #write(last: boolean): boolean {
    const gone = !fileSystem().existsSync(this.#path);
    try {
      if (gone) return this.#beginAgain();
      this.#addWaiting();
      return false;
    } catch (error) {
      if (!isFileError(error)) throw error;
      this.#dropOldest();
      throw new WriteError(
        this.#path,
        this.#fateOfWaiting(last),
        error instanceof WriteError ? error.cause as Error : error,
      );
    }
  }

  /** Each attempt copies all that waits, so that it must not be too much. */
  #dropOldest(): void {
    const { limit = 1 << 20 } = this.#options;
    while (this.#waitingBytes > limit && this.#waiting.length > 1) {
      this.#waitingBytes -= this.#waiting.shift()!.length;
      this.#dropped++;
    }
  }

  #fateOfWaiting(last: boolean): string {
    const [{ length }, dropped] = [this.#waiting, this.#dropped];
    const one = length === 1;
    const fate = last
      ? one ? "is lost" : "are lost"
      : `${one ? "waits" : "wait"} for the next one`;
    const older = dropped === 0
      ? ""
      : `, ${dropped} older ${dropped === 1 ? "one is" : "ones are"} lost`;
    return `${length} addition${one ? "" : "s"} ${fate}${older}`;
  }

  /** Whether there was a file before. */
  #beginAgain(): boolean {
    const known = this.#length !== null;
    const { successor } = this.#options;
    const path = known && successor !== undefined ? successor() : this.#path;
    this.#beginAt(path, joined(this.#waiting));
    return known;
  }

  #beginAt(path: string, contents: Uint8Array): void {
    const head = bytesOf(this.#options.head?.() ?? "");
    fileSystem().mkdirSync(pathModule().dirname(path), { recursive: true });
    replaceFile(path, joined([head, contents]));
    this.#path = path;
    this.#length = head.length + contents.length;
    this.#torn = false;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #addWaiting(): void {
    if (this.#length === null || this.#torn) this.#mend();
    const all = joined(this.#waiting);
    this.#torn = true;
    try {
      this.#append(all);
    } catch (error) {
      try {
        this.#mend();
      } catch {
        // It is done before the next addition.
      }
      throw error;
    }
    this.#torn = false;
    this.#length! += all.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #append(bytes: Uint8Array): void {
    const fs = fileSystem();
    const file = fs.openSync(this.#path, "a");
    try {
      fs.writeFileSync(file, bytes);
      if (this.#options.durable) fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
  }

  /** Looks how long the file is, and cuts off the part of a piece. */
  #mend(): void {
    const fs = fileSystem();
    const { size } = fs.statSync(this.#path);
    if (this.#length !== null && size > this.#length) {
      fs.truncateSync(this.#path, this.#length);
    } else this.#length = size;
    this.#torn = false;
  }
}

/** The lines of a text, without a last one that a kill left unfinished. */
export function wholeLines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}

function bytesOf(contents: Contents): Uint8Array {
  return typeof contents === "string"
    ? new TextEncoder().encode(contents)
    : contents;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
