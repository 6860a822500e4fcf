/**
 * torch.linalg. Signs of singular vectors and eigenvectors are free, so their
 * magnitudes are compared, which have gradients that do not depend on them;
 * packages/tensor/linalg multiplies decompositions back together. Q and R are
 * compared as they are: their signs are LAPACK's.
 */

import type { Tensor } from "@fdunn/tensor";
import * as linalg from "@fdunn/tensor/linalg";
import { type RunOp, testOpCases } from "./op_cases.ts";

type Options = Record<string, unknown>;

/** A function of one matrix and options. */
const one = (f: (a: Tensor, options: Options) => Tensor): RunOp => ([a], o) =>
  f(a!, o);

/** A function of two matrices and options. */
const two =
  (f: (a: Tensor, b: Tensor, options: Options) => Tensor): RunOp =>
  ([a, b], o) => f(a!, b!, o);

/** An order as JSON has it. */
function order(ord: unknown): linalg.MatrixOrder | null {
  return ord === "Infinity" || ord === "-Infinity"
    ? Number(ord)
    : ord as linalg.MatrixOrder | null;
}

/** The singular vectors that are not any basis of the rest, without signs. */
function magnitudes({ U, S, Vh }: linalg.SVD): Tensor[] {
  const k = S.shape.at(-1)!;
  return [U.narrow(-1, 0, k).abs(), S, Vh.narrow(-2, 0, k).abs()];
}

testOpCases("linalg", {
  "linalg.solve": two((a, b, o) => linalg.solve(a, b, o)),
  "linalg.inv": one((a) => linalg.inv(a)),
  "linalg.inverse": one((a) => linalg.inverse(a)),
  "linalg.det": one((a) => linalg.det(a)),
  "linalg.slogdet": ([a]) => {
    const { sign, logabsdet } = linalg.slogdet(a!);
    return [sign, logabsdet];
  },
  "linalg.solveTriangular": two((a, b, o) =>
    linalg.solveTriangular(a, b, o as unknown as linalg.SolveTriangularOptions)
  ),
  "linalg.cholesky": one((a, o) => linalg.cholesky(a, o)),
  "linalg.qr": ([a], o) => {
    const { Q, R } = linalg.qr(a!, o);
    return [Q, R];
  },
  "linalg.svd": ([a], o) => magnitudes(linalg.svd(a!, o)),
  "linalg.svdvals": one((a) => linalg.svdvals(a)),
  "linalg.eigh": ([a], o) => {
    const { eigenvalues, eigenvectors } = linalg.eigh(a!, o);
    return [eigenvalues, eigenvectors.abs()];
  },
  "linalg.eigvalsh": one((a, o) => linalg.eigvalsh(a, o)),
  "linalg.lstsq": ([a, b], { solution, ...o }) => {
    const found = linalg.lstsq(a!, b!, o);
    if (solution === true) return found.solution;
    const { residuals, rank, singularValues } = found;
    return [found.solution, residuals, rank, singularValues];
  },
  "linalg.pinv": one((a, o) => linalg.pinv(a, o)),
  "linalg.matrixRank": one((a, o) => linalg.matrixRank(a, o)),
  "linalg.matrixNorm": one((a, { ord, ...o }) =>
    linalg.matrixNorm(a, order(ord)!, o)
  ),
  "linalg.vectorNorm": one((a, { ord, ...o }) =>
    linalg.vectorNorm(a, Number(ord), o)
  ),
  "linalg.norm": one((a, { ord, ...o }) => linalg.norm(a, order(ord), o)),
  "linalg.cond": one((a, { ord }) => linalg.cond(a, order(ord))),
  "linalg.matrixPower": one((a, { n }) => linalg.matrixPower(a, n as number)),
});
