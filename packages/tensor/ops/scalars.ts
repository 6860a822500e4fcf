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
  const source = contiguous(x);
  const grad = g === x ? source : g ? contiguous(g) : null;
  const out = allocate(x.shape, x.dtype);
  const args = [out.size];
  for (let i = 0; i < scalars.length; i++) args.push(scalars[i]!);
  args.push(pointer(source));
  if (g !== undefined) args.push(grad === null ? 0 : pointer(grad));
  args.push(writable(out));
  callKernel(op, kernel, x, args, scalars.length);
  return out;
}

/** Calls a kernel whose arguments are a size, some scalars, and pointers. */
export function callKernel(
  op: string,
  kernel: keyof FloatKernels,
  { dtype }: NdArray,
  args: number[],
  scalars: number,
): void {
  const call = floatKernels(op, dtype)[kernel] as unknown as (
    ...args: number[]
  ) => void;
  if (isLarge(dtype, args[0]!)) runInParts(kernel, args, scalars);
  else call.apply(null, args);
}

/** On threads; apart, since a closure would cost every small call. */
function runInParts(
  kernel: keyof FloatKernels,
  args: readonly number[],
  scalars: number,
): void {
  runOver(kernel, args[0]!, (from, n) =>
    args.map((value, i) => {
      if (i === 0) return n;
      return i <= scalars || value === 0 ? value : value + 4 * from;
    }));
}
