/** The tensor's methods for comparison and logic. */

import * as compare from "../ops/compare.ts";
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

  /** For a bool tensor: `a` where true, `b` elsewhere. */
  where(this: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
    return compare.where(this, a, b);
  }
}
