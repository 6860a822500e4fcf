/** Products summed over chosen axes, as one product of matrices. */

import { checkAxis, formatShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { matmul } from "./matmul.ts";

/**
 * The product of two tensors, summed over pairs of axes: over the last `dims`
 * of `a` with the first `dims` of `b`, or over two lists of axes.
 *
 * Shapes: the result has a's other axes, then b's. float32, float64 or int32.
 *
 * ```ts
 * import { arange, tensordot } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = [arange(24).reshape([2, 3, 4]), arange(12).reshape([4, 3])];
 * assertEquals(tensordot(a, b, 1).shape, [2, 3, 3]);
 * assertEquals(tensordot(a, b, [[1, 2], [1, 0]]).toArray(), [440, 1232]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.tensordot.html
 *
 * @throws RangeError for axes that are not as many or of other sizes.
 */
export function tensordot(
  a: Tensor,
  b: Tensor,
  dims: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  const [left, right] = axesOf(a, b, dims);
  const rest = (x: Tensor, axes: readonly number[]) =>
    x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const [aRest, bRest] = [rest(a, left), rest(b, right)];
  const [rows, columns] = [
    aRest.map((i) => a.shape[i]!),
    bRest.map((i) => b.shape[i]!),
  ];
  const k = sizeOf(left.map((i) => a.shape[i]!));
  const product = matmul(
    a.permute([...aRest, ...left]).reshape([sizeOf(rows), k]),
    b.permute([...right, ...bRest]).reshape([k, sizeOf(columns)]),
  );
  return product.reshape([...rows, ...columns]);
}

/** The axes of both that are summed over, pair by pair. */
function axesOf(
  a: Tensor,
  b: Tensor,
  dims: number | readonly [readonly number[], readonly number[]],
): [number[], number[]] {
  let left: number[];
  let right: number[];
  if (typeof dims === "number") {
    if (!Number.isInteger(dims) || dims < 0 || dims > a.ndim || dims > b.ndim) {
      throw new RangeError(
        `tensordot() got dims ${dims} for ${formatShape(a.shape)} and ${
          formatShape(b.shape)
        }, expected a whole number of axes that both have`,
      );
    }
    left = Array.from({ length: dims }, (_, i) => a.ndim - dims + i);
    right = Array.from({ length: dims }, (_, i) => i);
  } else {
    left = dims[0].map((dim) => checkAxis("tensordot", dim, a.ndim));
    right = dims[1].map((dim) => checkAxis("tensordot", dim, b.ndim));
  }
  const fits = left.length === right.length &&
    new Set(left).size === left.length &&
    new Set(right).size === right.length &&
    left.every((axis, i) => a.shape[axis] === b.shape[right[i]!]);
  if (!fits) {
    throw new RangeError(
      `tensordot() cannot sum ${formatShape(a.shape)} over dims ${
        formatShape(left)
      } with ${formatShape(b.shape)} over ${
        formatShape(right)
      }: they must be as many, each once, and of equal sizes`,
    );
  }
  return [left, right];
}

/** See {@linkcode Tensor.inner}. */
export function inner(a: Tensor, b: Tensor): Tensor {
  if (a.ndim === 0 || b.ndim === 0) return a.mul(b);
  if (a.shape[a.ndim - 1] !== b.shape[b.ndim - 1]) {
    throw new RangeError(
      `inner() got ${formatShape(a.shape)} and ${
        formatShape(b.shape)
      }, whose last sizes must be equal`,
    );
  }
  return tensordot(a, b, [[-1], [-1]]);
}
