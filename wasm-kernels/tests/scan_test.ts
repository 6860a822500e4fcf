import { assert, assertEquals } from "@std/assert";
import { numbers, testEachBuild } from "./instance.ts";

const shapes: [outer: number, n: number, inner: number][] = [
  ...[0, 1, 2, 3, 17, 1000].map((n): [number, number, number] => [3, n, 1]),
  ...[2, 3, 15, 16, 17, 40].map((c): [number, number, number] => [2, 9, c]),
  [0, 3, 4],
  [2, 3, 0],
];

/** The recurrence in float64, or in int32. */
function recurrence(
  [outer, n, inner]: [number, number, number],
  reverse: boolean,
  a: ArrayLike<number> | null,
  b: ArrayLike<number>,
  wrap: boolean,
): Float64Array {
  const out = new Float64Array(outer * n * inner);
  for (let o = 0; o < outer; o++) {
    for (let c = 0; c < inner; c++) {
      let y = 0;
      for (let i = 0; i < n; i++) {
        const row = reverse ? n - 1 - i : i;
        const at = (o * n + row) * inner + c;
        const factor = a === null || i === 0
          ? 1
          : a[reverse ? at + inner : at]!;
        y = wrap ? (Math.imul(factor, y) + b[at]!) | 0 : factor * y + b[at]!;
        out[at] = y;
      }
    }
  }
  return out;
}

testEachBuild("scan follows the recurrence both ways", (k) => {
  const eps = k.float === "f32" ? 2 ** -23 : 2 ** -50;
  for (const shape of shapes) {
    for (const reverse of [0, 1]) {
      k.reset();
      const size = shape[0] * shape[1] * shape[2];
      const a = k.floats(numbers(size, 1), 1);
      const b = k.floats(numbers(size, 2), 1);
      const out = k.floats(new Array(size).fill(9), 3);
      for (const factors of [a, null]) {
        const pa = factors?.pointer ?? 0;
        k.call("scan", ...shape, reverse, pa, b.pointer, out.pointer);
        const f = factors?.values ?? null;
        const expected = recurrence(shape, reverse === 1, f, b.values, false);
        out.values.forEach((v, i) => {
          const error = Math.abs(v - expected[i]!);
          assert(error <= eps * (1 + Math.abs(expected[i]!)), `${shape} ${i}`);
        });
        k.checkGuards();
      }
    }
  }
});

testEachBuild("a scan of factors alone is running products", (k) => {
  for (const shape of shapes) {
    k.reset();
    const size = shape[0] * shape[1] * shape[2];
    const inner = shape[2];
    const a = k.floats(numbers(size, 1).map((v) => 1 + v / 9), 1);
    const out = k.floats(new Array(size).fill(9), 3);
    k.call("scan", ...shape, 0, a.pointer, 0, out.pointer);
    out.values.forEach((v, i) => {
      const first = Math.floor(i / inner) % shape[1] === 0;
      const expected = first
        ? a.values[i]!
        : out.values[i - inner]! * a.values[i]!;
      assert(Math.abs(v / expected - 1) < 3e-7, `${shape} ${i}`);
    });
    k.checkGuards();
  }
});

testEachBuild("running sums of float32 keep their digits", (k) => {
  const n = 1_000_000;
  const x = k.floats(new Array(n).fill(0.1));
  const out = k.floats(new Array(n).fill(9));
  k.call("scan", 1, n, 1, 0, 0, x.pointer, out.pointer);
  const expected = n * x.values[0]!;
  const error = Math.abs(out.values[n - 1]! / expected - 1);
  assert(error < (k.float === "f32" ? 6e-8 : 1e-10), `${error}`);
});

testEachBuild("scans of int32 wrap", (k) => {
  for (const shape of shapes) {
    for (const reverse of [0, 1]) {
      k.reset();
      const size = shape[0] * shape[1] * shape[2];
      const whole = (seed: number) => numbers(size, seed).map((v) => v * 2e9);
      const a = k.ints(whole(1)), b = k.ints(whole(2));
      const out = k.ints(new Array(size).fill(9), 1);
      for (const factors of [a, null]) {
        const pa = factors?.pointer ?? 0;
        k.raw("scan_i32", ...shape, reverse, pa, b.pointer, out.pointer);
        const f = factors?.values ?? null;
        const expected = recurrence(shape, reverse === 1, f, b.values, true);
        assertEquals(Array.from(out.values), Array.from(expected));
        k.checkGuards();
      }
    }
  }
}, ["simd128", "relaxed"]);
