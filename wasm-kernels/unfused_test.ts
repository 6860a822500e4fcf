import { assert, assertEquals } from "@std/assert";
import { unfused } from "./unfused.ts";

const MADD = [0xfd, 0x85, 2], SELECT = [0xfd, 0x8b, 2];
const SPLAT = [0xfd, 0x13], LANE_0 = [0xfd, 0x1f, 0];
const get = (local: number) => [0x20, local];
const splats = (...locals: number[]) =>
  locals.flatMap((local) => [...get(local), ...SPLAT]);
const length = (bytes: readonly number[]) => [
  bytes.length & 127 | 128,
  bytes.length >> 7,
];
const sized = (bytes: readonly number[]) => [...length(bytes), ...bytes];

/** A module of functions from so many float32 to one, exported as f0, f1, ... */
function moduleOf(
  functions: { parameters: number; locals: number[]; body: number[] }[],
): Uint8Array<ArrayBuffer> {
  const count = functions.length;
  const types = functions.flatMap(({ parameters }) => [
    ...[0x60, parameters, ...Array(parameters).fill(0x7d), 1, 0x7d],
  ]);
  // Each has the type of another place: the order is not the types'.
  const order = functions.map((_, i) => count - 1 - i);
  const exports = order.flatMap((at, i) => [2, 0x66, 0x30 + at, 0, i]);
  const bodies = order.flatMap((at) =>
    sized([...functions[at]!.locals, ...functions[at]!.body, 0x0b])
  );
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, ...sized([count, ...types])],
    ...[3, ...sized([count, ...order])],
    ...[7, ...sized([count, ...exports])],
    ...[10, ...sized([count, ...bodies])],
  ]);
}

/** Its functions. */
function load(
  bytes: Uint8Array<ArrayBuffer>,
): Record<string, (...args: number[]) => number> {
  const module = new WebAssembly.Module(bytes);
  return new WebAssembly.Instance(module).exports as ReturnType<typeof load>;
}

const product = { parameters: 3, locals: [0], body: [] as number[] };
product.body = [...splats(0, 1, 2), ...MADD, ...LANE_0];

Deno.test("unfused() rounds a product before it adds to it", () => {
  const { f0 } = load(unfused(moduleOf([product])));
  const x = 1 + 2 ** -12;
  // Its square is 1 + 2^-11 + 2^-24, of which float32 has no last bit.
  assertEquals(f0!(x, x, -1 - 2 ** -11), 0);
  assertEquals(f0!(3, 5, 7), 22);
});

Deno.test("unfused() keeps what else a function computes with", () => {
  const nested = {
    parameters: 4,
    // Three i32 and two v128 beside what is added.
    locals: [2, 3, 0x7f, 2, 0x7b],
    body: [
      // (p3 p1 + (p0 p1 + p2)) p0 + p3, in steps on the stack and in locals.
      ...[...splats(3, 1), ...splats(0, 1, 2), ...MADD, 0x22, 7],
      ...[...MADD, 0x21, 8],
      ...[...get(8), ...splats(0, 3), ...MADD, ...LANE_0],
    ],
  };
  const { f0, f1 } = load(unfused(moduleOf([product, nested])));
  assertEquals(f1!(2, 3, 5, 7), (7 * 3 + (2 * 3 + 5)) * 2 + 7);
  assertEquals(f0!(2, 3, 5), 11);
});

Deno.test("unfused() counts more than 127 locals", () => {
  const wide = { ...product, locals: [1, 200, 1, 0x7f] };
  const { f0 } = load(unfused(moduleOf([wide])));
  assertEquals(f0!(3, 5, 7), 22);
});

Deno.test("unfused() selects lanes as before", () => {
  // p0 where p0 < p1, else p1
  const least = {
    parameters: 2,
    locals: [0],
    body: [...splats(0, 1, 0, 1), 0xfd, 0x43, ...SELECT, ...LANE_0],
  };
  const bytes = unfused(moduleOf([least]));
  const { f0 } = load(bytes);
  assertEquals([f0!(1, 2), f0!(4, 3), f0!(-1, -0)], [1, 3, -1]);
  const relaxed = (byte: number, i: number) =>
    byte === 0xfd && bytes[i + 1]! >= 0x80 && bytes[i + 2] === 2;
  assert(!bytes.some(relaxed));
});
