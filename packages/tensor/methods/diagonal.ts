/** The tensor's methods for diagonals and triangles of matrices. */

import * as diagonal from "../ops/diagonal.ts";
import type { DiagonalOptions } from "../ops/diagonal.ts";
import type { Tensor } from "../tensor.ts";
import { LogicMethods } from "./logic.ts";

/** Diagonals and triangles of matrices, counted from the main diagonal: 0. */
export abstract class DiagonalMethods extends LogicMethods {
  /**
   * The diagonal of the matrices in two axes, as a view: `[n, m]` to
   * `[min(n, m)]`, with all other axes before it. Offsets above 0 lie to the
   * right.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.diagonal.html
   */
  diagonal(this: Tensor, offset = 0, options?: DiagonalOptions): Tensor {
    return diagonal.diagonal(this, offset, options);
  }

  /**
   * A vector as the diagonal of a square matrix, or a copy of a matrix's
   * diagonal.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.diag.html
   */
  diag(this: Tensor, offset = 0): Tensor {
    return diagonal.diag(this, offset);
  }

  /** The sum of a matrix's main diagonal. */
  trace(this: Tensor): Tensor {
    return diagonal.trace(this);
  }

  /**
   * The upper triangle of matrices `[..., n, m]`, with the diagonal; zeros
   * below. Offsets above 0 leave out diagonals, those below 0 add some.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.triu.html
   */
  triu(this: Tensor, offset = 0): Tensor {
    return diagonal.triu(this, offset);
  }

  /**
   * The lower triangle of matrices `[..., n, m]`, with the diagonal; zeros
   * above. Offsets below 0 leave out diagonals, those above 0 add some.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.tril.html
   */
  tril(this: Tensor, offset = 0): Tensor {
    return diagonal.tril(this, offset);
  }
}
