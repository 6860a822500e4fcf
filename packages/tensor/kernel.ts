/** The kernels of an element type, for the op files. */

import {
  type FloatKernels,
  type IntKernels,
  type NumericKernels,
  type PartArguments,
  runtime,
} from "@fdunn/wasm-kernels";
import { type DType, requireFloat } from "./dtype.ts";

/** The kernels of float32 or float64; throws for other types. */
export function floatKernels(op: string, dtype: DType): FloatKernels {
  if (dtype === "float32") return runtime.kernels.float32;
  requireFloat(op, dtype);
  return runtime.float64.float64;
}

/** The kernels of float32, float64 or int32; throws for other types. */
export function numericKernels(op: string, dtype: DType): NumericKernels {
  switch (dtype) {
    case "float32":
      return runtime.kernels.float32;
    case "int32":
      return runtime.kernels.int32;
    case "float64":
      return runtime.float64.float64;
    default:
      throw new TypeError(
        `${op}() expects float32, float64 or int32, got ${dtype}: convert it first, as in x.to("float32")`,
      );
  }
}

/** The kernels of int32. */
export function intKernels(): IntKernels {
  return runtime.kernels.int32;
}

/**
 * Runs a float kernel over `[0, n)`: float32 in parts on several threads where
 * `flops` are worth it, float64 in one call. `part` gives the arguments for a
 * range of indices and a scratch block; no part is shorter than
 * `grain`, and parts begin at multiples of four if it is one.
 */
export function runInParts(
  kernel: keyof FloatKernels,
  dtype: DType,
  n: number,
  grain: number,
  flops: number,
  part: PartArguments,
): void {
  if (dtype === "float32") {
    runtime.parallel(kernel, n, grain, flops, part);
    return;
  }
  const call = floatKernels(kernel, dtype)[kernel] as unknown as (
    ...args: number[]
  ) => unknown;
  call(...part(0, n, runtime.scratch));
}

/** Whether a kernel's work may be for threads, in floating point operations. */
export function isForThreads(dtype: DType, flops: number): boolean {
  return dtype === "float32" && runtime.isForThreads(flops);
}

/** Elements from which on an elementwise kernel may be cut into parts. */
const LARGE_ARRAY = 1 << 13;
/** The least elements of a part. */
const ARRAY_GRAIN = 1 << 12;
/**
 * What an element costs, in floating point operations: to move it, and to run
 * an exponential or the like on it.
 */
const [MOVE_WORK, SMOOTH_WORK] = [8, 48];
/** Kernels with exponentials, logarithms and angles in them. */
const SMOOTH = new Set<keyof FloatKernels>(
  // deno-fmt-ignore
  [
    "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "sigmoid", "erf", "silu", "gelu", "gelu_tanh",
    "mish", "softplus", "elu", "pow", "atan2",
  ],
);

/** Whether elementwise work on so many elements is for {@linkcode runOver}. */
export function isLarge(dtype: DType, size: number): boolean {
  return size >= LARGE_ARRAY && isForThreads(dtype, SMOOTH_WORK * size);
}

/**
 * Runs an elementwise float32 kernel, on threads if it is worth them; `part`
 * gives the arguments for `count` elements from `from` on.
 */
export function runOver(
  kernel: keyof FloatKernels,
  size: number,
  part: (from: number, count: number) => readonly number[],
): void {
  runtime.parallel(
    kernel,
    size,
    ARRAY_GRAIN,
    (SMOOTH.has(kernel) ? SMOOTH_WORK : MOVE_WORK) * size,
    (from, to) => part(from, to - from),
  );
}
