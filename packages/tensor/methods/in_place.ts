/** The tensor's methods that write into it. */

import * as activation from "../ops/activation.ts";
import * as binary from "../ops/binary.ts";
import * as bounds from "../ops/clamp.ts";
import * as classify from "../ops/classify.ts";
import type { NanToNumOptions } from "../ops/classify.ts";
import * as compare from "../ops/compare.ts";
import * as division from "../ops/division.ts";
import * as fill from "../ops/fill.ts";
import { inPlace } from "../ops/in_place.ts";
import * as ternary from "../ops/ternary.ts";
import type { AddcOptions } from "../ops/ternary.ts";
import * as unary from "../ops/unary.ts";
import * as choice from "../ops/where.ts";
import type { Tensor } from "../tensor.ts";
import { IndexInPlaceMethods } from "./index_in_place.ts";

/**
 * In place: the shape and the dtype stay. Refused where autograd would need
 * the old values: in tensors that require grad, outside of `noGrad()`.
 */
export abstract class InPlaceMethods extends IndexInPlaceMethods {
  /** In-place {@linkcode add}. */
  add_<T extends Tensor>(this: T, other: Tensor | number): T {
    fill.arithmeticInPlace("add", this, other);
    return this;
  }

  /** In-place {@linkcode sub}. */
  sub_<T extends Tensor>(this: T, other: Tensor | number): T {
    fill.arithmeticInPlace("sub", this, other);
    return this;
  }

  /** In-place {@linkcode mul}. */
  mul_<T extends Tensor>(this: T, other: Tensor | number): T {
    fill.arithmeticInPlace("mul", this, other);
    return this;
  }

  /** In-place {@linkcode div}. */
  div_<T extends Tensor>(this: T, other: Tensor | number): T {
    fill.arithmeticInPlace("div", this, other);
    return this;
  }

  /** Sets every element. */
  fill_<T extends Tensor>(this: T, value: number): T {
    fill.fillInPlace(this, value);
    return this;
  }

  /** Sets every element to 0. */
  zero_<T extends Tensor>(this: T): T {
    fill.fillInPlace(this, 0);
    return this;
  }

  /** Copies another tensor's elements, broadcast and converted. */
  copy_<T extends Tensor>(this: T, source: Tensor): T {
    fill.copyInPlace(this, source);
    return this;
  }

  /** In-place {@linkcode abs}. */
  abs_<T extends Tensor>(this: T): T {
    return inPlace("abs_", unary.abs, this);
  }

  /** In-place {@linkcode neg}. */
  neg_<T extends Tensor>(this: T): T {
    return inPlace("neg_", unary.neg, this);
  }

  /** In-place {@linkcode sign}. */
  sign_<T extends Tensor>(this: T): T {
    return inPlace("sign_", unary.sign, this);
  }

  /** In-place {@linkcode square}. */
  square_<T extends Tensor>(this: T): T {
    return inPlace("square_", unary.square, this);
  }

  /** In-place {@linkcode exp}. */
  exp_<T extends Tensor>(this: T): T {
    return inPlace("exp_", unary.exp, this);
  }

  /** In-place {@linkcode expm1}. */
  expm1_<T extends Tensor>(this: T): T {
    return inPlace("expm1_", unary.expm1, this);
  }

  /** In-place {@linkcode exp2}. */
  exp2_<T extends Tensor>(this: T): T {
    return inPlace("exp2_", unary.exp2, this);
  }

  /** In-place {@linkcode log}. */
  log_<T extends Tensor>(this: T): T {
    return inPlace("log_", unary.log, this);
  }

  /** In-place {@linkcode log1p}. */
  log1p_<T extends Tensor>(this: T): T {
    return inPlace("log1p_", unary.log1p, this);
  }

  /** In-place {@linkcode log2}. */
  log2_<T extends Tensor>(this: T): T {
    return inPlace("log2_", unary.log2, this);
  }

  /** In-place {@linkcode log10}. */
  log10_<T extends Tensor>(this: T): T {
    return inPlace("log10_", unary.log10, this);
  }

  /** In-place {@linkcode sqrt}. */
  sqrt_<T extends Tensor>(this: T): T {
    return inPlace("sqrt_", unary.sqrt, this);
  }

  /** In-place {@linkcode rsqrt}. */
  rsqrt_<T extends Tensor>(this: T): T {
    return inPlace("rsqrt_", unary.rsqrt, this);
  }

  /** In-place {@linkcode reciprocal}. */
  reciprocal_<T extends Tensor>(this: T): T {
    return inPlace("reciprocal_", unary.reciprocal, this);
  }

  /** In-place {@linkcode sin}. */
  sin_<T extends Tensor>(this: T): T {
    return inPlace("sin_", unary.sin, this);
  }

  /** In-place {@linkcode cos}. */
  cos_<T extends Tensor>(this: T): T {
    return inPlace("cos_", unary.cos, this);
  }

  /** In-place {@linkcode tan}. */
  tan_<T extends Tensor>(this: T): T {
    return inPlace("tan_", unary.tan, this);
  }

  /** In-place {@linkcode asin}. */
  asin_<T extends Tensor>(this: T): T {
    return inPlace("asin_", unary.asin, this);
  }

  /** In-place {@linkcode acos}. */
  acos_<T extends Tensor>(this: T): T {
    return inPlace("acos_", unary.acos, this);
  }

  /** In-place {@linkcode atan}. */
  atan_<T extends Tensor>(this: T): T {
    return inPlace("atan_", unary.atan, this);
  }

  /** In-place {@linkcode sinh}. */
  sinh_<T extends Tensor>(this: T): T {
    return inPlace("sinh_", unary.sinh, this);
  }

  /** In-place {@linkcode cosh}. */
  cosh_<T extends Tensor>(this: T): T {
    return inPlace("cosh_", unary.cosh, this);
  }

  /** In-place {@linkcode erf}. */
  erf_<T extends Tensor>(this: T): T {
    return inPlace("erf_", unary.erf, this);
  }

  /** In-place {@linkcode floor}. */
  floor_<T extends Tensor>(this: T): T {
    return inPlace("floor_", unary.floor, this);
  }

  /** In-place {@linkcode ceil}. */
  ceil_<T extends Tensor>(this: T): T {
    return inPlace("ceil_", unary.ceil, this);
  }

  /** In-place {@linkcode round}. */
  round_<T extends Tensor>(this: T): T {
    return inPlace("round_", unary.round, this);
  }

  /** In-place {@linkcode trunc}. */
  trunc_<T extends Tensor>(this: T): T {
    return inPlace("trunc_", unary.trunc, this);
  }

  /** In-place {@linkcode relu}. */
  relu_<T extends Tensor>(this: T): T {
    return inPlace("relu_", activation.relu, this);
  }

  /** In-place {@linkcode sigmoid}. */
  sigmoid_<T extends Tensor>(this: T): T {
    return inPlace("sigmoid_", activation.sigmoid, this);
  }

  /** In-place {@linkcode tanh}. */
  tanh_<T extends Tensor>(this: T): T {
    return inPlace("tanh_", activation.tanh, this);
  }

  /** In-place {@linkcode pow}. */
  pow_<T extends Tensor>(this: T, other: Tensor | number): T {
    return inPlace("pow_", binary.pow, this, other);
  }

  /** In-place {@linkcode atan2}. */
  atan2_<T extends Tensor>(this: T, other: Tensor | number): T {
    return inPlace("atan2_", binary.atan2, this, other);
  }

  /** In-place {@linkcode fmod}. */
  fmod_<T extends Tensor>(this: T, other: Tensor | number): T {
    return inPlace("fmod_", division.fmod, this, other);
  }

  /** In-place {@linkcode remainder}. */
  remainder_<T extends Tensor>(this: T, other: Tensor | number): T {
    return inPlace("remainder_", division.remainder, this, other);
  }

  /** In-place {@linkcode floorDivide}. */
  floorDivide_<T extends Tensor>(this: T, other: Tensor | number): T {
    return inPlace("floorDivide_", division.floorDivide, this, other);
  }

  /** In-place {@linkcode clamp}. */
  clamp_<T extends Tensor>(
    this: T,
    min: Tensor | number | null,
    max: Tensor | number | null = null,
  ): T {
    return inPlace("clamp_", bounds.clamp, this, min, max);
  }

  /** In-place {@linkcode lerp}. */
  lerp_<T extends Tensor>(this: T, end: Tensor, weight: Tensor | number): T {
    return inPlace("lerp_", ternary.lerp, this, end, weight);
  }

  /** In-place {@linkcode addcmul}. */
  addcmul_<T extends Tensor>(
    this: T,
    a: Tensor,
    b: Tensor,
    options?: AddcOptions,
  ): T {
    return inPlace("addcmul_", ternary.addcmul, this, a, b, options);
  }

  /** In-place {@linkcode addcdiv}. */
  addcdiv_<T extends Tensor>(
    this: T,
    a: Tensor,
    b: Tensor,
    options?: AddcOptions,
  ): T {
    return inPlace("addcdiv_", ternary.addcdiv, this, a, b, options);
  }

  /** In-place {@linkcode nanToNum}. */
  nanToNum_<T extends Tensor>(this: T, options?: NanToNumOptions): T {
    return inPlace("nanToNum_", classify.nanToNum, this, options);
  }

  /** In-place {@linkcode maskedFill}. */
  maskedFill_<T extends Tensor>(
    this: T,
    mask: Tensor,
    value: Tensor | number,
  ): T {
    return inPlace("maskedFill_", choice.maskedFill, this, mask, value);
  }

  /** In-place {@linkcode logicalNot}. */
  logicalNot_<T extends Tensor>(this: T): T {
    return inPlace("logicalNot_", compare.logicalNot, this);
  }

  /** In-place {@linkcode logicalAnd}. */
  logicalAnd_<T extends Tensor>(this: T, other: Tensor): T {
    return inPlace("logicalAnd_", compare.logicalAnd, this, other);
  }

  /** In-place {@linkcode logicalOr}. */
  logicalOr_<T extends Tensor>(this: T, other: Tensor): T {
    return inPlace("logicalOr_", compare.logicalOr, this, other);
  }

  /** In-place {@linkcode logicalXor}. */
  logicalXor_<T extends Tensor>(this: T, other: Tensor): T {
    return inPlace("logicalXor_", compare.logicalXor, this, other);
  }
}
