import {
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertThrows,
} from "@std/assert";
import { pack, wordLengths } from "./packer.ts";

interface Unpacker {
  take(size: number): Uint8Array<ArrayBuffer>;
}

// What is built from the crate is no part of the package's interface.
const crate = new URL("../wasm-kernels/", import.meta.url).href;
const packer = Uint8Array.fromBase64(
  (await import(`${crate}lib/pack.ts`)).pack as string,
);
const { Unpacker }: {
  Unpacker: new (source: Uint8Array, size: number) => Unpacker;
} = await import(`${crate}unpack.ts`);

const HEADER = [0, 97, 115, 109, 1, 0, 0, 0];

/** A number of seven bits to the byte. */
function number(n: number): number[] {
  return n < 128 ? [n] : [n & 127 | 128, ...number(n >> 7)];
}

const section = (id: number, bytes: number[]) => [
  ...[id, ...number(bytes.length)],
  ...bytes,
];

/** Types: (i32) -> i32; (v128, f64); () -> (). */
const TYPES = [
  3,
  ...[0x60, 1, 0x7f, 1, 0x7f],
  ...[0x60, 2, 0x7b, 0x7c, 0],
  ...[0x60, 0, 0],
];

/** A module of functions: a type and a body each. */
function moduleOf(
  functions: readonly (readonly [type: number, body: number[]])[],
  behind: number[] = [],
): Uint8Array {
  const count = number(functions.length);
  const bodies = functions.flatMap(([, body]) => [
    ...number(body.length),
    ...body,
  ]);
  return Uint8Array.from([
    ...HEADER,
    ...section(1, TYPES),
    ...section(3, [...count, ...functions.map(([type]) => type)]),
    ...section(10, [...count, ...bodies]),
    ...behind,
  ]);
}

function assertComesBack(modules: readonly Uint8Array[]): Uint8Array {
  const packed = pack(modules, packer);
  const size = modules.reduce((sum, { length }) => sum + length, 0);
  const unpacker = new Unpacker(packed, size);
  for (const module of modules) {
    assertEquals(unpacker.take(module.length), module);
  }
  return packed;
}

const sixteen = Array.from({ length: 16 }, (_, i) => 0x20 + i);

/** All kinds of what may follow an instruction. */
const EVERYTHING = [
  // Locals behind the parameter: 200 of i32 and 3 of v128; a number of two bytes.
  ...[2, ...number(200), 0x7f, 3, 0x7b],
  ...[0x20, ...number(199), 0x21, 5, 0x22, ...number(203), 0x20, 0, 0x20, 5],
  // Blocks, branches, a table of them; calls.
  ...[0x02, 0x40, 0x03, 0x7f, 0x04, 0x40, 0x0c, 0, 0x0d, 1, 0x05],
  ...[0x0b, 0x0b, 0x0b],
  ...[0x0e, 2, 0, 1, 130, 1, 0x0f, 0x10, 129, 2, 0x11, 3, 0],
  // Globals and memory.
  ...[0x23, 0, 0x24, 1, 0x28, 2, 0x84, 8, 0x36, 2, 0x20, 0x3f, 0, 0x40, 0],
  // Numbers, one of which ends like a local's instruction, one with zeros.
  ...[0x41, 0xc0, 0xbb, 0x78, 0x42, 0x20, 0x43, 1, 2, 3, 0x20],
  ...[0x41, 0x80, 0x80, 0x80, 0x80, 0x00, 0x44, 8, 7, 6, 5, 4, 3, 2, 0x21],
  // Truncation that saturates, memory.copy, memory.fill.
  ...[0xfc, 2, 0xfc, 10, 0, 0, 0xfc, 11, 0, 0x6a, 0x1a],
  // Vectors: loads, constants, lanes, arithmetic.
  ...[0xfd, 0, 4, 0x90, 1, 0xfd, 92, 2, 0x20],
  ...[0xfd, 12, ...sixteen, 0xfd, 13, ...sixteen],
  ...[0xfd, 31, 3, 0xfd, 86, 2, 0x22, 1, 0xfd, 0xe4, 1, 0xfd, 0x85, 2],
  0x0b,
];

const SMALL = [0, 0x20, 0, 0x20, 0, 0x6a, 0x0b];

Deno.test("a module with all kinds of operands comes back", () => {
  const name = [...new TextEncoder().encode("\x04nameanything")];
  const custom = section(0, name);
  assertComesBack([moduleOf([[0, EVERYTHING], [0, SMALL]], custom)]);
  // Code at the very end, where a function's size has no room to spare.
  assertComesBack([moduleOf([[0, EVERYTHING]])]);
  assertComesBack([moduleOf([[2, [0, 0x0b]]])]);
});

Deno.test("modules without code come back", () => {
  assertComesBack([Uint8Array.from(HEADER)]);
  assertComesBack([Uint8Array.from([...HEADER, ...section(1, TYPES)])]);
});

Deno.test("many functions and a long one come back", () => {
  const long = [0, ...new Array(9000).fill([0x20, 0, 0x1a]).flat(), 0x0b];
  const many = Array.from(
    { length: 300 },
    (_, i) => [i % 3, [0, 0x41, i % 60, 0x1a, 0x0b]] as [number, number[]],
  );
  const packed = assertComesBack([moduleOf([...many, [0, long]])]);
  assertLess(packed.length, 1500);
});

Deno.test("what was there before is there once", () => {
  const module = moduleOf([[0, EVERYTHING], [1, [1, 2, 0x7b, 0x20, 3, 0x0b]]]);
  const once = assertComesBack([module]).length;
  assertLess(assertComesBack([module, module, module]).length, 1.5 * once);
});

Deno.test("pack() refuses what would not come back", () => {
  const throws = (module: Uint8Array) =>
    assertThrows(() => pack([module], packer), Error, "cannot be packed");
  // A function's size in more bytes than it needs.
  const padded = section(10, [1, 0x80 | SMALL.length, 0, ...SMALL]);
  const types = [...section(1, TYPES), ...section(3, [1, 0])];
  throws(Uint8Array.from([...HEADER, ...types, ...padded]));
  // More locals than 256.
  throws(moduleOf([[2, [1, ...number(257), 0x7f, 0x0b]]]));
});

Deno.test("wordLengths() gives a code with nothing to spare", () => {
  const fibonacci = [1, 1];
  while (fibonacci.length < 30) {
    fibonacci.push(fibonacci.at(-1)! + fibonacci.at(-2)!);
  }
  for (const counts of [[5, 1, 0, 1, 9, 9, 2], fibonacci, [1, 1]]) {
    const lengths = wordLengths(counts);
    const used = [...lengths].filter((length) => length > 0);
    assertEquals(used.length, counts.filter((count) => count > 0).length);
    assertLess(Math.max(...lengths), 16);
    const sum = used.reduce((sum, length) => sum + 2 ** -length, 0);
    assertAlmostEquals(sum, 1);
  }
  assertEquals([...wordLengths([0, 7, 0])], [0, 1, 0]);
  assertEquals([...wordLengths([0, 0])], [0, 0]);
  assertEquals([...wordLengths([8, 4, 2, 1, 1])], [1, 2, 3, 4, 4]);
});
