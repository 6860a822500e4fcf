/** The tensor's methods for picking and writing by index tensors. */

import * as advanced from "../ops/advanced_index.ts";
import type { IndexItem, IndexPutOptions } from "../ops/advanced_index.ts";
import * as indexing from "../ops/indexing.ts";
import * as scatter from "../ops/scatter.ts";
import type { IndexAddOptions } from "../ops/scatter.ts";
import * as reduced from "../ops/scatter_reduce.ts";
import type {
  ScatterReduceOptions,
  ScatterReduction,
} from "../ops/scatter_reduce.ts";
import type { Tensor } from "../tensor.ts";
import { MovementMethods } from "./movement.ts";

/** Elements and rows by int32 index or bool mask: copies, with gradients. */
export abstract class IndexingMethods extends MovementMethods {
  /**
   * What an index for each axis picks: int32 tensors (broadcast together,
   * negative ones count from the end), numbers, bool masks, null for a whole
   * axis, "..." for as many of them as there is room for. The tensors' common
   * shape stands where they stood, or in front if others lie between them.
   *
   * Numbers and nulls alone give a view, tensors a copy. Any dtype.
   *
   * ```ts
   * import { tensor } from "@fdunn/tensor";
   * import { assertEquals } from "@std/assert";
   *
   * const x = tensor([[1, 2, 3], [4, 5, 6]]);
   * const rows = tensor([1, 0], { dtype: "int32" });
   * const columns = tensor([2, -3], { dtype: "int32" });
   * assertEquals(x.index([rows, columns]).toArray(), [6, 1]);
   * assertEquals(x.index([null, columns]).toArray(), [[3, 1], [6, 4]]);
   * assertEquals(x.index([x.gt(4)]).toArray(), [5, 6]);
   * ```
   *
   * See https://docs.pytorch.org/docs/stable/tensor_view.html and
   * https://numpy.org/doc/stable/user/basics.indexing.html#advanced-indexing
   *
   * @throws RangeError for an index outside of its axis, shapes that do not
   * broadcast, masks of another shape; TypeError for other dtypes.
   */
  index(this: Tensor, items: readonly IndexItem[]): Tensor {
    return advanced.index(this, items);
  }

  /**
   * A copy with `values`, stretched, in the place of what
   * {@linkcode index} picks; with `accumulate` they are added instead, also
   * where an index repeats. Of several values for one place one stays.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
   *
   * @throws RangeError as `index()`, and for values of another shape;
   * TypeError for values of another dtype.
   */
  indexPut(
    this: Tensor,
    items: readonly IndexItem[],
    values: Tensor | number,
    options?: IndexPutOptions,
  ): Tensor {
    return advanced.indexPut(this, items, values, options);
  }

  /** Indices of one axis picked by a 1-D int32 tensor. Any dtype. */
  indexSelect(this: Tensor, dim: number, index: Tensor): Tensor {
    return indexing.indexSelect(this, dim, index);
  }

  /** Elements picked along one axis by an int32 tensor of the result's shape. */
  gather(this: Tensor, dim: number, index: Tensor): Tensor {
    return indexing.gather(this, dim, index);
  }

  /**
   * A copy with elements of `source` (or a number) written along one axis:
   * `out[i][index[i][j]] = source[i][j]` for dim 1. Where an index repeats,
   * the last one stays.
   *
   * Shapes: index int32 with the tensor's number of axes, along the others not
   * larger; source not smaller than index. float32, float64, int32 or bool.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html
   *
   * @throws RangeError for shapes that do not fit or an index outside of its
   * axis, TypeError for other dtypes.
   */
  scatter(
    this: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor | number,
  ): Tensor {
    return scatter.scatter(this, dim, index, source);
  }

  /**
   * {@linkcode scatter} that adds: repeated indices add up. float32, float64
   * or int32.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_add_.html
   *
   * @throws as `scatter()`.
   */
  scatterAdd(
    this: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
  ): Tensor {
    return scatter.scatterAdd(this, dim, index, source);
  }

  /**
   * {@linkcode scatter} that reduces what meets in one place, and with
   * `includeSelf` (the default) what was there: `sum`, `prod`, `mean`, `amax`
   * or `amin`. Equal extrema share the gradient. float32 or float64.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_reduce_.html
   *
   * @throws as `scatter()`, and RangeError for other reductions.
   */
  scatterReduce(
    this: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    reduce: ScatterReduction,
    options?: ScatterReduceOptions,
  ): Tensor {
    return reduced.scatterReduce(this, dim, index, source, reduce, options);
  }

  /**
   * A copy with the rows of `source` added at the indices of one axis; repeated
   * ones add up. float32, float64 or int32.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_add_.html
   *
   * @throws RangeError for shapes that do not fit or an index outside of its
   * axis, TypeError for other dtypes.
   */
  indexAdd(
    this: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    options?: IndexAddOptions,
  ): Tensor {
    return scatter.indexAdd(this, dim, index, source, options);
  }

  /**
   * A copy with the rows of `source` written at the indices of one axis; where
   * one repeats, the last row stays. Any dtype.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_copy_.html
   *
   * @throws as `indexAdd()`.
   */
  indexCopy(
    this: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
  ): Tensor {
    return scatter.indexCopy(this, dim, index, source);
  }

  /**
   * A copy with one value, a number or a scalar, at the indices of one axis.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_fill_.html
   *
   * @throws as `indexAdd()`.
   */
  indexFill(
    this: Tensor,
    dim: number,
    index: Tensor,
    value: number | Tensor,
  ): Tensor {
    return scatter.indexFill(this, dim, index, value);
  }

  /**
   * Elements of the flattened tensor at the positions of an int32 tensor, in
   * its shape; negative ones count from the end. Any dtype.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.take.html
   *
   * @throws RangeError for a position outside of the tensor.
   */
  take(this: Tensor, index: Tensor): Tensor {
    return advanced.take(this, index);
  }

  /**
   * {@linkcode gather} with tensor and index broadcast along the other axes,
   * such as `argmax(dim, { keepdim: true })` gives it; over the flattened
   * tensor without `dim`.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.take_along_dim.html
   *
   * @throws RangeError for shapes that do not broadcast.
   */
  takeAlongDim(
    this: Tensor,
    index: Tensor,
    dim: number | null = null,
  ): Tensor {
    return advanced.takeAlongDim(this, index, dim);
  }

  /**
   * The elements where a bool mask, broadcast with the tensor, is true: one
   * axis. Any dtype.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.masked_select.html
   *
   * @throws TypeError for a mask that is not bool.
   */
  maskedSelect(this: Tensor, mask: Tensor): Tensor {
    return advanced.maskedSelect(this, mask);
  }

  /**
   * The coordinates of the elements that are not 0, int32 `[count, ndim]`, in
   * row-major order.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.nonzero.html
   */
  nonzero(this: Tensor): Tensor {
    return advanced.nonzero(this);
  }
}
