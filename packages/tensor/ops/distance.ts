/** How alike or far apart vectors are. */

import { requireFloat } from "../dtype.ts";
import { noGrad } from "../grad_mode.ts";
import { requireOption } from "../option_check.ts";
import { broadcastShapes, checkAxis, formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { meet } from "./cast.ts";
import { rootOf } from "./variance.ts";
import { where } from "./where.ts";

/** Options of {@linkcode cosineSimilarity}. */
export interface CosineSimilarityOptions {
  /** The axis of the vectors' elements. Default 1. */
  dim?: number;
  /** The least length that a vector counts with. Default 1e-8. */
  eps?: number;
}

/**
 * The cosine of the angle between vectors: `a b / (max(|a|, eps) max(|b|,
 * eps))`, with broadcasting. As in PyTorch what a length lacks to eps is no part
 * of the gradient.
 *
 * Shapes: a and b broadcast together; the result lacks axis `dim`. float32 or
 * float64.
 *
 * ```ts
 * import { cosineSimilarity, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = [tensor([[3, 4], [1, 0]]), tensor([[6, 8], [0, 2]])];
 * assertEquals(cosineSimilarity(a, b).toArray(), [1, 0]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cosine_similarity.html
 *
 * @throws RangeError for shapes that do not broadcast, TypeError for other
 * dtypes.
 */
export function cosineSimilarity(
  a: Tensor,
  b: Tensor,
  options: CosineSimilarityOptions = {},
): Tensor {
  const { dim = 1, eps = 1e-8 } = options;
  const op = "cosineSimilarity";
  requireOption(`${op}()`, "eps", eps, eps > 0, "more than 0");
  const [x, y] = a.dtype === b.dtype ? [a, b] : meet(op, a, b);
  requireFloat(op, x.dtype);
  const shape = broadcastShapes(op, x.shape, y.shape);
  const axis = checkAxis(op, dim, shape.length) - shape.length;
  const unit = (v: Tensor) => {
    const length = v.norm(2, axis, { keepdim: true });
    const missing = noGrad(() => length.clamp(eps, null).sub(length));
    return v.div(length.add(missing));
  };
  return unit(x.expand(shape)).mul(unit(y.expand(shape))).sum(axis);
}

/** Options of {@linkcode cdist}. */
export interface CdistOptions {
  /** The norm: 1, 2, any positive number, Infinity. Default 2. */
  p?: number;
}

/** Rows from which on PyTorch, and so this, takes distances from products. */
const MANY_ROWS = 25;

/**
 * The distance of each row of `a` to each row of `b`: `(Σ |a - b|^p)^(1/p)`.
 *
 * For p = 2 and more than 25 rows it is computed by way of a product,
 * `|a|² + |b|² - 2 a b`, which costs digits where rows are close.
 *
 * Shapes: a `[..., n, d]`, b `[..., m, d]`, whose first axes broadcast; result
 * `[..., n, m]`. float32 or float64.
 *
 * ```ts
 * import { cdist, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const distances = cdist(tensor([[0, 0], [3, 0]]), tensor([[3, 4]]));
 * assertEquals(distances.toArray(), [[5], [4]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.cdist.html
 *
 * @throws RangeError for shapes that do not fit, TypeError for other dtypes.
 */
export function cdist(
  a: Tensor,
  b: Tensor,
  options: CdistOptions = {},
): Tensor {
  const { p = 2 } = options;
  requireOption("cdist()", "p", p, p > 0, "more than 0");
  const fits = a.ndim >= 2 && b.ndim >= 2 && a.shape.at(-1) === b.shape.at(-1);
  if (!fits) {
    throw new RangeError(
      `cdist() got ${formatShape(a.shape)} and ${
        formatShape(b.shape)
      }, expected [..., n, d] and [..., m, d]`,
    );
  }
  const [x, y] = a.dtype === b.dtype ? [a, b] : meet("cdist", a, b);
  requireFloat("cdist", x.dtype);
  const many = x.shape.at(-2)! > MANY_ROWS || y.shape.at(-2)! > MANY_ROWS;
  if (p === 2 && many) {
    const squares = (v: Tensor) => v.square().sum(-1, { keepdim: true });
    const products = x.matmul(y.transpose(-2, -1)).mul(-2);
    const sums = squares(x).add(squares(y).transpose(-2, -1));
    return rootOf(products.add(sums).clamp(0), (v) => v.sqrt());
  }
  const difference = x.unsqueeze(-2).sub(y.unsqueeze(-3)).abs();
  if (p === Infinity) return difference.amax(-1);
  if (p === 1) return difference.sum(-1);
  if (p === 2) return rootOf(difference.square().sum(-1), (v) => v.sqrt());
  return rootOf(power(difference, p).sum(-1), (v) => v.pow(1 / p));
}

/** x^p, and where x is 0 neither NaN nor an infinite slope. */
function power(x: Tensor, p: number): Tensor {
  return where(x.eq(0), 0, where(x.eq(0), 1, x).pow(p));
}
