/** A model's weights as a file, and what identifies them. */

import type { Tensor } from "@fdunn/tensor";
import { loadSafetensors, saveSafetensors } from "@fdunn/tensor/safetensors";
import { fileSystem } from "../files/file_system.ts";
import { replaceFile } from "../files/replace_file.ts";

/** A model whose weights can be read and put back; every `nn.Module` can. */
export interface Stateful {
  /** Parameters and buffers by name. */
  stateDict(): Record<string, Tensor>;
  /** Takes over parameters and buffers by name. */
  loadStateDict(state: Record<string, Tensor>): unknown;
}

/**
 * Writes a model's weights into a safetensors file, as a whole or not at all:
 * a crash leaves the old file.
 */
export function saveModel(
  model: Pick<Stateful, "stateDict">,
  path: string,
  metadata: Readonly<Record<string, string>> = {},
): void {
  replaceFile(path, saveSafetensors(model.stateDict(), metadata));
}

/**
 * Reads a model's weights from a safetensors file.
 *
 * @throws RangeError when the file is broken or does not fit the model.
 */
export function loadModel(
  model: Pick<Stateful, "loadStateDict">,
  path: string,
): void {
  model.loadStateDict(loadSafetensors(fileSystem().readFileSync(path)).tensors);
}

/**
 * SHA-256 of a model's weights in hexadecimal: equal for equal names, shapes
 * and bits, on every machine.
 *
 * ```ts
 * import { hashWeights } from "@fdunn/train";
 * import { manualSeed } from "@fdunn/tensor";
 * import { Linear } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * manualSeed(1);
 * const a = new Linear(2, 3);
 * manualSeed(1);
 * const b = new Linear(2, 3);
 * assertEquals(await hashWeights(a), await hashWeights(b));
 * ```
 */
export async function hashWeights(
  model: Pick<Stateful, "stateDict">,
): Promise<string> {
  const bytes = saveSafetensors(model.stateDict());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join("");
}
