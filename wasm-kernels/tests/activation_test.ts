import { assert, assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";

const sigmoid = (x: number) =>
  x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
const softplus = (x: number) =>
  Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The density of the normal distribution. */
const density = (x: number) => Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);

/** The normal distribution: its series near 0, its continued fraction beyond. */
function distribution(x: number): number {
  const a = Math.abs(x);
  if (a > 40) return x > 0 ? 1 : 0;
  if (a < 3) {
    let [sum, term] = [a, a];
    for (let n = 1; n < 100; n++) sum += term *= a * a / (2 * n + 1);
    return 0.5 + Math.sign(x) * density(a) * sum;
  }
  let fraction = a;
  for (let n = 200; n > 0; n--) fraction = a + n / fraction;
  const tail = density(a) / fraction;
  return x > 0 ? 1 - tail : tail;
}

function geluTanhSlope(x: number): number {
  if (Math.abs(x) > 40) return x > 0 ? 1 : 0;
  const c = 2 * Math.sqrt(2 / Math.PI);
  const v = c * (x + 0.044715 * x ** 3);
  const s = sigmoid(v);
  return s + x * s * sigmoid(-v) * c * (1 + 3 * 0.044715 * x * x);
}

function mishSlope(x: number): number {
  const t = Math.tanh(softplus(x));
  return t + x * (1 - t * t) * sigmoid(x);
}

/** Both sides of every bend, and what overflows when squared. */
const inputs = [
  ...Array.from({ length: 803 }, (_, i) => (i - 401) / 20),
  ...[-3e38, -1e20, -1000, -104, -89, -45, -41, -40, -31, -30, -29],
  ...[3e38, 1e20, 1000, 104, 89, 45, 41, 40, 31, 30, 29, 1e-30, -1e-45],
];

/** A value and a slope. */
type Meaning = [f: (x: number) => number, slope: (x: number) => number];

/** Compares a kernel's values and slopes with formulas, by absolute error. */
function near(
  k: Instance,
  name: string,
  [f, slope]: Meaning,
  scalars: number[] = [],
): void {
  k.reset();
  const n = inputs.length;
  const x = k.floats(inputs, 1), out = k.floats(new Array(n).fill(9), 3);
  const slopes = k.floats(new Array(n).fill(9), 2);
  k.call(name, n, ...scalars, x.pointer, out.pointer, slopes.pointer);
  const unit = k.float === "f32" ? 4e-7 : 2e-15;
  for (let i = 0; i < n; i++) {
    const v = x.values[i]!;
    for (
      const [what, value, expected] of [
        ["value", out.values[i]!, f(v)],
        ["slope", slopes.values[i]!, slope(v)],
      ] as const
    ) {
      assert(
        Math.abs(value - expected) <= unit * Math.max(1, Math.abs(expected)),
        `${what} of ${name}(${v}) with [${scalars}] is ${value}, not ${expected}`,
      );
    }
  }
  k.checkGuards();
}

testEachBuild(
  "smooth activations and their slopes are right and finite",
  (k) => {
    // What is beyond float64's exponents in a formula is 0.
    const safe = (f: (x: number) => number) => (x: number) =>
      x < -700 ? 0 : f(x);
    const meanings: Record<string, Meaning> = {
      silu: [
        (x) => x * sigmoid(x),
        (x) => sigmoid(x) * (1 + x * sigmoid(-x)),
      ],
      gelu: [
        (x) => x * distribution(x),
        (x) => distribution(x) + x * density(x),
      ],
      gelu_tanh: [
        (x) =>
          x * sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)),
        geluTanhSlope,
      ],
      mish: [(x) => x * Math.tanh(softplus(x)), mishSlope],
    };
    for (const [name, [f, slope]] of Object.entries(meanings)) {
      near(k, name, [safe(f), safe(slope)]);
    }
  },
);

testEachBuild("softplus, and log sigmoid as one of its kind", (k) => {
  for (
    const [beta, threshold] of [[1, 20], [2, 20], [0.5, 1], [-1, Infinity]]
  ) {
    const linear = (x: number) => x * beta! > threshold!;
    const value = (x: number) => linear(x) ? x : softplus(beta! * x) / beta!;
    const slope = (x: number) => linear(x) ? 1 : sigmoid(beta! * x);
    near(k, "softplus", [value, slope], [beta!, threshold!]);
  }
});

testEachBuild("elu, with the factors of selu and celu", (k) => {
  const factors = [[1, 1, 1], [1.7580993408473766, 1.0507009873554805, 1]];
  for (const [negative, positive, inside] of [...factors, [2, 1, 0.5]]) {
    const below = (x: number) => negative! * Math.expm1(x * inside!);
    const left = (x: number) => negative! * inside! * Math.exp(x * inside!);
    const value = (x: number) => x > 0 ? positive! * x : below(x);
    const slope = (x: number) => x > 0 ? positive! : left(x);
    near(k, "elu", [value, slope], [negative!, positive!, inside!]);
  }
});

testEachBuild("leaky_relu picks g or its part by the sign of x", (k) => {
  const points = [-Infinity, -2, -0, 0, 1e-30, 3, Infinity, NaN, -5];
  for (let n = 0; n <= points.length; n++) {
    k.reset();
    const x = k.floats(points.slice(0, n), 1), g = k.floats(numbers(n, 4), 3);
    const out = k.floats(new Array(n).fill(9), 2);
    for (const from of [x, g]) {
      k.call("leaky_relu", n, 0.25, x.pointer, from.pointer, out.pointer);
      const expected = Array.from(
        x.values,
        (v, i) => from.values[i]! * (v > 0 ? 1 : 0.25),
      );
      assertEquals(Array.from(out.values), expected);
    }
    k.checkGuards();
  }
});

/** `[low, high, closed, b0, b1, i0, i1, i2, a0, a1]`. */
const functions: Record<string, number[]> = {
  threshold: [0.5, 0.5, 0, -7, 0, -7, 0, 0, 0, 1],
  hardtanh: [-1, 1, 0, -1, 0, 0, 1, 0, 1, 0],
  hardshrink: [-0.5, 0.5, 1, 0, 1, 0, 0, 0, 0, 1],
  softshrink: [-0.5, 0.5, 1, 0.5, 1, 0, 0, 0, -0.5, 1],
  hardswish: [-3, 3, 0, 0, 0, 0, 0.5, 1 / 6, 0, 1],
  "slope of hardswish": [-3, 3, 0, 0, 0, 0.5, 1 / 3, 0, 1, 0],
  "above a bound": [-1, Infinity, 0, 0, 0, 1, 0, 0, 1, 0],
};

function pieces(x: number, c: number[]): number {
  const [low, high, closed, b0, b1, i0, i1, i2, a0, a1] = c as [
    ...[number, number, number, number, number],
    ...[number, number, number, number, number],
  ];
  const line = (c0: number, c1: number) => c1 === 0 ? c0 : c0 + c1 * x;
  if (closed ? x < low : x <= low) return line(b0, b1);
  if (closed ? x <= high : x < high) {
    return i2 === 0 ? line(i0, i1) : i0 + i1 * x + i2 * x * x;
  }
  return line(a0, a1);
}

testEachBuild("pieces: every piece, bounds, infinities, and NaN", (k) => {
  const points = [
    ...[-Infinity, -3e38, -4, -3, -1, -0.75, -0.5, -0.25, -0, 0, 0.25, 0.5],
    ...[0.75, 1, 2, 3, 4, 3e38, Infinity, NaN],
  ];
  const slack = k.float === "f32" ? 1e-6 : 1e-15;
  for (const [what, scalars] of Object.entries(functions)) {
    for (let n = 0; n <= points.length; n++) {
      k.reset();
      const x = k.floats(points.slice(0, n), n % 4);
      const g = k.floats(numbers(n, 5), 1);
      const out = k.floats(new Array(n).fill(9), 3);
      for (const backward of [false, true]) {
        k.call(
          "pieces",
          ...[n, ...scalars],
          ...[x.pointer, backward ? g.pointer : 0, out.pointer],
        );
        for (let i = 0; i < n; i++) {
          const v = x.values[i]!, value = out.values[i]!;
          const y = pieces(v, scalars);
          const expected = backward ? g.values[i]! * y : v === v ? y : NaN;
          const same = Object.is(value + 0, expected + 0) ||
            Math.abs(value - expected) <= slack * Math.max(1, Math.abs(y));
          assert(same, `${what} of ${v} is ${value}, not ${expected}`);
        }
        k.checkGuards();
      }
    }
  }
});

testEachBuild(
  "a flat piece gives no gradient, not even an infinite one",
  (k) => {
    const x = k.floats([-4, 0, 4]), out = k.floats([9, 9, 9]);
    const g = k.floats([Infinity, 1, NaN]);
    const slope = [-1, 1, 0, 0, 0, 1, 0, 0, 0, 0];
    k.call("pieces", 3, ...slope, x.pointer, g.pointer, out.pointer);
    assertEquals(Array.from(out.values), [0, 1, 0]);
  },
);

testEachBuild("every length takes the same values, and writes no more", (k) => {
  const kernels: Record<string, number[]> = {
    silu: [],
    gelu: [],
    gelu_tanh: [],
    mish: [],
    softplus: [1, 20],
    elu: [1, 1, 1],
  };
  for (const [name, scalars] of Object.entries(kernels)) {
    for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9]) {
      k.reset();
      const x = k.floats(numbers(9, 1), n % 4);
      const all = k.floats(new Array(9).fill(0));
      const allSlopes = k.floats(new Array(9).fill(0));
      const out = k.floats(new Array(n).fill(0), (n + 1) % 4);
      const slopes = k.floats(new Array(n).fill(0), (n + 2) % 4);
      k.call(name, 9, ...scalars, x.pointer, all.pointer, allSlopes.pointer);
      const expected = Array.from(all.values.subarray(0, n));
      k.call(name, n, ...scalars, x.pointer, out.pointer, slopes.pointer);
      assertEquals(Array.from(out.values), expected, name);
      assertEquals(
        Array.from(slopes.values),
        Array.from(allSlopes.values.subarray(0, n)),
        name,
      );
      k.call(name, n, ...scalars, x.pointer, x.pointer, 0);
      assertEquals(Array.from(x.values.subarray(0, n)), expected, name);
      k.checkGuards();
    }
  }
});
