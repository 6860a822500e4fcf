/** Least squares. */

import { tensor } from "../create.ts";
import { noGrad } from "../grad_mode.ts";
import { copyOf } from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { failure } from "./error.ts";
import {
  broadcastBatches,
  requireMatrices,
  requireSameDtype,
  turn,
} from "./matrices.ts";
import { epsilon, pinv, pinvBackward, reciprocals } from "./pinv.ts";
import { qr } from "./qr.ts";
import { svd } from "./svd.ts";
import { solveTriangularMatrices } from "./triangular.ts";

/** LAPACK's names of the ways to go. */
export type LstsqDriver = "gels" | "gelsy" | "gelsd" | "gelss";

/** Options of {@linkcode lstsq}. */
export interface LstsqOptions {
  /**
   * Singular values up to `rcond` times the largest count as 0. Default
   * max(m, n) times the dtype's epsilon.
   */
  rcond?: number;
  /**
   * `gels`: QR, for matrices of full rank. The others: SVD, whose singular
   * values `gelsd` and `gelss` return. Default `gelsy`.
   */
  driver?: LstsqDriver;
}

/** What {@linkcode lstsq} returns, with PyTorch's names. */
export interface LeastSquares {
  /** X: `[..., n, k]`, or `[..., n]` where B had no last axis. */
  solution: Tensor;
  /**
   * The squared lengths of B - A X, `[..., k]`, where m > n and every matrix
   * has full rank; else empty, as for the driver `gelsy`.
   */
  residuals: Tensor;
  /** The rank of each matrix, `[...]` of int32; empty for `gels`. */
  rank: Tensor;
  /** `[..., min(m, n)]` for `gelsd` and `gelss`, else empty. */
  singularValues: Tensor;
}

/** Gives the solution, its third input, the gradient of A's pseudoinverse. */
const LSTSQ: Op = {
  name: "lstsq",
  saves: [0b11, 0b01, 0],
  forward: (_, _a, _b, x) => copyOf(x!),
  backward: (node, grad) => {
    const [a, b] = [node.input(0), node.input(1)];
    const p = pinv(a);
    return [
      node.needs(0) ? pinvBackward(grad.matmul(turn(b)), a, p) : null,
      node.needs(1) ? turn(p).matmul(grad) : null,
      null,
    ];
  },
};

const UPPER = { upper: true, unitriangular: false };
const LOWER = { upper: false, unitriangular: false };

/** By QR: of A if it is tall, of Aᵀ for the shortest solution otherwise. */
function byQr(a: Tensor, b: Tensor): Tensor {
  const [m, n] = a.shape.slice(-2) as [number, number];
  const { Q, R } = qr(m >= n ? a : turn(a));
  const zero = R.diagonal(0, { dim1: -2, dim2: -1 }).eq(0).any(-1).flatten();
  const index = [...zero.data()].indexOf(1);
  if (index >= 0) {
    throw failure(
      "lstsq",
      a.ndim,
      index,
      "The least squares solution could not be computed because the input matrix does not have full rank.",
    );
  }
  return m >= n
    ? solveTriangularMatrices(R, turn(Q).matmul(b), UPPER)
    : Q.matmul(solveTriangularMatrices(turn(R), b, LOWER));
}

interface Found {
  x: Tensor;
  rank: Tensor | null;
  values: Tensor | null;
}

/** By SVD: the shortest solution, of what counts of A. */
function bySvd(a: Tensor, b: Tensor, rcond: number): Found {
  const { U, S, Vh } = svd(a, { fullMatrices: false });
  const counts = S.shape.at(-1) === 0
    ? S.gt(0)
    : S.gt(S.amax(-1, { keepdim: true }).mul(rcond));
  const scaled = turn(U).matmul(b).mul(reciprocals(S, counts).unsqueeze(-1));
  const rank = counts.to("int32").sum(-1);
  return { x: turn(Vh).matmul(scaled), rank, values: S };
}

const DRIVERS = ["gels", "gelsy", "gelsd", "gelss"];

/**
 * The X with the least |A X - B|, and of those the shortest: A is
 * `[..., m, n]`, B `[..., m, k]`, `[m]` or of A's shape without the last axis.
 * Batches broadcast. float32 or float64; the solution has gradients where A's
 * rank does not change.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assert } from "@std/assert";
 *
 * // A line through three points.
 * const a = tensor([[1, 0], [1, 1], [1, 2]]);
 * const { solution } = linalg.lstsq(a, tensor([[1], [3], [5]]));
 * assert(solution.allclose(tensor([[1], [2]]), { atol: 1e-5 }));
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.lstsq.html
 *
 * @throws LinAlgError for a matrix with NaN or infinity, and with `gels` for one
 * without full rank.
 * @throws RangeError for shapes that do not fit or an unknown driver; TypeError
 * for other dtypes.
 */
export function lstsq(
  a: Tensor,
  b: Tensor,
  { rcond, driver = "gelsy" }: LstsqOptions = {},
): LeastSquares {
  const { m, n } = requireMatrices("lstsq", a);
  requireSameDtype("lstsq", a, b);
  const vector = b.ndim === 1 || sameShape(b.shape, a.shape.slice(0, -1));
  const columns = vector ? b.unsqueeze(-1) : b;
  requireMatrices("lstsq", columns, "B");
  if (columns.shape.at(-2) !== m) {
    throw new RangeError(
      `linalg.lstsq() got A of shape ${formatShape(a.shape)} and B of shape ${
        formatShape(b.shape)
      }, expected as many rows`,
    );
  }
  if (!DRIVERS.includes(driver)) {
    throw new RangeError(
      `linalg.lstsq() got driver "${driver}", expected one of ${
        DRIVERS.join(", ")
      }`,
    );
  }
  const cutoff = rcond ?? Math.max(m, n) * epsilon(a.dtype);
  const [A, B] = broadcastBatches("lstsq", a, columns);
  const { x, rank, values } = noGrad((): Found =>
    driver === "gels"
      ? { x: byQr(A, B), rank: null, values: null }
      : bySvd(A, B, cutoff)
  );
  const solution = apply(LSTSQ, [A, B, x], undefined);
  const none = () => tensor([], { dtype: a.dtype });
  const squares = driver !== "gelsy" && m > n &&
    (rank === null || rank.eq(n).all().item() === 1);
  const residuals = squares
    ? B.sub(A.matmul(solution)).square().sum(-2)
    : none();
  return {
    solution: vector ? solution.squeeze(-1) : solution,
    residuals,
    rank: rank ?? tensor([], { dtype: "int32" }),
    singularValues: driver === "gelsd" || driver === "gelss" ? values! : none(),
  };
}
