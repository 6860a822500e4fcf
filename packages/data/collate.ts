/** Collating: a list of items becomes one batch. */

import { cat, stack, Tensor, tensor } from "@fdunn/tensor";

/**
 * What {@linkcode defaultCollate} makes of items of type `T`: tensors, typed
 * arrays, numbers and booleans become a tensor with one more axis; strings and
 * anything else a list; arrays and plain objects are collated field by field.
 */
export type Collated<T> = T extends
  Tensor | number | boolean | bigint | ArrayBufferView ? Tensor
  : T extends readonly unknown[] ? { -readonly [K in keyof T]: Collated<T[K]> }
  : T extends Record<string, unknown> ? { [K in keyof T]: Collated<T[K]> }
  : T[];

/** Options of {@linkcode defaultCollate}. */
export interface CollateOptions {
  /** What JavaScript numbers become. Default float32; labels need int32. */
  numbers?: "float32" | "float64" | "int32";
  /** The items' indices in their data set, for messages. */
  indices?: ArrayLike<number>;
}

/**
 * Stacks items into a batch.
 *
 * Tensors, and typed arrays, of equal shapes become one tensor with the items
 * along a new first axis; numbers a float32 tensor `[n]` (JavaScript cannot
 * tell 3 from 3.0: give labels as int32 tensors, or set `numbers`), booleans a
 * bool one; arrays and plain objects are collated field by field; strings and
 * everything else are listed.
 *
 * ```ts
 * import { defaultCollate } from "@fdunn/data";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const batch = defaultCollate([
 *   { x: tensor([1, 2]), name: "a" },
 *   { x: tensor([3, 4]), name: "b" },
 * ]);
 * assertEquals(batch.x.toArray(), [[1, 2], [3, 4]]);
 * assertEquals(batch.name, ["a", "b"]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
 *
 * @throws RangeError for an empty list and for shapes or lengths that differ,
 * TypeError for kinds that differ; the message names the item.
 */
export function defaultCollate<T>(
  items: readonly T[],
  options: CollateOptions = {},
): Collated<T> {
  if (items.length === 0) {
    throw new RangeError("defaultCollate() got no items, expected at least 1");
  }
  return collate(items, "", options) as Collated<T>;
}

/** Collates the values found at one place of all items. */
function collate(
  values: readonly unknown[],
  path: string,
  options: CollateOptions,
): unknown {
  const kind = kindOf(values[0]);
  for (let i = 1; i < values.length; i++) {
    if (kindOf(values[i]) !== kind) {
      throw new TypeError(
        `Cannot collate ${describe(0, path, options)}, a ${kind}, with ${
          describe(i, path, options)
        }, a ${kindOf(values[i])}`,
      );
    }
  }
  switch (kind) {
    case "tensor":
      return stackTensors(values as readonly Tensor[], path, options);
    case "typed array":
      return stackTensors(
        (values as readonly ArrayBufferView[]).map((view) => tensor(view)),
        path,
        options,
      );
    case "number":
      return tensor(values as number[], {
        dtype: options.numbers ?? "float32",
      });
    case "boolean":
      return tensor(values as boolean[]);
    case "array":
      return collateArrays(values as readonly unknown[][], path, options);
    case "object":
      return collateObjects(
        values as readonly Record<string, unknown>[],
        path,
        options,
      );
    default:
      return values.slice();
  }
}

function kindOf(value: unknown): string {
  if (value instanceof Tensor) return "tensor";
  if (ArrayBuffer.isView(value)) return "typed array";
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null
    ? "object"
    : value.constructor?.name ?? "class";
}

/** `item 17` or `[1] of item 17`. */
function describe(i: number, path: string, { indices }: CollateOptions) {
  const item = `item ${indices?.[i] ?? i}`;
  return path === "" ? item : `${path} of ${item}`;
}

function stackTensors(
  tensors: readonly Tensor[],
  path: string,
  options: CollateOptions,
): Tensor {
  const first = tensors[0]!;
  for (let i = 1; i < tensors.length; i++) {
    const other = tensors[i]!;
    const [a, b] = [first.shape.join(", "), other.shape.join(", ")];
    if (a === b && first.dtype === other.dtype) continue;
    const [left, right] = a === b
      ? [first.dtype, other.dtype]
      : [`shape [${a}]`, `shape [${b}]`];
    const hint = a === b
      ? "convert them with to()"
      : "pad them, or give the loader its own collate";
    throw new (a === b ? TypeError : RangeError)(
      `Cannot collate ${describe(0, path, options)} of ${left} with ${
        describe(i, path, options)
      } of ${right}, which must be equal: ${hint}`,
    );
  }
  // Scalars have no axis that cat() could join, and stack() adds one to each.
  return first.ndim === 0
    ? cat(tensors.map((t) => t.reshape([1])))
    : stack(tensors);
}

function collateArrays(
  values: readonly unknown[][],
  path: string,
  options: CollateOptions,
): unknown[] {
  const first = values[0]!;
  values.forEach((value, i) => {
    if (value.length !== first.length) {
      throw new RangeError(
        `Cannot collate ${
          describe(0, path, options)
        } with ${first.length} elements with ${
          describe(i, path, options)
        } with ${value.length}, which must be equal`,
      );
    }
  });
  return first.map((_, field) =>
    collate(values.map((value) => value[field]), `${path}[${field}]`, options)
  );
}

function collateObjects(
  values: readonly Record<string, unknown>[],
  path: string,
  options: CollateOptions,
): Record<string, unknown> {
  const fields = Object.keys(values[0]!);
  const batch: Record<string, unknown> = {};
  for (const field of fields) {
    values.forEach((value, i) => {
      if (!(field in value)) {
        throw new RangeError(
          `Cannot collate ${describe(i, path, options)}: it has no "${field}"`,
        );
      }
    });
    batch[field] = collate(
      values.map((value) => value[field]),
      `${path}.${field}`,
      options,
    );
  }
  return batch;
}
