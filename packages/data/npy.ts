/**
 * numpy's format for one array:
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

import { type Shape, type Tensor, tensor } from "@fdunn/tensor";
import {
  dtypeFor,
  type ElementName,
  elementWidth,
  readElements,
} from "./element_type.ts";
import { gather } from "./strided.ts";

/** numpy's codes of element types, without their byte order. */
const CODES: Readonly<Record<string, ElementName>> = {
  b1: "bool",
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

/** What the other codes of numpy mean, by their first letter. */
const FOREIGN: Readonly<Record<string, string>> = {
  O: "Python objects, which are pickled: to unpickle is to run code",
  S: "bytes",
  U: "text",
  V: "raw memory",
  M: "dates",
  m: "spans of time",
  c: "complex numbers",
};

/** The bytes that every file begins with: `\x93NUMPY`. */
const MAGIC: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** numpy's limit on the axes of an array. */
const MAX_RANK = 64;

/** What a header may have; numpy refuses more than 10,000 bytes itself. */
const MAX_HEADER_BYTES = 1 << 16;

/** Spaces that numpy leaves so that the first size can grow in place. */
const GROWTH_DIGITS = 21;

/**
 * The tensor in the bytes of a `.npy` file.
 *
 * All of numpy's layouts (rows or columns first, either byte order, versions 1
 * to 3) become a row-major tensor of the same shape. bool, int8, uint8, int32,
 * int64, float16, float32 and float64 stay what they are; int16 and uint16
 * become int32, uint32 and uint64 int64. Nothing is ever unpickled.
 *
 * ```ts
 * import { loadNpy, saveNpy } from "@fdunn/data";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = saveNpy(tensor([[1, 2], [3, 4]])); // or a file that was read
 * assertEquals(loadNpy(bytes).toArray(), [[1, 2], [3, 4]]);
 * ```
 *
 * See https://numpy.org/doc/stable/reference/generated/numpy.load.html
 *
 * @param name what the messages call the data; the path of the file, say.
 * @throws RangeError for bytes that are no `.npy` file, missing or trailing
 * bytes, uint64 from 2^63 on. TypeError for elements that no tensor holds:
 * complex numbers, text, dates, structures, Python objects.
 */
export function loadNpy(bytes: Uint8Array, name = "The .npy file"): Tensor {
  const { start, text } = headerOf(bytes, name);
  const fields = parseHeader(text, name);
  const { element, bigEndian } = elementOf(fields.descr, name);
  const shape = fields.shape;
  const size = shape.reduce((product, n) => product * n, 1);
  const expected = start + size * elementWidth(element);
  if (bytes.length !== expected) {
    throw new RangeError(
      `${name} has ${bytes.length} bytes, expected ${expected} for ${element} of shape [${
        shape.join(", ")
      }]`,
    );
  }
  const values = readElements(element, bytes.subarray(start), bigEndian);
  const dtype = dtypeFor(element);
  if (!fields.fortranOrder) return tensor(values, { shape, dtype });
  const data = gather(values, shape, columnStrides(shape), 0);
  return tensor(data, { shape, dtype });
}

/**
 * The bytes of a `.npy` file, as `numpy.save` writes them. bfloat16, which
 * numpy lacks, must be converted first.
 *
 * ```ts
 * import { saveNpy } from "@fdunn/data";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = saveNpy(tensor([1, 2], { dtype: "float64" }));
 * const header = new TextDecoder().decode(bytes.subarray(10, 67));
 * assertEquals(
 *   header,
 *   "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }",
 * );
 * ```
 *
 * See https://numpy.org/doc/stable/reference/generated/numpy.save.html
 *
 * @throws TypeError for bfloat16.
 */
export function saveNpy(x: Tensor): Uint8Array<ArrayBuffer> {
  const code = Object.keys(CODES).find((code) => CODES[code] === x.dtype);
  if (code === undefined) {
    throw new TypeError(
      `saveNpy() got ${x.dtype}, which numpy lacks: convert it first, as in x.to("float32")`,
    );
  }
  const order = x.itemBytes === 1 ? "|" : "<";
  const [first] = x.shape;
  const sizes = x.shape.length === 1 ? `${first},` : x.shape.join(", ");
  const spare = first === undefined ? 0 : GROWTH_DIGITS - `${first}`.length;
  const header =
    `{'descr': '${order}${code}', 'fortran_order': False, 'shape': (${sizes}), }` +
    " ".repeat(spare);
  // The data begin at a multiple of 64, behind a line's end.
  const start = Math.ceil((MAGIC.length + 4 + header.length + 1) / 64) * 64;
  const data = x.data();
  const bytes = new Uint8Array(start + data.byteLength);
  bytes.set(MAGIC);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, start - 10, true);
  bytes.fill(0x20, 10, start - 1);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes[start - 1] = 0x0a;
  bytes.set(
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    start,
  );
  return bytes;
}

/** The text of the header, and where the data begin. */
function headerOf(
  bytes: Uint8Array,
  name: string,
): { start: number; text: string } {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new RangeError(
      `${name} is not a .npy file: it does not begin with \\x93NUMPY and a header`,
    );
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3 || bytes[7] !== 0) {
    throw new RangeError(
      `${name} has version ${version}.${
        bytes[7]
      } of the .npy format, expected 1.0, 2.0 or 3.0`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const from = version === 1 ? 10 : 12;
  const start = bytes.length < from ? Infinity : from +
    (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start > bytes.length) {
    throw new RangeError(
      `${name} is truncated: its header ends at byte ${start}, and it has ${bytes.length}`,
    );
  }
  if (start > MAX_HEADER_BYTES) {
    throw new RangeError(
      `${name} has a header of ${start} bytes, expected up to ${MAX_HEADER_BYTES}`,
    );
  }
  const decoder = new TextDecoder(version === 3 ? "utf-8" : "latin1");
  return { start, text: decoder.decode(bytes.subarray(from, start)) };
}

interface Header {
  descr: string;
  fortranOrder: boolean;
  shape: Shape;
}

/** A key of the header with its value: text, a truth value, or sizes. */
const FIELD =
  /\s*(['"])(descr|fortran_order|shape)\1\s*:\s*(?:(['"])([^'"]*)\3|(True|False)|\(([\d\s,L]*)\))\s*(?:,|(?=\}))/y;

/** Reads the dictionary of a header, which is Python's source text. */
function parseHeader(text: string, name: string): Header {
  if (/^\{[^[]*['"]descr['"]\s*:\s*\[/.test(text)) {
    throw new TypeError(
      `${name} has structured elements (fields with names), which no tensor holds: save each field as an array of its own`,
    );
  }
  const found: Partial<Header> = {};
  let fields = 0;
  let at = 1;
  for (FIELD.lastIndex = at;; fields++) {
    const match = FIELD.exec(text);
    if (match === null) break;
    at = FIELD.lastIndex;
    const [, , key, , descr, truth, sizes] = match;
    if (key === "descr" && descr !== undefined) found.descr = descr;
    if (key === "fortran_order" && truth !== undefined) {
      found.fortranOrder = truth === "True";
    }
    if (key === "shape" && sizes !== undefined) {
      found.shape = parseSizes(sizes, name);
    }
  }
  const { descr, fortranOrder, shape } = found;
  if (
    !text.startsWith("{") || !/^\s*\}\s*$/.test(text.slice(at)) ||
    fields !== 3 || descr === undefined || fortranOrder === undefined ||
    shape === undefined
  ) {
    throw new RangeError(
      `${name} has the header ${
        JSON.stringify(text.slice(0, 200))
      }, expected a dictionary with descr, fortran_order and shape`,
    );
  }
  return { descr, fortranOrder, shape };
}

/** `3, 4` or `3,`, with an L behind numbers where Python 2 wrote them. */
function parseSizes(text: string, name: string): Shape {
  const parts = text.split(",");
  if (parts.at(-1)!.trim() === "") parts.pop();
  const shape = parts.map((part) =>
    /^\s*\d+L?\s*$/.test(part) ? parseInt(part) : NaN
  );
  if (shape.length > MAX_RANK || !shape.every(Number.isSafeInteger)) {
    throw new RangeError(
      `${name} has the shape (${
        text.slice(0, 200)
      }), expected up to ${MAX_RANK} whole numbers`,
    );
  }
  return shape;
}

function elementOf(
  descr: string,
  name: string,
): { element: ElementName; bigEndian: boolean } {
  const [order, code] = [descr.slice(0, 1), descr.slice(1)];
  const element = Object.hasOwn(CODES, code) ? CODES[code]! : undefined;
  const orders = element && elementWidth(element) > 1 ? "<>" : "<>|";
  if (element !== undefined && order !== "" && orders.includes(order)) {
    return { element, bigEndian: order === ">" };
  }
  const kind = FOREIGN[code.slice(0, 1)];
  throw new TypeError(
    `${name} has elements of numpy's type ${descr.slice(0, 80)}${
      kind === undefined ? "" : `, ${kind}`
    }; expected ${Object.values(CODES).join(", ")}`,
  );
}

/** The strides of an array whose first axis is innermost. */
function columnStrides(shape: Shape): number[] {
  let step = 1;
  return shape.map((size) => {
    const own = step;
    step *= size;
    return own;
  });
}
