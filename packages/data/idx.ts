/**
 * The IDX format: an array with a type and sizes, as MNIST and its kin come.
 * Its description: https://yann.lecun.com/exdb/mnist (archived).
 */

import { type Tensor, tensor } from "@fdunn/tensor";
import {
  dtypeFor,
  type ElementName,
  elementWidth,
  readElements,
} from "./element_type.ts";

/** The element types by their codes; all have the high byte first. */
const TYPES: Readonly<Record<number, ElementName>> = {
  0x08: "uint8",
  0x09: "int8",
  0x0b: "int16",
  0x0c: "int32",
  0x0d: "float32",
  0x0e: "float64",
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
  const expected = start + size * elementWidth(type);
  if (bytes.length !== expected) {
    throw new RangeError(
      `${name} ${
        bytes.length < expected ? "is truncated" : "has trailing bytes"
      }: [${
        shape.join(", ")
      }] ${type} need ${expected} bytes, and it has ${bytes.length}`,
    );
  }
  const data = readElements(type, bytes.subarray(start), true);
  return tensor(data, { shape, dtype: dtypeFor(type) });
}

function hex(value: number, digits = 8): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}
