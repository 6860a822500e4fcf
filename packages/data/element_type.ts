/** Element types of files from elsewhere, and how their bytes are read. */

import type { DType, TypedArray } from "@fdunn/tensor";

/** The types that files have, with numpy's and PyTorch's names. */
export type ElementName =
  | DType
  | "int16"
  | "uint16"
  | "uint32"
  | "uint64";

/** Where elements lie, little-endian and aligned. */
type Place = [buffer: ArrayBufferLike, byteOffset: number, length: number];

/** Bytes of an element; the type of fdunn that holds all values; the values. */
type ElementType = readonly [
  width: number,
  dtype: DType,
  read: (...place: Place) => TypedArray,
];

const TYPES: Readonly<Record<ElementName, ElementType>> = {
  bool: [1, "bool", (...at) => new Uint8Array(...at)],
  int8: [1, "int8", (...at) => new Int8Array(...at)],
  uint8: [1, "uint8", (...at) => new Uint8Array(...at)],
  int16: [2, "int32", (...at) => new Int32Array(new Int16Array(...at))],
  uint16: [2, "int32", (...at) => new Int32Array(new Uint16Array(...at))],
  int32: [4, "int32", (...at) => new Int32Array(...at)],
  uint32: [
    4,
    "int64",
    (...at) => BigInt64Array.from(new Uint32Array(...at), BigInt),
  ],
  int64: [8, "int64", (...at) => new BigInt64Array(...at)],
  uint64: [8, "int64", unsigned],
  float16: [2, "float16", (...at) => new Uint16Array(...at)],
  bfloat16: [2, "bfloat16", (...at) => new Uint16Array(...at)],
  float32: [4, "float32", (...at) => new Float32Array(...at)],
  float64: [8, "float64", (...at) => new Float64Array(...at)],
};

/** How many bytes an element of this type has in a file. */
export function elementWidth(name: ElementName): number {
  return TYPES[name][0];
}

/** The type of fdunn that holds all values of a file's type. */
export function dtypeFor(name: ElementName): DType {
  return TYPES[name][1];
}

/**
 * The elements in a file's bytes: a view of them where they are aligned. 16-bit
 * integers become int32, uint32 and uint64 int64.
 *
 * @throws RangeError for uint64 from 2^63 on.
 */
export function readElements(
  name: ElementName,
  bytes: Uint8Array,
  bigEndian: boolean,
): TypedArray {
  const [width, , read] = TYPES[name];
  const swaps = bigEndian && width > 1;
  const aligned = !swaps && bytes.byteOffset % width === 0
    ? bytes
    : new Uint8Array(bytes);
  if (swaps) reverseEach(aligned, width);
  return read(aligned.buffer, aligned.byteOffset, bytes.length / width);
}

function reverseEach(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) {
    for (let i = start, j = start + width - 1; i < j; i++, j--) {
      const byte = bytes[i]!;
      bytes[i] = bytes[j]!;
      bytes[j] = byte;
    }
  }
}

function unsigned(...place: Place): BigInt64Array {
  const values = new BigInt64Array(...place);
  const large = values.findIndex((value) => value < 0n);
  if (large < 0) return values;
  throw new RangeError(
    `uint64 ${
      BigInt.asUintN(64, values[large]!)
    } at position ${large} is outside of int64, the widest whole numbers of fdunn`,
  );
}
