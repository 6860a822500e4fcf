/** The tensor's methods for reductions. */

import * as indexing from "../ops/indexing.ts";
import type { Extrema } from "../ops/indexing.ts";
import { logsumexp } from "../ops/logsumexp.ts";
import * as reduce from "../ops/reduce.ts";
import type { Dims, ReduceOptions } from "../ops/reduce.ts";
import * as spread from "../ops/variance.ts";
import type { VarOptions } from "../ops/variance.ts";
import { norm } from "../ops/vector_norm.ts";
import type { Tensor } from "../tensor.ts";
import { OrderMethods } from "./order.ts";

/** Reductions over all axes, one, or several. */
export abstract class ReductionMethods extends OrderMethods {
  /** Sum over all axes, one, or several; bool counts as int32. */
  sum(this: Tensor, dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.sum(this, dim, options);
  }

  /** Mean over all axes, one, or several. */
  mean(this: Tensor, dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.mean(this, dim, options);
  }

  /** Product over all axes, one, or several. */
  prod(this: Tensor, dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.prod(this, dim, options);
  }

  /** Largest over all axes, one, or several; ties share the gradient. */
  amax(this: Tensor, dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.amax(this, dim, options);
  }

  /** Smallest over all axes, one, or several; ties share the gradient. */
  amin(this: Tensor, dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.amin(this, dim, options);
  }

  /** Whether any element is true. */
  any(this: Tensor, dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.any(this, dim, options);
  }

  /** Whether all elements are true. */
  all(this: Tensor, dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.all(this, dim, options);
  }

  /**
   * Variance `Σ (x - mean)² / (n - correction)`, with Bessel's correction
   * unless `correction` says otherwise.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.var.html
   */
  var(this: Tensor, dim?: Dims, options?: VarOptions): Tensor {
    return spread.variance(this, dim, options);
  }

  /** Standard deviation: the root of {@linkcode var}, with slope 0 at 0. */
  std(this: Tensor, dim?: Dims, options?: VarOptions): Tensor {
    return spread.std(this, dim, options);
  }

  /** {@linkcode var} and mean, over the same axes. */
  varMean(
    this: Tensor,
    dim?: Dims,
    options?: VarOptions,
  ): [variance: Tensor, mean: Tensor] {
    return spread.varMean(this, dim, options);
  }

  /** {@linkcode std} and mean, over the same axes. */
  stdMean(
    this: Tensor,
    dim?: Dims,
    options?: VarOptions,
  ): [std: Tensor, mean: Tensor] {
    return spread.stdMean(this, dim, options);
  }

  /**
   * The p-norm `(Σ |x|^p)^(1/p)` over all axes, one, or several: the largest
   * `|x|` for Infinity, the smallest for -Infinity, the number of elements that
   * are not 0 for 0. Where a norm is 0 its gradient is 0.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html
   */
  norm(this: Tensor, p = 2, dim?: Dims, options?: ReduceOptions): Tensor {
    return norm(this, p, dim, options);
  }

  /**
   * `log Σ e^x` over axes, without overflow; -Infinity where all are.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.logsumexp.html
   */
  logsumexp(this: Tensor, dim: Dims, options?: ReduceOptions): Tensor {
    return logsumexp(this, dim, options);
  }

  /** Position of the largest, int32; over the flattened tensor without `dim`. */
  argmax(this: Tensor, dim?: number | null, options?: ReduceOptions): Tensor {
    return reduce.argmax(this, dim, options);
  }

  /** Position of the smallest, int32; over the flattened tensor without `dim`. */
  argmin(this: Tensor, dim?: number | null, options?: ReduceOptions): Tensor {
    return reduce.argmin(this, dim, options);
  }

  /** The largest of all elements, or values and positions along an axis. */
  max(this: Tensor): Tensor;
  /** Values and positions along an axis. */
  max(this: Tensor, dim: number, options?: ReduceOptions): Extrema;
  /** See the overloads. */
  max(this: Tensor, dim?: number, options?: ReduceOptions): Tensor | Extrema {
    if (dim === undefined) return this.amax();
    return indexing.pick("max", this, reduce.argmax, dim, options);
  }

  /** The smallest of all elements, or values and positions along an axis. */
  min(this: Tensor): Tensor;
  /** Values and positions along an axis. */
  min(this: Tensor, dim: number, options?: ReduceOptions): Extrema;
  /** See the overloads. */
  min(this: Tensor, dim?: number, options?: ReduceOptions): Tensor | Extrema {
    if (dim === undefined) return this.amin();
    return indexing.pick("min", this, reduce.argmin, dim, options);
  }
}
