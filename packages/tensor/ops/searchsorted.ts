/** Places of values in sorted rows: searchsorted, bucketize. */

import {
  allocate,
  contiguous,
  type Elements,
  elementsOf,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { meet } from "./cast.ts";

/** Options of {@linkcode searchsorted} and {@linkcode bucketize}. */
export interface SearchOptions {
  /** Behind equal elements instead of before them. Default `false`. */
  right?: boolean;
}

/** Inputs: rows in order, values; halves each row until the place is found. */
const SEARCHSORTED: Op<boolean> = {
  name: "searchsorted",
  saves: "none",
  forward: (right, rows, values) => {
    const [sorted, sought] = [contiguous(rows), contiguous(values!)];
    const out = allocate(values!.shape, "int32");
    const [from, x, to] = elementsOf(sorted, sought, out) as [
      Elements,
      Elements,
      Elements,
    ];
    const n = rows.shape[rows.shape.length - 1]!;
    // One row serves all values, or each row those of its own row.
    const each = rows.shape.length === 1
      ? Infinity
      : values!.shape[values!.shape.length - 1]!;
    for (let i = 0; i < x.length; i++) {
      const value = x[i]!;
      const first = Math.floor(i / each) * n;
      let [low, high] = [first, first + n];
      while (low < high) {
        const middle = (low + high) >> 1;
        const element = from[middle]!;
        // A NaN stands in no order: it goes to the end.
        const before = right ? !(element > value) : !(element >= value);
        if (before) low = middle + 1;
        else high = middle;
      }
      to[i] = low - first;
    }
    return out;
  },
  backward: null,
};

/**
 * For each value its place in a sorted row: the index before which it can be
 * put without breaking the order, int32.
 *
 * Shapes: `sorted` `[n]` and values of any shape, or `sorted` `[..., n]` and
 * values `[..., m]` with the same sizes before the last; the result has the
 * values' shape. Types float32, float64, int32; two that differ meet. What is
 * not in order gives meaningless places, as in PyTorch.
 *
 * ```ts
 * import { searchsorted, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const sorted = tensor([1, 3, 5, 7]);
 * assertEquals(searchsorted(sorted, tensor([3, 6])).toArray(), [1, 3]);
 * assertEquals(searchsorted(sorted, 3, { right: true }).item(), 2);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.searchsorted.html
 *
 * @throws RangeError for sizes that do not fit.
 */
export function searchsorted(
  sorted: Tensor,
  values: Tensor | number,
  options: SearchOptions = {},
): Tensor {
  return search("searchsorted", sorted, values, options);
}

/**
 * For each value the bucket that it falls into: how many boundaries lie before
 * it, int32.
 *
 * Shapes: values of any shape, boundaries `[n]` in order; the result has the
 * values' shape. A value on a boundary belongs to the bucket below, unless
 * `right`.
 *
 * ```ts
 * import { bucketize, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const buckets = bucketize(tensor([0, 1, 2, 9]), tensor([1, 2]));
 * assertEquals(buckets.toArray(), [0, 0, 1, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.bucketize.html
 *
 * @throws RangeError unless the boundaries have one dim.
 */
export function bucketize(
  values: Tensor | number,
  boundaries: Tensor,
  options: SearchOptions = {},
): Tensor {
  if (boundaries.ndim !== 1) {
    throw new RangeError(
      `bucketize() expects 1-D boundaries, got shape ${
        formatShape(boundaries.shape)
      }`,
    );
  }
  return search("bucketize", boundaries, values, options);
}

function search(
  name: string,
  sorted: Tensor,
  values: Tensor | number,
  options: SearchOptions,
): Tensor {
  const sought = typeof values !== "number"
    ? values
    : (Number.isInteger(values) ? sorted : sorted.to("float32"))
      .scalarLike(values);
  const rows = sorted.shape.slice(0, -1);
  const fits = sorted.ndim === 1 ||
    (sorted.ndim > 1 && sameShape(rows, sought.shape.slice(0, -1)) &&
      sought.ndim === sorted.ndim);
  if (!fits) {
    throw new RangeError(
      `${name}() got sorted rows of shape ${
        formatShape(sorted.shape)
      } and values of shape ${
        formatShape(sought.shape)
      }, expected one row, or equal sizes before the last`,
    );
  }
  const [a, b] = meet(name, sorted, sought);
  return apply(SEARCHSORTED, [a, b], options.right ?? false);
}
