/** The safetensors file format: https://github.com/huggingface/safetensors */

import { type DType, ITEM_BYTES, typedArray } from "./dtype.ts";
import { tensor } from "./create.ts";
import { formatShape, sizeOf } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

const NAMES: Readonly<Record<DType, string>> = {
  float32: "F32",
  float64: "F64",
  float16: "F16",
  bfloat16: "BF16",
  int32: "I32",
  int64: "I64",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};

/** The format's own limit on the header. */
const MAX_HEADER_BYTES = 100_000_000;

/** A file's tensors and the text pairs stored with them. */
export interface SafetensorsFile {
  /** The tensors, by name. */
  tensors: Record<string, Tensor>;
  /** Text pairs from the header. */
  metadata: Record<string, string>;
}

/**
 * Writes tensors into the bytes of a safetensors file.
 *
 * ```ts
 * import { loadSafetensors, saveSafetensors, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = saveSafetensors({ w: tensor([1, 2]) }, { step: "3" });
 * const { tensors, metadata } = loadSafetensors(bytes);
 * assertEquals(tensors.w!.toArray(), [1, 2]);
 * assertEquals(metadata.step, "3");
 * ```
 */
export function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  // Without a prototype, so that "__proto__" is a name like any other.
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  // Widest elements first keeps every tensor aligned, as the format asks.
  const names = Object.keys(tensors).sort((a, b) => {
    const byWidth = tensors[b]!.itemBytes - tensors[a]!.itemBytes;
    return byWidth !== 0 ? byWidth : a < b ? -1 : 1;
  });
  let offset = 0;
  for (const name of names) {
    if (name === "__metadata__") {
      throw new RangeError(
        'saveSafetensors() cannot store a tensor named "__metadata__"',
      );
    }
    const { shape, dtype, size, itemBytes } = tensors[name]!;
    const end = offset + size * itemBytes;
    header[name] = {
      dtype: NAMES[dtype],
      shape,
      data_offsets: [offset, end],
    };
    offset = end;
  }
  let json = JSON.stringify(header);
  const length = new TextEncoder().encode(json).length;
  json += " ".repeat((8 - length % 8) % 8);
  const head = new TextEncoder().encode(json);
  const file = new Uint8Array(8 + head.length + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(head.length), true);
  file.set(head, 8);
  let position = 8 + head.length;
  for (const name of names) {
    const data = tensors[name]!.data();
    file.set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      position,
    );
    position += data.byteLength;
  }
  return file;
}

/**
 * Reads the tensors of a safetensors file.
 *
 * @throws RangeError that says what is wrong with the bytes: too short, a
 * header that is not JSON, unknown dtypes, ranges that overlap, leave gaps or
 * do not fit their shape.
 */
export function loadSafetensors(bytes: Uint8Array): SafetensorsFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw broken(`it has only ${bytes.length} bytes`);
  const headerBytes = view.getBigUint64(0, true);
  if (
    headerBytes > BigInt(bytes.length - 8) ||
    headerBytes > BigInt(MAX_HEADER_BYTES)
  ) {
    throw broken(
      `its header claims ${headerBytes} bytes of a file of ${bytes.length}`,
    );
  }
  const start = 8 + Number(headerBytes);
  const entries = parseHeader(bytes.subarray(8, start));
  const metadata: Record<string, string> = {};
  const places: { name: string; entry: Entry }[] = [];
  for (const [name, value] of entries) {
    if (name === "__metadata__") readMetadata(value, metadata);
    else places.push({ name, entry: checkEntry(name, value) });
  }
  // Tensors without elements begin where the next one does.
  places.sort((a, b) =>
    a.entry.begin - b.entry.begin || a.entry.end - b.entry.end
  );
  const tensors: Record<string, Tensor> = {};
  let expected = 0;
  for (const { name, entry } of places) {
    const { begin, end, dtype, shape } = entry;
    if (begin !== expected) {
      throw broken(`"${name}" starts at ${begin}, expected ${expected}`);
    }
    expected = end;
    if (start + end > bytes.length) {
      throw broken(
        `"${name}" ends at byte ${start + end} of a file of ${bytes.length}`,
      );
    }
    // Not bytes.slice(), which is a view where Node's Buffer comes in.
    const copy = Uint8Array.from(bytes.subarray(start + begin, start + end));
    const data = typedArray(dtype, sizeOf(shape), copy.buffer);
    Object.defineProperty(tensors, name, {
      value: tensor(data, { dtype, shape }),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  if (start + expected !== bytes.length) {
    throw broken(
      `${
        bytes.length - start - expected
      } bytes behind the last tensor belong to none`,
    );
  }
  return { tensors, metadata };
}

interface Entry {
  dtype: DType;
  shape: number[];
  begin: number;
  end: number;
}

function parseHeader(bytes: Uint8Array): [string, unknown][] {
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    );
  } catch {
    throw broken("its header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw broken("its header is not a JSON object");
  }
  return Object.entries(header);
}

function readMetadata(value: unknown, into: Record<string, string>): void {
  const valid = typeof value === "object" && value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string");
  if (!valid) throw broken("its __metadata__ is not an object of strings");
  for (const [key, text] of Object.entries(value as Record<string, string>)) {
    Object.defineProperty(into, key, {
      value: text,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

function checkEntry(name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets } = (value ?? {}) as {
    dtype?: unknown;
    shape?: unknown;
    data_offsets?: unknown;
  };
  const found = (Object.keys(NAMES) as DType[])
    .find((key) => NAMES[key] === dtype);
  if (found === undefined) {
    throw broken(`"${name}" has dtype ${JSON.stringify(dtype)}`);
  }
  const isSize = (n: unknown): n is number =>
    Number.isSafeInteger(n) && (n as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    throw broken(`"${name}" has shape ${JSON.stringify(shape)}`);
  }
  const offsets = data_offsets;
  if (
    !Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)
  ) throw broken(`"${name}" has data_offsets ${JSON.stringify(offsets)}`);
  const [begin, end] = offsets as [number, number];
  const bytes = sizeOf(shape) * ITEM_BYTES[found];
  if (!Number.isSafeInteger(bytes) || end - begin !== bytes) {
    throw broken(
      `"${name}" has ${end - begin} bytes for ${dtype} of shape ${
        formatShape(shape)
      }`,
    );
  }
  return { dtype: found, shape, begin, end };
}

function broken(what: string): RangeError {
  return new RangeError(`Not a valid safetensors file: ${what}`);
}
