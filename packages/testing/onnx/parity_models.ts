/** The calls of the parity tests, as models that can be exported. */

import { type AnyModule, Module } from "@fdunn/nn";
import type { Tensor } from "@fdunn/tensor";
import { fromFileUrl } from "@std/path";
import { CALLS, type ParityCall } from "../parity/parity.ts";

/** A call as a model, whose layer is a part of it. */
class Called extends Module<Tensor[], unknown> {
  layer: AnyModule | null;
  readonly #call: ParityCall["call"];

  constructor({ layer, call }: ParityCall) {
    super();
    this.layer = layer;
    this.#call = call;
  }

  forward(...inputs: Tensor[]): unknown {
    return this.#call(inputs);
  }
}

/** A parity test's call, ready to be exported. */
export interface ParityModel extends ParityCall {
  /** What calls it. */
  readonly model: Module<Tensor[], unknown>;
}

/** All of them: those that the parity tests list. */
export async function parityModels(): Promise<(() => ParityModel)[]> {
  const folder = new URL("../parity/", import.meta.url);
  const files = [...Deno.readDirSync(fromFileUrl(folder))]
    .map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts") && name !== "page_test.ts");
  // What they are besides, tests, is run elsewhere.
  const { test } = Deno;
  Object.assign(Deno, { test: () => {} });
  try {
    for (const file of files.sort()) await import(new URL(file, folder).href);
  } finally {
    Object.assign(Deno, { test });
  }
  return CALLS.map((make) => () => {
    const call = make();
    return { ...call, model: new Called(call) };
  });
}
