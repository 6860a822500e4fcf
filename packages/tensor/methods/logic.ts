/** The tensor's methods for comparison and logic. */

import * as classify from "../ops/classify.ts";
import type { CloseOptions, NanToNumOptions } from "../ops/classify.ts";
import * as compare from "../ops/compare.ts";
import * as choice from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { ActivationMethods } from "./activation.ts";

/** Comparison and logic: bool results. */
export abstract class LogicMethods extends ActivationMethods {
  /** x = other. */
  eq(this: Tensor, other: Tensor | number): Tensor {
    return compare.eq(this, other);
  }

  /** x ≠ other. */
  ne(this: Tensor, other: Tensor | number): Tensor {
    return compare.ne(this, other);
  }

  /** x < other. */
  lt(this: Tensor, other: Tensor | number): Tensor {
    return compare.lt(this, other);
  }

  /** x ≤ other. */
  le(this: Tensor, other: Tensor | number): Tensor {
    return compare.le(this, other);
  }

  /** x > other. */
  gt(this: Tensor, other: Tensor | number): Tensor {
    return compare.gt(this, other);
  }

  /** x ≥ other. */
  ge(this: Tensor, other: Tensor | number): Tensor {
    return compare.ge(this, other);
  }

  /** Not. */
  logicalNot(this: Tensor): Tensor {
    return compare.logicalNot(this);
  }

  /** And, with broadcasting. */
  logicalAnd(this: Tensor, other: Tensor): Tensor {
    return compare.logicalAnd(this, other);
  }

  /** Or, with broadcasting. */
  logicalOr(this: Tensor, other: Tensor): Tensor {
    return compare.logicalOr(this, other);
  }

  /** Exclusive or, with broadcasting. */
  logicalXor(this: Tensor, other: Tensor): Tensor {
    return compare.logicalXor(this, other);
  }

  /**
   * Its own elements where the bool `condition` is true, those of `other`
   * elsewhere: the function `where(condition, x, other)`.
   *
   * ```ts
   * import { tensor } from "@fdunn/tensor";
   * import { assertEquals } from "@std/assert";
   *
   * const x = tensor([-1, 2, -3]);
   * assertEquals(x.where(x.gt(0), 0).toArray(), [0, 2, 0]);
   * ```
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.where.html
   */
  where(this: Tensor, condition: Tensor, other: Tensor | number): Tensor {
    return choice.where(condition, this, other);
  }

  /**
   * With `value`, a number or a scalar, where the bool `mask` is true; both
   * broadcast. The dtype stays.
   *
   * ```ts
   * import { tensor } from "@fdunn/tensor";
   * import { assertEquals } from "@std/assert";
   *
   * const x = tensor([[1, 2], [3, 4]]);
   * const mask = tensor([true, false]);
   * assertEquals(x.maskedFill(mask, 0).toArray(), [[0, 2], [0, 4]]);
   * ```
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.masked_fill_.html
   *
   * @throws TypeError for a mask that is not bool, RangeError for a value that
   * is no scalar or that the dtype cannot hold.
   */
  maskedFill(this: Tensor, mask: Tensor, value: Tensor | number): Tensor {
    return choice.maskedFill(this, mask, value);
  }

  /** Where it is NaN. */
  isnan(this: Tensor): Tensor {
    return classify.isnan(this);
  }

  /** Where it is infinite, of either sign. */
  isinf(this: Tensor): Tensor {
    return classify.isinf(this);
  }

  /** Where it is neither infinite nor NaN. */
  isfinite(this: Tensor): Tensor {
    return classify.isfinite(this);
  }

  /**
   * With numbers in place of NaN (0) and the infinities (the largest and the
   * lowest of the dtype); no gradient flows there.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.nan_to_num.html
   */
  nanToNum(this: Tensor, options?: NanToNumOptions): Tensor {
    return classify.nanToNum(this, options);
  }

  /**
   * Where `|this - other| <= atol + rtol |other|`, with broadcasting; equal
   * infinities are close.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.isclose.html
   *
   * @throws RangeError for negative tolerances.
   */
  isclose(this: Tensor, other: Tensor, options?: CloseOptions): Tensor {
    return classify.isclose(this, other, options);
  }

  /** Whether all elements are close: see {@linkcode isclose}. */
  allclose(this: Tensor, other: Tensor, options?: CloseOptions): boolean {
    return classify.allclose(this, other, options);
  }

  /** Whether shape and all elements are equal; NaN equals nothing. */
  equal(this: Tensor, other: Tensor): boolean {
    return classify.equal(this, other);
  }
}
