/** The tensor's methods for shapes and positions. */

import * as rearrange from "../ops/rearrange.ts";
import * as view from "../ops/view.ts";
import * as window from "../ops/window.ts";
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

  /**
   * One axis cut into several: the inverse of {@linkcode flatten}. One of the
   * sizes may be -1.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.unflatten.html
   *
   * @throws RangeError when the sizes' product is not the axis' size.
   */
  unflatten(this: Tensor, dim: number, sizes: Shape): Tensor {
    return rearrange.unflatten(this, dim, sizes);
  }

  /** The axes in another order. */
  permute(this: Tensor, dims: readonly number[]): Tensor {
    return view.permute(this, dims);
  }

  /** Two axes swapped. */
  transpose(this: Tensor, dim0: number, dim1: number): Tensor {
    return view.transpose(this, dim0, dim1);
  }

  /**
   * {@linkcode transpose} by NumPy's name.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.swapaxes.html
   */
  swapaxes(this: Tensor, axis0: number, axis1: number): Tensor {
    return view.transpose(this, axis0, axis1);
  }

  /**
   * Some axes moved to other places; the rest keep their order.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.movedim.html
   *
   * @throws RangeError for a dim given twice, or other counts on both sides.
   */
  movedim(
    this: Tensor,
    source: number | readonly number[],
    destination: number | readonly number[],
  ): Tensor {
    return rearrange.movedim(this, source, destination);
  }

  /** Without axes of size 1, or without those of the given ones that are. */
  squeeze(this: Tensor, dim?: number | readonly number[]): Tensor {
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

  /**
   * {@linkcode expand} to another tensor's shape.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand_as.html
   */
  expandAs(this: Tensor, other: Tensor): Tensor {
    return view.expand(this, other.shape);
  }

  /**
   * {@linkcode expand} by NumPy's name.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.broadcast_to.html
   */
  broadcastTo(this: Tensor, shape: Shape): Tensor {
    return view.expand(this, shape);
  }

  /**
   * The whole tensor several times along each axis: a copy. Counts beyond its
   * axes make new ones in front.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.repeat.html
   *
   * @throws RangeError for fewer counts than axes.
   */
  repeat(this: Tensor, counts: readonly number[]): Tensor {
    return rearrange.repeat(this, counts);
  }

  /**
   * {@linkcode repeat}, with counts of 1 for axes that got none.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.tile.html
   */
  tile(this: Tensor, counts: readonly number[]): Tensor {
    return rearrange.tile(this, counts);
  }

  /**
   * Each index of one axis (of the flattened tensor without `dim`) several
   * times in a row: all as often, or each as often as a 1-D int32 tensor says.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.repeat_interleave.html
   *
   * @throws RangeError for counts below 0 or of another length.
   */
  repeatInterleave(
    this: Tensor,
    repeats: number | Tensor,
    dim: number | null = null,
  ): Tensor {
    return rearrange.repeatInterleave(this, repeats, dim);
  }

  /**
   * The indices of some axes in reverse order: a copy.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.flip.html
   */
  flip(this: Tensor, dims: number | readonly number[]): Tensor {
    return rearrange.flip(this, dims);
  }

  /**
   * Elements moved along axes (of the flattened tensor without `dims`), those
   * beyond the end to the front: a copy.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.roll.html
   *
   * @throws RangeError unless there are as many shifts as dims.
   */
  roll(
    this: Tensor,
    shifts: number | readonly number[],
    dims: number | readonly number[] | null = null,
  ): Tensor {
    return rearrange.roll(this, shifts, dims);
  }

  /**
   * `k` quarter turns from the first axis towards the second: a copy.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.rot90.html
   */
  rot90(
    this: Tensor,
    k = 1,
    dims: readonly [number, number] = [0, 1],
  ): Tensor {
    return rearrange.rot90(this, k, dims);
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

  /**
   * One view for each index of an axis, which disappears.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.unbind.html
   */
  unbind(this: Tensor, dim = 0): Tensor[] {
    return rearrange.unbind(this, dim);
  }

  /**
   * Windows of `size` along an axis, `step` apart, as a view: the axis counts
   * them, and their elements lie along a new last axis. (The function `unfold`
   * is the one for images.)
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.unfold.html
   *
   * @throws RangeError when the window is larger than the axis.
   */
  unfold(this: Tensor, dim: number, size: number, step: number): Tensor {
    return window.unfold(this, dim, size, step);
  }
}
