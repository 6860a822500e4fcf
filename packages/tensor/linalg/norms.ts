/** Norms of vectors and matrices, and the condition that they define. */

import { noGrad } from "../grad_mode.ts";
import { zeros } from "../create.ts";
import { type DType, requireFloat } from "../dtype.ts";
import { checkAxes, checkAxis, formatShape } from "../shape.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { slogdet } from "./determinant.ts";
import { identity, requireMatrices, requireSquare } from "./matrices.ts";
import { inverseOrInfinity } from "./solve.ts";
import { svdvals } from "./svd.ts";

/** Options of {@linkcode vectorNorm}. */
export interface VectorNormOptions {
  /** The axes of the vectors. Default all. */
  dim?: number | readonly number[] | null;
  /** Whether those axes stay, with size 1. Default `false`. */
  keepdim?: boolean;
  /** The dtype to compute in. Default the tensor's. */
  dtype?: DType | null;
}

/** Options of {@linkcode matrixNorm}. */
export interface MatrixNormOptions {
  /** The axes of rows and columns. Default `[-2, -1]`. */
  dim?: readonly [rows: number, columns: number];
  /** Whether those axes stay, with size 1. Default `false`. */
  keepdim?: boolean;
  /** The dtype to compute in. Default the tensor's. */
  dtype?: DType | null;
}

/** Which norm of matrices; see {@linkcode matrixNorm}. */
export type MatrixOrder = "fro" | "nuc" | number;

/** In another dtype, if one is given. */
function computedIn(op: string, x: Tensor, dtype?: DType | null): Tensor {
  requireFloat(`linalg.${op}`, x.dtype);
  return dtype ? x.to(dtype) : x;
}

/**
 * The norm of vectors, by default of all elements: (Σ |x|^ord)^(1 / ord). For
 * ord ∞ the largest magnitude, for -∞ the smallest, for 0 how many are not 0.
 * float32 or float64, with gradients.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([[3, 4], [6, 8]]);
 * assertEquals(linalg.vectorNorm(x, 2, { dim: 1 }).toArray(), [5, 10]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html
 *
 * @throws RangeError for axes that there are not, and for negative orders or ∞
 * without elements; TypeError for other dtypes.
 */
export function vectorNorm(
  x: Tensor,
  ord = 2,
  { dim = null, keepdim = false, dtype }: VectorNormOptions = {},
): Tensor {
  const values = computedIn("vectorNorm", x, dtype);
  const axes = checkAxes("linalg.vectorNorm", dim, x.ndim);
  const none = axes.some((axis) => x.shape[axis] === 0);
  if (none && (ord < 0 || ord === Infinity)) {
    throw new RangeError(
      `linalg.vectorNorm() of order ${ord} got shape ${
        formatShape(x.shape)
      } without elements, of which there is no such norm`,
    );
  }
  return values.norm(ord, axes, { keepdim });
}

/** Sums along one axis, of which the largest or the smallest counts. */
function bySums(
  x: Tensor,
  [along, across]: readonly [number, number],
  largest: boolean,
): Tensor {
  const sums = x.abs().sum(along, { keepdim: true });
  if (largest && x.shape.at(across) === 0) {
    return sums.sum(across, { keepdim: true });
  }
  return largest
    ? sums.amax(across, { keepdim: true })
    : sums.amin(across, { keepdim: true });
}

/** From the singular values. */
function spectral(x: Tensor, ord: "nuc" | number): Tensor {
  const values = svdvals(x).unsqueeze(-1);
  if (ord === "nuc" || (ord === 2 && values.shape.at(-2) === 0)) {
    return values.sum(-2, { keepdim: true });
  }
  return ord === 2
    ? values.amax(-2, { keepdim: true })
    : values.amin(-2, { keepdim: true });
}

function normOf(x: Tensor, ord: MatrixOrder): Tensor {
  switch (ord) {
    case "fro":
      return x.norm(2, [-2, -1], { keepdim: true });
    case "nuc":
    case 2:
    case -2:
      return spectral(x, ord);
    case 1:
    case -1:
      return bySums(x, [-2, -1], ord > 0);
    case Infinity:
    case -Infinity:
      return bySums(x, [-1, -2], ord > 0);
    default:
      throw new RangeError(
        `linalg.matrixNorm() got order ${ord}, expected fro, nuc, 1, 2, Infinity or one of these negated`,
      );
  }
}

/**
 * The norm of matrices `[..., m, n]`: `[...]`. `fro` the root of the sum of
 * squares; `nuc` the sum of the singular values; 2 and -2 the largest and the
 * smallest of them; 1 and -1 of the columns' sums of magnitudes, Infinity and
 * -Infinity of the rows'. float32 or float64, with gradients.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const a = tensor([[3, 0], [0, -4]]);
 * const norms = ["fro" as const, "nuc" as const, 1, 2].map((ord) =>
 *   linalg.matrixNorm(a, ord).item()
 * );
 * assertEquals(norms, [5, 7, 4, 4]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_norm.html
 *
 * @throws LinAlgError for NaN or infinity where singular values are taken.
 * @throws RangeError for vectors, axes that there are not and other orders;
 * TypeError for other dtypes.
 */
export function matrixNorm(
  a: Tensor,
  ord: MatrixOrder = "fro",
  { dim = [-2, -1], keepdim = false, dtype }: MatrixNormOptions = {},
): Tensor {
  requireMatrices("matrixNorm", a);
  const axes = dim.map((axis) => checkAxis("linalg.matrixNorm", axis, a.ndim));
  const [rows, columns] = axes as [number, number];
  if (rows === columns) {
    throw new RangeError(
      `linalg.matrixNorm() got dim ${rows} for both rows and columns`,
    );
  }
  const others = a.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...others, rows, columns];
  const matrices = computedIn("matrixNorm", a, dtype).permute(order);
  const norms = normOf(matrices, ord);
  if (!keepdim) return norms.squeeze([-2, -1]);
  return norms.permute(order.map((_, axis) => order.indexOf(axis)));
}

/** Options of {@linkcode norm}. */
export interface NormOptions {
  /** One axis: norms of vectors; two: of matrices. Default all. */
  dim?: number | readonly number[] | null;
  /** Whether those axes stay, with size 1. Default `false`. */
  keepdim?: boolean;
  /** The dtype to compute in. Default the tensor's. */
  dtype?: DType | null;
}

/**
 * {@linkcode matrixNorm} for two axes or a matrix, {@linkcode vectorNorm} for
 * one or a vector; without `ord` the 2-norm of all elements of these axes.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linalg.norm(tensor([3, 4])).item(), 5);
 * assertEquals(linalg.norm(tensor([[1, 5], [2, 1]]), 1).item(), 6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.norm.html
 *
 * @throws RangeError for other numbers of axes where there is an order;
 * TypeError for other dtypes.
 */
export function norm(
  x: Tensor,
  ord: MatrixOrder | null = null,
  { dim = null, ...rest }: NormOptions = {},
): Tensor {
  if (ord === null) return vectorNorm(x, 2, { dim, ...rest });
  const axes = dim === null
    ? x.shape.map((_, i) => i)
    : typeof dim === "number"
    ? [dim]
    : dim;
  if (axes.length === 2) {
    const [rows, columns] = axes as [number, number];
    return matrixNorm(x, ord, { dim: [rows, columns], ...rest });
  }
  if (axes.length !== 1 || typeof ord === "string") {
    throw new RangeError(
      `linalg.norm() of order ${ord} got ${axes.length} axes of shape ${
        formatShape(x.shape)
      }, expected ${typeof ord === "string" ? "2" : "1 or 2"}`,
    );
  }
  return vectorNorm(x, ord, { dim: axes, ...rest });
}

/**
 * The condition of matrices: the largest singular value over the smallest, or
 * for another order |A| |A⁻¹|. `[..., m, n]`, square for orders but null, 2
 * and -2, to `[...]`: infinite for a singular matrix, 0 without elements.
 * float32 or float64, with gradients.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const a = tensor([[4, 0], [0, 2]]);
 * assertEquals(linalg.cond(a).item(), 2);
 * assertEquals(linalg.cond(a, -2).item(), 0.5);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.cond.html
 *
 * @throws LinAlgError for NaN or infinity where singular values are taken.
 * @throws RangeError unless square where an order needs it, and for other
 * orders; TypeError for other dtypes.
 */
export function cond(a: Tensor, ord: MatrixOrder | null = null): Tensor {
  const { batch, m, n } = requireMatrices("cond", a);
  if (ord === null || ord === 2 || ord === -2) {
    if (m === 0 || n === 0) return zeros(batch, { dtype: a.dtype });
    const values = svdvals(a);
    const first = values.select(-1, 0), last = values.select(-1, -1);
    return ord === -2 ? last.div(first) : first.div(last);
  }
  requireSquare("cond", a);
  if (n === 0) return zeros(batch, { dtype: a.dtype });
  // The determinant itself may underflow where there is an inverse.
  const singular = noGrad(() => slogdet(a).sign.eq(0));
  if (singular.any().item() !== 1) return productOfNorms(a, ord);
  const spread = singular.unsqueeze(-1).unsqueeze(-1);
  const regular = where(spread, identity(n, a.dtype), a);
  return where(singular, Infinity, productOfNorms(regular, ord));
}

function productOfNorms(a: Tensor, ord: MatrixOrder): Tensor {
  return matrixNorm(a, ord).mul(matrixNorm(inverseOrInfinity(a), ord));
}
