/** The tensor's methods that put elements in order, or count them. */

import * as histogram from "../ops/histogram.ts";
import type { BincountOptions, HistcOptions } from "../ops/histogram.ts";
import type { Extrema } from "../ops/indexing.ts";
import type { ReduceOptions } from "../ops/reduce.ts";
import * as scan from "../ops/scan.ts";
import * as order from "../ops/sort.ts";
import type { SortOptions, TopkOptions } from "../ops/sort.ts";
import * as distinct from "../ops/unique.ts";
import type { Unique, UniqueOptions } from "../ops/unique.ts";
import type { Tensor } from "../tensor.ts";
import { DiagonalMethods } from "./diagonal.ts";

/** Order, running sums, counts. NaN counts as larger than all numbers. */
export abstract class OrderMethods extends DiagonalMethods {
  /**
   * The elements along an axis in order, and where they were. Equal elements
   * keep their order (PyTorch's `stable=True`); gradients go back to where the
   * values came from.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.sort.html
   */
  sort(this: Tensor, dim = -1, options?: SortOptions): Extrema {
    return order.sort(this, dim, options);
  }

  /**
   * Positions, int32, that put an axis in order; stable.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.argsort.html
   */
  argsort(this: Tensor, dim = -1, options?: SortOptions): Tensor {
    return order.argsort(this, dim, options);
  }

  /**
   * The k largest (or smallest) along an axis in order, and their positions.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.topk.html
   */
  topk(this: Tensor, k: number, dim = -1, options?: TopkOptions): Extrema {
    return order.topk(this, k, dim, options);
  }

  /**
   * The k-th smallest along an axis, from 1 on, and its position.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.kthvalue.html
   */
  kthvalue(
    this: Tensor,
    k: number,
    dim = -1,
    options?: ReduceOptions,
  ): Extrema {
    return order.kthvalue(this, k, dim, options);
  }

  /** The middle one of all elements in order, the lower of two; NaN wins. */
  median(this: Tensor): Tensor;
  /** Medians along an axis, and their positions. */
  median(this: Tensor, dim: number, options?: ReduceOptions): Extrema;
  /**
   * See the overloads.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.median.html
   */
  median(this: Tensor, dim?: number, options?: ReduceOptions):
    | Tensor
    | Extrema {
    if (dim === undefined) return order.medianOfAll(this);
    return order.median(this, dim, options);
  }

  /**
   * The distinct elements in order (or, with `dim`, the distinct slices), where
   * each element is among them, and how often each occurs. Without gradient.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.unique.html
   */
  unique(this: Tensor, options?: UniqueOptions): Unique {
    return distinct.unique(this, options);
  }

  /**
   * How often each whole number from 0 on occurs in a 1-D int32 tensor, int32;
   * or the sum of the weights at its places.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.bincount.html
   */
  bincount(this: Tensor, options?: BincountOptions): Tensor {
    return histogram.bincount(this, options);
  }

  /**
   * How many elements fall into each of equal intervals between two bounds;
   * others count nowhere. Results have the tensor's dtype.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.histc.html
   */
  histc(this: Tensor, bins = 100, options?: HistcOptions): Tensor {
    return histogram.histc(this, bins, options);
  }

  /**
   * Running sums along an axis: `y[i] = x[0] + ... + x[i]`; bool counts as
   * int32.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.cumsum.html
   */
  cumsum(this: Tensor, dim: number): Tensor {
    return scan.cumsum(this, dim);
  }

  /**
   * Running products along an axis: `y[i] = x[0] ... x[i]`. Gradients are right
   * where factors are 0, too.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.cumprod.html
   */
  cumprod(this: Tensor, dim: number): Tensor {
    return scan.cumprod(this, dim);
  }
}
