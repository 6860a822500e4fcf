/** The tensor's methods for products of matrices. */

import { matmul } from "../ops/matmul.ts";
import * as products from "../ops/matrix_products.ts";
import type { AddmmOptions } from "../ops/matrix_products.ts";
import { inner } from "../ops/tensordot.ts";
import type { Tensor } from "../tensor.ts";
import { ReductionMethods } from "./reduction.ts";

/** Products of vectors, matrices and batches of them. */
export abstract class LinearAlgebraMethods extends ReductionMethods {
  /** Matrix product of vectors, matrices or batches of them: `[..., m, k]` by `[..., k, n]`. */
  matmul(this: Tensor, other: Tensor): Tensor {
    return matmul(this, other);
  }

  /**
   * {@linkcode matmul} of two matrices: `[n, m]` by `[m, p]`.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.mm.html
   *
   * @throws RangeError for other ranks, or inner sizes that differ.
   */
  mm(this: Tensor, other: Tensor): Tensor {
    return products.mm(this, other);
  }

  /**
   * {@linkcode matmul} of as many matrices on both sides: `[b, n, m]` by
   * `[b, m, p]`.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.bmm.html
   *
   * @throws RangeError for other ranks, or sizes that differ.
   */
  bmm(this: Tensor, other: Tensor): Tensor {
    return products.bmm(this, other);
  }

  /**
   * {@linkcode matmul} of a matrix and a vector: `[n, m]` by `[m]`.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.mv.html
   *
   * @throws RangeError for other ranks, or sizes that differ.
   */
  mv(this: Tensor, other: Tensor): Tensor {
    return products.mv(this, other);
  }

  /**
   * The sum of the products of two vectors' elements: a scalar.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.dot.html
   *
   * @throws RangeError for other ranks, or sizes that differ.
   */
  dot(this: Tensor, other: Tensor): Tensor {
    return products.dot(this, other);
  }

  /**
   * All products of two vectors' elements: `[n]` and `[m]` to `[n, m]`.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.outer.html
   *
   * @throws RangeError for other ranks.
   */
  outer(this: Tensor, other: Tensor): Tensor {
    return products.outer(this, other);
  }

  /**
   * The dot products of all rows of both: `[..., k]` and `[..., k]` to the
   * first one's axes before the last, then the second one's.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.inner.html
   *
   * @throws RangeError when the last sizes differ.
   */
  inner(this: Tensor, other: Tensor): Tensor {
    return inner(this, other);
  }

  /**
   * `beta x + alpha a b` for matrices a `[n, m]` and b `[m, p]`; x stretches
   * to `[n, p]`.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.addmm.html
   *
   * @throws RangeError for shapes that do not fit.
   */
  addmm(this: Tensor, a: Tensor, b: Tensor, options?: AddmmOptions): Tensor {
    return products.addmm(this, a, b, options);
  }

  /**
   * `beta x + alpha a b` for a matrix a `[n, m]` and a vector b `[m]`; x
   * stretches to `[n]`.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.addmv.html
   *
   * @throws RangeError for shapes that do not fit.
   */
  addmv(this: Tensor, a: Tensor, b: Tensor, options?: AddmmOptions): Tensor {
    return products.addmv(this, a, b, options);
  }

  /**
   * `beta x + alpha Σ a[i] b[i]` for batches a `[b, n, m]` and b `[b, m, p]`;
   * x stretches to `[n, p]`.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.addbmm.html
   *
   * @throws RangeError for shapes that do not fit.
   */
  addbmm(this: Tensor, a: Tensor, b: Tensor, options?: AddmmOptions): Tensor {
    return products.addbmm(this, a, b, options);
  }

  /**
   * `beta x + alpha a b` for batches a `[b, n, m]` and b `[b, m, p]`; x
   * stretches to `[b, n, p]`.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.baddbmm.html
   *
   * @throws RangeError for shapes that do not fit.
   */
  baddbmm(this: Tensor, a: Tensor, b: Tensor, options?: AddmmOptions): Tensor {
    return products.baddbmm(this, a, b, options);
  }

  /**
   * Kronecker's product: for each element of the tensor a block, `other` times
   * that element.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.kron.html
   */
  kron(this: Tensor, other: Tensor): Tensor {
    return products.kron(this, other);
  }

  /**
   * The cross product of vectors of three elements along an axis, with
   * broadcasting. (The last axis by default, as in `torch.linalg.cross`.)
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.cross.html
   *
   * @throws RangeError when the axis has not three elements.
   */
  cross(this: Tensor, other: Tensor, dim = -1): Tensor {
    return products.cross(this, other, dim);
  }
}
