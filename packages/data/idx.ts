/**
 * The IDX format: an array with a type and sizes, as MNIST and its kin come.
 * Its description: https://yann.lecun.com/exdb/mnist (archived).
 */

import {
  type DType,
  type Tensor,
  tensor,
  type TypedArray,
} from "@fdunn/tensor";

interface IdxType {
  readonly name: string;
  readonly bytes: number;
  readonly dtype: DType;
  /** All types but single bytes are stored with the high byte first. */
  read(view: DataView, at: number): number;
  make(length: number): TypedArray;
}

const TYPES: Readonly<Record<number, IdxType>> = {
  0x08: {
    name: "unsigned bytes",
    bytes: 1,
    dtype: "uint8",
    read: (view, at) => view.getUint8(at),
    make: (length) => new Uint8Array(length),
  },
  0x09: {
    name: "signed bytes",
    bytes: 1,
    dtype: "int8",
    read: (view, at) => view.getInt8(at),
    make: (length) => new Int8Array(length),
  },
  0x0b: {
    name: "16-bit integers",
    bytes: 2,
    dtype: "int32",
    read: (view, at) => view.getInt16(at),
    make: (length) => new Int32Array(length),
  },
  0x0c: {
    name: "32-bit integers",
    bytes: 4,
    dtype: "int32",
    read: (view, at) => view.getInt32(at),
    make: (length) => new Int32Array(length),
  },
  0x0d: {
    name: "32-bit floats",
    bytes: 4,
    dtype: "float32",
    read: (view, at) => view.getFloat32(at),
    make: (length) => new Float32Array(length),
  },
  0x0e: {
    name: "64-bit floats",
    bytes: 8,
    dtype: "float64",
    read: (view, at) => view.getFloat64(at),
    make: (length) => new Float64Array(length),
  },
};

/**
 * The tensor in the bytes of an IDX file: uint8, int8, int32 (also for 16-bit
 * integers), float32 or float64, with the sizes of the file.
 *
 * ```ts
 * import { readIdx } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * // deno-fmt-ignore
 * const bytes = new Uint8Array([
 *   0, 0, 0x08, 2, // magic number: unsigned bytes, 2 dims
 *   0, 0, 0, 2, 0, 0, 0, 3, // sizes
 *   1, 2, 3, 4, 5, 6,
 * ]);
 * assertEquals(readIdx(bytes).toArray(), [[1, 2, 3], [4, 5, 6]]);
 * ```
 *
 * @param name what the messages call the data; the path of the file, say.
 * @throws RangeError for a wrong magic number, an unknown type, missing or
 * trailing bytes.
 */
export function readIdx(bytes: Uint8Array, name = "IDX data"): Tensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) {
    throw new RangeError(
      `${name} has ${bytes.length} bytes, expected an IDX file, which has at least 4`,
    );
  }
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    throw new RangeError(
      `${name} begins with ${hex(view.getUint32(0))}, expected the magic number of an IDX file, which begins with 0x0000`,
    );
  }
  const type = TYPES[bytes[2]!];
  if (type === undefined) {
    const known = Object.keys(TYPES).map((code) => hex(Number(code), 2));
    throw new RangeError(
      `${name} has elements of type ${hex(bytes[2]!, 2)}, expected an IDX type: ${
        known.join(", ")
      }`,
    );
  }
  const rank = bytes[3]!;
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw new RangeError(
      `${name} is truncated: ${rank} sizes need ${start} bytes, and it has ${bytes.length}`,
    );
  }
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = shape.reduce((product, n) => product * n, 1);
  const expected = start + size * type.bytes;
  if (bytes.length !== expected) {
    throw new RangeError(
      `${name} ${
        bytes.length < expected ? "is truncated" : "has trailing bytes"
      }: [${
        shape.join(", ")
      }] ${type.name} need ${expected} bytes, and it has ${bytes.length}`,
    );
  }
  return tensor(elements(type, bytes, view, start, size), { shape });
}

function elements(
  type: IdxType,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  size: number,
): TypedArray {
  if (type.dtype === "uint8") return bytes.subarray(start);
  const data = type.make(size);
  for (let i = 0; i < size; i++) {
    data[i] = type.read(view, start + i * type.bytes);
  }
  return data;
}

function hex(value: number, digits = 8): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}
