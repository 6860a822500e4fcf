/** Two inputs, one output, along any strides; comparisons give bools. */

import type { NumericKernels } from "../abi.ts";
import type { ElementwiseKernels } from "../elementwise_abi.ts";
import type { Binary, BinaryNd } from "../signatures.ts";
import type { Arrays } from "./loops.ts";

/** JavaScript differs from IEEE 754 (and PyTorch) for a base of 1 and -1. */
function pow(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

const ARITHMETIC = {
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
  div: (a: number, b: number) => a / b,
  maximum: (a: number, b: number) => Math.max(a, b),
  minimum: (a: number, b: number) => Math.min(a, b),
  pow,
  atan2: Math.atan2,
  fmod: (a: number, b: number) => a % b,
};

const COMPARISONS = {
  eq: (a: number, b: number) => a === b,
  ne: (a: number, b: number) => a !== b,
  lt: (a: number, b: number) => a < b,
  le: (a: number, b: number) => a <= b,
  gt: (a: number, b: number) => a > b,
  ge: (a: number, b: number) => a >= b,
};

/** Arithmetic and comparisons. */
type BinaryKernels = Pick<
  NumericKernels & ElementwiseKernels,
  | keyof typeof ARITHMETIC
  | keyof typeof COMPARISONS
  | `${keyof typeof ARITHMETIC | keyof typeof COMPARISONS}_nd`
>;

/** The kernels on a memory. */
export function binaryKernels(arrays: Arrays): BinaryKernels {
  const kernels: Record<string, Binary> = {};
  const strided: Record<string, BinaryNd> = {};
  for (const [name, f] of Object.entries({ ...ARITHMETIC, ...COMPARISONS })) {
    const results = name in COMPARISONS ? arrays.u8 : arrays.f64;
    kernels[name] = (n, a, aStride, b, bStride, out) => {
      const left = arrays.f64(a), right = arrays.f64(b), to = results(out);
      for (let i = 0; i < n; i++) {
        to[i] = Number(f(left[i * aStride]!, right[i * bStride]!));
      }
    };
    strided[`${name}_nd`] = (rank, layout, a, b, out) => {
      const [left, right, to] = [arrays.f64(a), arrays.f64(b), results(out)];
      const sizes = arrays.i32(layout);
      let next = 0;
      const walk = (axis: number, i: number, j: number) => {
        if (axis === rank) to[next++] = Number(f(left[i]!, right[j]!));
        else {
          for (let k = 0; k < sizes[axis]!; k++) {
            walk(axis + 1, i, j);
            i += sizes[rank + axis]!;
            j += sizes[2 * rank + axis]!;
          }
        }
      };
      walk(0, 0, 0);
    };
  }
  return { ...kernels, ...strided } as unknown as BinaryKernels;
}
