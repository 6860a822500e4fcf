/** Writing zip archives. */

import { crc32 } from "./checksum.ts";

/** A file to be written. */
export interface ZipFile {
  /** Its path in the archive. */
  path: string;
  /** What it holds. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** Sizes and offsets have 32 bits; archives beyond them need zip64. */
const MAX_BYTES = 0xffffffff;

/** The first of January 1980: equal files make equal archives. */
const DATE = 1 << 5 | 1;

/** The flag for paths in UTF-8. */
const UTF8 = 1 << 11;

/** An archive of files that are stored as they are. */
export function zipStored(files: readonly ZipFile[]): Uint8Array<ArrayBuffer> {
  return zip(files, files.map((file) => file.bytes), 0);
}

/** An archive of deflated files. */
export async function zipDeflated(
  files: readonly ZipFile[],
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = [];
  for (const { bytes } of files) packed.push(await deflate(bytes));
  return zip(files, packed, 8);
}

async function deflate(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function zip(
  files: readonly ZipFile[],
  packed: readonly Uint8Array[],
  method: number,
): Uint8Array<ArrayBuffer> {
  const paths = files.map(({ path }) => new TextEncoder().encode(path));
  const start = sum(
    packed.map((data, i) => 30 + paths[i]!.length + data.length),
  );
  const end = start + sum(paths.map((path) => 46 + path.length));
  if (end > MAX_BYTES || files.length >= 0xffff) {
    throw new RangeError(
      `Cannot write a zip archive of ${files.length} files and ${end} bytes, expected less than 65535 files and 4 GiB: save its parts apart`,
    );
  }
  const archive = new Uint8Array(end + 22);
  const view = new DataView(archive.buffer);
  let [at, entry] = [0, start];
  files.forEach(({ bytes }, i) => {
    const [path, data] = [paths[i]!, packed[i]!];
    // What the local header and the directory's record have in common.
    const shared = new Uint8Array(26);
    const fields = new DataView(shared.buffer);
    fields.setUint16(0, 20, true); // the version of zip that reads it
    fields.setUint16(2, UTF8, true);
    fields.setUint16(4, method, true);
    fields.setUint16(8, DATE, true);
    fields.setUint32(10, crc32(bytes), true);
    fields.setUint32(14, data.length, true);
    fields.setUint32(18, bytes.length, true);
    fields.setUint16(22, path.length, true);
    view.setUint32(entry, 0x02014b50, true);
    view.setUint16(entry + 4, 20, true); // the version that wrote it
    archive.set(shared, entry + 6);
    view.setUint32(entry + 42, at, true);
    archive.set(path, entry + 46);
    entry += 46 + path.length;
    view.setUint32(at, 0x04034b50, true);
    archive.set(shared, at + 4);
    archive.set(path, at + 30);
    archive.set(data, at + 30 + path.length);
    at += 30 + path.length + data.length;
  });
  view.setUint32(end, 0x06054b50, true);
  view.setUint16(end + 8, files.length, true);
  view.setUint16(end + 10, files.length, true);
  view.setUint32(end + 12, end - start, true);
  view.setUint32(end + 16, start, true);
  return archive;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
