/** The tensor's methods for arithmetic and elementary functions. */

import * as binary from "../ops/binary.ts";
import * as unary from "../ops/unary.ts";
import type { Tensor } from "../tensor.ts";

/** Arithmetic with broadcasting and elementary functions, elementwise. */
export abstract class ArithmeticMethods {
  /** Sum, elementwise with broadcasting. */
  add(this: Tensor, other: Tensor | number): Tensor {
    return binary.add(this, other);
  }

  /** Difference, elementwise with broadcasting. */
  sub(this: Tensor, other: Tensor | number): Tensor {
    return binary.sub(this, other);
  }

  /** Product, elementwise with broadcasting. */
  mul(this: Tensor, other: Tensor | number): Tensor {
    return binary.mul(this, other);
  }

  /** Quotient, elementwise with broadcasting; integers become float32. */
  div(this: Tensor, other: Tensor | number): Tensor {
    return binary.div(this, other);
  }

  /** Power, elementwise with broadcasting. */
  pow(this: Tensor, other: Tensor | number): Tensor {
    return binary.pow(this, other);
  }

  /** Larger of two, elementwise; NaN wins. */
  maximum(this: Tensor, other: Tensor | number): Tensor {
    return binary.maximum(this, other);
  }

  /** Smaller of two, elementwise; NaN wins. */
  minimum(this: Tensor, other: Tensor | number): Tensor {
    return binary.minimum(this, other);
  }

  /** -x. */
  neg(this: Tensor): Tensor {
    return unary.neg(this);
  }

  /** |x|. */
  abs(this: Tensor): Tensor {
    return unary.abs(this);
  }

  /** -1, 0 or 1. */
  sign(this: Tensor): Tensor {
    return unary.sign(this);
  }

  /** x². */
  square(this: Tensor): Tensor {
    return unary.square(this);
  }

  /** e^x. */
  exp(this: Tensor): Tensor {
    return unary.exp(this);
  }

  /** e^x - 1, exact near 0. */
  expm1(this: Tensor): Tensor {
    return unary.expm1(this);
  }

  /** Natural logarithm. */
  log(this: Tensor): Tensor {
    return unary.log(this);
  }

  /** log(1 + x), exact near 0. */
  log1p(this: Tensor): Tensor {
    return unary.log1p(this);
  }

  /** Square root. */
  sqrt(this: Tensor): Tensor {
    return unary.sqrt(this);
  }

  /** 1 / √x. */
  rsqrt(this: Tensor): Tensor {
    return unary.rsqrt(this);
  }

  /** 1 / x. */
  reciprocal(this: Tensor): Tensor {
    return unary.reciprocal(this);
  }

  /** Sine. */
  sin(this: Tensor): Tensor {
    return unary.sin(this);
  }

  /** Cosine. */
  cos(this: Tensor): Tensor {
    return unary.cos(this);
  }

  /** Tangent. */
  tan(this: Tensor): Tensor {
    return unary.tan(this);
  }

  /** Error function. */
  erf(this: Tensor): Tensor {
    return unary.erf(this);
  }

  /** Largest integer not above; no gradient flows. */
  floor(this: Tensor): Tensor {
    return unary.floor(this);
  }

  /** Smallest integer not below; no gradient flows. */
  ceil(this: Tensor): Tensor {
    return unary.ceil(this);
  }

  /** Nearest integer, halves to even; no gradient flows. */
  round(this: Tensor): Tensor {
    return unary.round(this);
  }

  /** Clamped into [lo, hi]. */
  clamp(this: Tensor, lo: number, hi: number): Tensor {
    return unary.clamp(this, lo, hi);
  }
}
