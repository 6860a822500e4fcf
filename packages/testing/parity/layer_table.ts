/** Layers of the fixtures by the names of their classes. */

import * as nn from "@fdunn/nn";
import type { MakeLayer } from "./layer_cases.ts";

/** A table of layers that their constructors make. */
export function layers(...names: (keyof typeof nn)[]): Record<
  string,
  MakeLayer
> {
  return Object.fromEntries(names.map((name) => {
    const Layer = nn[name] as unknown as new (
      ...args: never[]
    ) => ReturnType<MakeLayer>;
    return [name, (...args: never[]) => new Layer(...args)];
  }));
}
