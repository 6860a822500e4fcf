/** Eigenvalues and eigenvectors of symmetric matrices. */

import { linalgKernels } from "@fdunn/wasm-kernels/linalg";
import { isGradEnabled } from "../grad_mode.ts";
import { elementsOf, type NdArray, pointer, writable } from "../nd_array.ts";
import { apply, applyMany, type Op, type OpNode } from "../op.ts";
import { OUTPUT } from "../saved.ts";
import type { Tensor } from "../tensor.ts";
import { failure } from "./error.ts";
import {
  antisymmetric,
  filled,
  gaps,
  identity,
  integers,
  requireSquare,
  room,
  sizesOf,
  turn,
  widened,
} from "./matrices.ts";

interface EighParams {
  upper: boolean;
}

/** Eigenvalues, and eigenvectors as columns if they are wanted. */
function decompose(a: NdArray, upper: boolean, vectors: boolean): NdArray[] {
  const { batch, count, n } = sizesOf(a);
  const [source, info] = [widened(a), integers(count)];
  const scratch = room(3 * n);
  const shapes = vectors ? [[...batch, n], a.shape] : [[...batch, n]];
  const outs = filled(a.dtype, shapes, (w, q) => {
    const rest = [writable(info), pointer(scratch)] as const;
    const from = pointer(source);
    linalgKernels().eigh(count, n, upper ? 1 : 0, from, w!, q ?? 0, ...rest);
  });
  const index = elementsOf(info)[0]!.indexOf(1);
  if (index < 0) return outs;
  throw failure(
    "eigh",
    a.shape.length,
    index,
    "The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues.",
  );
}

const EIGH: Op<EighParams> = {
  name: "eigh",
  saves: [OUTPUT],
  forward: ({ upper }, a) => decompose(a, upper, true),
  backward: (node, gradValues, gradVectors) => [
    backward(node, gradValues, gradVectors),
  ],
};

const EIGVALSH: Op<EighParams> = {
  name: "eigvalsh",
  saves: "none",
  forward: ({ upper }, a) => decompose(a, upper, false)[0]!,
  backward: null,
};

/**
 * Q (diag(g) + (QᵀG - GᵀQ) / 2 (λⱼ - λᵢ)) Qᵀ: symmetric, and infinite for the
 * vectors of repeated eigenvalues, which have no derivative.
 */
function backward(
  node: OpNode<EighParams>,
  gradValues: Tensor | null,
  gradVectors: Tensor | null,
): Tensor | null {
  const [values, Q] = [node.outputs[0]!, node.outputs[1]!];
  const unit = identity(values.shape.at(-1)!, values.dtype);
  let inner = gradValues && unit.mul(gradValues.unsqueeze(-2));
  if (gradVectors !== null) {
    const turning = antisymmetric(turn(Q).matmul(gradVectors)).mul(0.5)
      .div(gaps(values));
    inner = inner === null ? turning : inner.add(turning);
  }
  return inner && Q.matmul(inner).matmul(turn(Q));
}

/** What {@linkcode eigh} returns. */
export interface Eigen {
  /** Eigenvalues, the smallest first: `[..., n]`. */
  eigenvalues: Tensor;
  /** Orthonormal eigenvectors, as columns: `[..., n, n]`. */
  eigenvectors: Tensor;
}

/** Options of {@linkcode eigh}. */
export interface EighOptions {
  /** The triangle that is read: lower or upper. Default `L`. */
  UPLO?: "L" | "U";
}

function checkTriangle(op: string, a: Tensor, uplo: "L" | "U"): EighParams {
  requireSquare(op, a);
  if (uplo !== "L" && uplo !== "U") {
    throw new RangeError(`linalg.${op}() got UPLO "${uplo}", expected L or U`);
  }
  return { upper: uplo === "U" };
}

/**
 * A = Q diag(λ) Qᵀ of symmetric matrices `[..., n, n]`: by reflections to
 * tridiagonal form and the implicit QL algorithm. float32 or float64; a matrix
 * with NaN or infinity gives NaN. Vectors are unique up to their signs, and up
 * to turns where eigenvalues repeat: gradients through those are not finite.
 * Gradients of the eigenvalues always are.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assert } from "@std/assert";
 *
 * const a = tensor([[2, 1], [1, 2]]);
 * const { eigenvalues, eigenvectors: q } = linalg.eigh(a);
 * assert(eigenvalues.allclose(tensor([1, 3]), { atol: 1e-6 }));
 * assert(q.mul(eigenvalues).matmul(q.t()).allclose(a, { atol: 1e-6 }));
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.eigh.html
 *
 * @throws LinAlgError when the algorithm does not end.
 * @throws RangeError unless square; TypeError for other dtypes.
 */
export function eigh(a: Tensor, { UPLO = "L" }: EighOptions = {}): Eigen {
  const params = checkTriangle("eigh", a, UPLO);
  const [eigenvalues, eigenvectors] = applyMany(EIGH, [a], params);
  return { eigenvalues: eigenvalues!, eigenvectors: eigenvectors! };
}

/**
 * The eigenvalues of symmetric matrices `[..., n, n]`, the smallest first:
 * `[..., n]`. float32 or float64, with gradients.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linalg.eigvalsh(tensor([[3, 0], [0, 2]])).toArray(), [2, 3]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.eigvalsh.html
 *
 * @throws LinAlgError when the algorithm does not end.
 * @throws RangeError unless square; TypeError for other dtypes.
 */
export function eigvalsh(a: Tensor, options: EighOptions = {}): Tensor {
  const params = checkTriangle("eigvalsh", a, options.UPLO ?? "L");
  return a.requiresGrad && isGradEnabled()
    ? eigh(a, options).eigenvalues
    : apply(EIGVALSH, [a], params);
}
