import { assert, assertEquals } from "@std/assert";
import { type Instance, testEachBuild, ulps } from "./instance.ts";

/** A function in float64, and the ulps that the float32 kernel may be off. */
type Row = [f: (x: number) => number, limit: number];

// The limits are measured maxima over the sample below, rounded up.
const functions: Record<string, Row> = {
  exp: [Math.exp, 1.5],
  expm1: [Math.expm1, 2.5],
  log: [Math.log, 1.5],
  log1p: [Math.log1p, 2.5],
  sin: [Math.sin, 2],
  cos: [Math.cos, 2],
  tan: [Math.tan, 3],
  asin: [Math.asin, 3],
  acos: [Math.acos, 3],
  atan: [Math.atan, 3],
  sinh: [Math.sinh, 3],
  cosh: [Math.cosh, 3],
  tanh: [Math.tanh, 4],
  sigmoid: [sigmoid, 3],
  sqrt: [Math.sqrt, 0.5],
  rsqrt: [(x) => 1 / Math.sqrt(x), 1.5],
  reciprocal: [(x) => 1 / x, 0.5],
  neg: [(x) => -x, 0],
  abs: [Math.abs, 0],
  // Without a negative zero, as PyTorch.
  sign: [(x) => Math.sign(x) + 0, 0],
  square: [(x) => x * x, 0.5],
  floor: [Math.floor, 0],
  ceil: [Math.ceil, 0],
  round: [halfToEven, 0],
  trunc: [Math.trunc, 0],
  relu: [(x) => x < 0 ? 0 : x, 0],
};

function sigmoid(x: number): number {
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
}

function halfToEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : Math.sign(x) * Math.abs(low + 1);
}

/** The error function by its series and its continued fraction, in float64. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x)) return NaN;
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let sum = a, term = a;
    for (let n = 1; n < 200; n++) {
      term *= -a * a / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * 2 / Math.sqrt(Math.PI) * sum;
  }
  let fraction = a;
  for (let n = 120; n > 0; n--) fraction = a + n / 2 / fraction;
  const tail = Math.exp(-a * a) / Math.sqrt(Math.PI) / fraction;
  return Math.sign(x) * (1 - tail);
}

/** Every 16,411th float32 bit pattern, and all the edges. */
function sample(): Float32Array {
  const bits: number[] = [];
  for (let b = 0; b < 2 ** 32; b += 16_411) bits.push(b);
  const edges = [
    ...[0, -0, 1, -1, 2, -2, 0.5, -0.5, 1.5, 2.5, -1.5, -2.5, Infinity],
    ...[-Infinity, NaN, 1e-45, -1e-45, 1.1754944e-38, 1.1754942e-38],
    ...[3.4028235e38, -3.4028235e38, 88.72283, 88.72284, -103.97, -103.98],
    ...[-87.33655, 89, 0.99999994, 1.0000001, -0.99999994, 0.34657359],
    ...[0.9277344, 2.4142135, 0.41421357, 3.1415927, 1.5707964, 134217728],
    ...[16777216, 8388608.5, 4194304.5, 0.49999997, -0.49999997, 1e30],
  ];
  const out = new Float32Array(bits.length + edges.length);
  new Uint32Array(out.buffer).set(bits);
  out.set(edges, bits.length);
  return out;
}

/** The largest error, and where. */
function worst(
  k: Instance,
  name: string,
  f: (x: number) => number,
  inputs: Float32Array,
): [error: number, x: number] {
  const n = inputs.length;
  const x = k.floats(inputs), out = k.floats(new Float32Array(n));
  k.call(name, n, x.pointer, out.pointer);
  const y = out.values;
  let most = 0, at = NaN;
  for (let i = 0; i < n; i++) {
    const expected = f(inputs[i]!);
    const error = ulps(y[i]!, expected);
    if (error > most) [most, at] = [error, inputs[i]!];
    if (expected === 0 && y[i] === 0 && !Object.is(y[i]!, expected)) {
      throw new Error(`${name}(${inputs[i]}) has the wrong zero`);
    }
  }
  return [most, at];
}

const inputs = sample();

for (const [name, [f, limit]] of Object.entries(functions)) {
  testEachBuild(`${name} is within ${limit} ulp everywhere`, (k) => {
    const [error, x] = worst(k, name, f, inputs);
    assert(error <= limit, `${name}(${x}) is off by ${error} ulp`);
  }, ["simd128", "relaxed"]);
}

testEachBuild("erf is within 3 ulp everywhere", (k) => {
  const some = inputs.filter((_, i) => i % 4 === 0 || i > 260_000);
  const [error, x] = worst(k, "erf", erf, some);
  assert(error <= 3, `erf(${x}) is off by ${error} ulp`);
}, ["simd128", "relaxed"]);

testEachBuild("float64 functions are within 2 ulp of Math's", (k) => {
  for (const [name, [f, limit]] of Object.entries(functions)) {
    k.reset();
    const values = Array.from(inputs.filter((_, i) => i % 37 === 0));
    const x = k.floats(values), out = k.floats(values);
    k.call(name, values.length, x.pointer, out.pointer);
    values.forEach((v, i) => {
      const expected = f(v), value = out.values[i]!;
      if (Object.is(value, expected)) return;
      // Math.* and the formulas above are themselves an ulp or two off.
      const bound = limit === 0 ? 0 : 1e-15 * Math.abs(expected) + 5e-324;
      assert(
        Math.abs(value - expected) <= bound,
        `${name}(${v}) = ${value}, not ${expected}`,
      );
    });
  }
}, ["float64"]);

testEachBuild("every length takes the same values, and writes no more", (k) => {
  const names = [...Object.keys(functions), "erf"];
  for (const name of names) {
    for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 9]) {
      k.reset();
      const x = k.floats([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], n % 4);
      const all = k.floats(new Array(9).fill(0));
      const out = k.floats(new Array(n).fill(0), (n + 1) % 4);
      k.call(name, 9, x.pointer, all.pointer);
      k.call(name, n, x.pointer, out.pointer);
      assertEquals(
        Array.from(out.values),
        Array.from(all.values.subarray(0, n)),
      );
      k.call(name, n, x.pointer, x.pointer);
      assertEquals(Array.from(x.values.subarray(0, n)), [...out.values]);
      k.checkGuards();
    }
  }
});

testEachBuild("pow agrees with Math.pow, special cases too", (k) => {
  const bases = [
    ...[0, -0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 10, 1e-3, 1e-45, -1e-40],
    ...[Infinity, -Infinity, NaN, 1e38, 0.99999994, 1.0000001, 7.25, -7],
  ];
  const exponents = [
    ...[0, -0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1.5, 1e-10, 100, -100, 127],
    ...[Infinity, -Infinity, NaN, 1e9, 16777217, 33554432, 2.25, 1 / 3],
  ];
  const pairs = bases.flatMap((a) => exponents.map((b) => [a, b] as const));
  const a = k.floats(pairs.map((p) => p[0]), 1);
  const b = k.floats(pairs.map((p) => p[1]));
  const out = k.floats(pairs.map(() => 9));
  k.call("pow", pairs.length, a.pointer, 1, b.pointer, 1, out.pointer);
  pairs.forEach((_, i) => {
    const [x, y] = [a.values[i]!, b.values[i]!];
    // JavaScript differs from IEEE 754 (and PyTorch) for a base of 1 and -1.
    const one = x === 1 || (x === -1 && Math.abs(y) === Infinity);
    const expected = one ? 1 : Math.pow(x, y), value = out.values[i]!;
    const error = k.float === "f32"
      ? ulps(value, expected)
      : Object.is(value, expected)
      ? 0
      : Math.abs(value - expected) / Math.abs(expected) * 2 ** 53;
    assert(error <= 2, `pow(${x}, ${y}) = ${value}, not ${expected}`);
    if (expected === 0) assertEquals(Object.is(value, expected), true);
  });
});

testEachBuild("clamp, scale, axpy and the backward forms", (k) => {
  const round = k.float === "f32" ? Math.fround : (x: number) => x;
  for (const n of [0, 1, 3, 4, 5, 8, 17, 1001]) {
    k.reset();
    const values = Array.from({ length: n }, (_, i) => (i % 13 - 6) / 4);
    const x = k.floats(values, 1), g = k.floats(values.toReversed(), 2);
    const out = k.floats(values.map(() => 9), 3);
    const check = (f: (x: number, g: number) => number, slack = 0) =>
      values.forEach((v, i) => {
        const expected = round(f(v, g.values[i]!));
        const error = Math.abs(out.values[i]! - expected);
        assert(error <= slack, `${i}: ${out.values[i]}, not ${expected}`);
      });
    k.call("clamp", n, -0.6, 0.75, x.pointer, out.pointer);
    const low = round(-0.6);
    check((v) => Math.min(Math.max(v, low), 0.75));
    k.call("scale", n, 3, x.pointer, out.pointer);
    check((v) => 3 * v);
    k.call("relu_backward", n, x.pointer, g.pointer, out.pointer);
    check((v, d) => v > 0 ? d : 0);
    k.call("sigmoid_backward", n, x.pointer, g.pointer, out.pointer);
    check((v, d) => d * (v * (1 - v)), 1e-6);
    k.call("tanh_backward", n, x.pointer, g.pointer, out.pointer);
    check((v, d) => d * (1 - v * v), 1e-6);
    out.values.set(values.map((v) => v + 1));
    k.call("axpy", n, 0.5, x.pointer, out.pointer);
    check((v) => v + 1 + 0.5 * v);
    k.call("fill", n, -2.5, out.pointer);
    check(() => -2.5);
    k.checkGuards();
  }
});

testEachBuild("relu's slope at 0 is 0, and NaN passes through", (k) => {
  const y = k.floats([0, -0, 1, NaN, -1]), g = k.floats([5, 5, 5, 5, 5]);
  const out = k.floats([9, 9, 9, 9, 9]);
  k.call("relu_backward", 5, y.pointer, g.pointer, out.pointer);
  assertEquals(Array.from(out.values), [0, 0, 5, 5, 0]);
});

testEachBuild("int32 unary kernels", (k) => {
  const values = [0, 1, -1, 7, -7, 2 ** 31 - 1, -(2 ** 31), 46341, 3];
  const formulas: Record<string, (x: number) => number> = {
    neg: (x) => -x | 0,
    abs: (x) => Math.abs(x) | 0,
    sign: Math.sign,
    square: (x) => Math.imul(x, x),
    relu: (x) => Math.max(x, 0),
  };
  for (const [name, f] of Object.entries(formulas)) {
    for (let n = 0; n <= values.length; n++) {
      k.reset();
      const x = k.ints(values.slice(0, n), 1);
      const out = k.ints(new Array(n).fill(5), 2);
      k.raw(`${name}_i32`, n, x.pointer, out.pointer);
      assertEquals(
        Array.from(out.values),
        values.slice(0, n).map((x) => f(x) + 0),
      );
      k.checkGuards();
    }
  }
}, ["simd128", "relaxed"]);
