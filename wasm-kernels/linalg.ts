/**
 * The kernels of linear algebra: a module that is loaded with this entry only.
 *
 * They compute in float64, in place, on batches of row-major matrices; float32
 * is widened before and narrowed behind them.
 *
 * ```ts
 * import { runtime } from "@fdunn/wasm-kernels";
 * import { linalgKernels } from "@fdunn/wasm-kernels/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const { memory } = runtime;
 * const a = memory.allocate(32), info = memory.allocate(4);
 * memory.heap.f64.set([4, 2, 2, 5], a / 8);
 * linalgKernels().cholesky(1, 2, a, info);
 * assertEquals([...memory.heap.f64.subarray(a / 8, a / 8 + 4)], [2, 0, 1, 2]);
 * ```
 *
 * @module
 */

import { decodeBase64 } from "./base64.ts";
import { packed, sizes } from "./lib/linalg.ts";
import { instantiateBytes } from "./load.ts";
import { runtime } from "./mod.ts";
import { Unpacker } from "./unpack.ts";

/** The exports; `README.md` says what each one computes. */
export interface LinalgKernels {
  /** float64 from float32. */
  widen(n: number, x: number, out: number): void;
  /** float32 from float64. */
  narrow(n: number, x: number, out: number): void;
  /** P A = L U in place; `info` has the first pivot that is 0, from 1, or 0. */
  lu(batch: number, n: number, a: number, pivots: number, info: number): void;
  /** B = A⁻¹ B by a factored A. */
  solve_lu(
    batch: number,
    n: number,
    k: number,
    a: number,
    pivots: number,
    b: number,
  ): void;
  /** B = T⁻¹ B for a triangle of T. */
  solve_triangular(
    batch: number,
    n: number,
    k: number,
    upper: number,
    unit: number,
    a: number,
    b: number,
  ): void;
  /** A = L Lᵀ in place; `info` has the first row that failed, from 1, or 0. */
  cholesky(batch: number, n: number, a: number, info: number): void;
  /** A = Q R in place, Q as reflections below the diagonal. */
  qr(
    batch: number,
    m: number,
    n: number,
    a: number,
    tau: number,
    scratch: number,
  ): void;
  /** B = Q B by those reflections. */
  multiply_q(
    batch: number,
    m: number,
    n: number,
    columns: number,
    a: number,
    tau: number,
    b: number,
    scratch: number,
  ): void;
  /** A = U Σ Vᵀ for m >= n; u and vt may be 0, `info` is 1 where it failed. */
  svd(
    batch: number,
    m: number,
    n: number,
    columns: number,
    a: number,
    u: number,
    s: number,
    vt: number,
    info: number,
    scratch: number,
  ): void;
  /** A = Q W Qᵀ for symmetric A; q may be 0, `info` is 1 where it failed. */
  eigh(
    batch: number,
    n: number,
    upper: number,
    a: number,
    w: number,
    q: number,
    info: number,
    scratch: number,
  ): void;
}

let kernels: LinalgKernels | null = null;

/** The kernels on the program's memory, compiled when first asked for. */
export function linalgKernels(): LinalgKernels {
  if (kernels === null) {
    const unpacker = new Unpacker(decodeBase64(packed), sizes.linalg);
    const bytes = unpacker.take(sizes.linalg);
    const { exports } = instantiateBytes(bytes, runtime.memory);
    kernels = exports as unknown as LinalgKernels;
  }
  return kernels;
}
