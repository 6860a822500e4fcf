/** The tensor's methods for arithmetic and elementary functions. */

import * as binary from "../ops/binary.ts";
import * as bounds from "../ops/clamp.ts";
import * as division from "../ops/division.ts";
import type { DivOptions } from "../ops/division.ts";
import * as ternary from "../ops/ternary.ts";
import type { AddcOptions } from "../ops/ternary.ts";
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

  /**
   * Quotient, elementwise with broadcasting; integers become float32, unless it
   * is rounded.
   */
  div(this: Tensor, other: Tensor | number, options?: DivOptions): Tensor {
    return options === undefined
      ? binary.div(this, other)
      : division.divide(this, other, options);
  }

  /**
   * Quotient rounded down, elementwise with broadcasting; no gradient flows.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.floor_divide.html
   *
   * @throws RangeError when an int32 is divided by 0.
   */
  floorDivide(this: Tensor, other: Tensor | number): Tensor {
    return division.floorDivide(this, other);
  }

  /**
   * What division leaves, with the divisor's sign: Python's `%`.
   *
   * ```ts
   * import { tensor } from "@fdunn/tensor";
   * import { assertEquals } from "@std/assert";
   *
   * assertEquals(tensor([-5, 5]).remainder(3).toArray(), [1, 2]);
   * ```
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.remainder.html
   *
   * @throws RangeError when an int32 is divided by 0.
   */
  remainder(this: Tensor, other: Tensor | number): Tensor {
    return division.remainder(this, other);
  }

  /**
   * What division leaves, with the dividend's sign, exact: JavaScript's `%`.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.fmod.html
   *
   * @throws RangeError when an int32 is divided by 0.
   */
  fmod(this: Tensor, other: Tensor | number): Tensor {
    return division.fmod(this, other);
  }

  /**
   * Power, elementwise with broadcasting; int32 stays int32 and wraps.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.pow.html
   *
   * @throws RangeError for a negative power of integers.
   */
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

  /** The angle of the point `(x, this)`, from -π to π. */
  atan2(this: Tensor, x: Tensor | number): Tensor {
    return binary.atan2(this, x);
  }

  /**
   * `this + weight (end - this)`, elementwise with broadcasting.
   *
   * Weights of 0 and 1 give the ends exactly. float32 or float64.
   *
   * ```ts
   * import { tensor } from "@fdunn/tensor";
   * import { assertEquals } from "@std/assert";
   *
   * assertEquals(tensor([0, 2]).lerp(tensor([4, 4]), 0.25).toArray(), [1, 2.5]);
   * ```
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.lerp.html
   */
  lerp(this: Tensor, end: Tensor, weight: Tensor | number): Tensor {
    return ternary.lerp(this, end, weight);
  }

  /** `this + value a b`, elementwise with broadcasting. */
  addcmul(this: Tensor, a: Tensor, b: Tensor, options?: AddcOptions): Tensor {
    return ternary.addcmul(this, a, b, options);
  }

  /** `this + value a / b`, elementwise with broadcasting. */
  addcdiv(this: Tensor, a: Tensor, b: Tensor, options?: AddcOptions): Tensor {
    return ternary.addcdiv(this, a, b, options);
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

  /** 2^x, exact for whole numbers. */
  exp2(this: Tensor): Tensor {
    return unary.exp2(this);
  }

  /** Logarithm of base 2: one of base e, scaled, so that 8 may give 2.9999998. */
  log2(this: Tensor): Tensor {
    return unary.log2(this);
  }

  /** Logarithm of base 10: one of base e, scaled. */
  log10(this: Tensor): Tensor {
    return unary.log10(this);
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

  /** Arcsine, from -π/2 to π/2; NaN beyond 1. */
  asin(this: Tensor): Tensor {
    return unary.asin(this);
  }

  /** Arccosine, from 0 to π; NaN beyond 1. */
  acos(this: Tensor): Tensor {
    return unary.acos(this);
  }

  /** Arctangent, from -π/2 to π/2. */
  atan(this: Tensor): Tensor {
    return unary.atan(this);
  }

  /** Hyperbolic sine. */
  sinh(this: Tensor): Tensor {
    return unary.sinh(this);
  }

  /** Hyperbolic cosine. */
  cosh(this: Tensor): Tensor {
    return unary.cosh(this);
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

  /** The integer next to it on the side of 0; no gradient flows. */
  trunc(this: Tensor): Tensor {
    return unary.trunc(this);
  }

  /**
   * Kept between bounds, numbers or tensors that broadcast; null leaves a side
   * open, and `max` wins where they cross.
   *
   * No gradient flows where a number bounds, also not at it; a tensor shares
   * the gradient with what it equals.
   *
   * ```ts
   * import { tensor } from "@fdunn/tensor";
   * import { assertEquals } from "@std/assert";
   *
   * const x = tensor([-2, 0.5, 3]);
   * assertEquals(x.clamp(0, 1).toArray(), [0, 0.5, 1]);
   * assertEquals(x.clamp(null, tensor([1, 0, 1])).toArray(), [-2, 0, 1]);
   * ```
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.clamp.html
   *
   * @throws RangeError without any bound, and when a bound is NaN.
   */
  clamp(
    this: Tensor,
    min: Tensor | number | null,
    max: Tensor | number | null = null,
  ): Tensor {
    return bounds.clamp(this, min, max);
  }
}
