/** Which elements are not ordinary numbers, and which tensors are equal. */

import { isFloat, requireComputing } from "../dtype.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { where } from "./where.ts";

/** See {@linkcode Tensor.isnan}. */
export function isnan(x: Tensor): Tensor {
  requireComputing("isnan", x.dtype);
  return x.ne(x);
}

/** See {@linkcode Tensor.isinf}. */
export function isinf(x: Tensor): Tensor {
  requireComputing("isinf", x.dtype);
  return isFloat(x.dtype) ? x.abs().eq(Infinity) : x.ne(x);
}

/** See {@linkcode Tensor.isfinite}. */
export function isfinite(x: Tensor): Tensor {
  requireComputing("isfinite", x.dtype);
  return isFloat(x.dtype) ? x.abs().lt(Infinity) : x.eq(x);
}

/** Options of {@linkcode Tensor.nanToNum}. */
export interface NanToNumOptions {
  /** Stands for NaN. Default 0. */
  nan?: number;
  /** Stands for infinity. Default: the largest number of the dtype. */
  posinf?: number;
  /** Stands for minus infinity. Default: the lowest number of the dtype. */
  neginf?: number;
}

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** See {@linkcode Tensor.nanToNum}. */
export function nanToNum(x: Tensor, options: NanToNumOptions = {}): Tensor {
  requireComputing("nanToNum", x.dtype);
  if (!isFloat(x.dtype)) return x.clone();
  const largest = x.dtype === "float32" ? LARGEST_FLOAT32 : Number.MAX_VALUE;
  const { nan = 0, posinf = largest, neginf = -largest } = options;
  const y = where(isnan(x), nan, x);
  return where(x.eq(-Infinity), neginf, where(x.eq(Infinity), posinf, y));
}

/** Options of {@linkcode Tensor.isclose} and {@linkcode Tensor.allclose}. */
export interface CloseOptions {
  /** Tolerance relative to the other value. Default 1e-5. */
  rtol?: number;
  /** Absolute tolerance. Default 1e-8. */
  atol?: number;
  /** Whether two NaN are close. Default `false`. */
  equalNan?: boolean;
}

/** See {@linkcode Tensor.isclose}. */
export function isclose(
  a: Tensor,
  b: Tensor,
  { rtol = 1e-5, atol = 1e-8, equalNan = false }: CloseOptions = {},
): Tensor {
  if (!(rtol >= 0) || !(atol >= 0)) {
    throw new RangeError(
      `isclose() got rtol ${rtol} and atol ${atol}, expected at least 0`,
    );
  }
  const near = a.sub(b).abs().le(b.abs().mul(rtol).add(atol));
  const close = a.eq(b).logicalOr(near.logicalAnd(isfinite(b)));
  return equalNan ? close.logicalOr(isnan(a).logicalAnd(isnan(b))) : close;
}

/** See {@linkcode Tensor.allclose}. */
export function allclose(
  a: Tensor,
  b: Tensor,
  options?: CloseOptions,
): boolean {
  return isclose(a, b, options).all().item() !== 0;
}

/** See {@linkcode Tensor.equal}. */
export function equal(a: Tensor, b: Tensor): boolean {
  return sameShape(a.shape, b.shape) && a.eq(b).all().item() !== 0;
}
