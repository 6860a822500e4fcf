/** Element types: names, sizes, typed arrays, promotion. */

/**
 * The element type of a tensor, with PyTorch's names.
 *
 * `float32`, `int32`, `bool` and `float64` compute; the others only store:
 * convert them with {@linkcode Tensor.to} before arithmetic.
 */
export type DType =
  | "float32"
  | "float64"
  | "int32"
  | "bool"
  | "float16"
  | "bfloat16"
  | "int64"
  | "int8"
  | "uint8";

/**
 * The typed arrays that carry a tensor's values in and out: `bool` travels as
 * `Uint8Array` of 0 and 1, `float16` and `bfloat16` as their bit patterns.
 */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | BigInt64Array;

/** Bytes of one element. */
export const ITEM_BYTES: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  int32: 4,
  bool: 1,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int8: 1,
  uint8: 1,
};

/** {@linkcode ITEM_BYTES}, without a lookup for the types that compute most. */
export function itemBytes(dtype: DType): number {
  return dtype === "float32" || dtype === "int32" ? 4 : ITEM_BYTES[dtype];
}

/** A typed array over `length` elements of `buffer`, or a new one. */
export function typedArray(
  dtype: DType,
  length: number,
  buffer: ArrayBufferLike = new ArrayBuffer(length * ITEM_BYTES[dtype]),
  byteOffset = 0,
): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(buffer, byteOffset, length);
    case "float64":
      return new Float64Array(buffer, byteOffset, length);
    case "int32":
      return new Int32Array(buffer, byteOffset, length);
    case "int64":
      return new BigInt64Array(buffer, byteOffset, length);
    case "int8":
      return new Int8Array(buffer, byteOffset, length);
    case "bool":
    case "uint8":
      return new Uint8Array(buffer, byteOffset, length);
    case "float16":
    case "bfloat16":
      return new Uint16Array(buffer, byteOffset, length);
  }
}

/** The element type that a typed array holds. */
export function dtypeOf(array: ArrayBufferView): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof Uint8Array || array instanceof Uint8ClampedArray) {
    return "uint8";
  }
  if (array instanceof Int8Array) return "int8";
  if (array instanceof BigInt64Array) return "int64";
  throw new TypeError(
    `Cannot make a tensor from ${
      Object.prototype.toString.call(array).slice(8, -1)
    }: expected Float32Array, Float64Array, Int32Array, Uint8Array, Int8Array or BigInt64Array (name the dtype to read a Uint16Array as float16 or bfloat16)`,
  );
}

/** Throws unless the name, which may come from a file, is one of a dtype. */
export function checkDType(op: string, dtype: DType): void {
  if (!Object.hasOwn(ITEM_BYTES, dtype)) {
    throw new TypeError(
      `${op}() got dtype "${dtype}", expected one of ${
        Object.keys(ITEM_BYTES).join(", ")
      }`,
    );
  }
}

/** Whether arithmetic in this type has fractions, and so gradients. */
export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

/** The smallest and the largest value of the whole-number types. */
export const INT_RANGES: Readonly<
  Partial<Record<DType, readonly [number, number]>>
> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
};

/** Whether a number is whole and in the range of int32. */
export function fitsInt32(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
}

/** The order of promotion; types that only store are absent. */
const RANK: Partial<Record<DType, number>> = {
  bool: 0,
  int32: 1,
  float32: 2,
  float64: 3,
};

/** Throws unless tensors of this type can be computed with. */
export function requireComputing(op: string, dtype: DType): void {
  if (RANK[dtype] === undefined) {
    throw new TypeError(
      `${op}() does not compute in ${dtype}, which only stores: convert it first, as in x.to("float32")`,
    );
  }
}

/** Throws unless the type has fractions. */
export function requireFloat(op: string, dtype: DType): void {
  if (!isFloat(dtype)) {
    throw new TypeError(
      `${op}() expects float32 or float64, got ${dtype}: convert it first, as in x.to("float32")`,
    );
  }
}

/** The type in which two operands meet: bool < int32 < float32 < float64. */
export function promote(op: string, a: DType, b: DType): DType {
  requireComputing(op, a);
  requireComputing(op, b);
  return RANK[a]! >= RANK[b]! ? a : b;
}
