/**
 * Arrays without gradients: a storage seen through a shape, strides and an
 * offset. This is what kernels are called with; `Tensor` adds autograd.
 */

import { type Heap, runtime } from "@fdunn/wasm-kernels";
import {
  type DType,
  ITEM_BYTES,
  itemBytes,
  type TypedArray,
  typedArray,
} from "./dtype.ts";
import { contiguousStrides, type Shape, sizeOf } from "./shape.ts";
import {
  addressOf,
  adoptBytes,
  allocateScalar,
  allocateStorage,
  finalizeWith,
  readBytes,
  type Storage,
  worthFinalizing,
  writableAddressOf,
} from "./storage.ts";

/** Typed views of all memory; its fields change when the memory grows. */
export const heap: Heap = runtime.memory.heap;

/** A strided view of a storage. */
export class NdArray {
  /** The bytes. */
  readonly storage: Storage;
  /** The element type. */
  readonly dtype: DType;
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** The number of elements. */
  readonly size: number;
  /** Position of the first element, in elements. */
  readonly offset: number;
  /** Elements from one index to the next, by axis; null for row-major. */
  readonly steps: readonly number[] | null;
  /** All arrays of a large storage hold it; the collector watches it. */
  token: object | null;

  /** Use {@linkcode allocate}, {@linkcode viewOf} or {@linkcode fromBytes}. */
  constructor(
    storage: Storage,
    dtype: DType,
    shape: Shape,
    size: number,
    offset: number,
    steps: readonly number[] | null,
    token: object | null,
  ) {
    this.storage = storage;
    this.dtype = dtype;
    this.shape = shape;
    this.size = size;
    this.offset = offset;
    this.steps = steps;
    this.token = token;
  }

  /** Elements from one index to the next, by axis. */
  get strides(): readonly number[] {
    return this.steps ?? contiguousStrides(this.shape);
  }
}

/** A new row-major array; its elements are undefined. */
export function allocate(shape: Shape, dtype: DType): NdArray {
  const size = sizeOf(shape);
  const bytes = size * itemBytes(dtype);
  const storage = size === 1 ? allocateScalar(bytes) : allocateStorage(bytes);
  return new NdArray(storage, dtype, shape, size, 0, null, null);
}

/**
 * Lets the collector free the bytes of a new array that no graph owns. Not for
 * those in graphs: backward() frees them, and a registry that never gets to
 * run its callbacks, as in synchronous code, keeps a cell for each.
 */
export function watch(x: NdArray): void {
  if (x.token === null && x.storage.handles === 0) x.token = tokenOf(x.storage);
}

/** An array over bytes that JavaScript holds and will not change any more. */
export function fromBytes(
  bytes: Uint8Array,
  shape: Shape,
  dtype: DType,
): NdArray {
  const storage = adoptBytes(bytes);
  const size = sizeOf(shape);
  return new NdArray(storage, dtype, shape, size, 0, null, tokenOf(storage));
}

function tokenOf(storage: Storage): object | null {
  if (!worthFinalizing(storage.bytes)) return null;
  const token = {};
  finalizeWith(token, storage);
  return token;
}

/** Another view of the same storage; `offset` counts elements from its start. */
export function viewOf(
  x: NdArray,
  shape: Shape,
  strides: readonly number[] | null,
  offset: number,
): NdArray {
  const size = sizeOf(shape);
  const rowMajor = strides === null || size === 0 || isRowMajor(shape, strides);
  const steps = rowMajor ? null : strides;
  return new NdArray(x.storage, x.dtype, shape, size, offset, steps, x.token);
}

/** Whether strides are those of a row-major array, sizes of 1 aside. */
function isRowMajor(shape: Shape, strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i]!;
    if (size !== 1 && strides[i] !== step) return false;
    step *= size;
  }
  return true;
}

/**
 * The address of the first element, for reading in the current op: all outputs
 * must be allocated before the first pointer is taken.
 */
export function pointer(x: NdArray): number {
  const { storage } = x;
  return x.offset === 0
    ? addressOf(storage)
    : addressOf(storage) + x.offset * itemBytes(x.dtype);
}

/** {@linkcode pointer} for writing; the storage's version moves on. */
export function writable(x: NdArray): number {
  const { storage } = x;
  return x.offset === 0
    ? writableAddressOf(storage)
    : writableAddressOf(storage) + x.offset * itemBytes(x.dtype);
}

/** The array itself if it is row-major, else a row-major copy. */
export function contiguous(x: NdArray): NdArray {
  return x.steps === null ? x : copyOf(x);
}

/** A row-major copy. */
export function copyOf(x: NdArray): NdArray {
  const out = allocate(x.shape, x.dtype);
  copyInto(x, out);
  return out;
}

/** Copies `x` into `out`, which has its shape and dtype but any strides. */
export function copyInto(x: NdArray, out: NdArray): void {
  if (x.size === 0) return;
  const rank = mergeAxes(x.shape, x.strides, out.strides);
  const copy = copyKernel(ITEM_BYTES[x.dtype]);
  const from = pointer(x);
  copy(rank, runtime.layout, from, writable(out));
}

function copyKernel(
  itemBytes: number,
): (rank: number, layout: number, x: number, out: number) => void {
  const { bytes } = runtime.kernels;
  switch (itemBytes) {
    case 1:
      return bytes.copy_b8;
    case 2:
      return bytes.copy_b16;
    case 4:
      return bytes.copy_b32;
    default:
      return bytes.copy_b64;
  }
}

/** The most axes that the strided kernels walk. */
const MAX_RANK = 16;
const mergedSizes = new Array<number>(MAX_RANK).fill(0);
const mergedA = new Array<number>(MAX_RANK).fill(0);
const mergedB = new Array<number>(MAX_RANK).fill(0);

/** The stride of the first axis that {@linkcode mergeAxes} left. */
export function mergedStride(operand: "a" | "b"): number {
  return operand === "a" ? mergedA[0]! : mergedB[0]!;
}

/**
 * Writes sizes and both operands' strides into the layout block, with axes of
 * size 1 dropped and neighbours merged where one stride spans both; returns
 * the rank that is left, at least 1.
 */
export function mergeAxes(
  shape: Shape,
  a: readonly number[],
  b: readonly number[],
): number {
  let rank = 0;
  for (let i = 0; i < shape.length; i++) {
    const size = shape[i]!;
    if (size === 1) continue;
    const last = rank - 1;
    if (
      last >= 0 && mergedA[last] === a[i]! * size &&
      mergedB[last] === b[i]! * size
    ) {
      mergedSizes[last]! *= size;
      mergedA[last] = a[i]!;
      mergedB[last] = b[i]!;
      continue;
    }
    if (rank === MAX_RANK) {
      throw new RangeError(
        `A strided tensor has more than ${MAX_RANK} dims: make it contiguous in parts first`,
      );
    }
    mergedSizes[rank] = size;
    mergedA[rank] = a[i]!;
    mergedB[rank++] = b[i]!;
  }
  if (rank === 0) mergedSizes[rank++] = mergedA[0] = mergedB[0] = 1;
  const { i32 } = heap;
  const base = runtime.layout >>> 2;
  for (let i = 0; i < rank; i++) {
    i32[base + i] = mergedSizes[i]!;
    i32[base + rank + i] = mergedA[i]!;
    i32[base + 2 * rank + i] = mergedB[i]!;
  }
  return rank;
}

/** Numbers where they lie in memory. */
export type Elements = Float32Array | Float64Array | Int32Array | Uint8Array;

/**
 * The elements of row-major arrays where they lie, for forwards that walk them
 * in JavaScript. Together, and after everything is allocated: memory that grows
 * takes the views before it away.
 */
export function elementsOf(...arrays: NdArray[]): Elements[] {
  const addresses = arrays.map(pointer);
  return arrays.map((x, i) => {
    const address = addresses[i]!;
    switch (x.dtype) {
      case "float32":
        return heap.f32.subarray(address >>> 2, (address >>> 2) + x.size);
      case "float64":
        return heap.f64.subarray(address >>> 3, (address >>> 3) + x.size);
      case "int32":
        return heap.i32.subarray(address >>> 2, (address >>> 2) + x.size);
      case "bool":
        return heap.u8.subarray(address, address + x.size);
      default:
        throw new TypeError(`No numbers to walk in an array of ${x.dtype}`);
    }
  });
}

/** A copy of the elements, row-major, as a typed array. */
export function toTypedArray(x: NdArray): TypedArray {
  const source = x.steps === null ? x : copyOf(x);
  const itemBytes = ITEM_BYTES[x.dtype];
  const start = source.offset * itemBytes;
  const bytes = readBytes(source.storage)
    .slice(start, start + x.size * itemBytes);
  return typedArray(x.dtype, x.size, bytes.buffer);
}

/** The only element, as a number (bool gives 0 or 1). */
export function readScalar(x: NdArray): number | bigint {
  const address = pointer(x);
  switch (x.dtype) {
    case "float32":
      return heap.f32[address >>> 2]!;
    case "int32":
      return heap.i32[address >>> 2]!;
    case "float64":
      return heap.f64[address >>> 3]!;
    case "bool":
    case "uint8":
      return heap.u8[address]!;
    default:
      return toTypedArray(x)[0]!;
  }
}
