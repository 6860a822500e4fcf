import { assert, assertEquals } from "@std/assert";
import { numbers, testEachBuild } from "./instance.ts";

const shapes: [outer: number, n: number, inner: number][] = [
  ...[0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 255, 256, 257, 1003].map((
    n,
  ): [number, number, number] => [3, n, 1]),
  ...[1, 2, 3, 4, 5, 7, 16, 17, 31, 33].map((
    inner,
  ): [number, number, number] => [2, 70, inner]),
  [0, 3, 4],
  [2, 3, 0],
  [1, 1, 1],
  [5, 1, 9],
  [2, 0, 5],
];

/** Columns of the middle axis, in the order of the output. */
function columns(
  x: ArrayLike<number>,
  [outer, n, inner]: [number, number, number],
): number[][] {
  return Array.from({ length: outer * inner }, (_, i) =>
    Array.from(
      { length: n },
      (_, r) => x[(Math.floor(i / inner) * n + r) * inner + i % inner]!,
    ));
}

testEachBuild("sum and mean follow float64 within a few roundings", (k) => {
  const eps = k.float === "f32" ? 2 ** -24 : 2 ** -53;
  for (const shape of shapes) {
    const [outer, n, inner] = shape;
    k.reset();
    const x = k.floats(numbers(outer * n * inner, n + inner), 1);
    const out = k.floats(new Array(outer * inner).fill(9), 3);
    for (const name of ["sum", "mean"]) {
      k.call(name, outer, n, inner, x.pointer, out.pointer);
      columns(x.values, shape).forEach((column, i) => {
        const total = column.reduce((s, v) => s + v, 0);
        const size = column.reduce((s, v) => s + Math.abs(v), 0);
        const by = name === "mean" ? n : 1;
        const expected = total / by;
        // Blocks of at most 64 additions per lane, then a compensated total.
        const error = Math.abs(out.values[i]! - expected);
        assert(
          Number.isNaN(expected)
            ? Number.isNaN(out.values[i])
            : error <= 20 * eps * size / by,
          `${name} [${shape}] ${out.values[i]}, not ${expected}`,
        );
      });
      k.checkGuards();
    }
  }
});

testEachBuild("ten million numbers keep their digits", (k) => {
  const n = 10_000_000;
  const noise = numbers(n, 7);
  const x = k.floats(noise.map((v) => 1 + v));
  const out = k.floats([9, 9]);
  // Neumaier's sum of what is really in memory.
  let total = 0, lost = 0, squares = 0;
  for (const v of x.values) {
    const sum = total + v;
    lost += Math.abs(total) >= v ? total - sum + v : v - sum + total;
    total = sum;
    squares += v * v;
  }
  const expected = total + lost;
  const limit = k.float === "f32" ? 2 ** -23 : 2 ** -51;
  k.call("sum", 1, n, 1, x.pointer, out.pointer);
  const error = Math.abs(out.values[0]! / expected - 1);
  assert(error <= limit, `row: ${error}`);
  k.call("sum", 1, n / 2, 2, x.pointer, out.pointer);
  const pair = out.values[0]! + out.values[1]!;
  assert(Math.abs(pair / expected - 1) <= 2 * limit, "columns");
  k.call("mean", 1, n, 1, x.pointer, out.pointer);
  assert(Math.abs(out.values[0]! / (expected / n) - 1) <= limit, "mean");
  k.call("sum_squares", n, x.pointer, out.pointer);
  const bound = k.float === "f32" ? 1e-6 : 1e-12;
  assert(Math.abs(out.values[0]! / squares - 1) <= bound, "squares");
});

testEachBuild("sums keep infinities and NaN", (k) => {
  for (const n of [3, 9, 1000, 5000]) {
    for (const special of [Infinity, -Infinity, NaN]) {
      k.reset();
      const values = new Array(n).fill(1);
      values[n >> 1] = special;
      const x = k.floats(values), out = k.floats([9]);
      k.call("sum", 1, n, 1, x.pointer, out.pointer);
      assertEquals(out.values[0], special, `${n}`);
      const wide = k.floats(values.flatMap((v) => [v, 1]));
      const both = k.floats([9, 9]);
      k.call("sum", 1, n, 2, wide.pointer, both.pointer);
      assertEquals([...both.values], [special, n], `${n}`);
    }
  }
});

testEachBuild("prod, amax and amin over every shape", (k) => {
  for (const shape of shapes) {
    const [outer, n, inner] = shape;
    k.reset();
    const values = numbers(outer * n * inner, n).map((v) =>
      Math.fround(1 + v / 50)
    );
    const x = k.floats(values, 3);
    const out = k.floats(new Array(outer * inner).fill(9), 1);
    const all: [string, number, (a: number, b: number) => number, number][] = [
      ["prod", 1, (a, b) => a * b, 1e-5],
      ["amax", -Infinity, Math.max, 0],
      ["amin", Infinity, Math.min, 0],
    ];
    for (const [name, start, f, tolerance] of all) {
      k.call(name, outer, n, inner, x.pointer, out.pointer);
      columns(x.values, shape).forEach((column, i) => {
        const expected = column.reduce((a, b) => f(a, b), start);
        const error = Math.abs(out.values[i]! / expected - 1);
        const same = out.values[i] === expected;
        assert(same || error <= tolerance, `${name} [${shape}] ${error}`);
      });
      k.checkGuards();
    }
  }
});

testEachBuild("amax, amin, argmax and argmin let NaN win", (k) => {
  for (const n of [1, 3, 4, 5, 9, 17, 100]) {
    for (let at = 0; at < n; at += 3) {
      k.reset();
      const values = Array.from(numbers(n, n));
      values[at] = NaN;
      if (at + 1 < n) values[at + 1] = NaN;
      const x = k.floats(values), out = k.floats([9]), position = k.ints([9]);
      for (const name of ["amax", "amin"]) {
        k.call(name, 1, n, 1, x.pointer, out.pointer);
        assertEquals(out.values[0], NaN);
        k.call(`arg${name.slice(1)}`, 1, n, 1, x.pointer, position.pointer);
        assertEquals(position.values[0], at);
      }
    }
  }
});

testEachBuild("NaN wins in its own column only", (k) => {
  for (const inner of [2, 3, 5, 16, 21, 40]) {
    const n = 7;
    for (const column of [0, 1, inner - 1]) {
      k.reset();
      const values = Array.from(numbers(n * inner, inner));
      values[3 * inner + column] = NaN;
      const x = k.floats(values, 1);
      const out = k.floats(new Array(inner).fill(9), 2);
      for (
        const [name, f] of [["amax", Math.max], ["amin", Math.min]] as const
      ) {
        k.call(name, 1, n, inner, x.pointer, out.pointer);
        const expected = columns(x.values, [1, n, inner]).map((c) => f(...c));
        assertEquals(Array.from(out.values), expected, `${name} ${inner}`);
        k.checkGuards();
      }
    }
  }
});

testEachBuild("argmax and argmin give the first of equals", (k) => {
  for (const shape of shapes) {
    const [outer, n, inner] = shape;
    if (n === 0) continue;
    k.reset();
    const values = numbers(outer * n * inner, n).map((v) => Math.round(v * 4));
    const x = k.floats(values, 1);
    const out = k.ints(new Array(outer * inner).fill(9), 1);
    for (const name of ["argmax", "argmin"]) {
      const best = name === "argmax" ? Math.max : Math.min;
      k.call(name, outer, n, inner, x.pointer, out.pointer);
      assertEquals(
        Array.from(out.values),
        columns(values, shape).map((c) => c.indexOf(best(...c))),
      );
      k.checkGuards();
    }
  }
});

testEachBuild("int32 reductions wrap", (k) => {
  for (const shape of shapes) {
    const [outer, n, inner] = shape;
    k.reset();
    const values = numbers(outer * n * inner, n).map((v) =>
      Math.floor(v * 2 ** 31)
    );
    const x = k.ints(values, 1);
    const out = k.ints(new Array(outer * inner).fill(9));
    const all: [string, number, (a: number, b: number) => number][] = [
      ["sum_i32", 0, (a, b) => (a + b) | 0],
      ["prod_i32", 1, Math.imul],
      ["amax_i32", -(2 ** 31), Math.max],
      ["amin_i32", 2 ** 31 - 1, Math.min],
    ];
    for (const [name, start, f] of all) {
      k.raw(name, outer, n, inner, x.pointer, out.pointer);
      assertEquals(
        Array.from(out.values),
        columns(x.values, shape).map((c) => c.reduce((a, b) => f(a, b), start)),
        `${name} [${shape}]`,
      );
      k.checkGuards();
    }
    if (n === 0) continue;
    k.raw("argmax_i32", outer, n, inner, x.pointer, out.pointer);
    assertEquals(
      Array.from(out.values),
      columns(x.values, shape).map((c) => c.indexOf(Math.max(...c))),
    );
    k.raw("argmin_i32", outer, n, inner, x.pointer, out.pointer);
    assertEquals(
      Array.from(out.values),
      columns(x.values, shape).map((c) => c.indexOf(Math.min(...c))),
    );
  }
}, ["simd128", "relaxed"]);

testEachBuild("any, all and sum of bools", (k) => {
  for (const shape of shapes) {
    for (const often of [-1, 0, 0.99, 1]) {
      const [outer, n, inner] = shape;
      k.reset();
      const values = Array.from(
        numbers(outer * n * inner, n + 2),
        (v) => v < often ? 255 : 0,
      );
      const x = k.bytes(values, 1);
      const flag = k.bytes(new Array(outer * inner).fill(9), 3);
      const count = k.ints(new Array(outer * inner).fill(9));
      const all = columns(values, shape);
      k.raw("any_u8", outer, n, inner, x.pointer, flag.pointer);
      assertEquals([...flag.values], all.map((c) => +c.some((v) => v > 0)));
      k.raw("all_u8", outer, n, inner, x.pointer, flag.pointer);
      assertEquals([...flag.values], all.map((c) => +c.every((v) => v > 0)));
      k.raw("sum_u8", outer, n, inner, x.pointer, count.pointer);
      assertEquals(
        [...count.values],
        all.map((c) => c.filter((v) => v > 0).length),
      );
      k.checkGuards();
    }
  }
}, ["simd128", "relaxed"]);
