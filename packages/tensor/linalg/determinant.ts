/** Determinants, from the diagonal of LU. */

import { eye } from "../create.ts";
import { allocate, elementsOf, type NdArray } from "../nd_array.ts";
import { apply, applyMany, type Op } from "../op.ts";
import { noGrad } from "../grad_mode.ts";
import { OUTPUT } from "../saved.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { identity, requireSquare, sizesOf, turn } from "./matrices.ts";
import { factor, inverseOrInfinity } from "./solve.ts";
import { svd } from "./svd.ts";

/** Hands each matrix's pivots, in order, and the sign of its row swaps on. */
function eachDiagonal(
  a: NdArray,
  visit: (index: number, sign: number, diagonal: Float64Array) => void,
): void {
  const { factors, pivots } = factor(a);
  const { count, n } = sizesOf(a);
  const [lu, rows] = elementsOf(factors, pivots);
  const diagonal = new Float64Array(n);
  for (let i = 0; i < count; i++) {
    let sign = 1;
    for (let k = 0; k < n; k++) {
      diagonal[k] = lu![(i * n + k) * n + k]!;
      if (rows![i * n + k] !== k) sign = -sign;
    }
    visit(i, sign, diagonal);
  }
}

const DET: Op = {
  name: "det",
  saves: [0b1 | OUTPUT],
  forward: (_, a) => {
    const out = allocate(sizesOf(a).batch, a.dtype);
    const values = new Float64Array(out.size);
    eachDiagonal(a, (i, sign, diagonal) => {
      values[i] = diagonal.reduce((product, x) => product * x, sign);
    });
    elementsOf(out)[0]!.set(values);
    return out;
  },
  backward: (node, grad) => {
    const [a, det] = [node.input(0), node.output];
    const zero = det.eq(0);
    if (!zero.any().item()) {
      return [spread(grad.mul(det)).mul(turn(inverseOrInfinity(a)))];
    }
    if (zero.all().item()) return [spread(grad).mul(cofactors(a))];
    // Either way gets matrices that it can take.
    const n = a.shape.at(-1)!;
    const regular = where(spread(zero), identity(n, a.dtype), a);
    return [
      spread(grad).mul(
        where(
          spread(zero),
          cofactors(a),
          spread(det).mul(turn(inverseOrInfinity(regular))),
        ),
      ),
    ];
  },
};

/** Numbers, one a matrix, that multiply all of it. */
function spread(x: Tensor): Tensor {
  return x.unsqueeze(-1).unsqueeze(-1);
}

/**
 * The derivative of the determinant of any matrix: U diag(γ) Vᵀ times the sign
 * of U and V, γ being the products of all other singular values.
 */
function cofactors(a: Tensor): Tensor {
  const { U, S, Vh } = svd(a);
  const n = S.shape.at(-1)!;
  const sign = noGrad(() => det(U).mul(det(Vh)).round());
  const others = where(eye(n).ne(0), 1, S.unsqueeze(-2)).prod(-1);
  return U.mul(others.unsqueeze(-2)).matmul(Vh).mul(spread(sign));
}

/**
 * The determinants of square matrices: `[..., n, n]` to `[...]`; 1 for n = 0.
 * float32 or float64. The gradient is the matrix of cofactors, also where a
 * matrix is singular (PyTorch gives that with `create_graph=True`, and zeros
 * without).
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linalg.det(tensor([[2, 1], [4, 5]])).item(), 6);
 * assertEquals(linalg.det(tensor([[1, 2], [2, 4]])).item(), 0);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.det.html
 *
 * @throws RangeError unless square; TypeError for other dtypes.
 */
export function det(a: Tensor): Tensor {
  requireSquare("det", a);
  return apply(DET, [a], undefined);
}

const SLOGDET: Op = {
  name: "slogdet",
  saves: "inputs",
  forward: (_, a) => {
    const { batch, count } = sizesOf(a);
    const [sign, log] = [allocate(batch, a.dtype), allocate(batch, a.dtype)];
    const signs = new Float64Array(count), logs = new Float64Array(count);
    eachDiagonal(a, (i, swaps, diagonal) => {
      // NaN has no sign: 0, as in PyTorch.
      signs[i] = diagonal.reduce((s, x) => s * (Math.sign(x) || 0), swaps);
      logs[i] = diagonal.reduce((sum, x) => sum + Math.log(Math.abs(x)), 0);
    });
    const outs = elementsOf(sign, log);
    outs[0]!.set(signs);
    outs[1]!.set(logs);
    return [sign, log];
  },
  // The sign does not change where it has a derivative.
  backward: (node, _, grad) => [
    grad && spread(grad).mul(turn(inverseOrInfinity(node.input(0)))),
  ],
};

/** What {@linkcode slogdet} returns. */
export interface SignAndLog {
  /** -1, 0 or 1: `[...]`. */
  sign: Tensor;
  /** The logarithm of the determinant's magnitude; -∞ for 0: `[...]`. */
  logabsdet: Tensor;
}

/**
 * The sign and the logarithm of the magnitude of determinants, of square
 * matrices `[..., n, n]`: where {@linkcode det} would overflow or vanish.
 * float32 or float64, with gradients (infinite or NaN for a singular matrix).
 *
 * ```ts
 * import { eye } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { sign, logabsdet } = linalg.slogdet(eye(200).mul(-1e-3));
 * assertAlmostEquals(sign.item(), 1);
 * assertAlmostEquals(logabsdet.item(), 200 * Math.log(1e-3), 1e-3);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.slogdet.html
 *
 * @throws RangeError unless square; TypeError for other dtypes.
 */
export function slogdet(a: Tensor): SignAndLog {
  requireSquare("slogdet", a);
  const [sign, logabsdet] = applyMany(SLOGDET, [a], undefined);
  return { sign: sign!, logabsdet: logabsdet! };
}
