/** The tensor's methods for products of matrices. */

import { matmul } from "../ops/matmul.ts";
import type { Tensor } from "../tensor.ts";
import { ReductionMethods } from "./reduction.ts";

/** Products of vectors, matrices and batches of them. */
export abstract class LinearAlgebraMethods extends ReductionMethods {
  /** Matrix product of vectors, matrices or batches of them: `[..., m, k]` by `[..., k, n]`. */
  matmul(this: Tensor, other: Tensor): Tensor {
    return matmul(this, other);
  }
}
