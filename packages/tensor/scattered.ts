/**
 * Gradients that are zero but at a few listed places.
 *
 * Max pooling's gradient goes to one pixel of each window. Inside a backward
 * pass it stays that list until somebody asks for its bytes, who then gets
 * them as of any array (`pointer`). Two kinds of ops below never ask:
 * activations, whose slopes are taken at the listed places alone, and
 * convolutions of few channels (ops/conv_sparse.ts). So the whole image is
 * neither written nor read.
 */

import { ITEM_BYTES } from "./dtype.ts";
import { runInParts } from "./kernel.ts";
import {
  allocate,
  contiguous,
  NdArray,
  pointer,
  writable,
} from "./nd_array.ts";
import { track } from "./scope.ts";
import { sameShape, type Shape, sizeOf } from "./shape.ts";
import { deferStorage } from "./storage.ts";
import type { Recipe } from "./storage_state.ts";

/** Bytes that pass through for each element moved. */
const MOVE_WORK = 4;

/** Values, and their flat places in planes of another size. */
export class Scattered implements Recipe {
  /** `[N, C, ...]`: the values of each plane. */
  readonly values: NdArray;
  /** Their places, int32; what has the same place is added. */
  readonly index: NdArray;
  /** Shape of the whole. */
  readonly shape: Shape;
  /** An array of that shape, and what stands in it at the places. */
  #seen: NdArray | null = null;
  #picked: NdArray | null = null;

  /** See {@linkcode scatter}. */
  constructor(values: NdArray, index: NdArray, shape: Shape) {
    this.values = values;
    this.index = index;
    this.shape = shape;
  }

  /** Says that `picked` is what stands in `seen` at the places. */
  know(seen: NdArray, picked: NdArray): void {
    this.#seen = seen;
    this.#picked = picked;
  }

  /** What stands at the places in an array of the same shape. */
  pick(x: NdArray): NdArray {
    const seen = this.#seen;
    const same = seen !== null && seen.storage === x.storage &&
      x.offset === 0 && x.steps === null && seen.offset === 0 &&
      seen.steps === null;
    return same ? this.#picked! : gather(x, this.index);
  }

  /** Other values at the same places. */
  with(values: NdArray): NdArray {
    return scatter(values, this.index, this.shape);
  }

  /** Writes the whole. */
  fill(address: number): void {
    scatterTo(this.values, this.index, this.shape, address);
  }
}

/** The array with those values at those places, whose bytes can wait. */
export function scatter(
  values: NdArray,
  index: NdArray,
  shape: Shape,
): NdArray {
  // Claimed for good: the pass frees them at its end.
  values.storage.claims++;
  const size = sizeOf(shape);
  const recipe = new Scattered(values, index, shape);
  const storage = deferStorage(size * ITEM_BYTES[values.dtype], recipe);
  track(storage);
  return new NdArray(storage, values.dtype, shape, size, 0, null, null);
}

/** What an array is scattered from, as long as nobody has asked for its bytes. */
export function scatteredOf(x: NdArray): Scattered | null {
  const { storage } = x;
  if (storage.address !== 0 || storage.outside === null) return null;
  const { recipe } = storage.outside;
  return recipe instanceof Scattered && x.steps === null &&
      sameShape(x.shape, recipe.shape)
    ? recipe
    : null;
}

/** Writes zeros, and adds the values at their places. */
export function scatterTo(
  values: NdArray,
  index: NdArray,
  shape: Shape,
  address: number,
): void {
  const source = contiguous(values);
  const px = pointer(source), pi = pointer(index);
  move("max_pool2d_backward", source, index, sizeOf(shape), px, pi, address);
}

/** What stands at the places of each plane `[N, C, ...]`. */
export function gather(x: NdArray, index: NdArray): NdArray {
  const source = contiguous(x);
  const out = allocate(index.shape, x.dtype);
  const px = pointer(source), pi = pointer(index), po = writable(out);
  move("plane_gather", out, index, source.size, px, pi, po);
  return out;
}

/** Moves between the planes of `few` and planes of `whole` elements in all. */
function move(
  kernel: "max_pool2d_backward" | "plane_gather",
  few: NdArray,
  index: NdArray,
  whole: number,
  from: number,
  places: number,
  to: number,
): void {
  const planes = index.shape[0]! * index.shape[1]!;
  if (few.size === 0 && whole === 0) return;
  const n = few.size / planes, all = whole / planes;
  const item = ITEM_BYTES[few.dtype];
  const gathers = kernel === "plane_gather";
  const [fromStep, toStep] = gathers ? [all, n] : [n, all];
  const work = MOVE_WORK * (few.size + whole);
  runInParts(kernel, few.dtype, planes, 1, work, (first, end) => [
    end - first,
    n,
    all,
    from + item * first * fromStep,
    places + 4 * first * n,
    to + item * first * toStep,
  ]);
}
