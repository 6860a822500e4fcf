/** Cholesky's factorization. */

import { linalgKernels } from "@fdunn/wasm-kernels/linalg";
import { elementsOf, heap, pointer, writable } from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { failure } from "./error.ts";
import {
  filled,
  integers,
  requireSquare,
  sizesOf,
  turn,
  widened,
} from "./matrices.ts";
import { solveTransposed } from "./triangular.ts";

const CHOLESKY: Op = {
  name: "cholesky",
  saves: "output",
  forward: (_, a) => {
    const { count, n } = sizesOf(a);
    const [source, info] = [widened(a), integers(count)];
    const [l] = filled(a.dtype, [a.shape], (out) => {
      const from = pointer(source) / 8;
      heap.f64.copyWithin(out! / 8, from, from + source.size);
      linalgKernels().cholesky(count, n, out!, writable(info));
    });
    const [orders] = elementsOf(info);
    const index = orders!.findIndex((order) => order !== 0);
    if (index < 0) return l!;
    throw failure(
      "cholesky",
      a.shape.length,
      index,
      `The factorization could not be completed because the input is not positive-definite (the leading minor of order ${
        orders![index]
      } is not positive-definite).`,
    );
  },
  backward: (node, grad) => {
    // L⁻ᵀ Φ L⁻¹, made symmetric; Φ is Lᵀ G's lower triangle with half of its
    // diagonal.
    const l = node.output;
    const product = turn(l).matmul(grad);
    const lower = product.tril().add(product.tril(-1)).mul(0.5);
    const left = solveTransposed(l, lower);
    const full = turn(solveTransposed(l, turn(left)));
    return [full.add(turn(full)).mul(0.5)];
  },
};

/** Options of {@linkcode cholesky}. */
export interface CholeskyOptions {
  /** Uᵀ U instead of L Lᵀ. Default `false`. */
  upper?: boolean;
}

/**
 * The lower triangular L with positive diagonal and A = L Lᵀ, for symmetric
 * positive-definite matrices `[..., n, n]`, of which the lower triangle is read
 * (with `upper` the upper one). float32 or float64, with gradients (symmetric
 * ones).
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const l = linalg.cholesky(tensor([[4, 2], [2, 5]]));
 * assertEquals(l.toArray(), [[2, 0], [1, 2]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.cholesky.html
 *
 * @throws LinAlgError for a matrix that is not positive-definite.
 * @throws RangeError unless square; TypeError for other dtypes.
 */
export function cholesky(
  a: Tensor,
  { upper = false }: CholeskyOptions = {},
): Tensor {
  requireSquare("cholesky", a);
  const l = apply(CHOLESKY, [upper ? turn(a) : a], undefined);
  return upper ? turn(l) : l;
}
