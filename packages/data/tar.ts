/** Reading tar archives: the files of a folder in one. */

const BLOCK = 512;

/**
 * The files of a tar archive, by their path; folders and links are left out.
 * The format: https://www.gnu.org/software/tar/manual/html_node/Standard.html
 *
 * @throws RangeError for an archive that is cut off or has a wrong checksum.
 */
export function readTar(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return files; // the end
    checkHeader(header, at, name);
    const path = [text(header, 345, 155), text(header, 0, 100)]
      .filter((part) => part !== "").join("/");
    const size = octal(header, 124, 12);
    at += BLOCK;
    if (at + size > bytes.length) {
      throw new RangeError(
        `${name} is truncated: ${path} needs ${size} bytes from ${at} on, and the archive has ${bytes.length}`,
      );
    }
    const type = header[156]!;
    if (type === 0 || type === 0x30) {
      files.set(path, bytes.subarray(at, at + size));
    }
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new RangeError(
    `${name} is truncated: ${bytes.length} bytes without the end of a tar archive`,
  );
}

/** The sum of the header's bytes, its own field taken as spaces. */
function checkHeader(header: Uint8Array, at: number, name: string): void {
  let sum = 0;
  header.forEach((byte, i) => sum += i >= 148 && i < 156 ? 0x20 : byte);
  if (sum === octal(header, 148, 8)) return;
  throw new RangeError(
    `${name} has no header of a tar archive at byte ${at}: its checksum is ${sum}`,
  );
}

/** Bytes up to a zero as text. */
function text(header: Uint8Array, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function octal(header: Uint8Array, from: number, length: number): number {
  return parseInt(text(header, from, length).trim() || "0", 8);
}
