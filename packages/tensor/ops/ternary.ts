/** Elementwise arithmetic of three tensors. */

import { requireFloat } from "../dtype.ts";
import type { Tensor } from "../tensor.ts";
import { where } from "./where.ts";

/** Options of {@linkcode Tensor.addcmul} and {@linkcode Tensor.addcdiv}. */
export interface AddcOptions {
  /** A factor of what is added. Default 1. */
  value?: number;
}

/** See {@linkcode Tensor.lerp}. */
export function lerp(
  start: Tensor,
  end: Tensor,
  weight: Tensor | number,
): Tensor {
  requireFloat("lerp", start.dtype);
  requireFloat("lerp", end.dtype);
  const way = end.sub(start);
  // From the nearer end, so that weights of 0 and 1 give the ends exactly.
  if (typeof weight === "number") {
    return Math.abs(weight) < 0.5
      ? start.add(way.mul(weight))
      : end.sub(way.mul(1 - weight));
  }
  requireFloat("lerp", weight.dtype);
  return where(
    weight.abs().lt(0.5),
    start.add(way.mul(weight)),
    end.sub(way.mul(weight.neg().add(1))),
  );
}

/** See {@linkcode Tensor.addcmul}. */
export function addcmul(
  x: Tensor,
  a: Tensor,
  b: Tensor,
  { value = 1 }: AddcOptions = {},
): Tensor {
  const product = a.mul(b);
  return x.add(value === 1 ? product : product.mul(value));
}

/** See {@linkcode Tensor.addcdiv}. */
export function addcdiv(
  x: Tensor,
  a: Tensor,
  b: Tensor,
  { value = 1 }: AddcOptions = {},
): Tensor {
  const quotient = a.div(b);
  return x.add(value === 1 ? quotient : quotient.mul(value));
}
