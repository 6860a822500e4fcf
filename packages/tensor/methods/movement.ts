/** The tensor's methods for shapes and positions. */

import * as indexing from "../ops/indexing.ts";
import * as view from "../ops/view.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { LinearAlgebraMethods } from "./linear_algebra.ts";

/** Other shapes, parts and orders: views where the bytes allow, like PyTorch's. */
export abstract class MovementMethods extends LinearAlgebraMethods {
  /** Another shape for the same elements; one size may be -1. */
  reshape(this: Tensor, shape: Shape): Tensor {
    return view.reshape(this, shape);
  }

  /** {@linkcode reshape} that throws rather than copy. */
  view(this: Tensor, shape: Shape): Tensor {
    return view.view(this, shape);
  }

  /** Joins neighbouring axes into one. */
  flatten(this: Tensor, startDim = 0, endDim = -1): Tensor {
    return view.flatten(this, startDim, endDim);
  }

  /** The axes in another order. */
  permute(this: Tensor, dims: readonly number[]): Tensor {
    return view.permute(this, dims);
  }

  /** Two axes swapped. */
  transpose(this: Tensor, dim0: number, dim1: number): Tensor {
    return view.transpose(this, dim0, dim1);
  }

  /** Without axes of size 1, or without one of them. */
  squeeze(this: Tensor, dim?: number): Tensor {
    return view.squeeze(this, dim);
  }

  /** With a new axis of size 1. */
  unsqueeze(this: Tensor, dim: number): Tensor {
    return view.unsqueeze(this, dim);
  }

  /** Axes of size 1 stretched without a copy; -1 keeps a size. */
  expand(this: Tensor, shape: Shape): Tensor {
    return view.expand(this, shape);
  }

  /** `length` indices of one axis, from `start` on. */
  narrow(this: Tensor, dim: number, start: number, length: number): Tensor {
    return view.narrow(this, dim, start, length);
  }

  /** One index of one axis, which disappears. */
  select(this: Tensor, dim: number, index: number): Tensor {
    return view.select(this, dim, index);
  }

  /** Matrix transpose of a tensor with at most two axes. */
  t(this: Tensor): Tensor {
    return view.matrixTranspose(this);
  }

  /** Indices `start` to `end` (exclusive, clamped) of one axis, in steps. */
  slice(
    this: Tensor,
    dim: number,
    start = 0,
    end = Infinity,
    step = 1,
  ): Tensor {
    return view.slice(this, dim, start, end, step);
  }

  /** Consecutive parts along one axis: of one size, or of the given sizes. */
  split(this: Tensor, size: number | readonly number[], dim = 0): Tensor[] {
    return view.split(this, size, dim);
  }

  /** At most `count` consecutive parts of equal size along one axis. */
  chunk(this: Tensor, count: number, dim = 0): Tensor[] {
    return view.chunk(this, count, dim);
  }

  /** Indices of one axis picked by a 1-D int32 tensor. */
  indexSelect(this: Tensor, dim: number, index: Tensor): Tensor {
    return indexing.indexSelect(this, dim, index);
  }

  /** Elements picked along one axis by an int32 tensor of the result's shape. */
  gather(this: Tensor, dim: number, index: Tensor): Tensor {
    return indexing.gather(this, dim, index);
  }
}
