/**
 * The tensor: an array with a shape and a dtype that remembers how it was
 * computed. Its operations are methods of the classes that it extends, one per
 * family, in `methods/`: one-liners over the ops in `ops/`.
 *
 * @module
 */

import { backward, type BackwardOptions } from "./autograd.ts";
import { type DType, isFloat, ITEM_BYTES, type TypedArray } from "./dtype.ts";
import { formatTensor, type NestedArray, nestedArray } from "./format.ts";
import { type AccumulateHook, type GradHook, GradSlot } from "./grad_slot.ts";
import { type NdArray, readScalar, toTypedArray } from "./nd_array.ts";
import { released } from "./liveness.ts";
import { InPlaceMethods } from "./methods/in_place.ts";
import { type OpNode, setTensorFactory } from "./op.ts";
import { to } from "./ops/cast.ts";
import * as fill from "./ops/fill.ts";
import * as indexing from "./ops/indexing.ts";
import { clone, toContiguous } from "./ops/join.ts";
import type { Shape } from "./shape.ts";
import { beginOp, releaseStorage } from "./storage.ts";
import { DISPOSED } from "./storage_state.ts";

/** A multi-dimensional array with autograd; made by `tensor()`, `zeros()`, … */
export class Tensor extends InPlaceMethods {
  /** The elements, for kernels. */
  readonly array: NdArray;
  /** Whether ops on it are recorded. */
  requiresGrad: boolean;
  /** The op that computed it, where it was recorded. */
  readonly node: OpNode | null;
  /** Whether `dispose()` has ended this handle. */
  disposed = false;
  #slot: GradSlot | null = null;

  /** Use {@linkcode tensor} and its kin: this takes a raw array. */
  constructor(array: NdArray, node: OpNode | null, requiresGrad: boolean) {
    super();
    this.array = array;
    this.node = node;
    this.requiresGrad = requiresGrad;
    array.storage.handles++;
  }

  /** Sizes of the axes, outermost first. */
  get shape(): Shape {
    return this.array.shape;
  }

  /** The element type. */
  get dtype(): DType {
    return this.array.dtype;
  }

  /** The number of elements. */
  get size(): number {
    return this.array.size;
  }

  /** The number of axes. */
  get ndim(): number {
    return this.array.shape.length;
  }

  /** Bytes of one element. */
  get itemBytes(): number {
    return ITEM_BYTES[this.array.dtype];
  }

  // Autograd ---------------------------------------------------------------

  /** Whether it was made by the user and not by a recorded op. */
  get isLeaf(): boolean {
    return this.node === null;
  }

  /** The name of the op that computed it, or null for a leaf. */
  get gradFn(): string | null {
    return this.node?.op.name ?? null;
  }

  /** Whether autograd keeps anything about this tensor as an end point. */
  get hasSlot(): boolean {
    return this.#slot !== null;
  }

  /** Gradient, hooks and retirement, made on first use. */
  get slot(): GradSlot {
    return this.#slot ??= new GradSlot();
  }

  /** The accumulated gradient of a leaf (or after `retainGrad()`), or null. */
  get grad(): Tensor | null {
    const slot = this.#slot;
    if (slot === null) return null;
    slot.owned = false; // from now on user code may hold it
    return slot.gradient;
  }

  set grad(gradient: Tensor | null) {
    const { slot } = this;
    if (slot.owned && slot.gradient !== null) {
      releaseStorage(slot.gradient.array.storage, "dispose");
    }
    slot.gradient = gradient;
    slot.owned = false;
  }

  /** Records ops on this leaf from now on, or no more; returns it. */
  requiresGrad_(flag = true): this {
    if (flag && !isFloat(this.dtype)) {
      throw new TypeError(
        `requiresGrad_() is for float32 and float64, got ${this.dtype}`,
      );
    }
    if (!flag && this.node !== null) {
      throw new Error(
        "requiresGrad_(false) is for leaves: use detach() on a computed tensor",
      );
    }
    this.requiresGrad = flag;
    return this;
  }

  /** Keeps the gradient of an inner tensor in `.grad`, too. */
  retainGrad(): void {
    if (!this.requiresGrad) {
      throw new Error("retainGrad() is for tensors that require grad");
    }
    if (this.node !== null) this.slot.retains = true;
  }

  /**
   * Calls `hook` with each gradient of this tensor; what it returns, if
   * anything, replaces the gradient. Returns a function that removes it.
   *
   * `detach()` or `clone()` a gradient to keep it beyond the call.
   */
  registerHook(hook: GradHook): () => void {
    if (!this.requiresGrad) {
      throw new Error("registerHook() is for tensors that require grad");
    }
    return this.slot.addHook(hook);
  }

  /**
   * Calls `hook` with this leaf whenever a `backward()` has accumulated into
   * its `.grad`: an optimizer may step and forget the gradient there, before
   * the pass has ended, so that no two gradients need be kept at a time.
   * Returns a function that removes it. Ops in it are not recorded unless the
   * pass is (`createGraph`).
   *
   * ```ts
   * import { tensor } from "@fdunn/tensor";
   * import { assertEquals } from "@std/assert";
   *
   * const w = tensor([1, 2], { requiresGrad: true });
   * w.registerPostAccumulateGradHook((w) => {
   *   w.sub_(w.grad!.mul(0.5));
   *   w.grad = null;
   * });
   * w.sum().backward();
   * assertEquals(w.toArray(), [0.5, 1.5]);
   * ```
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.register_post_accumulate_grad_hook.html
   *
   * @throws Error for a tensor that is no leaf or does not require grad.
   */
  registerPostAccumulateGradHook(hook: AccumulateHook): () => void {
    if (!this.requiresGrad || this.node !== null) {
      throw new Error(
        "registerPostAccumulateGradHook() is for leaves that require grad",
      );
    }
    return this.slot.addAfterHook(hook);
  }

  /**
   * Accumulates the gradients of this tensor into the leaves' `.grad`.
   *
   * A scalar needs no `gradient`; others need one of their own shape. The
   * graph is used up unless `retainGraph` (or `createGraph`) is set.
   *
   * See https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html
   */
  backward(
    gradient: Tensor | null = null,
    options: BackwardOptions = {},
  ): void {
    backward([this], [gradient], options);
  }

  /** The same elements without history; stays valid across steps. */
  detach(): Tensor {
    const { storage } = this.array;
    if (!storage.live) throw released(this, "detach");
    if (storage.inGraph || storage.transient || this.node !== null) {
      storage.escaped = true;
    }
    return new Tensor(this.array, null, false);
  }

  /** Ends this handle; bytes that a graph or another handle needs stay. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    const { storage } = this.array;
    storage.flags |= DISPOSED;
    storage.handles--;
    if (storage.handles > 0 || storage.saves > 0 || storage.inGraph) return;
    releaseStorage(storage, "dispose");
  }

  /** {@linkcode dispose}, at the end of the block of a `using` declaration. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The only element as a number; throws when there are more. */
  item(): number {
    if (this.size !== 1) {
      throw new RangeError(
        `item() is for tensors of one element, got shape [${
          this.shape.join(", ")
        }]`,
      );
    }
    requireReadable(this, "item");
    beginOp("item");
    return Number(readScalar(this.array));
  }

  /** The elements as nested arrays; booleans for bool, a value for a scalar. */
  toArray(): NestedArray {
    return nestedArray(this.data(), this.shape, this.dtype);
  }

  /** A copy of the elements, row-major; of int64 `data<BigInt64Array>()`. */
  data(): Exclude<TypedArray, BigInt64Array>;
  /** A copy of the elements in the array that the dtype has. */
  data<T extends TypedArray>(): T;
  data(): TypedArray {
    requireReadable(this, "data");
    beginOp("data");
    return toTypedArray(this.array);
  }

  /** As PyTorch prints it: values, shape, dtype. */
  override toString(): string {
    return formatTensor(this);
  }

  /** What `console.log` shows in Deno. */
  [Symbol.for("Deno.customInspect")](): string {
    return formatTensor(this);
  }

  /** What `console.log` shows in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return formatTensor(this);
  }

  /** Zeros of the same shape and dtype. */
  zerosLike(): Tensor {
    return fill.filledLike(this, this.shape, 0);
  }

  /** Ones of the same shape and dtype. */
  onesLike(): Tensor {
    return fill.filledLike(this, this.shape, 1);
  }

  /** A scalar of the same dtype. */
  scalarLike(value: number): Tensor {
    return fill.scalarLike(this, value);
  }

  /** A copy with the same history. */
  clone(): Tensor {
    return clone(this);
  }

  /** Itself if its elements lie row by row, else a copy that does. */
  contiguous(): Tensor {
    return toContiguous(this);
  }

  /** Whether the elements lie row by row without gaps. */
  isContiguous(): boolean {
    return this.array.steps === null;
  }

  /** Converted to another dtype; itself if it has it already. */
  to(dtype: DType): Tensor {
    return to(this, dtype);
  }

  /** See {@linkcode oneHot}. */
  oneHot(classes: number, dtype?: DType): Tensor {
    return indexing.oneHot(this, classes, dtype);
  }
}

/** No private method: that would be one more field of every tensor. */
function requireReadable(tensor: Tensor, op: string): void {
  if (!tensor.array.storage.live) throw released(tensor, op);
  if (tensor.disposed) {
    throw new Error(`Cannot read a tensor with ${op}(): it was disposed of`);
  }
}

setTensorFactory((array, node) => new Tensor(array, node, node !== null));
