/** QR factorization, by Householder's reflections. */

import { linalgKernels } from "@fdunn/wasm-kernels/linalg";
import { tensor, zerosLike } from "../create.ts";
import { heap, type NdArray, pointer, writable } from "../nd_array.ts";
import { applyMany, type Op, type OpNode } from "../op.ts";
import { cat } from "../ops/join.ts";
import { OUTPUT } from "../saved.ts";
import type { Tensor } from "../tensor.ts";
import {
  filled,
  requireMatrices,
  room,
  sizesOf,
  turn,
  widened,
} from "./matrices.ts";
import { solveTriangularMatrices } from "./triangular.ts";

/** How much of Q and R is wanted. */
export type QrMode = "reduced" | "complete" | "r";

interface QrParams {
  mode: QrMode;
  /** Columns of Q, rows of R. */
  k: number;
}

const FACTOR: Op<QrParams> = {
  name: "qr",
  saves: [OUTPUT],
  forward: ({ mode, k }, a) => {
    const { batch, count, m, n } = sizesOf(a);
    const factors = widened(a);
    const [tau, scratch] = [room(count * Math.min(m, n)), room(Math.max(m, n))];
    const columns = mode === "r" ? 0 : k;
    const shapes = [[...batch, m, columns], [...batch, k, n]];
    return filled(a.dtype, shapes, (q, r) => {
      const kernels = linalgKernels();
      const reflections = [writable(factors), writable(tau)] as const;
      const rest = pointer(scratch);
      kernels.qr(count, m, n, ...reflections, rest);
      copyUpper(factors, k, r!);
      if (columns === 0) return;
      for (let i = 0; i < count; i++) unitColumns(m, k, q! + 8 * i * m * k);
      kernels.multiply_q(count, m, n, k, ...reflections, q!, rest);
    });
  },
  backward: (node, gradQ, gradR) => [backward(node, gradQ, gradR)],
};

/** The upper triangle of each matrix's first k rows, with zeros below. */
function copyUpper(x: NdArray, k: number, address: number): void {
  const { count, m, n } = sizesOf(x);
  const { f64 } = heap;
  const [from, to] = [pointer(x) / 8, address / 8];
  f64.fill(0, to, to + count * k * n);
  for (let i = 0; i < count; i++) {
    for (let row = 0; row < Math.min(k, n); row++) {
      const source = from + (i * m + row) * n;
      const target = to + (i * k + row) * n + row;
      f64.copyWithin(target, source + row, source + n);
    }
  }
}

/** The first k columns of an identity. */
function unitColumns(m: number, k: number, address: number): void {
  const { f64 } = heap;
  const start = address / 8;
  f64.fill(0, start, start + m * k);
  for (let row = 0; row < Math.min(m, k); row++) f64[start + row * k + row] = 1;
}

/**
 * Of A = Q R with square R, (G + Q S) R⁻ᵀ: S is the symmetric matrix with the
 * lower triangle of R Gᵣᵀ - Gᵀ Q. Wide matrices are [X | Q V], X = Q U.
 */
function backward(
  node: OpNode<QrParams>,
  gradQ: Tensor | null,
  gradR: Tensor | null,
): Tensor | null {
  if (gradQ === null && gradR === null) return null;
  const [Q, R] = [node.outputs[0]!, node.outputs[1]!];
  const { mode } = node.params;
  const [m, n] = [Q.shape.at(-2)!, R.shape.at(-1)!];
  if (mode === "r" || (mode === "complete" && m > n)) {
    throw new Error(
      mode === "r"
        ? `linalg.qr() in mode "r" has no gradient, which takes Q: use mode "reduced"`
        : `linalg.qr() in mode "complete" has no gradient for more rows than columns: use mode "reduced"`,
    );
  }
  if (m >= n) return squareBackward(Q, R, gradQ, gradR);
  const [U, V] = [R.narrow(-1, 0, m), R.narrow(-1, m, n - m)];
  const gradU = gradR && gradR.narrow(-1, 0, m);
  const gradV = gradR && gradR.narrow(-1, m, n - m);
  const through = gradV && Q.matmul(V).matmul(turn(gradV));
  const all = gradQ === null ? through : through ? gradQ.add(through) : gradQ;
  const gradX = squareBackward(Q, U, all, gradU);
  return cat([gradX, gradV ? Q.matmul(gradV) : zerosLike(V)], -1);
}

function squareBackward(
  Q: Tensor,
  R: Tensor,
  gradQ: Tensor | null,
  gradR: Tensor | null,
): Tensor {
  let inner = gradR && R.matmul(turn(gradR));
  if (gradQ !== null) {
    const product = turn(gradQ).matmul(Q);
    inner = inner === null ? product.neg() : inner.sub(product);
  }
  const lower = inner!.tril();
  const symmetric = lower.add(turn(lower.tril(-1)));
  const sum = Q.matmul(symmetric);
  const total = gradQ === null ? sum : sum.add(gradQ);
  // X R⁻ᵀ is the transpose of R⁻¹ Xᵀ.
  return turn(solveTriangularMatrices(R, turn(total), UPPER));
}

const UPPER = { upper: true, unitriangular: false };

/** What {@linkcode qr} returns, with PyTorch's names. */
export interface QR {
  /** Orthonormal columns: `[..., m, k]`; empty in mode `r`. */
  Q: Tensor;
  /** Upper triangular: `[..., k, n]`. */
  R: Tensor;
}

/** Options of {@linkcode qr}. */
export interface QROptions {
  /**
   * `reduced`: k = min(m, n); `complete`: k = m; `r`: R as if reduced, and no
   * Q. Default `reduced`.
   */
  mode?: QrMode;
}

/**
 * A = Q R of matrices `[..., m, n]`, with orthonormal columns in Q and R upper
 * triangular: by Householder's reflections, so that R's diagonal has the signs
 * that LAPACK gives it. float32 or float64. Gradients, except in mode `r` and
 * `complete` with m > n, need the first min(m, n) columns to be independent.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assert } from "@std/assert";
 *
 * const a = tensor([[3, 1], [4, 2], [0, 2]]);
 * const { Q, R } = linalg.qr(a);
 * assert(Q.matmul(R).allclose(a, { atol: 1e-6 }));
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.qr.html
 *
 * @throws RangeError for vectors or an unknown mode; TypeError for other dtypes.
 */
export function qr(a: Tensor, { mode = "reduced" }: QROptions = {}): QR {
  const { m, n } = requireMatrices("qr", a);
  if (mode !== "reduced" && mode !== "complete" && mode !== "r") {
    throw new RangeError(
      `linalg.qr() got mode "${mode}", expected reduced, complete or r`,
    );
  }
  const k = mode === "complete" ? m : Math.min(m, n);
  const [Q, R] = applyMany(FACTOR, [a], { mode, k });
  const none = () => tensor([], { dtype: a.dtype });
  return { Q: mode === "r" ? none() : Q!, R: R! };
}
