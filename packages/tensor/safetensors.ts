/**
 * The safetensors file format: https://github.com/huggingface/safetensors. An
 * entry point of its own, as in Python it is a package of its own.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { loadSafetensors, saveSafetensors } from "@fdunn/tensor/safetensors";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = saveSafetensors({ bias: tensor([0.5, -1]) });
 * assertEquals(loadSafetensors(bytes).tensors.bias!.toArray(), [0.5, -1]);
 * ```
 *
 * @module
 */

import { type DType, ITEM_BYTES, typedArray } from "./dtype.ts";
import { tensor } from "./create.ts";
import { sizeOf } from "./shape.ts";
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

/** How many axes tensors may have: PyTorch's and numpy's limit. */
const MAX_RANK = 64;

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
 * import { tensor } from "@fdunn/tensor";
 * import { loadSafetensors, saveSafetensors } from "@fdunn/tensor/safetensors";
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
  checkTexts(metadata);
  const header: [string, unknown][] = Object.keys(metadata).length > 0
    ? [["__metadata__", metadata]]
    : [];
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
    const data_offsets = [offset, end];
    header.push([name, { dtype: NAMES[dtype], shape, data_offsets }]);
    offset = end;
  }
  // fromEntries() takes "__proto__" for a name like any other.
  const json = JSON.stringify(Object.fromEntries(header));
  const head = new TextEncoder().encode(json);
  let position = 8 + Math.ceil(head.length / 8) * 8;
  const file = new Uint8Array(position + offset);
  new DataView(file.buffer).setUint32(0, position - 8, true);
  file.set(head, 8);
  file.fill(0x20, 8 + head.length, position);
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
 * Reads the tensors of a safetensors file: copies, whatever becomes of the
 * bytes. float16 and bfloat16 stay what they are; `to("float32")` converts.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { loadSafetensors, saveSafetensors } from "@fdunn/tensor/safetensors";
 * import { assertEquals } from "@std/assert";
 *
 * const half = tensor([0.5, 2]).to("bfloat16");
 * const { tensors } = loadSafetensors(saveSafetensors({ half }));
 * assertEquals(tensors.half!.dtype, "bfloat16");
 * assertEquals(tensors.half!.to("float32").toArray(), [0.5, 2]);
 * ```
 *
 * @throws RangeError that says what is wrong with the bytes: too short, a
 * header that is not JSON, keys that are repeated or unknown, ranges that
 * overlap, leave gaps or do not fit their shape. TypeError for dtypes that
 * fdunn lacks, such as U16 and F8_E4M3.
 */
export function loadSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < 8) throw broken(`it has only ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headerBytes = view.getBigUint64(0, true);
  const start = 8 + Number(headerBytes);
  if (start > bytes.length || start > 8 + MAX_HEADER_BYTES) {
    throw broken(
      `its header claims ${headerBytes} bytes of a file of ${bytes.length}`,
    );
  }
  const places = new Map<string, Entry>();
  let metadata: Record<string, string> | undefined;
  for (const [key, fields, colons] of entriesOf(bytes.subarray(8, start))) {
    const other = key === "__metadata__" ? metadata : places.get(key);
    if (other !== undefined || Object.keys(fields).length !== colons) {
      throw broken("its header repeats a key");
    }
    if (key === "__metadata__") metadata = checkTexts(fields);
    else places.set(key, checkEntry(shown(key), fields));
  }
  let expected = 0;
  const tensors = [...places]
    // Tensors without elements begin where the next one does.
    .sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)
    .map(([key, { name, begin, end, dtype, shape }]) => {
      if (begin !== expected) {
        throw broken(`${name} starts at ${begin}, expected ${expected}`);
      }
      expected = end;
      if (start + end > bytes.length) {
        throw broken(
          `${name} ends at byte ${start + end} of a file of ${bytes.length}`,
        );
      }
      // tensor() copies; what is not aligned must be copied before, and not by
      // bytes.slice(), which gives a view where Node's Buffer comes in.
      const from = bytes.byteOffset + start + begin;
      const data = from % ITEM_BYTES[dtype] === 0
        ? typedArray(dtype, sizeOf(shape), bytes.buffer, from)
        : typedArray(
          dtype,
          sizeOf(shape),
          new Uint8Array(bytes.subarray(start + begin, start + end)).buffer,
        );
      return [key, tensor(data, { dtype, shape })] as const;
    });
  const left = bytes.length - start - expected;
  if (left > 0) {
    throw broken(`${left} bytes behind the last tensor belong to none`);
  }
  return { tensors: Object.fromEntries(tensors), metadata: metadata ?? {} };
}

/** What an object of the header says. */
type Fields = Readonly<Record<string, unknown>>;

interface Entry {
  /** The key as messages show it. */
  name: string;
  dtype: DType;
  shape: number[];
  begin: number;
  end: number;
}

// JSON's texts; what is neither text, list nor object; lists of that alone.
const TEXT = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`;
const BARE = String.raw`[^[\]{}"]*`;
const LIST = String.raw`\[${BARE}]`;

/** An entry of the header: a key, and an object without objects in it. */
const ENTRY = new RegExp(
  String
    .raw`(?:^{|(?!^),)\s*(${TEXT})\s*:\s*({${BARE}(?:(?:${TEXT}|${LIST})${BARE})*})\s*`,
  "y",
);

/** All of an object but the colons behind its keys. */
const NO_COLON = new RegExp(`${TEXT}|[^":]+`, "g");

/**
 * The header's entries one by one, each with the number of its colons: a
 * hostile header fails at its first entry instead of filling the memory, and
 * repeated keys show, of which JSON.parse() keeps the last.
 */
function* entriesOf(bytes: Uint8Array): Generator<[string, Fields, number]> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    let at = 0;
    for (;; at = ENTRY.lastIndex) {
      ENTRY.lastIndex = at;
      const entry = ENTRY.exec(text);
      if (entry === null) break;
      const [key, value] = [entry[1]!, entry[2]!];
      const colons = value.replace(NO_COLON, "").length;
      yield [JSON.parse(key), JSON.parse(value), colons];
    }
    if (/^(?:}|{\s*})\s*$/.test(text.slice(at))) return;
  } catch {
    // What a parser says of a hostile text is no sentence.
  }
  throw broken("its header is not JSON as the format has it");
}

function checkTexts(fields: Fields): Record<string, string> {
  if (Object.values(fields).every((text) => typeof text === "string")) {
    return fields as Record<string, string>;
  }
  throw broken("its __metadata__ is not an object of strings");
}

function checkEntry(name: string, fields: Fields): Entry {
  const { dtype: type, shape, data_offsets: offsets } = fields;
  const dtype = (Object.keys(NAMES) as DType[])
    .find((known) => NAMES[known] === type);
  if (dtype === undefined) {
    throw new TypeError(
      `loadSafetensors() got ${name} of dtype ${shown(type)}, expected ${
        Object.values(NAMES).join(", ")
      }`,
    );
  }
  if (!areSizes(shape)) throw broken(`${name} has shape ${shown(shape)}`);
  if (!areSizes(offsets) || offsets.length !== 2) {
    throw broken(`${name} has data_offsets ${shown(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = sizeOf(shape) * ITEM_BYTES[dtype];
  if (!Number.isSafeInteger(bytes) || end - begin !== bytes) {
    throw broken(
      `${name} has ${end - begin} bytes for ${type} of shape ${shown(shape)}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= MAX_RANK &&
    value.every((n) => Number.isSafeInteger(n) && n >= 0 && 1 / n > 0);
}

/** What a header says, as messages show it: cut short, on one line. */
function shown(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 80);
}

function broken(what: string): RangeError {
  return new RangeError(`Not a valid safetensors file: ${what}`);
}
