/** The logarithm of a sum of exponentials. */

import { isFloat } from "../dtype.ts";
import { noGrad } from "../grad_mode.ts";
import { checkAxes, reducedShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Dims, ReduceOptions } from "./reduce.ts";
import { where } from "./where.ts";

/** See {@linkcode Tensor.logsumexp}. */
export function logsumexp(
  x: Tensor,
  dims: Dims,
  options?: ReduceOptions,
): Tensor {
  if (!isFloat(x.dtype)) return logsumexp(x.to("float32"), dims, options);
  const axes = checkAxes("logsumexp", dims, x.shape.length);
  if (x.size === 0) return x.exp().sum(axes, options).log();
  const max = noGrad(() => {
    const largest = x.amax(axes, { keepdim: true });
    // Infinities need no help, and would make NaN of their difference.
    return where(largest.abs().eq(Infinity), 0, largest);
  });
  const sum = x.sub(max).exp().sum(axes, { keepdim: true });
  const result = sum.log().add(max);
  if (options?.keepdim === true) return result;
  return result.reshape(reducedShape(x.shape, axes, false));
}
