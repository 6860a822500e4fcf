/** Linear algebra beside plain loops over float64, one size a group. */

import { eye, manualSeed, randn } from "@fdunn/tensor";
import * as linalg from "@fdunn/tensor/linalg";

manualSeed(0);

/** Elimination with partial pivoting, then substitution, for n right sides. */
function solveLoops(given: Float64Array, n: number): Float64Array {
  const a = given.slice(), x = new Float64Array(n * n);
  for (let i = 0; i < n; i++) x[i * n + i] = 1;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(a[i * n + k]!) > Math.abs(a[best * n + k]!)) best = i;
    }
    for (let j = 0; j < n; j++) {
      [a[k * n + j], a[best * n + j]] = [a[best * n + j]!, a[k * n + j]!];
      [x[k * n + j], x[best * n + j]] = [x[best * n + j]!, x[k * n + j]!];
    }
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / a[k * n + k]!;
      for (let j = k; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
      for (let j = 0; j < n; j++) x[i * n + j]! -= factor * x[k * n + j]!;
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let i = k + 1; i < n; i++) {
      const factor = a[k * n + i]!;
      for (let j = 0; j < n; j++) x[k * n + j]! -= factor * x[i * n + j]!;
    }
    for (let j = 0; j < n; j++) x[k * n + j]! /= a[k * n + k]!;
  }
  return x;
}

function choleskyLoops(a: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]!;
    }
  }
  return l;
}

/** Gram and Schmidt, modified: columns one after the other. */
function qrLoops(a: Float64Array, n: number): Float64Array {
  const q = a.slice();
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) {
      let dot = 0;
      for (let i = 0; i < n; i++) dot += q[i * n + k]! * q[i * n + j]!;
      for (let i = 0; i < n; i++) q[i * n + j]! -= dot * q[i * n + k]!;
    }
    let square = 0;
    for (let i = 0; i < n; i++) square += q[i * n + j]! ** 2;
    for (let i = 0; i < n; i++) q[i * n + j]! /= Math.sqrt(square);
  }
  return q;
}

/** One-sided Jacobi on rows, turns and all; U and V with it. */
function svdLoops(a: Float64Array, n: number): Float64Array {
  const x = a.slice(), y = new Float64Array(n * n);
  for (let i = 0; i < n; i++) y[i * n + i] = 1;
  for (let turned = true; turned;) {
    turned = false;
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        let [xx, yy, xy] = [0, 0, 0];
        for (let k = 0; k < n; k++) {
          const p = x[i * n + k]!, q = x[j * n + k]!;
          xx += p * p;
          yy += q * q;
          xy += p * q;
        }
        if (Math.abs(xy) <= 1e-14 * Math.sqrt(xx * yy)) continue;
        turned = true;
        const half = (xx - yy) / (2 * xy);
        const t = Math.sign(half) / (Math.abs(half) + Math.hypot(1, half));
        const c = 1 / Math.hypot(1, t), s = c * t;
        for (const m of [x, y]) {
          for (let k = 0; k < n; k++) {
            const p = m[i * n + k]!, q = m[j * n + k]!;
            m[i * n + k] = c * p + s * q;
            m[j * n + k] = c * q - s * p;
          }
        }
      }
    }
  }
  return x;
}

for (const n of [8, 64, 256]) {
  const a = randn([n, n], { dtype: "float64" });
  const definite = a.matmul(a.t()).add(eye(n).to("float64"));
  const values = a.data() as Float64Array;
  const square = definite.data() as Float64Array;
  const identity = eye(n).to("float64");
  const works: [string, () => void, () => void][] = [
    [
      "solve",
      () => linalg.solve(a, identity),
      () => solveLoops(values, n),
    ],
    [
      "cholesky",
      () => linalg.cholesky(definite),
      () => choleskyLoops(square, n),
    ],
    ["qr", () => linalg.qr(a), () => qrLoops(values, n)],
    ["svd", () => linalg.svd(a), () => svdLoops(values, n)],
    ["eigh", () => linalg.eigh(definite), () => svdLoops(square, n)],
  ];
  for (const [name, kernels, loops] of works) {
    const group = `${name} ${n}x${n}`;
    const few = n > 100 ? { n: 3, warmup: 1 } : {};
    Deno.bench("plain loops", { group, baseline: true, ...few }, loops);
    Deno.bench("fdunn", { group, ...few }, kernels);
  }
}
