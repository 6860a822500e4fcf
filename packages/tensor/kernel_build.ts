/**
 * Which kernels compute, for files that tell how their numbers came about.
 *
 * ```ts
 * import { kernelBuild } from "@fdunn/tensor/kernels";
 * import { setDeterministic } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * setDeterministic(true);
 * assertEquals(kernelBuild().build, "simd128");
 * setDeterministic(false);
 * ```
 *
 * @module
 */

import { runtime } from "@fdunn/wasm-kernels";

/** Kernels that round alike: results are the same bits where both are equal. */
export interface KernelBuild {
  /** `"relaxed"` fuses multiplications with additions, `"simd128"` never. */
  build: "relaxed" | "simd128";
  /** The version of the interface between kernels and packages. */
  abi: number;
}

/** The build that computes now: the fastest, unless `setDeterministic()` is on. */
export function kernelBuild(): KernelBuild {
  return { build: runtime.build, abi: runtime.abiVersion };
}
