/** Tensors in lists and records, as `forward` takes and returns them. */

import { Tensor } from "@fdunn/tensor";

/** Whether a value is a plain object, and not an instance of some class. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

/** All tensors in a value, in order. */
export function tensorsIn(value: unknown): Tensor[] {
  const found: Tensor[] = [];
  mapTensors(value, (tensor) => {
    found.push(tensor);
    return tensor;
  });
  return found;
}

/** A copy of a value with other tensors in the places of its own. */
export function mapTensors(
  value: unknown,
  f: (tensor: Tensor) => Tensor,
): unknown {
  if (value instanceof Tensor) return f(value);
  if (Array.isArray(value)) return value.map((item) => mapTensors(item, f));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapTensors(item, f)]),
  );
}
