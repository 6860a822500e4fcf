import { assert, assertEquals, assertThrows } from "@std/assert";
import * as linalg from "./lib/linalg.ts";
import * as modules from "./lib/modules.ts";
import { pack } from "./lib/pack.ts";
import { unpack } from "./lib/unpack.ts";
import { Unpacker } from "./unpack.ts";

/** A small stream of one module. */
const stream = Uint8Array.fromBase64(linalg.packed);
const size = linalg.sizes.linalg;

function assertDamaged(source: Uint8Array, size: number): void {
  assertThrows(
    () => new Unpacker(source, size).take(size),
    Error,
    "The packed kernels are damaged",
  );
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

const generated = (name: string) =>
  Deno.readTextFile(new URL(`./lib/${name}.ts`, import.meta.url));

Deno.test("the modules are the bytes whose sha256 their files name", async () => {
  for (const [file, lib] of Object.entries({ modules, linalg })) {
    const text = await generated(file);
    const all = Object.values(lib.sizes).reduce((sum, size) => sum + size, 0);
    const unpacker = new Unpacker(Uint8Array.fromBase64(lib.packed), all);
    for (const [name, size] of Object.entries(lib.sizes)) {
      const hash = await sha256(unpacker.take(size));
      const said = ` * ${name}: ${size} bytes, sha256 ${hash}\n`;
      assert(text.includes(said), name);
    }
  }
  for (const [file, base64] of Object.entries({ unpack, pack })) {
    const hash = await sha256(Uint8Array.fromBase64(base64));
    assert((await generated(file)).includes(` * sha256: ${hash}\n`), file);
  }
});

Deno.test("Unpacker hands out bytes that do not change later", () => {
  const [base, relaxed] = Object.values(modules.sizes) as [number, number];
  const all = Object.values(modules.sizes).reduce((sum, size) => sum + size, 0);
  const unpacker = new Unpacker(Uint8Array.fromBase64(modules.packed), all);
  const first = unpacker.take(base), kept = first.slice();
  const second = unpacker.take(relaxed);
  assertEquals(first, kept);
  // What is written into them is not what repeats are taken from.
  first.fill(0xee);
  assertEquals(second.subarray(0, 4), Uint8Array.of(0, 97, 115, 109));
});

Deno.test("Unpacker takes a stream inside of a larger buffer", () => {
  const wide = new Uint8Array(stream.length + 20).fill(0xff);
  wide.set(stream, 10);
  const inside = wide.subarray(10, 10 + stream.length);
  const bytes = new Unpacker(inside, size).take(size);
  assert(WebAssembly.validate(bytes));
});

Deno.test("Unpacker refuses a stream cut anywhere", () => {
  for (let n = 0; n < stream.length; n += n < stream.length - 16 ? 97 : 1) {
    assertDamaged(stream.subarray(0, n), size);
  }
});

Deno.test("Unpacker refuses a stream with more behind it", () => {
  const longer = new Uint8Array(stream.length + 1);
  longer.set(stream);
  assertDamaged(longer, size);
});

Deno.test("Unpacker refuses a stream of another size", () => {
  for (const other of [0, 1, size - 1, size + 1, 2 * size]) {
    assertDamaged(stream, other);
  }
});

Deno.test("Unpacker refuses a stream with a bit flipped", () => {
  const bits = 8 * stream.length;
  for (let i = 0; i < bits; i += i < 64 || i > bits - 64 ? 1 : 331) {
    const damaged = stream.slice();
    damaged[i >> 3]! ^= 1 << (i & 7);
    assertDamaged(damaged, size);
  }
});

Deno.test("Unpacker refuses noise", () => {
  let state = 1;
  for (let round = 0; round < 60; round++) {
    const noise = Uint8Array.from({ length: 3000 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
    // The alphabets of a real stream, then anything.
    if (round % 2 === 1) noise.set(stream.subarray(0, 100 + 20 * round));
    assertDamaged(noise, 1 + 5000 * round);
  }
  for (const byte of [0, 0x55, 0xff]) {
    assertDamaged(new Uint8Array(3000).fill(byte), 200_000);
  }
});

Deno.test("Unpacker has no more bytes than it was told", () => {
  const unpacker = new Unpacker(stream, size);
  assertEquals(unpacker.take(size).length, size);
  assertThrows(() => unpacker.take(1), Error, "damaged");
});
