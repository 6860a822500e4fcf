/** What fdunn exports, by name: the lines of docs/PARITY.md and docs/ONNX.md. */

import { Tensor } from "@fdunn/tensor";

/** Names of a module's functions and classes. */
export function exportedNames(module: object): string[] {
  return Object.entries(module)
    .filter(([, value]) => typeof value === "function")
    .map(([name]) => name);
}

/** Names of the tensor's methods, but those in place. */
export function methodNames(): string[] {
  const names: string[] = [];
  let level: object | null = Tensor.prototype;
  while (level !== null && level !== Object.prototype) {
    for (const name of Object.getOwnPropertyNames(level)) {
      const { value } = Object.getOwnPropertyDescriptor(level, name)!;
      if (typeof value === "function" && !name.endsWith("_")) names.push(name);
    }
    level = Object.getPrototypeOf(level);
  }
  return names.filter((name) => name !== "constructor");
}

/** The order of a page: capitals count like other letters. */
export function alphabetically(a: string, b: string): number {
  return a.toLowerCase() < b.toLowerCase() ? -1 : 1;
}
