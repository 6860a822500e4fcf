import { assert, assertEquals, assertThrows } from "@std/assert";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { inflate } from "./inflate.ts";

/** Reproducible numbers below `bound`. */
function draw(seed: number): (bound: number) => number {
  let state = seed * 2654435761 >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * bound);
  };
}

/** Bytes of several kinds: noise, few values, repeats near and far. */
function sample(n: number, seed: number): Uint8Array {
  const next = draw(seed);
  const bytes = new Uint8Array(n);
  const range = [2, 5, 30, 256][seed % 4]!;
  for (let i = 0; i < n;) {
    const run = 1 + next(400);
    if (i > 0 && next(3) > 0) {
      const from = i - 1 - next(Math.min(i, 32768));
      for (let k = 0; k < run && i < n; k++) bytes[i++] = bytes[from + k]!;
    } else {
      for (let k = 0; k < run && i < n; k++) bytes[i++] = next(range);
    }
  }
  return bytes;
}

/** The ways to compress that node:zlib has, by the blocks that they give. */
const WAYS = {
  stored: { level: 0 },
  fixed: { level: 9, strategy: constants.Z_FIXED },
  fast: { level: 1, memLevel: 1 },
  best: { level: 9 },
  huffman: { level: 9, strategy: constants.Z_HUFFMAN_ONLY },
  runs: { level: 9, strategy: constants.Z_RLE },
};

for (const [way, options] of Object.entries(WAYS)) {
  Deno.test(`inflate() gives back what was compressed (${way})`, () => {
    for (const n of [0, 1, 2, 3, 257, 258, 259, 1000, 70_000, 300_000]) {
      for (let seed = 0; seed < 4; seed++) {
        const bytes = sample(n, seed + n);
        const packed = deflateRawSync(bytes, options);
        // Inside of a larger buffer, followed by something else.
        const wide = new Uint8Array(packed.length + 20).fill(0xff);
        wide.set(packed, 10);
        const from = wide.subarray(10);
        assertEquals(inflate(from, n), bytes);
      }
    }
  });
}

Deno.test("inflate() takes distances and lengths up to the largest", () => {
  const bytes = new Uint8Array(32768 + 258);
  const next = draw(7);
  for (let i = 0; i < 258; i++) bytes[i] = bytes[32768 + i] = next(256);
  assertEquals(inflate(deflateRawSync(bytes, WAYS.best), bytes.length), bytes);
  assertEquals(inflate(deflateRawSync(bytes, WAYS.fixed), bytes.length), bytes);
});

Deno.test("inflate() refuses another size than the stream has", () => {
  for (const options of Object.values(WAYS)) {
    const packed = deflateRawSync(sample(5000, 2), options);
    assertThrows(
      () => inflate(packed, 5001),
      Error,
      "inflate() got damaged data: it has 5000 bytes, expected 5001",
    );
    assertThrows(
      () => inflate(packed, 4999),
      Error,
      "inflate() got damaged data: it has more than the expected 4999 bytes",
    );
  }
});

Deno.test("inflate() refuses a stream cut anywhere", () => {
  for (const options of Object.values(WAYS)) {
    const packed = deflateRawSync(sample(900, 1), options);
    for (let n = 0; n < packed.length; n++) {
      const cut = packed.subarray(0, n);
      assertThrows(() => inflate(cut, 900), Error, "inflate() got damaged");
    }
  }
});

Deno.test("inflate() ends with bytes or its own error on damaged streams", () => {
  const next = draw(3);
  let refused = 0;
  for (const options of Object.values(WAYS)) {
    const bytes = sample(3000, 2);
    const packed = new Uint8Array(deflateRawSync(bytes, options));
    for (let i = 0; i < 500; i++) {
      const damaged = packed.slice();
      damaged[next(packed.length)]! ^= 1 << next(8);
      let accepted: Uint8Array | null = null;
      try {
        accepted = inflate(damaged, bytes.length);
      } catch (error) {
        assert((error as Error).message.startsWith("inflate() got damaged"));
        refused++;
      }
      // What it takes is what zlib takes it for.
      if (accepted) {
        assertEquals(accepted, new Uint8Array(inflateRawSync(damaged)));
      }
    }
  }
  assert(refused > 500, `${refused} of 3000 were refused`);
});

Deno.test("inflate() names what is wrong with a stream", () => {
  const cases: [string, number[]][] = [
    ["a block is of no known kind", [0b111]],
    ["a stored block's size", [0b001, 1, 0, 1, 0]],
    ["it ends too early", [0b001, 2, 0, 0xfd, 0xff, 7]],
    // Fixed codes: the length 3 from distance 1, before any byte.
    ["a copy begins before", [0b00000011, 0b00000010, 0]],
    // Fixed codes: symbol 286, which means nothing.
    ["bits that are no symbol", [0b00011011, 0b11, 0]],
    // 19 code lengths of 1 bit each.
    ["too many symbols", [0b11101, 0xe0, ...new Array(8).fill(0b01001001)]],
  ];
  for (const [message, bytes] of cases) {
    assertThrows(() => inflate(new Uint8Array(bytes), 100), Error, message);
  }
});
