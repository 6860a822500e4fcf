import { assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild, ulps } from "./instance.ts";

type Operation = (a: number, b: number) => number;

const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 1003];

/** NaN wins, unlike in Math.max's integer twin below. */
const floats: Record<string, Operation> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  // The remainder of two float32 numbers is one, so that no rounding hides.
  fmod: (a, b) => a % b,
};

const ints: Record<string, Operation> = {
  add: (a, b) => (a + b) | 0,
  sub: (a, b) => (a - b) | 0,
  mul: (a, b) => Math.imul(a, b),
  div: (a, b) => b === 0 ? 0 : (a / b) | 0,
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  pow: integerPower,
};

/** By repeated products, which wrap as the kernel's do. */
function integerPower(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let [product, base] = [1, a];
  for (let left = b; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) product = Math.imul(product, base);
    base = Math.imul(base, base);
  }
  return product;
}

/** One rounding: float32 results of float64 arithmetic are exact then. */
function rounded(k: Instance, x: number): number {
  return k.float === "f32" ? Math.fround(x) : x;
}

const specials = [
  ...[0, -0, 1, -1, 3, -7, 0.5, Infinity, -Infinity, NaN],
  ...[1e-45, -1e-45, 3e38, -3e38, 1.5, 2, -2, 1e-20, 1e20],
];

/** Numbers with every special value among them. */
function awkward(n: number, seed: number): number[] {
  return Array.from(
    numbers(n, seed),
    (x, i) => i % 3 === 0 ? specials[(i * 7 + seed) % specials.length]! : x,
  );
}

function wholeNumbers(n: number, seed: number): number[] {
  const some = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 7, -7];
  return Array.from(
    numbers(n, seed),
    (x, i) => i % 3 === 0 ? some[(i + seed) % some.length]! : (x * 1000) | 0,
  );
}

testEachBuild("binary kernels match JavaScript for every stride", (k) => {
  for (const [name, f] of Object.entries(floats)) {
    for (const n of sizes) {
      for (
        const [sa, sb] of [[1, 1], [1, 0], [0, 1], [0, 0], [2, 1], [3, 5]]
      ) {
        k.reset();
        const a = k.floats(awkward(n * sa! + 1, n + 1), n % 4);
        const b = k.floats(awkward(n * sb! + 1, n + 5), (n + 1) % 4);
        const out = k.floats(new Array(n).fill(9), n % 3);
        k.call(name, n, a.pointer, sa!, b.pointer, sb!, out.pointer);
        const expected = Array.from(
          { length: n },
          (_, i) => rounded(k, f(a.values[i * sa!]!, b.values[i * sb!]!)),
        );
        assertEquals(
          Array.from(out.values),
          expected,
          `${name} ${n} ${sa} ${sb}`,
        );
        k.checkGuards();
      }
    }
  }
});

testEachBuild("fmod is exact however large the quotient", (k) => {
  const values = [
    ...[1, 3, 0.1, 7e-8, 1e-45, 1e-38, 3e38, 12345.678, 2 ** 28, 2 ** 30 + 128],
    ...[-5, -1e30, 16777215, 1 / 3, -0, 5e-39, 255, -1e-20],
  ];
  const pairs = values.flatMap((a) => values.map((b) => [a, b] as const));
  const a = k.floats(pairs.map(([a]) => a)),
    b = k.floats(pairs.map(([, b]) => b));
  const out = k.floats(pairs.map(() => 9));
  k.call("fmod", pairs.length, a.pointer, 1, b.pointer, 1, out.pointer);
  pairs.forEach((_, i) => {
    const [x, y] = [a.values[i]!, b.values[i]!];
    const same = Object.is(out.values[i], x % y);
    assertEquals(same, true, `${x} % ${y} = ${out.values[i]}, not ${x % y}`);
  });
});

testEachBuild("atan2 knows every quadrant, and zeros and infinities", (k) => {
  const values = [
    ...[0, -0, 1, -1, 0.3, -7, 1e-30, -1e-45, 1e30, -3e38, 0.9999999],
    ...[Infinity, -Infinity, NaN, 2, -2],
  ];
  const pairs = values.flatMap((a) => values.map((b) => [a, b] as const));
  const a = k.floats(pairs.map(([a]) => a)),
    b = k.floats(pairs.map(([, b]) => b));
  const out = k.floats(pairs.map(() => 9));
  k.call("atan2", pairs.length, a.pointer, 1, b.pointer, 1, out.pointer);
  pairs.forEach((_, i) => {
    const [y, x] = [a.values[i]!, b.values[i]!];
    const [value, expected] = [out.values[i]!, rounded(k, Math.atan2(y, x))];
    const units = k.float === "f32"
      ? ulps(value, expected)
      : Math.abs(value - expected) / Math.abs(expected) * 2 ** 53 || 0;
    const same = Number.isNaN(expected)
      ? Number.isNaN(value)
      : units <= 3 && Object.is(Math.sign(value), Math.sign(expected));
    assertEquals(same, true, `atan2(${y}, ${x}) = ${value}, not ${expected}`);
  });
});

testEachBuild("int32 kernels wrap, truncate, and give 0 for x / 0", (k) => {
  for (const [name, f] of Object.entries(ints)) {
    for (const n of sizes) {
      for (const [sa, sb] of [[1, 1], [1, 0], [0, 1], [0, 0], [2, 3]]) {
        k.reset();
        const a = k.ints(wholeNumbers(n * sa! + 1, n + 1), n % 4);
        const b = k.ints(wholeNumbers(n * sb! + 1, n + 5));
        const out = k.ints(new Array(n).fill(9), n % 3);
        k.raw(`${name}_i32`, n, a.pointer, sa!, b.pointer, sb!, out.pointer);
        const expected = Array.from(
          { length: n },
          (_, i) => f(a.values[i * sa!]!, b.values[i * sb!]!) | 0,
        );
        assertEquals(Array.from(out.values), expected, `${name} ${n}`);
        k.checkGuards();
      }
    }
  }
}, ["simd128", "relaxed"]);

testEachBuild("a binary kernel may write over an input", (k) => {
  for (const n of sizes) {
    k.reset();
    const a = k.floats(numbers(n, 2)), b = k.floats(numbers(n, 3));
    const expected = Array.from(
      a.values,
      (x, i) => rounded(k, x * b.values[i]!),
    );
    k.call("mul", n, a.pointer, 1, b.pointer, 1, a.pointer);
    assertEquals(Array.from(a.values), expected);
  }
});

/** Offsets of all elements of a strided array, in row-major order. */
function offsets(shape: number[], strides: number[]): number[] {
  let all = [0];
  shape.forEach((size, axis) => {
    all = all.flatMap((o) =>
      Array.from({ length: size }, (_, i) => o + i * strides[axis]!)
    );
  });
  return all;
}

const layouts: [shape: number[], a: number[], b: number[]][] = [
  [[], [], []],
  [[5], [1], [1]],
  [[3, 4], [4, 1], [0, 1]],
  [[3, 4], [4, 1], [1, 0]],
  [[4, 3], [1, 4], [3, 1]],
  [[2, 3, 4, 5], [60, 20, 5, 1], [0, 1, 0, 0]],
  [[2, 3, 4, 5], [60, 20, 5, 1], [20, 0, 5, 1]],
  [[1, 3, 1, 7], [99, 7, 99, 1], [0, 1, 0, 3]],
  [[2, 0, 3], [0, 3, 1], [3, 3, 1]],
  [[3, 1, 5], [1, 0, 3], [10, 5, 2]],
  [[2, 2, 2, 2, 2, 2, 2], [1, 2, 4, 8, 16, 32, 64], [64, 32, 16, 8, 4, 2, 1]],
];

testEachBuild("strided kernels walk any layout", (k) => {
  for (const [shape, sa, sb] of layouts) {
    const at = offsets(shape, sa), bt = offsets(shape, sb);
    k.reset();
    const a = k.floats(numbers(Math.max(0, ...at) + 1, 4), 1);
    const b = k.floats(numbers(Math.max(0, ...bt) + 1, 5));
    const layout = k.ints([...shape, ...sa, ...sb]);
    const out = k.floats(new Array(at.length).fill(9), 2);
    for (const name of ["sub", "pow"]) {
      const f = name === "sub" ? floats.sub! : Math.pow;
      k.call(
        `${name}_nd`,
        shape.length,
        layout.pointer,
        a.pointer,
        b.pointer,
        out.pointer,
      );
      at.forEach((p, i) => {
        const expected = f(a.values[p]!, b.values[bt[i]!]!);
        const tolerance = name === "sub" ? 0 : 1e-6 * Math.abs(expected);
        const value = out.values[i]!;
        const near = Number.isNaN(expected)
          ? Number.isNaN(value)
          : Math.abs(value - rounded(k, expected)) <= tolerance;
        assertEquals(near, true, `${name} [${shape}] ${i}: ${value}`);
      });
    }
    k.checkGuards();
  }
});
