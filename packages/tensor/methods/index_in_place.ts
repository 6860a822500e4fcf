/** The tensor's methods that write into it at indices. */

import type { IndexItem, IndexPutOptions } from "../ops/advanced_index.ts";
import * as indexInPlace from "../ops/index_in_place.ts";
import type { IndexAddOptions } from "../ops/scatter.ts";
import type { Tensor } from "../tensor.ts";
import { IndexingMethods } from "./indexing.ts";

/** In place at indices: refused where autograd would need the old values. */
export abstract class IndexInPlaceMethods extends IndexingMethods {
  /** In-place {@linkcode indexPut}: `x[items] = values`, or `+=`. */
  indexPut_<T extends Tensor>(
    this: T,
    items: readonly IndexItem[],
    values: Tensor | number,
    options?: IndexPutOptions,
  ): T {
    indexInPlace.indexPutInPlace(this, items, values, options);
    return this;
  }

  /** In-place {@linkcode indexAdd}. */
  indexAdd_<T extends Tensor>(
    this: T,
    dim: number,
    index: Tensor,
    source: Tensor,
    options?: IndexAddOptions,
  ): T {
    indexInPlace.indexAddInPlace(this, dim, index, source, options);
    return this;
  }

  /** In-place {@linkcode indexCopy}. */
  indexCopy_<T extends Tensor>(
    this: T,
    dim: number,
    index: Tensor,
    source: Tensor,
  ): T {
    indexInPlace.indexCopyInPlace(this, dim, index, source);
    return this;
  }

  /** In-place {@linkcode indexFill}. */
  indexFill_<T extends Tensor>(
    this: T,
    dim: number,
    index: Tensor,
    value: number | Tensor,
  ): T {
    indexInPlace.indexFillInPlace(this, dim, index, value);
    return this;
  }

  /** In-place {@linkcode scatter}. */
  scatter_<T extends Tensor>(
    this: T,
    dim: number,
    index: Tensor,
    source: Tensor | number,
  ): T {
    indexInPlace.scatterInPlace(this, dim, index, source);
    return this;
  }

  /** In-place {@linkcode scatterAdd}. */
  scatterAdd_<T extends Tensor>(
    this: T,
    dim: number,
    index: Tensor,
    source: Tensor,
  ): T {
    indexInPlace.scatterAddInPlace(this, dim, index, source);
    return this;
  }
}
