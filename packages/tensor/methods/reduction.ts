/** The tensor's methods for reductions. */

import * as indexing from "../ops/indexing.ts";
import type { Extrema } from "../ops/indexing.ts";
import * as reduce from "../ops/reduce.ts";
import type { Dims, ReduceOptions, VarOptions } from "../ops/reduce.ts";
import type { Tensor } from "../tensor.ts";
import { LogicMethods } from "./logic.ts";

/** Reductions over all axes, one, or several. */
export abstract class ReductionMethods extends LogicMethods {
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

  /** Variance, with Bessel's correction unless `correction` says otherwise. */
  var(this: Tensor, dim?: Dims, options?: VarOptions): Tensor {
    return reduce.variance(this, dim, options);
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
