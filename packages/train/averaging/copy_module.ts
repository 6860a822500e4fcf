/** A model twice. */

import { keep, noGrad, Tensor } from "@fdunn/tensor";
import { type AnyModule, Module, Parameter } from "@fdunn/nn";

/**
 * A copy of a model with parameters and buffers of its own, as Python's
 * `copy.deepcopy(model)` makes: modules below are copied, too, shared
 * parameters stay shared, other values in fields are shared with the original
 * (lists and plain objects are copied). Hooks stay with the original.
 *
 * A class's `#private` fields cannot be seen: a module that has some needs
 * another way, such as making it twice and `loadStateDict()`.
 *
 * ```ts
 * import { copyModule } from "@fdunn/train";
 * import { noGrad } from "@fdunn/tensor";
 * import { Linear, Sequential } from "@fdunn/nn";
 * import { assertNotEquals } from "@std/assert";
 *
 * const model = new Sequential(new Linear(2, 2));
 * const copy = copyModule(model);
 * noGrad(() => copy.parameters()[0]!.add_(1));
 * assertNotEquals(
 *   copy.parameters()[0]!.toArray(),
 *   model.parameters()[0]!.toArray(),
 * );
 * ```
 */
export function copyModule<M extends AnyModule>(model: M): M {
  return copyOf(model, new Map()) as M;
}

/** Copies a value once: `made` has what was copied already. */
function copyOf(value: unknown, made: Map<object, object>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const before = made.get(value);
  if (before !== undefined) return before;
  const note = <T extends object>(copy: T): T => {
    made.set(value, copy);
    return copy;
  };
  if (value instanceof Parameter) {
    return note(new Parameter(value, value.requiresGrad));
  }
  if (value instanceof Tensor) {
    return note(keep(noGrad(() => value.detach().clone())));
  }
  if (value instanceof Module) {
    // The base's own private fields, under the class of the original.
    const make = () => Reflect.construct(Module, [], value.constructor);
    return copyFields(value, note(make() as AnyModule), made);
  }
  if (Array.isArray(value)) {
    const list: unknown[] = note([]);
    for (const item of value) list.push(copyOf(item, made));
    return list;
  }
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  return isPlain ? copyFields(value, note({}), made) : value;
}

/** Copies all fields, also those whose keys are symbols. */
function copyFields<T extends object>(
  from: T,
  to: T,
  made: Map<object, object>,
): T {
  for (const key of Reflect.ownKeys(from)) {
    const field = Object.getOwnPropertyDescriptor(from, key)!;
    // A method of its own belongs to the original: hooks put one there.
    if (typeof field.value === "function" && key in to) continue;
    if ("value" in field) field.value = copyOf(field.value, made);
    Object.defineProperty(to, key, field);
  }
  if (from instanceof Module && to instanceof Module) copyBuffers(from, to);
  return to;
}

/** Makes those fields buffers that are some in the original. */
function copyBuffers(from: AnyModule, to: AnyModule): void {
  const state = from.stateDict();
  for (const [name] of from.namedBuffers()) {
    const copy = (to as unknown as Record<string, unknown>)[name];
    if (!(copy instanceof Tensor)) continue; // of a module below
    to.registerBuffer(name, copy, { persistent: name in state });
  }
}
