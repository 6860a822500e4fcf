/**
 * Reading zip archives, which `.npz` and `.pt` files are:
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */

import { crc32 } from "./checksum.ts";

/** A file in an archive. */
export interface ZipEntry {
  /** What messages call it: the archive and its path there. */
  readonly name: string;
  /** 0: stored, 8: deflated. */
  readonly method: number;
  /** The checksum of its bytes. */
  readonly crc: number;
  /** How many bytes it has. */
  readonly size: number;
  /** Its bytes as they lie in the archive. */
  readonly packed: Uint8Array;
}

/** Files, bytes and the first byte of a directory. */
type Numbers = [count: number, size: number, start: number];

/** What a record of the central directory says. */
interface Place extends Omit<ZipEntry, "packed"> {
  path: string;
  packedSize: number;
  offset: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/** Paths; other encodings give odd ones, and do no harm. */
const UTF8 = new TextDecoder();

/** The longest comment behind the end record. */
const MAX_COMMENT = 0xffff;

/** What a field of 32 bits says when its value is in the zip64 field. */
const IN_ZIP64 = 0xffffffff;

/**
 * The files of a zip archive by their path, which is a name and nothing more;
 * nothing is unpacked yet. What the directory says is checked: each file lies
 * inside of the archive, where no other does.
 *
 * @throws RangeError for an archive that is cut off, contradicts itself, or is
 * encrypted.
 */
export function readZip(
  bytes: Uint8Array,
  name: string,
): Map<string, ZipEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = findDirectory(view, name);
  const places: Place[] = [];
  let at = directory.start;
  for (let i = 0; i < directory.count; i++) {
    at = readPlace(view, at, directory.end, name, places);
  }
  if (at !== directory.end) {
    throw broken(name, `its directory of ${directory.count} files ends early`);
  }
  places.sort((a, b) => a.offset - b.offset);
  const entries = new Map<string, ZipEntry>();
  let free = 0;
  for (const place of places) {
    const start = dataStart(view, place);
    const end = start + place.packedSize;
    if (place.offset < free) {
      throw broken(place.name, "it overlaps the file before it");
    }
    if (end > directory.start) {
      throw broken(place.name, `it ends at ${end}, inside of the directory`);
    }
    if (entries.has(place.path)) throw broken(place.name, "it is there twice");
    free = end;
    const packed = bytes.subarray(start, end);
    const { method, crc, size } = place;
    entries.set(place.path, { name: place.name, method, crc, size, packed });
  }
  return entries;
}

/** The bytes of a file that is stored as it is. */
export function storedBytes(entry: ZipEntry): Uint8Array {
  if (entry.method !== 0) {
    throw broken(
      entry.name,
      `it is compressed by method ${entry.method}, which is not read here`,
    );
  }
  return checked(entry, entry.packed);
}

/** The bytes of a file, inflated if it is deflated. */
export async function unpackedBytes(entry: ZipEntry): Promise<Uint8Array> {
  if (entry.method !== 8) return storedBytes(entry);
  return checked(entry, await inflate(entry));
}

function checked(entry: ZipEntry, bytes: Uint8Array): Uint8Array {
  if (bytes.length !== entry.size) {
    throw broken(
      entry.name,
      `it has ${bytes.length} bytes, expected ${entry.size}`,
    );
  }
  const found = crc32(bytes);
  if (found !== entry.crc) {
    throw broken(
      entry.name,
      `its checksum is ${found}, expected ${entry.crc}`,
    );
  }
  return bytes;
}

/** Deflated bytes that inflate to at most this many can be given at once. */
const INFLATED_AT_ONCE = 1 << 24;

/** Nothing inflates to more than so many times its size. */
const MAX_RATIO = 1032;

/** Inflates no more than the directory says, in steps of bounded memory. */
async function inflate(entry: ZipEntry): Promise<Uint8Array> {
  const { name, packed, size } = entry;
  if (size > packed.length * MAX_RATIO) {
    throw broken(name, `${packed.length} bytes cannot inflate to ${size}`);
  }
  const step = INFLATED_AT_ONCE / MAX_RATIO | 0;
  let sent = 0;
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (sent >= packed.length) return controller.close();
      controller.enqueue(new Uint8Array(packed.subarray(sent, sent += step)));
    },
  });
  const reader = source.pipeThrough(new DecompressionStream("deflate-raw"))
    .getReader();
  const bytes = new Uint8Array(size);
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return bytes.subarray(0, length);
      if (length + value.length > size) break;
      bytes.set(value, length);
      length += value.length;
    }
  } catch (error) {
    throw broken(name, `it cannot be inflated (${(error as Error).message})`);
  }
  await reader.cancel().catch(() => {});
  throw broken(name, `it inflates to more than the ${size} bytes it claims`);
}

/** Where the directory lies, and how many files it lists. */
function findDirectory(
  view: DataView,
  name: string,
): { start: number; end: number; count: number } {
  const at = findEnd(view, name);
  const wide = findEnd64(view, at, name);
  const [count, size, start] = wide === null
    ? [
      view.getUint16(at + 10, true),
      view.getUint32(at + 12, true),
      view.getUint32(at + 16, true),
    ]
    : [32, 40, 48].map((field) => uint64(view, wide + field)) as Numbers;
  const end = wide ?? at;
  if (start + size !== end) {
    throw broken(
      name,
      `its directory lies at ${start} to ${
        start + size
      }, expected up to ${end}`,
    );
  }
  return { start, end, count };
}

/** The end record: the last one whose comment ends with the file. */
function findEnd(view: DataView, name: string): number {
  const last = view.byteLength - 22;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT); at--) {
    if (
      view.getUint32(at, true) === END &&
      view.getUint16(at + 20, true) === last - at
    ) return at;
  }
  throw broken(name, `${view.byteLength} bytes without an end record`);
}

/** The end record with 64 bits, if its locator stands before the other one. */
function findEnd64(view: DataView, end: number, name: string): number | null {
  const locator = end - 20;
  if (locator < 0 || view.getUint32(locator, true) !== END_64_LOCATOR) {
    return null;
  }
  const at = uint64(view, locator + 8);
  if (at + 56 <= locator && view.getUint32(at, true) === END_64) return at;
  throw broken(name, "its zip64 record is missing");
}

/** Reads a record of the directory; returns where the next one begins. */
function readPlace(
  view: DataView,
  at: number,
  end: number,
  archive: string,
  places: Place[],
): number {
  const fits = at + 46 <= end && view.getUint32(at, true) === CENTRAL;
  const nameEnd = fits ? at + 46 + view.getUint16(at + 28, true) : Infinity;
  const extraEnd = fits ? nameEnd + view.getUint16(at + 30, true) : Infinity;
  const next = fits ? extraEnd + view.getUint16(at + 32, true) : Infinity;
  if (next > end) {
    throw broken(
      archive,
      `record ${places.length} of its directory is cut off`,
    );
  }
  const path = text(view, at + 46, nameEnd);
  const name = `${archive}: ${path.slice(0, 200)}`;
  if ((view.getUint16(at + 8, true) & 1) !== 0) {
    throw broken(name, "it is encrypted");
  }
  const wide = zip64Field(view, nameEnd, extraEnd);
  const field = (offset: number): number => {
    const value = view.getUint32(at + offset, true);
    if (value !== IN_ZIP64 || wide === null) return value;
    if (wide.at + 8 > wide.end) throw broken(name, "its zip64 field is short");
    wide.at += 8;
    return uint64(view, wide.at - 8);
  };
  const size = field(24);
  const packedSize = field(20);
  const offset = field(42);
  const method = view.getUint16(at + 10, true);
  const crc = view.getUint32(at + 16, true);
  places.push({ path, name, method, crc, size, packedSize, offset });
  return next;
}

/** The range of the zip64 field among extra fields, if there is one. */
function zip64Field(
  view: DataView,
  at: number,
  end: number,
): { at: number; end: number } | null {
  while (at + 4 <= end) {
    const next = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1 && next <= end) {
      return { at: at + 4, end: next };
    }
    at = next;
  }
  return null;
}

/** Where a file's bytes begin: behind a header that repeats its path. */
function dataStart(view: DataView, { name, path, offset }: Place): number {
  const fits = offset + 30 <= view.byteLength &&
    view.getUint32(offset, true) === LOCAL;
  const nameEnd = fits
    ? offset + 30 + view.getUint16(offset + 26, true)
    : Infinity;
  if (nameEnd > view.byteLength) {
    throw broken(name, `it has no header at byte ${offset}`);
  }
  if (text(view, offset + 30, nameEnd) !== path) {
    throw broken(name, "its header has another name");
  }
  return nameEnd + view.getUint16(offset + 28, true);
}

function text(view: DataView, from: number, to: number): string {
  return UTF8.decode(
    new Uint8Array(view.buffer, view.byteOffset + from, to - from),
  );
}

/** 64 bits as a number; what is not exact is larger than any file. */
function uint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function broken(name: string, what: string): RangeError {
  return new RangeError(`${name} cannot be read: ${what}`);
}
