/** States, nested data with tensors, as JSON text beside the tensors. */

import { Tensor } from "@fdunn/tensor";

/** A state in two parts. */
export interface PackedState {
  /** All but the tensors; a tensor's place says `{ "$tensor": name }`. */
  json: string;
  /** By name: the way to them, such as `model.conv1.weight`. */
  tensors: Record<string, Tensor>;
}

/** Typed arrays are kept as lists under their names. */
const ARRAYS = [
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
];

/**
 * Packs numbers, texts, booleans, null, bigints, tensors, typed arrays, lists
 * and plain objects, in any depth. What JSON cannot say is an object with one
 * key that begins with "$"; such keys of the state's own get one "$" more.
 *
 * @throws TypeError, with the way to it, for anything else.
 */
export function packState(state: unknown): PackedState {
  const tensors: Record<string, Tensor> = {};
  return { json: JSON.stringify(packed(state, "", tensors)), tensors };
}

/** The state that was packed, with new tensors. */
export function unpackState({ json, tensors }: PackedState): unknown {
  return unpacked(JSON.parse(json), tensors);
}

function packed(
  value: unknown,
  path: string,
  tensors: Record<string, Tensor>,
): unknown {
  if (value instanceof Tensor) {
    let name = path === "" ? "state" : path;
    while (Object.hasOwn(tensors, name)) name += "'";
    tensors[name] = value;
    return { $tensor: name };
  }
  if (typeof value === "number") {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { $number: Object.is(value, -0) ? "-0" : String(value) };
  }
  if (typeof value === "bigint") return { $bigint: String(value) };
  if (typeof value !== "object" || value === null) {
    if (value === null || ["string", "boolean"].includes(typeof value)) {
      return value;
    }
    throw unfit(typeof value, path);
  }
  const below = (item: unknown, key: string | number) =>
    packed(item, path === "" ? `${key}` : `${path}.${key}`, tensors);
  if (Array.isArray(value)) {
    return value.map((item, i) => item === undefined ? null : below(item, i));
  }
  const array = ARRAYS.find((type) => value instanceof type);
  if (array !== undefined) {
    const values = Array.from(value as Iterable<number>, below);
    return { $array: array.name, values };
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw unfit(value.constructor.name, path);
  }
  const entries = Object.entries(value).filter(([, item]) =>
    item !== undefined
  );
  return Object.fromEntries(
    entries.map((
      [key, item],
    ) => [key.replace(/^\$/, "$$$$"), below(item, key)]),
  );
}

function unfit(what: string, path: string): TypeError {
  return new TypeError(
    `A state cannot keep the ${what} at "${path}": it takes numbers, texts, booleans, null, tensors, typed arrays, lists and plain objects`,
  );
}

function unpacked(
  value: unknown,
  tensors: Readonly<Record<string, Tensor>>,
): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => unpacked(item, tensors));
  const { $tensor, $number, $bigint, $array } = value as Record<string, string>;
  if ($tensor !== undefined) return tensors[$tensor];
  if ($number !== undefined) return Number($number);
  if ($bigint !== undefined) return BigInt($bigint);
  if ($array !== undefined) {
    const type = ARRAYS.find(({ name }) => name === $array)!;
    const { values } = value as unknown as { values: unknown[] };
    return type.from(values.map((item) => unpacked(item, tensors) as number));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.replace(/^\$\$/, "$"),
      unpacked(item, tensors),
    ]),
  );
}
