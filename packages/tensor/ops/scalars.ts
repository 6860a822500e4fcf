/** Elementwise kernels whose functions have numbers as parameters. */

import type { FloatKernels } from "@fdunn/wasm-kernels";
import { floatKernels, isLarge, runOver } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";

/**
 * Runs `kernel(n, ...scalars, x, g, out)`; without `g` where that is undefined,
 * and with a null pointer in its place where it is null.
 */
export function runWithScalars(
  op: string,
  kernel: keyof FloatKernels,
  scalars: readonly number[],
  x: NdArray,
  g?: NdArray | null,
): NdArray {
  const call = floatKernels(op, x.dtype)[kernel] as unknown as (
    ...args: number[]
  ) => void;
  const source = contiguous(x);
  const grad = g ? contiguous(g) : null;
  const out = allocate(x.shape, x.dtype);
  const { size } = out;
  const pointers = [pointer(source)];
  if (g !== undefined) pointers.push(grad === null ? 0 : pointer(grad));
  pointers.push(writable(out));
  if (isLarge(x.dtype, size)) runInParts(kernel, size, scalars, pointers);
  else call.apply(null, [size].concat(scalars, pointers));
  return out;
}

/** On threads; apart, since a closure would cost every small call. */
function runInParts(
  kernel: keyof FloatKernels,
  size: number,
  scalars: readonly number[],
  pointers: readonly number[],
): void {
  runOver(kernel, size, (from, n) => [
    ...[n, ...scalars],
    ...pointers.map((at) => at === 0 ? 0 : at + 4 * from),
  ]);
}
