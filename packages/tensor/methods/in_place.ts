/** The tensor's methods that write into it. */

import type { IndexItem, IndexPutOptions } from "../ops/advanced_index.ts";
import * as fill from "../ops/fill.ts";
import * as indexInPlace from "../ops/index_in_place.ts";
import type { IndexAddOptions } from "../ops/scatter.ts";
import type { Tensor } from "../tensor.ts";
import { IndexingMethods } from "./indexing.ts";

/** In place: refused where autograd would need the old value. */
export abstract class InPlaceMethods extends IndexingMethods {
  /** In-place {@linkcode add}; the shape and dtype stay. */
  add_<T extends Tensor>(this: T, other: Tensor | number): T {
    fill.arithmeticInPlace("add", this, other);
    return this;
  }

  /** In-place {@linkcode sub}; the shape and dtype stay. */
  sub_<T extends Tensor>(this: T, other: Tensor | number): T {
    fill.arithmeticInPlace("sub", this, other);
    return this;
  }

  /** In-place {@linkcode mul}; the shape and dtype stay. */
  mul_<T extends Tensor>(this: T, other: Tensor | number): T {
    fill.arithmeticInPlace("mul", this, other);
    return this;
  }

  /** In-place {@linkcode div}; the shape and dtype stay. */
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
