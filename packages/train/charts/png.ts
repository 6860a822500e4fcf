/** Pictures as PNG files, without compression: for small pictures. */

import { crc32 } from "@fdunn/data/checksum";

/** What a block of deflate that is only stored may hold. */
const BLOCK = 65535;

/**
 * A PNG file of a picture with 8 bits a channel; one channel is grey, three are
 * red, green and blue. `pixels` go row by row, channels innermost.
 *
 * Format: https://www.w3.org/TR/png-3/
 */
export function encodePng(
  pixels: Uint8Array,
  size: { width: number; height: number; channels: 1 | 3 },
): Uint8Array<ArrayBuffer> {
  const { width, height, channels } = size;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8; // bits a channel
  header[9] = channels === 1 ? 0 : 2;
  const line = width * channels;
  const rows = new Uint8Array((line + 1) * height); // each after its filter, none
  for (let y = 0; y < height; y++) {
    rows.set(pixels.subarray(y * line, (y + 1) * line), y * (line + 1) + 1);
  }
  return joined([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("IDAT", stored(rows)),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** A file's bytes as an address that pages and SVGs can show. */
export function dataUri(type: string, bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  }
  return `data:${type};base64,${btoa(text)}`;
}

/** A zlib stream of blocks that are stored as they are. */
function stored(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let start = 0; start < bytes.length || start === 0; start += BLOCK) {
    const block = bytes.subarray(start, start + BLOCK);
    const last = start + BLOCK >= bytes.length ? 1 : 0;
    const [low, high] = [block.length & 255, block.length >> 8];
    parts.push(Uint8Array.of(last, low, high, low ^ 255, high ^ 255), block);
  }
  let [a, b] = [1, 0]; // Adler-32
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  parts.push(Uint8Array.of(b >> 8, b & 255, a >> 8, a & 255));
  return joined(parts);
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const body = joined([new TextEncoder().encode(name), data]);
  const result = new Uint8Array(body.length + 8);
  const view = new DataView(result.buffer);
  view.setUint32(0, data.length);
  result.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  return result;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
