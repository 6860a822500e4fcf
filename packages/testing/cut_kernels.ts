/**
 * Kernels in parts, whether or not their work is worth threads: small shapes
 * then show what threads would make of large ones, and parts of any length what
 * any number of threads would.
 *
 * @module
 */

import { type PartArguments, runtime } from "@fdunn/wasm-kernels";

/** How often each kernel ran in more than one part. */
export type Cuts = Map<string, number>;

/** Into how many parts a kernel's work is cut, at most `most`. */
export type Parts = (most: number) => number;

/**
 * Runs `f` while every kernel that threads may share runs in parts one after
 * the other, the last first, since nothing says which thread is quicker.
 */
export function inParts<T>(parts: Parts, cuts: Cuts, f: () => T): T {
  const parallel = (
    kernel: string,
    n: number,
    grain: number,
    _flops: number,
    part: PartArguments,
  ): void => {
    const call = runtime.kernels.float32[
      kernel as keyof typeof runtime.kernels.float32
    ] as unknown as (...args: number[]) => unknown;
    const count = Math.max(1, parts(Math.floor(n / grain)));
    if (count > 1) cuts.set(kernel, (cuts.get(kernel) ?? 0) + 1);
    // Where Pool.run() cuts.
    const step = grain % 4 === 0 ? 4 : 1;
    const cut = (i: number) =>
      i === count ? n : Math.floor(i * n / count / step) * step;
    for (let i = count - 1; i >= 0; i--) {
      const [from, to] = [cut(i), cut(i + 1)];
      if (from < to || n === 0) call(...part(from, to, runtime.scratch));
    }
  };
  Object.assign(runtime, { parallel });
  try {
    return f();
  } finally {
    delete (runtime as unknown as { parallel?: unknown }).parallel;
  }
}
