/** Weights that are computed from others before each forward pass. */

import type { Tensor } from "@fdunn/tensor";
import type { AnyModule } from "../module.ts";
import { Parameter } from "../parameter.ts";

/** A module's fields by name. */
export type Fields = Record<string, unknown>;

/** Modules by what computes their weights, and what ends that. */
const ENDS = new WeakMap<AnyModule, Map<string, () => void>>();

/**
 * The parameter of a module with this name.
 *
 * @throws RangeError when there is none.
 */
export function parameterOf(
  who: string,
  module: AnyModule,
  name: string,
): Parameter {
  const value = (module as unknown as Fields)[name];
  if (value instanceof Parameter) return value;
  throw new RangeError(
    `${who} got the name "${name}", which is no parameter of ${module.constructor.name}`,
  );
}

/**
 * Takes a parameter out of a module, whose field `compute` fills from now on, of
 * `parts` and `buffers`; `kind` and the name tell it to {@linkcode restore}.
 */
export function reparametrize(
  module: AnyModule,
  name: string,
  kind: string,
  parts: Readonly<Record<string, Parameter>>,
  compute: () => Tensor,
  buffers: readonly string[] = [],
): void {
  const fields = module as unknown as Fields;
  const remove = module.registerForwardPreHook(() => {
    fields[name] = compute();
  });
  delete fields[name];
  Object.assign(fields, parts);
  fields[name] = compute().detach();
  const ends = ENDS.get(module) ?? new Map();
  ENDS.set(module, ends);
  ends.set(`${kind} ${name}`, () => {
    remove();
    const last = new Parameter(compute().detach());
    for (const part of [...Object.keys(parts), ...buffers]) delete fields[part];
    fields[name] = last;
  });
}

/**
 * Puts a parameter back, with the value that it has.
 *
 * @throws RangeError when it was not reparametrized so.
 */
export function restore(
  who: string,
  module: AnyModule,
  name: string,
  kind: string,
): void {
  const ends = ENDS.get(module);
  const end = ends?.get(`${kind} ${name}`);
  if (end === undefined) {
    throw new RangeError(
      `${who} found no ${kind} of "${name}" in ${module.constructor.name}`,
    );
  }
  ends!.delete(`${kind} ${name}`);
  end();
}
