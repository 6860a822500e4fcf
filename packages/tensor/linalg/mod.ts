/**
 * Linear algebra for small models, as `torch.linalg` has it: systems of
 * equations, inverses, determinants, factorizations, norms; batched, with
 * gradients. An entry point of its own: who does not import it does not load its
 * kernels.
 *
 * All arithmetic is float64 inside, so that float32 results are rounded once.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const a = tensor([[4, 2], [2, 5]], { requiresGrad: true });
 * const { logabsdet } = linalg.slogdet(a);
 * logabsdet.backward(); // the gradient of log|det A| is A⁻ᵀ
 * assertEquals(a.grad!.toArray(), linalg.inv(a.detach()).t().toArray());
 * ```
 *
 * @module
 */

export { cholesky, type CholeskyOptions } from "./cholesky.ts";
export { det, type SignAndLog, slogdet } from "./determinant.ts";
export { type Eigen, eigh, type EighOptions, eigvalsh } from "./eigh.ts";
export { LinAlgError } from "./error.ts";
export {
  type LeastSquares,
  lstsq,
  type LstsqDriver,
  type LstsqOptions,
} from "./lstsq.ts";
export {
  cond,
  matrixNorm,
  type MatrixNormOptions,
  type MatrixOrder,
  norm,
  type NormOptions,
  vectorNorm,
  type VectorNormOptions,
} from "./norms.ts";
export { matrixRank, pinv, type ToleranceOptions } from "./pinv.ts";
export { matrixPower } from "./power.ts";
export { type QR, qr, type QrMode, type QROptions } from "./qr.ts";
export { inv, inverse, solve, type SolveOptions } from "./solve.ts";
export { type SVD, svd, type SVDOptions, svdvals } from "./svd.ts";
export { solveTriangular, type SolveTriangularOptions } from "./triangular.ts";
