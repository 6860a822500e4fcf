/**
 * The checksums of file formats: CRC-32 (zip, gzip, PNG) and CRC-32C
 * (TensorBoard's event files).
 *
 * @module
 */

const CRC32 = remainders(0xedb88320);
const CRC32C = remainders(0x82f63b78);

/**
 * CRC-32, the checksum of zip, gzip and PNG.
 *
 * ```ts
 * import { crc32 } from "@fdunn/data/checksum";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
 * ```
 */
export function crc32(bytes: Uint8Array): number {
  return checksum(CRC32, bytes);
}

/**
 * CRC-32C (Castagnoli), the checksum of TensorFlow's records:
 * https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4
 *
 * ```ts
 * import { crc32c } from "@fdunn/data/checksum";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
 * ```
 */
export function crc32c(bytes: Uint8Array): number {
  return checksum(CRC32C, bytes);
}

/** Four bytes a step, so that the loads do not wait for each other. */
function checksum(table: Int32Array, bytes: Uint8Array): number {
  let crc = -1;
  let i = 0;
  for (const end = bytes.length - 3; i < end; i += 4) {
    crc ^= bytes[i]! | bytes[i + 1]! << 8 | bytes[i + 2]! << 16 |
      bytes[i + 3]! << 24;
    crc = table[768 + (crc & 255)]! ^ table[512 + (crc >>> 8 & 255)]! ^
      table[256 + (crc >>> 16 & 255)]! ^ table[crc >>> 24]!;
  }
  for (; i < bytes.length; i++) {
    crc = table[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

/** The remainder of each byte followed by k zeros, from 256 k on. */
function remainders(polynomial: number): Int32Array {
  const table = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte;
    for (let k = 0; k < 4; k++) {
      for (let bit = 0; bit < 8; bit++) {
        rest = rest & 1 ? polynomial ^ (rest >>> 1) : rest >>> 1;
      }
      table[256 * k + byte] = rest;
    }
  }
  return table;
}
