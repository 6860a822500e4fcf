/** Orthonormal bases. */

import { type Tensor, tensor } from "@fdunn/tensor";

/**
 * The orthonormal factor Q of the QR decomposition of a square matrix, with a
 * positive diagonal in R, by Householder's reflections in float64: complete
 * also where columns depend on each other.
 */
export function orthonormal(matrix: Tensor): Tensor {
  const n = matrix.shape[0]!;
  // Column by column: a reflection works on columns.
  const a = Float64Array.from(matrix.t().data() as Float64Array);
  const scales = new Float64Array(n); // 2 / (v · v) of each reflection
  const signs = new Float64Array(n).fill(1);
  for (let k = 0; k < n; k++) {
    const column = a.subarray(k * n + k, k * n + n);
    const square = dot(column, column);
    if (square === 0) continue;
    const first = column[0]!;
    const length = first > 0 ? Math.sqrt(square) : -Math.sqrt(square);
    // The reflection takes the column to -length: its basis vector is turned.
    signs[k] = first > 0 ? -1 : 1;
    column[0] = first + length;
    scales[k] = 1 / (length * (first + length));
    for (let j = k + 1; j < n; j++) {
      reflect(a.subarray(j * n + k, j * n + n), column, scales[k]!);
    }
  }
  const q = new Float64Array(n * n);
  for (let k = n - 1; k >= 0; k--) {
    q[k * n + k] = 1;
    if (scales[k] === 0) continue;
    const v = a.subarray(k * n + k, k * n + n);
    for (let j = k; j < n; j++) {
      reflect(q.subarray(j * n + k, j * n + n), v, scales[k]!);
    }
  }
  for (let i = 0; i < q.length; i++) q[i]! *= signs[Math.floor(i / n)]!;
  return tensor(q, { dtype: matrix.dtype }).reshape([n, n]).t();
}

/** `x -= scale (v · x) v`. */
function reflect(x: Float64Array, v: Float64Array, scale: number): void {
  const factor = scale * dot(x, v);
  for (let i = 0; i < x.length; i++) x[i]! -= factor * v[i]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
