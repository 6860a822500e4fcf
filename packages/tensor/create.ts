/** Making tensors: from JavaScript data, filled, counted, like others. */

import {
  checkDType,
  type DType,
  dtypeOf,
  INT_RANGES,
  ITEM_BYTES,
  requireComputing,
  type TypedArray,
  typedArray,
} from "./dtype.ts";
import type { NestedArray } from "./format.ts";
import { allocate, fromBytes, heap, writable } from "./nd_array.ts";
import { fillArray } from "./ops/fill.ts";
import { track } from "./scope.ts";
import { checkShape, formatShape, type Shape, sizeOf } from "./shape.ts";
import { beginOp } from "./storage.ts";
import { Tensor } from "./tensor.ts";

/** Options of every function that makes a tensor. */
export interface TensorOptions {
  /** Element type. Default float32, or what the data is made of. */
  dtype?: DType;
  /** Record ops on it. Default `false`. */
  requiresGrad?: boolean;
}

/** Options of {@linkcode tensor}. */
export interface FromDataOptions extends TensorOptions {
  /** Shape of flat data. Default: the nesting of the arrays. */
  shape?: Shape;
}

/** What {@linkcode tensor} takes: a value, nested arrays, a typed array. */
export type TensorData =
  | number
  | boolean
  | readonly (number | boolean | NestedArray | TensorData)[]
  | ArrayBufferView;

/** Up to this many bytes data goes straight to WebAssembly memory. */
const SMALL_BYTES = 16 << 10;
/** Where it waits until then: a new buffer takes half a microsecond. */
const desk = new ArrayBuffer(SMALL_BYTES);

/**
 * A tensor with a copy of the data.
 *
 * Numbers become float32, booleans bool; typed arrays keep their type
 * (Uint8Array is uint8, BigInt64Array int64), unless `dtype` says otherwise.
 * Values that the dtype cannot hold throw a RangeError.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * assertEquals(x.shape, [2, 3]);
 * const y = tensor(new Int32Array([1, 2, 3, 4]), { shape: [2, 2] });
 * assertEquals(y.toArray(), [[1, 2], [3, 4]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.tensor.html
 *
 * @throws RangeError for ragged nesting, or a shape that does not fit.
 */
export function tensor(
  data: TensorData,
  options: FromDataOptions = {},
): Tensor {
  let shape: Shape;
  let dtype: DType;
  let flat: TypedArray;
  if (options.dtype !== undefined) checkDType("tensor", options.dtype);
  if (ArrayBuffer.isView(data)) {
    const view = data as TypedArray;
    const own = options.dtype ?? dtypeOf(data);
    dtype = own;
    shape = options.shape ?? [view.length];
    flat = convert(view, own);
  } else {
    const found: number[] = [];
    const values: (number | bigint)[] = [];
    const kind = { bool: true };
    flatten(data, 0, found, values, kind);
    dtype = options.dtype ??
      (kind.bool && values.length > 0 ? "bool" : "float32");
    shape = options.shape ?? found;
    flat = convert(values, dtype);
  }
  checkShape("tensor", shape);
  if (sizeOf(shape) !== flat.length) {
    throw new RangeError(
      `tensor() got ${flat.length} elements for shape ${formatShape(shape)}`,
    );
  }
  const result = fromFlat(flat, shape.slice(), dtype);
  return options.requiresGrad === true ? result.requiresGrad_() : result;
}

/** A tensor over a typed array that nobody else will change. */
function fromFlat(flat: TypedArray, shape: Shape, dtype: DType): Tensor {
  beginOp("tensor");
  const bytes = new Uint8Array(flat.buffer, flat.byteOffset, flat.byteLength);
  if (bytes.length > SMALL_BYTES) {
    return new Tensor(fromBytes(bytes, shape, dtype), null, false);
  }
  const array = allocate(shape, dtype);
  track(array.storage);
  heap.u8.set(bytes, writable(array));
  return new Tensor(array, null, false);
}

/** Collects the elements of nested arrays and finds their shape. */
function flatten(
  data: unknown,
  depth: number,
  shape: number[],
  values: (number | bigint)[],
  kind: { bool: boolean },
): void {
  if (!Array.isArray(data)) {
    if (depth !== shape.length) throw ragged(depth, shape);
    if (typeof data === "boolean") {
      values.push(data ? 1 : 0);
      return;
    }
    if (typeof data !== "number" && typeof data !== "bigint") {
      throw new TypeError(
        `tensor() got ${
          data === null ? "null" : typeof data
        } among the data, expected numbers or booleans`,
      );
    }
    kind.bool = false;
    values.push(data);
    return;
  }
  if (depth === shape.length) {
    if (values.length > 0) throw ragged(depth, shape);
    shape.push(data.length);
  } else if (shape[depth] !== data.length) {
    throw new RangeError(
      `tensor() got ragged arrays: lengths ${
        shape[depth]
      } and ${data.length} at depth ${depth}`,
    );
  }
  for (const item of data) flatten(item, depth + 1, shape, values, kind);
}

function ragged(depth: number, shape: readonly number[]): RangeError {
  return new RangeError(
    `tensor() got ragged arrays: nesting ends at depth ${depth} and at depth ${shape.length}`,
  );
}

/**
 * A typed array of `dtype`, valid until the next one if it is small; throws for
 * values that it cannot hold.
 */
function convert(
  data: ArrayLike<number | bigint>,
  dtype: DType,
): TypedArray {
  if (dtype === "float16" || dtype === "bfloat16") {
    if (!(data instanceof Uint16Array)) {
      throw new TypeError(
        `tensor() takes ${dtype} as a Uint16Array of bit patterns: make a float32 tensor and convert it with to("${dtype}")`,
      );
    }
    return data.slice();
  }
  const { length } = data;
  const small = length * ITEM_BYTES[dtype] <= SMALL_BYTES;
  const out = typedArray(dtype, length, small ? desk : undefined);
  if (out.constructor === data.constructor && dtype !== "bool") {
    (out as Float32Array).set(data as Float32Array);
    return out;
  }
  const bounds = INT_RANGES[dtype];
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (dtype === "int64") {
      requireWhole(Number(value), dtype, i);
      const whole = BigInt(value);
      if (BigInt.asIntN(64, whole) !== whole) throw outside(value, dtype, i);
      (out as BigInt64Array)[i] = whole;
      continue;
    }
    const number = Number(value);
    if (dtype === "bool") {
      out[i] = number !== 0 ? 1 : 0;
      continue;
    }
    if (bounds !== undefined) {
      requireWhole(number, dtype, i);
      if (number < bounds[0] || number > bounds[1]) {
        throw outside(number, dtype, i);
      }
    }
    out[i] = number;
  }
  return out;
}

function outside(value: number | bigint, dtype: DType, i: number): RangeError {
  return new RangeError(
    `tensor() got ${value} at position ${i}, outside of ${dtype}`,
  );
}

function requireWhole(value: number, dtype: DType, i: number): void {
  if (!Number.isInteger(value)) {
    throw new RangeError(
      `tensor() got ${value} at position ${i} for dtype ${dtype}, which holds whole numbers`,
    );
  }
}

/**
 * A tensor filled with one value.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.full.html
 */
export function full(
  shape: Shape,
  value: number,
  options: TensorOptions = {},
): Tensor {
  checkShape("full", shape);
  if (options.dtype !== undefined) checkDType("full", options.dtype);
  beginOp("full");
  const array = allocate(shape.slice(), options.dtype ?? "float32");
  track(array.storage);
  fillArray(array, value);
  const result = new Tensor(array, null, false);
  return options.requiresGrad === true ? result.requiresGrad_() : result;
}

/**
 * Zeros.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.zeros.html
 */
export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 0, options);
}

/**
 * Ones.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.ones.html
 */
export function ones(shape: Shape, options: TensorOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** Zeros with another tensor's shape and dtype. */
export function zerosLike(like: Tensor, options: TensorOptions = {}): Tensor {
  return full(like.shape, 0, { dtype: like.dtype, ...options });
}

/** Ones with another tensor's shape and dtype. */
export function onesLike(like: Tensor, options: TensorOptions = {}): Tensor {
  return full(like.shape, 1, { dtype: like.dtype, ...options });
}

/** One value, with another tensor's shape and dtype. */
export function fullLike(
  like: Tensor,
  value: number,
  options: TensorOptions = {},
): Tensor {
  return full(like.shape, value, { dtype: like.dtype, ...options });
}

/** Options of {@linkcode arange} and {@linkcode linspace}. */
export type RangeOptions = TensorOptions;

/** The numbers from 0 up to, not including, `end`. */
export function arange(end: number, options?: RangeOptions): Tensor;
/** The numbers from `start` up to, not including, `end`, in steps. */
export function arange(
  start: number,
  end: number,
  step?: number,
  options?: RangeOptions,
): Tensor;
/** The numbers from `start` up to, not including, `end`. */
export function arange(
  start: number,
  end: number,
  options: RangeOptions,
): Tensor;
/**
 * Evenly spaced numbers: `start + i step`, below `end`. float32 unless `dtype`
 * says otherwise (PyTorch gives int64 for whole arguments): positions for an
 * `Embedding` or `index()` are int32.
 *
 * ```ts
 * import { arange } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(arange(0, 1, 0.25).toArray(), [0, 0.25, 0.5, 0.75]);
 * assertEquals(arange(2, 5, { dtype: "int32" }).data(), Int32Array.of(2, 3, 4));
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.arange.html
 */
export function arange(
  first: number,
  second?: number | RangeOptions,
  third?: number | RangeOptions,
  fourth?: RangeOptions,
): Tensor {
  const [start, end] = typeof second === "number"
    ? [first, second]
    : [0, first];
  const step = typeof third === "number" ? third : 1;
  const options = [fourth, third, second].find((o) => typeof o === "object") ??
    {};
  const count = Math.ceil((end - start) / step);
  if (!Number.isFinite(count) || step === 0) {
    throw new RangeError(
      `arange() got start ${start}, end ${end} and step ${step}, which do not make a range`,
    );
  }
  const value = (i: number) => start + i * step;
  return series("arange", Math.max(0, count), value, options);
}

/**
 * `steps` evenly spaced numbers from `start` to `end`, both included.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linspace.html
 */
export function linspace(
  start: number,
  end: number,
  steps: number,
  options: RangeOptions = {},
): Tensor {
  checkShape("linspace", [steps]);
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  // Counted from the nearer end, so that both ends are exact.
  const value = (i: number) =>
    i < steps / 2 ? start + i * step : end - (steps - 1 - i) * step;
  return series("linspace", steps, value, options);
}

function series(
  name: string,
  count: number,
  value: (i: number) => number,
  options: TensorOptions,
): Tensor {
  const dtype = options.dtype ?? "float32";
  requireComputing(name, dtype);
  if (dtype === "bool") {
    throw new TypeError(`${name}() makes numbers, got dtype bool`);
  }
  const [least, most] = INT_RANGES[dtype] ?? [-Infinity, Infinity];
  const flat = typedArray(dtype, count);
  for (let i = 0; i < count; i++) {
    const number = value(i);
    if (number < least || number > most) {
      throw new RangeError(
        `${name}() reaches ${number}, outside of ${dtype}`,
      );
    }
    flat[i] = number;
  }
  const result = fromFlat(flat, [count], dtype);
  return options.requiresGrad === true ? result.requiresGrad_() : result;
}

/**
 * Ones on the diagonal, zeros elsewhere: `[n, m]`, square without `m`.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.eye.html
 */
export function eye(
  n: number,
  m: number = n,
  options: TensorOptions = {},
): Tensor {
  checkShape("eye", [n, m]);
  const dtype = options.dtype ?? "float32";
  requireComputing("eye", dtype);
  const flat = typedArray(dtype, n * m);
  for (let i = 0; i < Math.min(n, m); i++) flat[i * m + i] = 1;
  const result = fromFlat(flat, [n, m], dtype);
  return options.requiresGrad === true ? result.requiresGrad_() : result;
}
