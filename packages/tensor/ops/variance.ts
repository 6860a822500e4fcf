/** Variance and standard deviation. */

import { requireFloat } from "../dtype.ts";
import { checkAxes } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Dims, ReduceOptions } from "./reduce.ts";
import { where } from "./where.ts";

/** Options of a variance. */
export interface VarOptions extends ReduceOptions {
  /** Divide by n - correction. Default 1 (Bessel's correction). */
  correction?: number;
}

/** The variance, and the mean with its axes kept. */
function moments(
  name: string,
  x: Tensor,
  dims: Dims | undefined,
  options: VarOptions | undefined,
): [variance: Tensor, mean: Tensor] {
  requireFloat(name, x.dtype);
  const axes = checkAxes(name, dims, x.shape.length);
  const n = axes.reduce((size, axis) => size * x.shape[axis]!, 1);
  const mean = x.mean(axes, { keepdim: true });
  const keepdim = options?.keepdim ?? false;
  const squares = x.sub(mean).square().sum(axes, { keepdim });
  const divisor = Math.max(0, n - (options?.correction ?? 1));
  return [squares.mul(1 / divisor), mean];
}

/** See {@linkcode Tensor.var}. */
export function variance(x: Tensor, dims?: Dims, options?: VarOptions): Tensor {
  return moments("var", x, dims, options)[0];
}

/** See {@linkcode Tensor.std}. */
export function std(x: Tensor, dims?: Dims, options?: VarOptions): Tensor {
  return rootOf(moments("std", x, dims, options)[0], (v) => v.sqrt());
}

/** See {@linkcode Tensor.varMean}. */
export function varMean(
  x: Tensor,
  dims?: Dims,
  options?: VarOptions,
): [variance: Tensor, mean: Tensor] {
  const [variance, mean] = moments("varMean", x, dims, options);
  return [variance, mean.reshape(variance.shape)];
}

/** See {@linkcode Tensor.stdMean}. */
export function stdMean(
  x: Tensor,
  dims?: Dims,
  options?: VarOptions,
): [std: Tensor, mean: Tensor] {
  const [variance, mean] = moments("stdMean", x, dims, options);
  const root = rootOf(variance, (v) => v.sqrt());
  return [root, mean.reshape(variance.shape)];
}

/**
 * A root, with the gradient 0 where PyTorch has it: at 0, where the slope is
 * infinite and what comes behind it is 0.
 */
export function rootOf(x: Tensor, root: (x: Tensor) => Tensor): Tensor {
  if (!x.requiresGrad) return root(x);
  const zero = x.eq(0);
  return where(zero, 0, root(where(zero, 1, x)));
}
