/**
 * The kernels of linear algebra against their definitions: what they give is
 * multiplied back together in plain loops.
 */

import { assert, assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";

type Values = ArrayLike<number>;

/** Sizes around pairs, tiles of four and blocks of 32. */
const SIZES = [0, 1, 2, 3, 4, 5, 31, 32, 33, 70];
const TALL: [m: number, n: number][] = [
  ...SIZES.map((n): [number, number] => [n, n]),
  ...[[3, 0], [1, 1], [5, 1], [7, 3], [40, 33], [65, 4]] as [number, number][],
];

/** A `[m, k]` times B `[k, n]`. */
function product(a: Values, b: Values, m: number, k: number, n: number) {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      for (let j = 0; j < n; j++) {
        out[i * n + j]! += a[i * k + p]! * b[p * n + j]!;
      }
    }
  }
  return out;
}

/** Rows as columns. */
function turned(a: Values, m: number, n: number): Float64Array {
  return Float64Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / m), at % m];
    return a[j * n + i]!;
  });
}

function identity(n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => +(at % (n + 1) === 0));
}

function largest(a: Values): number {
  return Math.max(0, ...Array.from(a, Math.abs));
}

/** Fails unless max|a - b| is at most so many roundings of the largest. */
function assertNear(what: string, a: Values, b: Values, limit = 200): void {
  assertEquals(a.length, b.length, what);
  const error = largest(Array.from(a, (value, i) => value - b[i]!));
  const bound = limit * 2 ** -52 * Math.max(largest(b), Number.MIN_VALUE);
  assert(error <= bound, `${what}: ${error} > ${bound}`);
}

function assertOrthonormalColumns(
  what: string,
  q: Values,
  m: number,
  n: number,
) {
  assertNear(what, product(turned(q, m, n), q, n, m, n), identity(n));
}

/** Random orthogonal matrices, by the kernels' own reflections. */
function orthogonal(k: Instance, n: number, seed: number): Float64Array {
  const a = k.floats(numbers(n * n, seed));
  const tau = k.floats(numbers(n)), scratch = k.floats(numbers(n));
  const q = k.floats(identity(n));
  k.raw("qr", 1, n, n, a.pointer, tau.pointer, scratch.pointer);
  k.raw(
    "multiply_q",
    ...[1, n, n, n, a.pointer, tau.pointer, q.pointer, scratch.pointer],
  );
  return Float64Array.from(q.values);
}

/** U S Vᵀ with singular values from 1 down to 1 / condition. */
function conditioned(k: Instance, n: number, condition: number): Float64Array {
  const u = orthogonal(k, n, 21), v = orthogonal(k, n, 22);
  const scaled = u.map((x, at) =>
    x * condition ** (-(at % n) / Math.max(1, n - 1))
  );
  return product(scaled, v, n, n, n);
}

function solve(k: Instance, n: number, columns: number, a: Values, b: Values) {
  const lu = k.floats(a, 1), pivots = k.ints(new Array(n).fill(9));
  const info = k.ints([9]), x = k.floats(b, 1);
  k.raw("lu", 1, n, lu.pointer, pivots.pointer, info.pointer);
  const solving = [1, n, columns, lu.pointer, pivots.pointer, x.pointer];
  if (info.values[0] === 0) k.raw("solve_lu", ...solving);
  return { x: x.values, info: info.values[0]!, lu: lu.values };
}

const only = ["linalg"] as const;

testEachBuild("lu solves what it factored", (k) => {
  for (const n of SIZES) {
    for (const columns of [1, 2, 3, 7]) {
      k.reset();
      const a = numbers(n * n, 3), b = numbers(n * columns, 4);
      const { x, info } = solve(k, n, columns, a, b);
      assertEquals(info, 0);
      const back = product(a, x, n, n, columns);
      const scale = 1 + largest(x);
      assertNear(`${n} ${columns}`, back, b, 100 * scale * Math.max(1, n));
      k.checkGuards();
    }
  }
}, only);

testEachBuild("lu has small residuals at a condition of 1e10", (k) => {
  for (const n of [5, 33, 70]) {
    k.reset();
    const a = conditioned(k, n, 1e10), b = numbers(n, 5);
    const { x } = solve(k, n, 1, a, b);
    const residual = product(a, x, n, n, 1).map((v, i) => v - b[i]!);
    // Backward stable: relative to what was multiplied, not to the condition.
    const bound = n * 2 ** -52 * largest(a) * largest(x) * n;
    assert(largest(residual) <= bound, `${n}: ${largest(residual)} ${bound}`);
  }
}, only);

testEachBuild("lu says which pivot is 0, and goes on with NaN", (k) => {
  assertEquals(solve(k, 2, 1, [1, 2, 2, 4], [1, 1]).info, 2);
  assertEquals(solve(k, 2, 1, [0, 0, 0, 0], [1, 1]).info, 1);
  assertEquals(solve(k, 3, 1, [1, 2, 3, 1, 2, 3, 1, 5, 7], [1, 1, 1]).info, 3);
  const { x, info } = solve(k, 2, 1, [NaN, 1, 1, 1], [1, 1]);
  assertEquals([info, ...x], [0, NaN, NaN]);
}, only);

testEachBuild("triangular systems read their triangle alone", (k) => {
  for (const n of SIZES) {
    for (const columns of [1, 4, 5]) {
      for (const [upper, unit] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
        k.reset();
        const raw = numbers(2 * n * n, 6).map((v) => v / Math.sqrt(n));
        const used = raw.map((v, at) => {
          const [i, j] = [Math.floor(at % (n * n) / n), at % n];
          if (i === j) return unit === 1 ? 1 : v + Math.sign(v);
          return (upper === 1) === (j > i) ? v : 0;
        });
        const given = raw.map((v, at) => {
          const [i, j] = [Math.floor(at % (n * n) / n), at % n];
          if (i === j) return unit === 1 ? NaN : v + Math.sign(v);
          return (upper === 1) === (j > i) ? v : NaN;
        });
        const b = numbers(2 * n * columns, 7);
        const a = k.floats(given, 1), x = k.floats(b, 1);
        const sizes = [2, n, columns, upper!, unit!];
        k.raw("solve_triangular", ...sizes, a.pointer, x.pointer);
        for (const which of [0, 1]) {
          const t = used.subarray(which * n * n, (which + 1) * n * n);
          const from = which * n * columns, to = from + n * columns;
          const y = x.values.subarray(from, to);
          const limit = 100 * Math.max(1, n) * (1 + largest(y));
          const back = product(t, y, n, n, columns);
          assertNear(`${n} ${columns}`, back, b.subarray(from, to), limit);
        }
        k.checkGuards();
      }
    }
  }
}, only);

testEachBuild("cholesky's factor gives the matrix back", (k) => {
  for (const n of SIZES) {
    k.reset();
    const root = numbers(n * n, 8);
    const a = product(root, turned(root, n, n), n, n, n)
      .map((v, at) => v + (at % (n + 1) === 0 ? n / 9 + 1e-3 : 0));
    // What stands above the diagonal is not read.
    const given = a.map((v, at) => at % n > Math.floor(at / n) ? NaN : v);
    const l = k.floats(given, 1), info = k.ints([9]);
    k.raw("cholesky", 1, n, l.pointer, info.pointer);
    assertEquals(info.values[0], 0);
    const back = product(l.values, turned(l.values, n, n), n, n, n);
    assertNear(`${n}`, back, a);
    k.checkGuards();
  }
}, only);

testEachBuild("cholesky says which row is not positive-definite", (k) => {
  const order = (n: number, values: number[]) => {
    const a = k.floats(values), info = k.ints([9]);
    k.raw("cholesky", 1, n, a.pointer, info.pointer);
    return info.values[0];
  };
  assertEquals(order(2, [1, 0, 2, 1]), 2);
  assertEquals(order(2, [0, 0, 0, 1]), 1);
  assertEquals(order(2, [NaN, 0, 0, 1]), 1);
  const late = Array.from(identity(40));
  late[36 * 41] = -1;
  assertEquals(order(40, late), 37);
}, only);

testEachBuild("qr gives the matrix back, with orthonormal columns", (k) => {
  const wide: [number, number][] = [[0, 3], [1, 5], [3, 7], [33, 40]];
  for (const [m, n] of [...TALL, ...wide]) {
    k.reset();
    const values = numbers(2 * m * n, 9), least = Math.min(m, n);
    const a = k.floats(values, 1), tau = k.floats(numbers(2 * least), 1);
    const scratch = k.floats(numbers(Math.max(m, n)));
    const q = k.floats([...identity(m), ...identity(m)], 1);
    k.raw("qr", 2, m, n, a.pointer, tau.pointer, scratch.pointer);
    const apply = [2, m, n, m, a.pointer, tau.pointer, q.pointer];
    k.raw("multiply_q", ...apply, scratch.pointer);
    for (const which of [0, 1]) {
      const part = (x: Float64Array | Float32Array, size: number) =>
        x.subarray(which * size, (which + 1) * size);
      const r = Float64Array.from(
        part(a.values, m * n),
        (v, at) => at % n < Math.floor(at / n) ? 0 : v,
      );
      const one = part(q.values, m * m);
      assertOrthonormalColumns(`${m} ${n}`, one, m, m);
      const back = product(one, r, m, m, n);
      assertNear(`${m} ${n}`, back, part(values, m * n));
    }
    k.checkGuards();
  }
}, only);

/** One decomposition, with all of U. */
function svd(k: Instance, m: number, n: number, values: Values, full = true) {
  const columns = full ? m : n;
  const a = k.floats(values, 1), s = k.floats(new Array(n).fill(9), 1);
  const u = k.floats(new Array(m * columns).fill(9), 1);
  const vt = k.floats(new Array(n * n).fill(9), 1), info = k.ints([9]);
  const scratch = k.floats(new Array(2 * n * n + 4 * n + m).fill(9));
  k.raw(
    "svd",
    ...[1, m, n, columns, a.pointer, u.pointer, s.pointer, vt.pointer],
    ...[info.pointer, scratch.pointer],
  );
  const [U, S, Vt] = [u.values, s.values, vt.values];
  return { U, S, Vt, info: info.values[0], columns };
}

function checkSvd(k: Instance, m: number, n: number, values: Values): Values {
  for (const full of [true, false]) {
    const { U, S, Vt, info, columns } = svd(k, m, n, values, full);
    const what = `${m} ${n} ${full}`;
    assertEquals(info, 0, what);
    for (let i = 1; i < n; i++) assert(S[i]! <= S[i - 1]! && S[i]! >= 0, what);
    assertOrthonormalColumns(what, U, m, columns);
    assertOrthonormalColumns(what, turned(Vt, n, n), n, n);
    const scaled = Vt.map((v, at) => v * S[Math.floor(at / n)]!);
    const thin = turned(turned(U, m, columns).subarray(0, n * m), n, m);
    assertNear(what, product(thin, scaled, m, n, n), values);
    k.checkGuards();
    if (full) k.reset();
    else return S;
  }
  throw new Error("unreachable");
}

testEachBuild("svd gives the matrix back", (k) => {
  for (const [m, n] of TALL) {
    k.reset();
    checkSvd(k, m, n, numbers(m * n, 10));
  }
}, only);

testEachBuild("svd of deficient, repeated, graded and tiny matrices", (k) => {
  const check = (m: number, n: number, values: Values) => {
    k.reset();
    return checkSvd(k, m, n, values);
  };
  assertEquals(largest(check(5, 3, new Float64Array(15))), 0);
  assertNear("ones", check(4, 3, new Float64Array(12).fill(1)), [
    Math.sqrt(12),
    0,
    0,
  ]);
  assertEquals(Array.from(check(33, 33, identity(33))), new Array(33).fill(1));
  const rank2 = product(numbers(40, 1), numbers(24, 2), 20, 2, 12);
  check(20, 12, rank2);
  for (const scale of [1e300, 1e-300, 2 ** -1074]) {
    const s = check(2, 2, [3 * scale, 0, 0, 2 * scale]);
    assertEquals(Array.from(s), [3 * scale, 2 * scale]);
  }
  k.reset();
  const graded = conditioned(k, 40, 1e10);
  const s = check(40, 40, graded);
  assertNear("graded", s, Array.from(s, (_, i) => 10 ** (-10 * i / 39)));
  // One-sided Jacobi finds small values that scaled columns hide.
  const small = check(3, 2, [1, 1e-20, 0, 1e-20, 0, 1e-20]);
  assert(Math.abs(small[1]! / (Math.SQRT2 * 1e-20) - 1) < 1e-14);
}, only);

testEachBuild("svd refuses NaN and infinity", (k) => {
  assertEquals(svd(k, 2, 2, [1, NaN, 0, 1]).info, 1);
  assertEquals(svd(k, 2, 2, [1, Infinity, 0, 1]).info, 1);
}, only);

/** One decomposition of a symmetric matrix. */
function eigh(k: Instance, n: number, values: Values, upper = 0) {
  const a = k.floats(values, 1), w = k.floats(new Array(n).fill(9), 1);
  const q = k.floats(new Array(n * n).fill(9), 1), info = k.ints([9]);
  const scratch = k.floats(new Array(3 * n).fill(9));
  k.raw(
    "eigh",
    ...[1, n, upper, a.pointer, w.pointer, q.pointer, info.pointer],
    scratch.pointer,
  );
  return { w: w.values, q: q.values, info: info.values[0] };
}

function checkEigh(k: Instance, n: number, a: Values): Values {
  for (const upper of [0, 1]) {
    k.reset();
    const given = Array.from(a, (v, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return i === j || (upper === 1) === (j > i) ? v : NaN;
    });
    const { w, q, info } = eigh(k, n, given, upper);
    assertEquals(info, 0);
    for (let i = 1; i < n; i++) assert(w[i]! >= w[i - 1]!, `${n} order`);
    assertOrthonormalColumns(`${n}`, q, n, n);
    const scaled = q.map((v, at) => v * w[at % n]!);
    assertNear(`${n}`, product(scaled, turned(q, n, n), n, n, n), a);
    k.checkGuards();
    if (upper === 1) return w;
  }
  throw new Error("unreachable");
}

function symmetric(a: Values, n: number): Float64Array {
  return turned(a, n, n).map((v, at) => v + a[at]!);
}

testEachBuild("eigh gives the matrix back from either triangle", (k) => {
  for (const n of SIZES) checkEigh(k, n, symmetric(numbers(n * n, 11), n));
}, only);

testEachBuild("eigh of repeated, zero, graded and tiny matrices", (k) => {
  assertEquals(Array.from(checkEigh(k, 9, identity(9))), new Array(9).fill(1));
  assertEquals(largest(checkEigh(k, 5, new Float64Array(25))), 0);
  const ones = checkEigh(k, 4, new Float64Array(16).fill(1));
  assertNear("ones", ones, [0, 0, 0, 4]);
  for (const scale of [1e300, 1e-300, 2 ** -1074]) {
    const w = checkEigh(k, 2, [2 * scale, 0, 0, 3 * scale]);
    assertEquals(Array.from(w), [2 * scale, 3 * scale]);
  }
  k.reset();
  const n = 30, u = orthogonal(k, n, 12);
  const scaled = u.map((v, at) => v * 10 ** (-10 * (at % n) / (n - 1)));
  const graded = product(scaled, turned(u, n, n), n, n, n);
  const half = symmetric(graded, n).map((v) => v / 2);
  const w = checkEigh(k, n, half);
  const expected = Array.from(w, (_, i) => 10 ** (-10 * (n - 1 - i) / (n - 1)));
  assertNear("graded", w, expected);
  // Wilkinson's matrix: pairs that agree to all digits.
  const wilkinson = Float64Array.from({ length: 21 * 21 }, (_, at) => {
    const [i, j] = [Math.floor(at / 21), at % 21];
    return i === j ? Math.abs(i - 10) : Math.abs(i - j) === 1 ? 1 : 0;
  });
  const top = checkEigh(k, 21, wilkinson);
  assert(Math.abs(top[20]! - 10.746194182903393) < 1e-14);
  assert(Math.abs(top[19]! - 10.746194182903322) < 1e-13);
}, only);

testEachBuild("eigh of NaN is NaN", (k) => {
  const { w, q, info } = eigh(k, 2, [NaN, 1, 1, 1]);
  assertEquals([info, ...w, ...q], [0, NaN, NaN, NaN, NaN, NaN, NaN]);
}, only);

testEachBuild("widen and narrow round once", (k) => {
  const x = k.floats([0.1, -1e300, NaN, 2 ** -149]);
  const y = k.ints([0, 0, 0, 0]), z = k.floats([9, 9, 9, 9]);
  k.raw("narrow", 4, x.pointer, y.pointer);
  k.raw("widen", 4, y.pointer, z.pointer);
  const expected = [Math.fround(0.1), -Infinity, NaN, 2 ** -149];
  assertEquals(Array.from(z.values), expected);
}, only);
