/** Matrix products and the fully connected layer. */

import type { NumericKernels } from "../abi.ts";
import type { FloatKernels } from "../float_abi.ts";
import type { Arrays } from "./loops.ts";

/** A matrix: element (i, j) is `values[i row + j column]`. */
export interface Matrix {
  /** The numbers, from element (0, 0) on. */
  readonly values: Float64Array;
  /** How far rows are apart. */
  readonly row: number;
  /** How far columns are apart. */
  readonly column: number;
}

/** Rows of `row` numbers, one behind the other. */
export function rowsOf(values: Float64Array, row: number): Matrix {
  return { values, row, column: 1 };
}

/** The same numbers with rows and columns exchanged. */
export function transposed({ values, row, column }: Matrix): Matrix {
  return { values, row: column, column: row };
}

/** `c[m, n] += a[m, k] b[k, n]`; c has rows `cRow` apart. */
export function addProduct(
  [m, n, k]: readonly [m: number, n: number, k: number],
  { values: a, row: aRow, column: aColumn }: Matrix,
  { values: b, row: bRow, column: bColumn }: Matrix,
  c: Float64Array,
  cRow: number = n,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) {
        sum += a[i * aRow + p * aColumn]! * b[p * bRow + j * bColumn]!;
      }
      c[i * cRow + j]! += sum;
    }
  }
}

type MatmulKernels =
  & Pick<NumericKernels, "matmul">
  & Pick<FloatKernels, "linear" | "linear_backward">;

/** The kernels on a memory. */
export function matmulKernels({ f64 }: Arrays): MatmulKernels {
  return {
    // deno-fmt-ignore
    matmul(batch, m, n, k, a, aBatch, aRow, aColumn, b, bBatch, bRow, bColumn, accumulate, out, outRow) {
      for (let i = 0; i < batch; i++) {
        const values = f64(a).subarray(i * aBatch);
        const left = { values, row: aRow, column: aColumn };
        const others = f64(b).subarray(i * bBatch);
        const right = { values: others, row: bRow, column: bColumn };
        const to = f64(out).subarray(i * m * outRow);
        for (let row = 0; accumulate === 0 && row < m; row++) {
          to.fill(0, row * outRow, row * outRow + n);
        }
        addProduct([m, n, k], left, right, to, outRow);
      }
    },
    linear(m, n, k, x, w, bias, out, outRow) {
      const offsets = f64(bias), to = f64(out);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          to[i * outRow + j] = bias === 0 ? 0 : offsets[j]!;
        }
      }
      const right = transposed(rowsOf(f64(w), k));
      addProduct([m, n, k], rowsOf(f64(x), k), right, to, outRow);
    },
    linear_backward(m, n, k, x, w, g, gx, gw) {
      const grads = rowsOf(f64(g), n);
      if (gx !== 0) {
        const to = f64(gx).fill(0, 0, m * k);
        addProduct([m, k, n], grads, rowsOf(f64(w), k), to);
      }
      if (gw !== 0) {
        const to = f64(gw).fill(0, 0, n * k);
        addProduct([n, k, m], transposed(grads), rowsOf(f64(x), k), to);
      }
    },
  };
}
