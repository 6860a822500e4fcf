/**
 * What float64's kernels have in common. They are plain loops in TypeScript,
 * the reference that gradient checks need: no vectors, no blocks, one way for
 * every size.
 *
 * @module
 */

import type { Heap } from "../memory.ts";
import type { Unary, UnaryBackward } from "../signatures.ts";

/** The arrays that begin at a pointer, and end with the memory. */
export interface Arrays {
  /** Numbers. */
  f64(pointer: number): Float64Array;
  /** Numbers of single precision. */
  f32(pointer: number): Float32Array;
  /** Labels, indices, sizes. */
  i32(pointer: number): Int32Array;
  /** Pointers, random words. */
  u32(pointer: number): Uint32Array;
  /** Bools and bytes. */
  u8(pointer: number): Uint8Array;
}

/** The arrays of a heap, which may grow between calls. */
export function arraysOf(heap: Heap): Arrays {
  return {
    f64: (pointer) => heap.f64.subarray(pointer >>> 3),
    f32: (pointer) => heap.f32.subarray(pointer >>> 2),
    i32: (pointer) => heap.i32.subarray(pointer >>> 2),
    u32: (pointer) => heap.u32.subarray(pointer >>> 2),
    u8: (pointer) => heap.u8.subarray(pointer),
  };
}

/** A kernel of each function in a table. */
export function kernelsOf<K extends string, F, Kernel>(
  table: Readonly<Record<K, F>>,
  kernel: (f: F) => Kernel,
): Record<K, Kernel> {
  const entries = Object.entries<F>(table).map(([name, f]) => [
    name,
    kernel(f),
  ]);
  return Object.fromEntries(entries) as Record<K, Kernel>;
}

/** `out[i] = f(x[i])`. */
export function map({ f64 }: Arrays, f: (x: number) => number): Unary {
  return (n, x, out) => {
    const from = f64(x), to = f64(out);
    for (let i = 0; i < n; i++) to[i] = f(from[i]!);
  };
}

/** `out[i] = f(a[i], b[i])`. */
export function mapTwo(
  { f64 }: Arrays,
  f: (a: number, b: number) => number,
): UnaryBackward {
  return (n, a, b, out) => {
    const left = f64(a), right = f64(b), to = f64(out);
    for (let i = 0; i < n; i++) to[i] = f(left[i]!, right[i]!);
  };
}

/**
 * Calls `line(start, index)` for every line along the middle axis of `[outer,
 * n, inner]`, whose elements lie `inner` apart.
 */
export function lines(
  outer: number,
  n: number,
  inner: number,
  line: (start: number, index: number) => void,
): void {
  for (let i = 0; i < outer * inner; i++) {
    line(Math.floor(i / inner) * n * inner + i % inner, i);
  }
}

/** The sum of `term(0)` to `term(n - 1)`, with what each addition lost. */
export function total(n: number, term: (i: number) => number): number {
  let sum = 0, lost = 0;
  for (let i = 0; i < n; i++) {
    const x = term(i), next = sum + x;
    lost += Math.abs(sum) < Math.abs(x) ? x - next + sum : sum - next + x;
    sum = next;
  }
  // Infinities make what was lost a NaN.
  return lost === lost ? sum + lost : sum;
}
