/** Norms of vectors: the whole tensor's, or along axes. */

import { requireFloat } from "../dtype.ts";
import { checkAxes } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Dims, ReduceOptions } from "./reduce.ts";
import { rootOf } from "./variance.ts";
import { where } from "./where.ts";

/** See {@linkcode Tensor.norm}. */
export function norm(
  x: Tensor,
  p: number,
  dims?: Dims,
  options?: ReduceOptions,
): Tensor {
  requireFloat("norm", x.dtype);
  if (Number.isNaN(p)) {
    throw new RangeError("norm() got p NaN, expected a number");
  }
  const axes = checkAxes("norm", dims, x.shape.length);
  switch (p) {
    case 0:
      return x.ne(0).sum(axes, options).to(x.dtype);
    case 1:
      return x.abs().sum(axes, options);
    case 2:
      return rootOf(x.square().sum(axes, options), (v) => v.sqrt());
    case Infinity:
      return x.abs().amax(axes, options);
    case -Infinity:
      return x.abs().amin(axes, options);
    default: {
      const sum = powers(x, p).sum(axes, options);
      return rootOf(sum, (v) => v.pow(1 / p));
    }
  }
}

/** |x|^p, with the gradient 0 at 0, where the slope may be infinite. */
function powers(x: Tensor, p: number): Tensor {
  if (!x.requiresGrad) return x.abs().pow(p);
  const zero = x.eq(0);
  return where(zero, p > 0 ? 0 : Infinity, where(zero, 1, x).abs().pow(p));
}
