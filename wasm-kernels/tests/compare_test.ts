import { assertEquals } from "@std/assert";
import { testEachBuild } from "./instance.ts";

const sizes = [0, 1, 3, 4, 5, 7, 8, 15, 16, 17, 1001];
const comparisons: Record<string, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};
const pool = [0, -0, 1, -1, 2, NaN, Infinity, -Infinity, 0.5];

function pick(n: number, seed: number): number[] {
  return Array.from({ length: n }, (_, i) => pool[(i * seed) % pool.length]!);
}

testEachBuild("comparisons write 0 and 1 as JavaScript would", (k) => {
  for (const [name, f] of Object.entries(comparisons)) {
    for (const n of sizes) {
      for (const [sa, sb] of [[1, 1], [1, 0], [0, 1], [0, 0], [2, 3]]) {
        k.reset();
        const a = k.floats(pick(n * sa! + 1, 5), n % 4);
        const b = k.floats(pick(n * sb! + 1, 7));
        const out = k.bytes(new Array(n).fill(9), n % 5);
        k.call(name, n, a.pointer, sa!, b.pointer, sb!, out.pointer);
        assertEquals(
          Array.from(out.values),
          Array.from(
            { length: n },
            (_, i) => +f(a.values[i * sa!]!, b.values[i * sb!]!),
          ),
          `${name} ${n} ${sa} ${sb}`,
        );
        k.checkGuards();
      }
    }
  }
});

testEachBuild("int32 comparisons are signed", (k) => {
  const values = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 5, 5];
  for (const [name, f] of Object.entries(comparisons)) {
    k.reset();
    const a = k.ints(values), b = k.ints(values.toReversed());
    const out = k.bytes(new Array(7).fill(9), 1);
    k.raw(`${name}_i32`, 7, a.pointer, 1, b.pointer, 1, out.pointer);
    assertEquals(
      Array.from(out.values),
      values.map((x, i) => +f(x, values[6 - i]!)),
    );
    k.checkGuards();
  }
}, ["simd128", "relaxed"]);

testEachBuild("a strided comparison writes bytes row by row", (k) => {
  const a = k.floats([1, 2, 3, 4, 5, 6]), b = k.floats([2, 5]);
  const layout = k.ints([2, 3, 3, 1, 1, 0]);
  const out = k.bytes(new Array(6).fill(9));
  k.call("lt_nd", 2, layout.pointer, a.pointer, b.pointer, out.pointer);
  assertEquals(Array.from(out.values), [1, 0, 0, 1, 0, 0]);
});

testEachBuild("logic reads any nonzero byte as true", (k) => {
  for (const n of sizes) {
    k.reset();
    const bits = [0, 1, 255, 2, 0, 0, 7];
    const a = k.bytes(Array.from({ length: n }, (_, i) => bits[i % 7]!), 1);
    const b = k.bytes(Array.from({ length: n }, (_, i) => bits[i % 5]!));
    const out = k.bytes(new Array(n).fill(9), 3);
    const logic: Record<string, (x: boolean, y: boolean) => boolean> = {
      logical_and_u8: (x, y) => x && y,
      logical_or_u8: (x, y) => x || y,
      logical_xor_u8: (x, y) => x !== y,
    };
    for (const [name, f] of Object.entries(logic)) {
      k.raw(name, n, a.pointer, b.pointer, out.pointer);
      assertEquals(
        Array.from(out.values),
        Array.from(a.values, (x, i) => +f(x !== 0, b.values[i] !== 0)),
      );
    }
    k.raw("logical_not_u8", n, a.pointer, out.pointer);
    assertEquals(
      Array.from(out.values),
      Array.from(a.values, (x) => +(x === 0)),
    );
    k.checkGuards();
  }
}, ["simd128", "relaxed"]);

testEachBuild(
  "where picks bits of every width, from arrays or elements",
  (k) => {
    for (const n of sizes) {
      for (const width of [1, 4, 8]) {
        for (const [sa, sb] of [[1, 1], [1, 0], [0, 1], [0, 0]]) {
          k.reset();
          const bytes = (step: number, f: (i: number) => number) =>
            k.bytes(
              Array.from({ length: (n * step || 1) * width }, (_, i) => f(i)),
            );
          const c = k.bytes(Array.from({ length: n }, (_, i) => (i * 7) % 3));
          const a = bytes(sa!, (i) => i), b = bytes(sb!, (i) => i * 3 + 1);
          const out = k.bytes(new Array(n * width).fill(9));
          k.raw(
            `where_b${8 * width}`,
            n,
            c.pointer,
            a.pointer,
            sa!,
            b.pointer,
            sb!,
            out.pointer,
          );
          const at = (step: number, i: number) => step === 0 ? i % width : i;
          assertEquals(
            Array.from(out.values),
            Array.from(
              { length: n * width },
              (_, i) =>
                c.values[Math.floor(i / width)]
                  ? a.values[at(sa!, i)]!
                  : b.values[at(sb!, i)]!,
            ),
          );
          k.checkGuards();
        }
      }
    }
  },
  ["simd128", "relaxed"],
);
