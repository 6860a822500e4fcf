import { assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";

const shapes: [outer: number, n: number, inner: number][] = [
  ...[1, 2, 3, 31, 32, 33, 100, 255, 256, 257, 1003].map((
    n,
  ): [number, number, number] => [2, n, 1]),
  [3, 40, 5],
  [2, 7, 3],
  [0, 3, 4],
  [2, 3, 0],
  [1, 0, 1],
];

/** PyTorch's order: NaN last, both zeros equal, stable. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) {
    return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function check(
  k: Instance,
  kernel: string,
  [outer, n, inner]: [number, number, number],
  x: { pointer: number; values: ArrayLike<number> },
): void {
  for (const count of new Set([n, Math.min(n, 5), Math.min(n, 33), 0])) {
    for (const descending of [0, 1]) {
      const out = k.ints(new Array(outer * count * inner).fill(9), 1);
      const scratch = k.bytes(new Uint8Array(24 * n + 8));
      const aligned = (scratch.pointer + 7) & ~7;
      const args = [count, descending, x.pointer, out.pointer, aligned];
      k.raw(kernel, outer, n, inner, ...args);
      const expected = new Int32Array(outer * count * inner);
      for (let o = 0; o < outer; o++) {
        for (let c = 0; c < inner; c++) {
          const at = (i: number) => x.values[(o * n + i) * inner + c]!;
          const sign = descending === 1 ? -1 : 1;
          Array.from({ length: n }, (_, i) => i)
            .sort((a, b) => sign * compare(at(a), at(b)) || a - b)
            .slice(0, count)
            .forEach((i, j) => expected[(o * count + j) * inner + c] = i);
        }
      }
      assertEquals(out.values, expected, `${kernel} ${[outer, n, inner]}`);
      k.checkGuards();
    }
  }
}

testEachBuild("argsort is stable and puts NaN last", (k) => {
  for (const shape of shapes) {
    const size = shape[0] * shape[1] * shape[2];
    // Coarse, so that there are equals; and single bits of the exponent.
    const coarse = Array.from(numbers(size, 3), (v) => Math.round(v * 9) / 3);
    const wide = Array.from(numbers(size, 5), (v, i) => v * 2 ** (i % 90 - 45));
    const special = [NaN, -0, 0, Infinity, -Infinity, 1e-45, -1e-45, NaN];
    const mixed = coarse.map((v, i) => i % 3 === 0 ? special[i / 3 % 8]! : v);
    for (const values of [coarse, wide, mixed]) {
      k.reset();
      check(k, `argsort_${k.float}`, shape, k.floats(values, 1));
    }
  }
});

testEachBuild("a NaN with the sign bit is last, too", (k) => {
  const x = k.floats([NaN, 1, NaN, -1]);
  const bits = new Uint8Array(k.memory.buffer, x.pointer);
  const width = k.float === "f32" ? 4 : 8;
  bits[width - 1]! |= 0x80;
  check(k, `argsort_${k.float}`, [1, 4, 1], x);
});

testEachBuild("argsort of int32", (k) => {
  for (const shape of shapes) {
    k.reset();
    const size = shape[0] * shape[1] * shape[2];
    const values = Array.from(
      numbers(size, 4),
      (v, i) => i % 5 === 0 ? -(2 ** 31) : Math.round(v * (i % 2 ? 4 : 2e9)),
    );
    check(k, "argsort_i32", shape, k.ints(values, 1));
  }
}, ["simd128", "relaxed"]);
