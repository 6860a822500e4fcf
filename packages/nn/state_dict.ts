/** States: a module's parameters and buffers by name, and their loading. */

import { noGrad, Tensor } from "@fdunn/tensor";
import { formatShape } from "@fdunn/tensor/op";

/** Tensors by name, such as `conv1.weight`. */
export type StateDict = Record<string, Tensor>;

/** The names that only one side had; empty after a strict load. */
export interface LoadReport {
  /** In the module, not in the state. */
  missingKeys: string[];
  /** In the state, not in the module. */
  unexpectedKeys: string[];
}

/** Copies `state` into `own`, whose tensors share bytes with a module's. */
export function loadState(
  module: string,
  own: StateDict,
  state: StateDict,
  strict: boolean,
): LoadReport {
  const missingKeys = Object.keys(own).filter((key) =>
    !Object.hasOwn(state, key)
  );
  const unexpectedKeys = Object.keys(state).filter((key) =>
    !Object.hasOwn(own, key)
  );
  const faults: string[] = [];
  if (strict && missingKeys.length > 0) {
    faults.push(`missing ${quoted(missingKeys)}`);
  }
  if (strict && unexpectedKeys.length > 0) {
    faults.push(`unexpected ${quoted(unexpectedKeys)}`);
  }
  for (const [key, target] of Object.entries(own)) {
    const source = Object.hasOwn(state, key) ? state[key] : undefined;
    if (source === undefined) continue;
    if (!(source instanceof Tensor)) {
      faults.push(`"${key}" is ${typeof source}, not a tensor`);
    } else if (source.array.storage.state !== "live" || source.disposed) {
      faults.push(`"${key}" was released`);
    } else if (source.shape.join() !== target.shape.join()) {
      faults.push(
        `"${key}" has shape ${shapeOf(source)}, expected ${shapeOf(target)}`,
      );
    }
  }
  if (faults.length > 0) {
    throw new RangeError(
      `Cannot load a state into ${module}: ${faults.join("; ")}`,
    );
  }
  noGrad(() => {
    for (const [key, target] of Object.entries(own)) {
      if (Object.hasOwn(state, key)) target.copy_(state[key]!);
    }
  });
  return { missingKeys, unexpectedKeys };
}

function quoted(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(", ");
}

function shapeOf(tensor: Tensor): string {
  return `${formatShape(tensor.shape)}`;
}
