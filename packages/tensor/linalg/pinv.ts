/** What goes by the size of singular values: pinv, matrixRank, cond. */

import { copyOf } from "../nd_array.ts";
import { noGrad } from "../grad_mode.ts";
import { apply, type Op } from "../op.ts";
import { OUTPUT } from "../saved.ts";
import { zeros } from "../create.ts";
import type { DType } from "../dtype.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { eigh, eigvalsh } from "./eigh.ts";
import { requireMatrices, requireSquare, turn } from "./matrices.ts";
import { svd, svdvals } from "./svd.ts";

/** Which singular values count as 0: those up to max(atol, rtol σ₁). */
export interface ToleranceOptions {
  /** Absolute. Default 0. */
  atol?: number;
  /**
   * Relative to the largest. Default max(m, n) times the dtype's epsilon, or 0
   * where `atol` is greater than 0.
   */
  rtol?: number;
  /** Whether A is symmetric: by eigenvalues then, twice as fast. Default `false`. */
  hermitian?: boolean;
}

/** The distance from 1 to the next number. */
export function epsilon(dtype: DType): number {
  return dtype === "float32" ? 2 ** -23 : 2 ** -52;
}

/** The largest magnitude in the last axis, kept; 0 where there is none. */
function most(values: Tensor): Tensor {
  if (values.shape.at(-1) !== 0) return values.amax(-1, { keepdim: true });
  return zeros([...values.shape.slice(0, -1), 1], { dtype: values.dtype });
}

/** Where singular values count. */
export function significant(
  a: Tensor,
  values: Tensor,
  { atol = 0, rtol }: ToleranceOptions,
): Tensor {
  const sizes = Math.max(a.shape.at(-1)!, a.shape.at(-2)!);
  const relative = rtol ?? (atol > 0 ? 0 : sizes * epsilon(a.dtype));
  return values.gt(most(values).mul(relative).clamp(atol, null));
}

function check(op: string, a: Tensor, { hermitian }: ToleranceOptions): void {
  if (hermitian === true) requireSquare(op, a);
  else requireMatrices(op, a);
}

/** The reciprocals of what counts, and 0. */
export function reciprocals(values: Tensor, counts: Tensor): Tensor {
  return where(counts, values, 1).reciprocal().mul(counts.to(values.dtype));
}

function compute(a: Tensor, options: ToleranceOptions): Tensor {
  if (options.hermitian === true) {
    const { eigenvalues, eigenvectors: q } = eigh(a);
    const counts = significant(a, eigenvalues.abs(), options);
    const scaled = q.mul(reciprocals(eigenvalues, counts).unsqueeze(-2));
    return scaled.matmul(turn(q));
  }
  const { U, S, Vh } = svd(a, { fullMatrices: false });
  const inverse = reciprocals(S, significant(a, S, options));
  return turn(Vh).mul(inverse.unsqueeze(-2)).matmul(turn(U));
}

/** Gives the pseudoinverse, its second input, the gradient that it has. */
const PINV: Op = {
  name: "pinv",
  saves: [0b1 | OUTPUT],
  forward: (_, _a, p) => copyOf(p!),
  backward: (node, grad) => [
    pinvBackward(grad, node.input(0), node.output),
    null,
  ],
};

/** The gradient of A's pseudoinverse P where A's rank does not change. */
export function pinvBackward(grad: Tensor, A: Tensor, P: Tensor): Tensor {
  const [turned, gradT] = [turn(P), turn(grad)];
  if (A.shape.at(-2)! <= A.shape.at(-1)!) {
    const k = gradT.matmul(P);
    const kp = k.matmul(turned);
    return kp.sub(turn(P.matmul(k))).sub(A.matmul(P).matmul(kp))
      .add(turned.matmul(P).matmul(gradT.sub(k.matmul(A))));
  }
  const k = P.matmul(gradT);
  const pk = turned.matmul(k);
  return pk.sub(turn(k.matmul(P)))
    .add(gradT.sub(A.matmul(k)).matmul(P).matmul(turned))
    .sub(pk.matmul(P).matmul(A));
}

/**
 * The pseudoinverses (Moore and Penrose) of matrices `[..., m, n]`:
 * `[..., n, m]`. float32 or float64, with gradients where the rank does not
 * change.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const p = linalg.pinv(tensor([[2, 0], [0, 0], [0, 4]]));
 * assertEquals(p.toArray(), [[0.5, 0, 0], [0, 0, 0.25]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.pinv.html
 *
 * @throws LinAlgError for a matrix with NaN or infinity.
 * @throws RangeError for vectors, and unless square where `hermitian`;
 * TypeError for other dtypes.
 */
export function pinv(a: Tensor, options: ToleranceOptions = {}): Tensor {
  check("pinv", a, options);
  const value = noGrad(() => compute(a, options));
  return apply(PINV, [a, value], undefined);
}

/**
 * How many singular values of each matrix `[..., m, n]` count: `[...]` of
 * int32. float32 or float64.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linalg.matrixRank(tensor([[1, 2], [2, 4]])).item(), 1);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_rank.html
 *
 * @throws LinAlgError for a matrix with NaN or infinity.
 * @throws RangeError for vectors, and unless square where `hermitian`;
 * TypeError for other dtypes.
 */
export function matrixRank(a: Tensor, options: ToleranceOptions = {}): Tensor {
  check("matrixRank", a, options);
  return noGrad(() => {
    const values = options.hermitian === true ? eigvalsh(a).abs() : svdvals(a);
    return significant(a, values, options).to("int32").sum(-1);
  });
}
