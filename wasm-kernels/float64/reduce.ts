/** Reductions, recurrences and sorting along the middle axis. */

import type { NumericKernels } from "../abi.ts";
import type { FloatKernels } from "../float_abi.ts";
import type { Reduce } from "../signatures.ts";
import { type Arrays, kernelsOf, lines, total } from "./loops.ts";

/** One number of n: `x(0)` to `x(n - 1)`. */
type Fold = (n: number, x: (i: number) => number) => number;

const folded =
  (start: number, f: (a: number, b: number) => number): Fold => (n, x) => {
    let y = start;
    for (let i = 0; i < n; i++) y = f(y, x(i));
    return y;
  };

const FOLDS = {
  sum: total,
  mean: ((n, x) => total(n, x) / n) as Fold,
  prod: folded(1, (a, b) => a * b),
  amax: folded(-Infinity, (a, b) => Math.max(a, b)),
  amin: folded(Infinity, (a, b) => Math.min(a, b)),
};

const POSITIONS = {
  argmax: (a: number, b: number) => a > b,
  argmin: (a: number, b: number) => a < b,
};

/** Ascending; NaN is the last, and both zeros are equal. */
function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : Number(a !== a) - Number(b !== b);
}

type ReductionKernels =
  & Record<keyof typeof FOLDS | keyof typeof POSITIONS, Reduce>
  & Pick<FloatKernels, "sum_squares">
  & Pick<NumericKernels, "scan" | "argsort">;

/** The kernels on a memory. */
export function reductionKernels({ f64, i32 }: Arrays): ReductionKernels {
  return {
    ...kernelsOf(FOLDS, (fold: Fold): Reduce => (outer, n, inner, x, out) => {
      const from = f64(x), to = f64(out);
      lines(outer, n, inner, (start, index) => {
        to[index] = fold(n, (i) => from[start + i * inner]!);
      });
    }),
    // NaN beats numbers; of equals the first wins.
    ...kernelsOf(POSITIONS, (beats): Reduce => (outer, n, inner, x, out) => {
      const from = f64(x), to = i32(out);
      lines(outer, n, inner, (start, index) => {
        let at = 0, best = from[start]!;
        for (let i = 1; i < n; i++) {
          const value = from[start + i * inner]!;
          if (beats(value, best) || (value !== value && best === best)) {
            [at, best] = [i, value];
          }
        }
        to[index] = at;
      });
    }),
    sum_squares(n, x, out) {
      const from = f64(x);
      f64(out)[0] = total(n, (i) => from[i]! ** 2);
    },
    scan(outer, n, inner, reverse, a, b, out) {
      const factors = f64(a), terms = f64(b), to = f64(out);
      lines(outer, n, inner, (start) => {
        let y = 0;
        for (let i = 0; i < n; i++) {
          const at = start + (reverse === 0 ? i : n - 1 - i) * inner;
          const factor = reverse === 0 ? at : at + inner;
          if (a !== 0 && i + b === 0) y = factors[factor]!;
          else if (a !== 0 && i > 0) y *= factors[factor]!;
          if (b !== 0) y += terms[at]!;
          to[at] = y;
        }
      });
    },
    argsort(outer, n, inner, k, descending, x, out) {
      const from = f64(x), to = i32(out);
      lines(outer, n, inner, (start, index) => {
        const value = (i: number) => from[start + i * inner]!;
        const sorted = Array.from({ length: n }, (_, i) => i).sort((i, j) =>
          descending === 0
            ? order(value(i), value(j))
            : order(value(j), value(i))
        );
        const first = index + Math.floor(index / inner) * (k - 1) * inner;
        for (let i = 0; i < k; i++) to[first + i * inner] = sorted[i]!;
      });
    },
  };
}
