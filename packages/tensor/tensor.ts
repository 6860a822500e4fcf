/**
 * The tensor: an array with a shape and a dtype that remembers how it was
 * computed. Methods here are one-liners over the op families in `ops/`.
 *
 * @module
 */

import { backward, type BackwardOptions } from "./autograd.ts";
import { type DType, isFloat, ITEM_BYTES, type TypedArray } from "./dtype.ts";
import { formatTensor, type NestedArray, nestedArray } from "./format.ts";
import { type GradHook, GradSlot } from "./grad_slot.ts";
import { type NdArray, readScalar, toTypedArray } from "./nd_array.ts";
import { released } from "./liveness.ts";
import { type OpNode, setTensorFactory } from "./op.ts";
import * as activation from "./ops/activation.ts";
import * as binary from "./ops/binary.ts";
import { to } from "./ops/cast.ts";
import * as compare from "./ops/compare.ts";
import * as fill from "./ops/fill.ts";
import * as indexing from "./ops/indexing.ts";
import type { Extrema } from "./ops/indexing.ts";
import { clone, toContiguous } from "./ops/join.ts";
import { matmul } from "./ops/matmul.ts";
import * as reduce from "./ops/reduce.ts";
import type { Dims, ReduceOptions, VarOptions } from "./ops/reduce.ts";
import * as softmax from "./ops/softmax.ts";
import * as unary from "./ops/unary.ts";
import * as view from "./ops/view.ts";
import type { Shape } from "./shape.ts";
import { beginOp, releaseStorage } from "./storage.ts";

/** A multi-dimensional array with autograd; made by `tensor()`, `zeros()`, … */
export class Tensor {
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
    if (storage.state !== "live") throw released(this, "detach");
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
    this.#requireReadable("item");
    beginOp("item");
    return Number(readScalar(this.array));
  }

  /** The elements as nested arrays; booleans for bool, a value for a scalar. */
  toArray(): NestedArray {
    return nestedArray(this.data(), this.shape, this.dtype);
  }

  /** A copy of the elements, row-major. */
  data(): TypedArray {
    this.#requireReadable("data");
    beginOp("data");
    return toTypedArray(this.array);
  }

  #requireReadable(op: string): void {
    if (this.array.storage.state !== "live") throw released(this, op);
    if (this.disposed) {
      throw new Error(`Cannot read a tensor with ${op}(): it was disposed of`);
    }
  }

  /** As PyTorch prints it: values, shape, dtype. */
  toString(): string {
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

  // Arithmetic -----------------------------------------------------------

  /** Sum, elementwise with broadcasting. */
  add(other: Tensor | number): Tensor {
    return binary.add(this, other);
  }

  /** Difference, elementwise with broadcasting. */
  sub(other: Tensor | number): Tensor {
    return binary.sub(this, other);
  }

  /** Product, elementwise with broadcasting. */
  mul(other: Tensor | number): Tensor {
    return binary.mul(this, other);
  }

  /** Quotient, elementwise with broadcasting; integers become float32. */
  div(other: Tensor | number): Tensor {
    return binary.div(this, other);
  }

  /** Power, elementwise with broadcasting. */
  pow(other: Tensor | number): Tensor {
    return binary.pow(this, other);
  }

  /** Larger of two, elementwise; NaN wins. */
  maximum(other: Tensor | number): Tensor {
    return binary.maximum(this, other);
  }

  /** Smaller of two, elementwise; NaN wins. */
  minimum(other: Tensor | number): Tensor {
    return binary.minimum(this, other);
  }

  /** -x. */
  neg(): Tensor {
    return unary.neg(this);
  }

  /** |x|. */
  abs(): Tensor {
    return unary.abs(this);
  }

  /** -1, 0 or 1. */
  sign(): Tensor {
    return unary.sign(this);
  }

  /** x². */
  square(): Tensor {
    return unary.square(this);
  }

  /** e^x. */
  exp(): Tensor {
    return unary.exp(this);
  }

  /** e^x - 1, exact near 0. */
  expm1(): Tensor {
    return unary.expm1(this);
  }

  /** Natural logarithm. */
  log(): Tensor {
    return unary.log(this);
  }

  /** log(1 + x), exact near 0. */
  log1p(): Tensor {
    return unary.log1p(this);
  }

  /** Square root. */
  sqrt(): Tensor {
    return unary.sqrt(this);
  }

  /** 1 / √x. */
  rsqrt(): Tensor {
    return unary.rsqrt(this);
  }

  /** 1 / x. */
  reciprocal(): Tensor {
    return unary.reciprocal(this);
  }

  /** Sine. */
  sin(): Tensor {
    return unary.sin(this);
  }

  /** Cosine. */
  cos(): Tensor {
    return unary.cos(this);
  }

  /** Tangent. */
  tan(): Tensor {
    return unary.tan(this);
  }

  /** Error function. */
  erf(): Tensor {
    return unary.erf(this);
  }

  /** Largest integer not above; no gradient flows. */
  floor(): Tensor {
    return unary.floor(this);
  }

  /** Smallest integer not below; no gradient flows. */
  ceil(): Tensor {
    return unary.ceil(this);
  }

  /** Nearest integer, halves to even; no gradient flows. */
  round(): Tensor {
    return unary.round(this);
  }

  /** Clamped into [lo, hi]. */
  clamp(lo: number, hi: number): Tensor {
    return unary.clamp(this, lo, hi);
  }

  /** max(x, 0). */
  relu(): Tensor {
    return activation.relu(this);
  }

  /** 1 / (1 + e^-x). */
  sigmoid(): Tensor {
    return activation.sigmoid(this);
  }

  /** Hyperbolic tangent. */
  tanh(): Tensor {
    return activation.tanh(this);
  }

  /** e^x / Σ e^x along one axis. */
  softmax(dim: number): Tensor {
    return softmax.softmax(this, dim);
  }

  /** Logarithm of softmax along one axis. */
  logSoftmax(dim: number): Tensor {
    return softmax.logSoftmax(this, dim);
  }

  /** Matrix product of vectors, matrices or batches of them: `[..., m, k]` by `[..., k, n]`. */
  matmul(other: Tensor): Tensor {
    return matmul(this, other);
  }

  // Comparison and logic: bool results -----------------------------------

  /** x = other. */
  eq(other: Tensor | number): Tensor {
    return compare.eq(this, other);
  }

  /** x ≠ other. */
  ne(other: Tensor | number): Tensor {
    return compare.ne(this, other);
  }

  /** x < other. */
  lt(other: Tensor | number): Tensor {
    return compare.lt(this, other);
  }

  /** x ≤ other. */
  le(other: Tensor | number): Tensor {
    return compare.le(this, other);
  }

  /** x > other. */
  gt(other: Tensor | number): Tensor {
    return compare.gt(this, other);
  }

  /** x ≥ other. */
  ge(other: Tensor | number): Tensor {
    return compare.ge(this, other);
  }

  /** Not. */
  logicalNot(): Tensor {
    return compare.logicalNot(this);
  }

  /** And, with broadcasting. */
  logicalAnd(other: Tensor): Tensor {
    return compare.logicalAnd(this, other);
  }

  /** Or, with broadcasting. */
  logicalOr(other: Tensor): Tensor {
    return compare.logicalOr(this, other);
  }

  /** Exclusive or, with broadcasting. */
  logicalXor(other: Tensor): Tensor {
    return compare.logicalXor(this, other);
  }

  /** For a bool tensor: `a` where true, `b` elsewhere. */
  where(a: Tensor | number, b: Tensor | number): Tensor {
    return compare.where(this, a, b);
  }

  // Reduction ------------------------------------------------------------

  /** Sum over all axes, one, or several; bool counts as int32. */
  sum(dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.sum(this, dim, options);
  }

  /** Mean over all axes, one, or several. */
  mean(dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.mean(this, dim, options);
  }

  /** Product over all axes, one, or several. */
  prod(dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.prod(this, dim, options);
  }

  /** Largest over all axes, one, or several; ties share the gradient. */
  amax(dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.amax(this, dim, options);
  }

  /** Smallest over all axes, one, or several; ties share the gradient. */
  amin(dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.amin(this, dim, options);
  }

  /** Whether any element is true. */
  any(dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.any(this, dim, options);
  }

  /** Whether all elements are true. */
  all(dim?: Dims, options?: ReduceOptions): Tensor {
    return reduce.all(this, dim, options);
  }

  /** Variance, with Bessel's correction unless `correction` says otherwise. */
  var(dim?: Dims, options?: VarOptions): Tensor {
    return reduce.variance(this, dim, options);
  }

  /** Position of the largest, int32; over the flattened tensor without `dim`. */
  argmax(dim?: number | null, options?: ReduceOptions): Tensor {
    return reduce.argmax(this, dim, options);
  }

  /** Position of the smallest, int32; over the flattened tensor without `dim`. */
  argmin(dim?: number | null, options?: ReduceOptions): Tensor {
    return reduce.argmin(this, dim, options);
  }

  /** The largest of all elements, or values and positions along an axis. */
  max(): Tensor;
  /** Values and positions along an axis. */
  max(dim: number, options?: ReduceOptions): Extrema;
  /** See the overloads. */
  max(dim?: number, options?: ReduceOptions): Tensor | Extrema {
    if (dim === undefined) return this.amax();
    return indexing.pick("max", this, reduce.argmax, dim, options);
  }

  /** The smallest of all elements, or values and positions along an axis. */
  min(): Tensor;
  /** Values and positions along an axis. */
  min(dim: number, options?: ReduceOptions): Extrema;
  /** See the overloads. */
  min(dim?: number, options?: ReduceOptions): Tensor | Extrema {
    if (dim === undefined) return this.amin();
    return indexing.pick("min", this, reduce.argmin, dim, options);
  }

  // Shape: views where the bytes allow, like PyTorch's -------------------

  /** Another shape for the same elements; one size may be -1. */
  reshape(shape: Shape): Tensor {
    return view.reshape(this, shape);
  }

  /** {@linkcode reshape} that throws rather than copy. */
  view(shape: Shape): Tensor {
    return view.view(this, shape);
  }

  /** Joins neighbouring axes into one. */
  flatten(startDim = 0, endDim = -1): Tensor {
    return view.flatten(this, startDim, endDim);
  }

  /** The axes in another order. */
  permute(dims: readonly number[]): Tensor {
    return view.permute(this, dims);
  }

  /** Two axes swapped. */
  transpose(dim0: number, dim1: number): Tensor {
    return view.transpose(this, dim0, dim1);
  }

  /** Without axes of size 1, or without one of them. */
  squeeze(dim?: number): Tensor {
    return view.squeeze(this, dim);
  }

  /** With a new axis of size 1. */
  unsqueeze(dim: number): Tensor {
    return view.unsqueeze(this, dim);
  }

  /** Axes of size 1 stretched without a copy; -1 keeps a size. */
  expand(shape: Shape): Tensor {
    return view.expand(this, shape);
  }

  /** `length` indices of one axis, from `start` on. */
  narrow(dim: number, start: number, length: number): Tensor {
    return view.narrow(this, dim, start, length);
  }

  /** One index of one axis, which disappears. */
  select(dim: number, index: number): Tensor {
    return view.select(this, dim, index);
  }

  /** Matrix transpose of a tensor with at most two axes. */
  t(): Tensor {
    return view.matrixTranspose(this);
  }

  /** Indices `start` to `end` (exclusive, clamped) of one axis, in steps. */
  slice(dim: number, start = 0, end = Infinity, step = 1): Tensor {
    return view.slice(this, dim, start, end, step);
  }

  /** Consecutive parts along one axis: of one size, or of the given sizes. */
  split(size: number | readonly number[], dim = 0): Tensor[] {
    return view.split(this, size, dim);
  }

  /** At most `count` consecutive parts of equal size along one axis. */
  chunk(count: number, dim = 0): Tensor[] {
    return view.chunk(this, count, dim);
  }

  /** Indices of one axis picked by a 1-D int32 tensor. */
  indexSelect(dim: number, index: Tensor): Tensor {
    return indexing.indexSelect(this, dim, index);
  }

  /** Elements picked along one axis by an int32 tensor of the result's shape. */
  gather(dim: number, index: Tensor): Tensor {
    return indexing.gather(this, dim, index);
  }

  // In place: refused where autograd would need the old value ------------

  /** In-place {@linkcode add}; the shape and dtype stay. */
  add_(other: Tensor | number): this {
    fill.arithmeticInPlace("add", this, other);
    return this;
  }

  /** In-place {@linkcode sub}; the shape and dtype stay. */
  sub_(other: Tensor | number): this {
    fill.arithmeticInPlace("sub", this, other);
    return this;
  }

  /** In-place {@linkcode mul}; the shape and dtype stay. */
  mul_(other: Tensor | number): this {
    fill.arithmeticInPlace("mul", this, other);
    return this;
  }

  /** In-place {@linkcode div}; the shape and dtype stay. */
  div_(other: Tensor | number): this {
    fill.arithmeticInPlace("div", this, other);
    return this;
  }

  /** Sets every element. */
  fill_(value: number): this {
    fill.fillInPlace(this, value);
    return this;
  }

  /** Sets every element to 0. */
  zero_(): this {
    fill.fillInPlace(this, 0);
    return this;
  }

  /** Copies another tensor's elements, broadcast and converted. */
  copy_(source: Tensor): this {
    fill.copyInPlace(this, source);
    return this;
  }
}

setTensorFactory((array, node) => new Tensor(array, node, node !== null));
