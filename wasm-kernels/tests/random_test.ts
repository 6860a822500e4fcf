import { assert, assertEquals } from "@std/assert";
import { type Block, testEachBuild } from "./instance.ts";

const f32Builds = ["simd128", "relaxed"] as const;

/** Philox4x32-10 as its authors wrote it: one block of four words. */
function philox(counter: number[], key: number[]): number[] {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  const mask = 0xffffffffn;
  for (let round = 0; round < 10; round++) {
    const a = c0 * 0xd2511f53n, b = c2 * 0xcd9e8d57n;
    [c0, c1, c2, c3] = [
      (b >> 32n) ^ c1 ^ k0,
      b & mask,
      (a >> 32n) ^ c3 ^ k1,
      a & mask,
    ];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [c0, c1, c2, c3].map(Number);
}

/** The first words of the stream of a state. */
function words(state: ArrayLike<number>, count: number): number[] {
  const [k0, k1, low, high] = Array.from(state, (v) => v >>> 0);
  const all: number[] = [];
  for (let i = 0; all.length < count; i++) {
    const counter = (BigInt(high!) << 32n) + BigInt(low!) + BigInt(i);
    const c = [Number(counter & 0xffffffffn), Number(counter >> 32n), 0, 0];
    all.push(...philox(c, [k0!, k1!]));
  }
  return all.slice(0, count);
}

function counter(state: Block<Int32Array>): bigint {
  const [, , low, high] = state.values;
  return (BigInt(high! >>> 0) << 32n) + BigInt(low! >>> 0);
}

const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 1001];
const seed = [0x12345678, -1698898192, -2, 5];

Deno.test("the reference generator matches Random123's known answers", () => {
  assertEquals(
    philox([0, 0, 0, 0], [0, 0]),
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  );
  const f = 0xffffffff;
  assertEquals(
    philox([f, f, f, f], [f, f]),
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  );
  assertEquals(
    philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [
      0xa4093822,
      0x299f31d0,
    ]),
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  );
});

testEachBuild("uniform numbers are the stream's words, across carries", (k) => {
  for (const n of sizes) {
    k.reset();
    const state = k.ints(seed), out = k.floats(new Array(n).fill(9), 1);
    const per = k.float === "f32" ? 1 : 2;
    const w = words(seed, n * per);
    k.call("random_uniform", n, 0, 1, state.pointer, out.pointer);
    const expected = Array.from({ length: n }, (_, i) => {
      if (per === 1) return (w[i]! >>> 8) / 2 ** 24;
      const bits = (BigInt(w[2 * i + 1]!) << 32n) + BigInt(w[2 * i]!);
      return Number(bits >> 11n) / 2 ** 53;
    });
    assertEquals(Array.from(out.values), expected);
    const blocks = Math.ceil(n * per / 4);
    const start = (5n << 32n) + 0xfffffffen;
    assertEquals(counter(state), start + BigInt(blocks));
    k.checkGuards();
  }
});

testEachBuild("a stream cut into whole blocks is the same stream", (k) => {
  const whole = k.floats(new Array(64).fill(9));
  const parts = k.floats(new Array(64).fill(9));
  const width = k.float === "f32" ? 4 : 8;
  for (const kind of ["uniform", "normal"]) {
    const a = k.ints(seed), b = k.ints(seed);
    k.call(`random_${kind}`, 64, -1, 3, a.pointer, whole.pointer);
    for (let i = 0; i < 64; i += 8) {
      const p = parts.pointer + i * width;
      k.call(`random_${kind}`, 8, -1, 3, b.pointer, p);
    }
    assertEquals(parts.values, whole.values);
    assertEquals(counter(a), counter(b));
  }
});

testEachBuild("uniform numbers stay below the upper bound", (k) => {
  const n = 100_000;
  const state = k.ints(seed), out = k.floats(new Array(n).fill(9));
  for (const [low, high] of [[0, 1e-3], [-5, 5], [16777215, 16777216]]) {
    k.call("random_uniform", n, low!, high!, state.pointer, out.pointer);
    const high32 = k.float === "f32" ? Math.fround(high!) : high!;
    const low32 = k.float === "f32" ? Math.fround(low!) : low!;
    assert(out.values.every((v) => v >= low32 && v < high32), `${low} ${high}`);
  }
});

/** Mean and variance, skewness and kurtosis of standardised values. */
function moments(values: ArrayLike<number>): number[] {
  const n = values.length;
  const all = Array.from(values);
  const mean = all.reduce((s, v) => s + v, 0) / n;
  const central = (p: number) =>
    all.reduce((s, v) => s + (v - mean) ** p, 0) / n;
  const variance = central(2);
  return [
    mean,
    variance,
    central(3) / variance ** 1.5,
    central(4) / variance ** 2,
  ];
}

testEachBuild("normal numbers have a normal's moments and pairs", (k) => {
  const n = 400_000;
  const state = k.ints(seed), out = k.floats(new Array(n).fill(9));
  k.call("random_normal", n, 2, 3, state.pointer, out.pointer);
  const [mean, variance, skewness, kurtosis] = moments(out.values);
  assert(Math.abs(mean! - 2) < 0.02, `mean ${mean}`);
  assert(Math.abs(variance! - 9) < 0.1, `variance ${variance}`);
  assert(Math.abs(skewness!) < 0.02, `skewness ${skewness}`);
  assert(Math.abs(kurtosis! - 3) < 0.05, `kurtosis ${kurtosis}`);
  // Box and Muller's two halves are independent.
  let product = 0;
  for (let i = 0; i + 1 < n; i += 2) {
    product += (out.values[i]! - 2) * (out.values[i + 1]! - 2) / 9;
  }
  assert(Math.abs(product / (n / 2)) < 0.01, `covariance ${product}`);
  assert(out.values.every(Number.isFinite));
});

testEachBuild("normal numbers follow Box and Muller from the words", (k) => {
  for (const n of sizes) {
    k.reset();
    const state = k.ints(seed), out = k.floats(new Array(n).fill(9), 1);
    k.call("random_normal", n, 0, 1, state.pointer, out.pointer);
    const single = k.float === "f32";
    const w = words(seed, (n + 4) * 2);
    for (let i = 0; i < n; i++) {
      let radius: number, angle: number;
      if (single) {
        const at = i - i % 2;
        radius = (w[at]! + 0.5) / 2 ** 32;
        angle = (w[at + 1]! >>> 8) / 2 ** 24;
      } else {
        const at = (i - i % 2) * 2;
        const unit = (j: number) =>
          Number(((BigInt(w[j + 1]!) << 32n) + BigInt(w[j]!)) >> 11n) / 2 ** 53;
        radius = 1 - unit(at);
        angle = unit(at + 2);
      }
      const turn = (i % 2 === 0 ? Math.cos : Math.sin)(2 * Math.PI * angle);
      const expected = Math.sqrt(-2 * Math.log(radius)) * turn;
      const error = Math.abs(out.values[i]! - expected);
      assert(error <= (single ? 3e-6 : 1e-14), `[${i}] ${error}`);
    }
    k.checkGuards();
  }
});

testEachBuild("bernoulli counts, and 0 and 1 are certain", (k) => {
  const n = 100_000;
  const state = k.ints(seed), out = k.floats(new Array(n).fill(9));
  for (const p of [0, 0.1, 0.5, 0.9, 1]) {
    k.call("random_bernoulli", n, p, state.pointer, out.pointer);
    const count = Array.from(out.values).reduce((s, v) => s + v, 0);
    const slack = 5 * Math.sqrt(n * p * (1 - p));
    assert(Math.abs(count - n * p) <= slack, `${p}: ${count}`);
    assert(out.values.every((v) => v === 0 || v === 1));
  }
});

testEachBuild("random_int multiplies and shifts 64 bits", (k) => {
  for (const [low, high] of [[0, 10], [-5, 6], [-(2 ** 31), 2 ** 31 - 1]]) {
    for (const n of sizes) {
      k.reset();
      const state = k.ints(seed), out = k.ints(new Array(n).fill(9), 1);
      k.raw("random_int_i32", n, low!, high!, state.pointer, out.pointer);
      const w = words(seed, 2 * n).map(BigInt);
      const range = BigInt(high! - low!);
      const expected = Array.from({ length: n }, (_, i) => {
        const bits = (w[2 * i + 1]! << 32n) + w[2 * i]!;
        return low! + Number((bits * range) >> 64n);
      });
      assertEquals(Array.from(out.values), expected);
      k.checkGuards();
    }
  }
}, f32Builds);

testEachBuild("permutations hold every index once, all equally often", (k) => {
  for (const n of sizes) {
    k.reset();
    const state = k.ints(seed), out = k.ints(new Array(n).fill(9), 1);
    const before = counter(state);
    k.raw("random_permutation_i32", n, state.pointer, out.pointer);
    assertEquals(
      Array.from(out.values).sort((a, b) => a - b),
      Array.from({ length: n }, (_, i) => i),
    );
    assertEquals(counter(state) - before, BigInt(Math.ceil(n / 2)));
    k.checkGuards();
  }
  k.reset();
  const state = k.ints(seed), out = k.ints([0, 0, 0, 0]);
  const seen = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    k.raw("random_permutation_i32", 4, state.pointer, out.pointer);
    const key = out.values.join();
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  assertEquals(seen.size, 24);
  // 1000 expected each; five standard deviations are 155.
  for (const count of seen.values()) assert(Math.abs(count - 1000) < 155);
}, f32Builds);

testEachBuild(
  "both float32 builds draw the same uniform bits",
  (k) => {
    const state = k.ints([1, 2, 3, 4]), out = k.floats(new Array(8).fill(9));
    k.call("random_uniform", 8, -0.7, 1.3, state.pointer, out.pointer);
    const w = words([1, 2, 3, 4], 8);
    const width = Math.fround(Math.fround(1.3) - Math.fround(-0.7));
    assertEquals(
      Array.from(out.values),
      w.map((v) => {
        const scaled = Math.fround((v >>> 8) / 2 ** 24 * width);
        return Math.fround(scaled + Math.fround(-0.7));
      }),
    );
  },
  f32Builds,
);
