/** How the kernels compute: builds, threads. */

import { runtime } from "@fdunn/wasm-kernels";

/**
 * Chooses kernels whose results are the same bits on every machine.
 *
 * By default the fastest build that the engine accepts computes, which fuses
 * multiplications with additions where the processor can. With `true` the
 * plain SIMD build does, which never rounds differently.
 *
 * ```ts
 * import { setDeterministic } from "@fdunn/tensor";
 *
 * setDeterministic(true);
 * ```
 */
export function setDeterministic(deterministic: boolean): void {
  runtime.setDeterministic(deterministic);
}
