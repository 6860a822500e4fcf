/** Singular values and vectors. */

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
  requireMatrices,
  room,
  sizesOf,
  turn,
  turnArray,
  widened,
} from "./matrices.ts";

/** U, S and Vᵀ, of which the first and last may be left out. */
function decompose(a: NdArray, full: boolean, vectors: boolean): NdArray[] {
  const { m: rows, n: columns } = sizesOf(a);
  // The kernel takes tall matrices; the transpose has both sides swapped.
  const wide = rows < columns;
  const tall = wide ? turnArray(a) : a;
  const { batch, count, m, n } = sizesOf(tall);
  const source = widened(tall);
  const [info, scratch] = [integers(count), room(2 * n * n + 4 * n + m)];
  const k = full ? m : n;
  const shapes = [[...batch, n]];
  if (vectors) shapes.push([...batch, m, k], [...batch, n, n]);
  const outs = filled(a.dtype, shapes, (s, u, vt) => {
    const rest = [writable(info), pointer(scratch)] as const;
    const from = pointer(source);
    linalgKernels()
      .svd(count, m, n, k, from, u ?? 0, s!, vt ?? 0, ...rest);
  });
  const index = elementsOf(info)[0]!.indexOf(1);
  if (index >= 0) {
    throw failure(
      "svd",
      a.shape.length,
      index,
      "The algorithm failed to converge because the input matrix contained non-finite values.",
    );
  }
  const [S, U, Vt] = outs as [NdArray, NdArray, NdArray];
  if (!vectors) return [S];
  return wide ? [turnArray(Vt), S, turnArray(U)] : [U, S, Vt];
}

const DECOMPOSE: Op<{ full: boolean }> = {
  name: "svd",
  saves: [OUTPUT],
  forward: ({ full }, a) => decompose(a, full, true),
  backward: (node, gradU, gradS, gradVh) => [
    backward(node, gradU, gradS, gradVh),
  ],
};

const SVDVALS: Op = {
  name: "svdvals",
  saves: "none",
  forward: (_, a) => decompose(a, false, false)[0]!,
  backward: null,
};

/**
 * What turning the singular vectors does. Infinite for repeated singular
 * values, whose vectors have no derivative.
 */
function turning(product: Tensor, S: Tensor): Tensor {
  return antisymmetric(product).div(gaps(S.square()));
}

function backward(
  node: OpNode<{ full: boolean }>,
  gradFullU: Tensor | null,
  gradS: Tensor | null,
  gradFullVh: Tensor | null,
): Tensor | null {
  const S = node.outputs[1]!;
  const k = S.shape.at(-1)!;
  // A full matrix's other columns are any basis: their gradients do not count.
  const [U, Vh] = [
    node.outputs[0]!.narrow(-1, 0, k),
    node.outputs[2]!.narrow(-2, 0, k),
  ];
  const gradU = gradFullU && gradFullU.narrow(-1, 0, k);
  const gradVh = gradFullVh && gradFullVh.narrow(-2, 0, k);
  const [rows, columns] = [S.unsqueeze(-1), S.unsqueeze(-2)];
  let inner = gradS && identity(k, S.dtype).mul(gradS.unsqueeze(-2));
  const add = (a: Tensor | null, b: Tensor) => a === null ? b : a.add(b);
  const byU = gradU && turn(U).matmul(gradU);
  const byV = gradVh && Vh.matmul(turn(gradVh));
  if (byU) inner = add(inner, turning(byU, S).mul(columns));
  if (byV) inner = add(inner, turning(byV, S).mul(rows));
  if (inner === null) return null;
  let left = U.matmul(inner);
  if (gradU && U.shape.at(-2)! > k) {
    left = left.add(gradU.sub(U.matmul(byU!)).div(columns));
  }
  let all = left.matmul(Vh);
  if (gradVh && Vh.shape.at(-1)! > k) {
    const outside = gradVh.sub(turn(byV!).matmul(Vh));
    all = all.add(U.matmul(outside.div(rows)));
  }
  return all;
}

/** What {@linkcode svd} returns, with PyTorch's names. */
export interface SVD {
  /** Left singular vectors, as columns: `[..., m, m]` or `[..., m, k]`. */
  U: Tensor;
  /** Singular values, the largest first: `[..., k]`, k = min(m, n). */
  S: Tensor;
  /** Right singular vectors, as rows: `[..., n, n]` or `[..., k, n]`. */
  Vh: Tensor;
}

/** Options of {@linkcode svd}. */
export interface SVDOptions {
  /** Square U and Vh, or else k columns and rows of them. Default `true`. */
  fullMatrices?: boolean;
}

/**
 * A = U diag(S) Vh of matrices `[..., m, n]`: by a QR factorization with pivots
 * and one-sided Jacobi, which gives small singular values their digits, too.
 * float32 or float64. Vectors are unique up to their signs, and up to turns
 * where singular values repeat: gradients through those are not finite, nor are
 * gradients of U and Vh that depend on the signs right. Gradients of S always
 * are.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assert } from "@std/assert";
 *
 * const a = tensor([[3, 1], [4, 2], [0, 2]]);
 * const { U, S, Vh } = linalg.svd(a, { fullMatrices: false });
 * assert(U.mul(S).matmul(Vh).allclose(a, { atol: 1e-6 }));
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.svd.html
 *
 * @throws LinAlgError for a matrix with NaN or infinity.
 * @throws RangeError for vectors; TypeError for other dtypes.
 */
export function svd(
  a: Tensor,
  { fullMatrices = true }: SVDOptions = {},
): SVD {
  requireMatrices("svd", a);
  const [U, S, Vh] = applyMany(DECOMPOSE, [a], { full: fullMatrices });
  return { U: U!, S: S!, Vh: Vh! };
}

/**
 * The singular values of matrices `[..., m, n]`, the largest first:
 * `[..., min(m, n)]`. float32 or float64, with gradients.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linalg.svdvals(tensor([[0, 2], [3, 0]])).toArray(), [3, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.svdvals.html
 *
 * @throws LinAlgError for a matrix with NaN or infinity.
 * @throws RangeError for vectors; TypeError for other dtypes.
 */
export function svdvals(a: Tensor): Tensor {
  requireMatrices("svdvals", a);
  return a.requiresGrad && isGradEnabled()
    ? svd(a, { fullMatrices: false }).S
    : apply(SVDVALS, [a], undefined);
}
