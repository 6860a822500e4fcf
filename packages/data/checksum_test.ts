import { assertEquals } from "@std/assert";
import { crc32, crc32c } from "./checksum.ts";

/** Bit by bit, as the standards define it. */
function slow(polynomial: number, bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    }
  }
  return ~crc >>> 0;
}

Deno.test("crc32() and crc32c() are the standards' for every length", () => {
  const bytes = Uint8Array.from({ length: 70 }, (_, i) => i * 37 + (i >> 2));
  for (let length = 0; length <= bytes.length; length++) {
    for (const start of [0, 1, 3]) {
      const part = bytes.subarray(start, length);
      assertEquals(crc32(part), slow(0xedb88320, part), `${length}`);
      assertEquals(crc32c(part), slow(0x82f63b78, part), `${length}`);
    }
  }
});
