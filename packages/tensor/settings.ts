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

/**
 * Sets how many threads compute, the calling one included. Default: as many as
 * the processor runs at once.
 *
 * Threads start when the first work is large enough, and results are the same
 * bits for any number of them. Where there is no shared memory (a page that is
 * not cross-origin isolated) one thread computes.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.set_num_threads.html
 *
 * @throws RangeError unless `count` is a whole number from 1 to 64.
 */
export function setNumThreads(count: number): void {
  runtime.setThreads(count);
}

/** How many threads compute; see {@linkcode setNumThreads}. */
export function getNumThreads(): number {
  return runtime.threads;
}
