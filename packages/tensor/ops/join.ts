/** Joining and copying tensors: cat, stack, clone, contiguous. */

import {
  allocate,
  contiguous,
  copyInto,
  copyOf,
  type NdArray,
  viewOf,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { checkAxis, formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { meet } from "./cast.ts";

const CLONE: Op = {
  name: "clone",
  saves: "none",
  forward: (_, x) => copyOf(x),
  backward: (_, grad) => [grad],
};

const CONTIGUOUS: Op = {
  name: "contiguous",
  saves: "none",
  forward: (_, x) => contiguous(x),
  backward: (_, grad) => [grad],
};

/** See {@linkcode Tensor.clone}. */
export function clone(x: Tensor): Tensor {
  return apply(CLONE, [x], undefined);
}

/** See {@linkcode Tensor.contiguous}. */
export function toContiguous(x: Tensor): Tensor {
  return x.isContiguous() ? x : apply(CONTIGUOUS, [x], undefined);
}

const CAT: Op<number> = {
  name: "cat",
  saves: "none",
  forward: (dim, ...parts) => {
    const shape = parts[0]!.shape.slice();
    shape[dim] = parts.reduce((size, part) => size + part.shape[dim]!, 0);
    const out = allocate(shape, parts[0]!.dtype);
    let start = 0;
    for (const part of parts) {
      copyInto(part, sectionOf(out, dim, start, part.shape[dim]!));
      start += part.shape[dim]!;
    }
    return out;
  },
  backward: (node, grad) => {
    let start = 0;
    return node.inputs.map((part, i) => {
      const length = part.shape[node.params]!;
      const from = start;
      start += length;
      return node.needs(i) ? grad.narrow(node.params, from, length) : null;
    });
  },
};

function sectionOf(
  out: NdArray,
  dim: number,
  start: number,
  length: number,
): NdArray {
  const shape = out.shape.slice();
  shape[dim] = length;
  const { strides } = out;
  return viewOf(out, shape, strides, out.offset + start * strides[dim]!);
}

/**
 * Tensors joined along one axis; all their other sizes must agree.
 *
 * ```ts
 * import { cat, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = cat([tensor([[1, 2]]), tensor([[3, 4]])]);
 * assertEquals(x.toArray(), [[1, 2], [3, 4]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.cat.html
 *
 * @throws RangeError for an empty list, scalars, or sizes that disagree.
 */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  const first = tensors[0];
  if (first === undefined) throw new RangeError("cat() got no tensors");
  const rank = first.shape.length;
  if (rank === 0) {
    throw new RangeError("cat() cannot join scalars: use stack()");
  }
  const axis = checkAxis("cat", dim, rank);
  let widest = first;
  for (const t of tensors) {
    const fits = t.shape.length === rank &&
      t.shape.every((size, i) => i === axis || size === first.shape[i]);
    if (!fits) {
      throw new RangeError(
        `cat() cannot join ${formatShape(first.shape)} and ${
          formatShape(t.shape)
        } along dim ${dim}: all other sizes must be equal`,
      );
    }
    if (t.dtype !== widest.dtype) widest = meet("cat", widest, t)[0];
  }
  return apply(CAT, tensors.map((t) => t.to(widest.dtype)), axis);
}

/**
 * Tensors of one shape joined along a new axis.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.stack.html
 *
 * @throws RangeError for an empty list or shapes that differ.
 */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  const first = tensors[0];
  if (first === undefined) throw new RangeError("stack() got no tensors");
  const axis = checkAxis("stack", dim, first.shape.length + 1);
  for (const t of tensors) {
    if (formatShape(t.shape) !== formatShape(first.shape)) {
      throw new RangeError(
        `stack() got shapes ${formatShape(first.shape)} and ${
          formatShape(t.shape)
        }, which must be equal`,
      );
    }
  }
  return cat(tensors.map((t) => t.unsqueeze(axis)), axis);
}

/**
 * Tensors joined side by side: along dim 1, or dim 0 where they have one axis.
 * Scalars count as rows of one element.
 *
 * ```ts
 * import { hstack, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = hstack([tensor([[1], [2]]), tensor([[3], [4]])]);
 * assertEquals(x.toArray(), [[1, 3], [2, 4]]);
 * assertEquals(hstack([tensor([1]), tensor([2, 3])]).toArray(), [1, 2, 3]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.hstack.html
 *
 * @throws RangeError for an empty list, or sizes that disagree.
 */
export function hstack(tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 0) throw new RangeError("hstack() got no tensors");
  const rows = tensors.map((t) => t.ndim === 0 ? t.reshape([1]) : t);
  return cat(rows, rows[0]!.ndim === 1 ? 0 : 1);
}

/**
 * Tensors joined on top of each other: along dim 0, after scalars and rows
 * have become matrices of one row.
 *
 * ```ts
 * import { tensor, vstack } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = vstack([tensor([1, 2]), tensor([[3, 4], [5, 6]])]);
 * assertEquals(x.toArray(), [[1, 2], [3, 4], [5, 6]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.vstack.html
 *
 * @throws RangeError for an empty list, or sizes that disagree.
 */
export function vstack(tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 0) throw new RangeError("vstack() got no tensors");
  return cat(tensors.map((t) => t.ndim < 2 ? t.reshape([1, t.size]) : t), 0);
}
