/**
 * The arithmetic of fdunn: Rust kernels compiled to WebAssembly SIMD, the one
 * memory they work in, and the choice between their builds.
 *
 * You rarely import this package yourself; `@fdunn/tensor` does.
 *
 * ```ts
 * import { runtime } from "@fdunn/wasm-kernels";
 * import { assertEquals } from "@std/assert";
 *
 * const { memory, kernels } = runtime;
 * const x = memory.allocate(16);
 * memory.heap.f32.set([1, 4, 9, 16], x / 4);
 * kernels.float32.sqrt(4, x, x);
 * assertEquals([...memory.heap.f32.subarray(x / 4, x / 4 + 4)], [1, 2, 3, 4]);
 * memory.release(x, 16);
 * ```
 *
 * @module
 */

import type { ByteKernels, CastKernels, IntKernels } from "./abi.ts";
import type { FloatKernels } from "./float_abi.ts";
import {
  type Instance,
  instantiate,
  type ModuleName,
  relaxedAvailable,
  table,
} from "./load.ts";
import { type Float64Kernels, float64Kernels } from "./float64/kernels.ts";
import { Memory } from "./memory.ts";
import { type PartArguments, Pool } from "./threads.ts";
import { hardwareThreads, sharedMemoryAvailable } from "./worker.ts";

export type * from "./abi.ts";
export type * from "./elementwise_abi.ts";
export type * from "./float_abi.ts";
export type * from "./signatures.ts";
export { type Heap, Memory } from "./memory.ts";
export type { Float64Kernels } from "./float64/kernels.ts";
export type { PartArguments } from "./threads.ts";

/** Two packages with equal numbers may share one memory and its kernels. */
export const ABI_VERSION: number = 4;

/** What the ABI promises matmul and convolution for packing. */
const SCRATCH_BYTES = 2 << 20;

/** No smaller call is worth threads. */
const PARALLEL_FLOPS = 200_000;
const MAX_THREADS = 64;

/** Which build of matrix products, convolution and recurrence computes. */
export type Build = "simd128" | "relaxed";

/** The kernels by element type. */
export interface Kernels {
  /** Single precision. */
  readonly float32: FloatKernels;
  /** 32-bit integers. */
  readonly int32: IntKernels;
  /** Element types that are only moved, and bool. */
  readonly bytes: ByteKernels;
  /** Conversions among float32, int32, bool and the storage types. */
  readonly cast: CastKernels;
}

/** One memory and the kernels instantiated on it. */
export class Runtime {
  /** The ABI that this runtime's kernels have. */
  readonly abiVersion: number = ABI_VERSION;
  /** The memory of every tensor. */
  readonly memory: Memory = new Memory(sharedMemoryAvailable());
  /** A block that kernels may use during one call; contents are undefined. */
  readonly scratch: number;
  /** A small block for sizes, strides and pointer tables of one call. */
  readonly layout: number;
  /** Bytes of {@linkcode layout}. */
  readonly layoutBytes: number = 4096;
  /** The float32, int32 and byte kernels of the build in use. */
  kernels: Kernels;
  /** The build in use. */
  build: Build;

  readonly #builds: Map<Build, Loaded> = new Map();
  readonly #instances: Map<ModuleName, Instance> = new Map();
  #float64: Float64Kernels | null = null;
  #deterministic = false;
  #threads: number = Pool.available
    ? Math.min(hardwareThreads(), MAX_THREADS)
    : 1;

  /** Instantiates the fastest build that this engine accepts. */
  constructor() {
    this.build = fastestBuild();
    this.kernels = this.#load(this.build).kernels;
    this.scratch = this.memory.allocate(SCRATCH_BYTES);
    this.layout = this.memory.allocate(this.layoutBytes);
  }

  /** The float64 kernels, made on first use. */
  get float64(): Float64Kernels {
    return this.#float64 ??= float64Kernels(this.memory.heap);
  }

  /**
   * Chooses the build whose results are the same bits on every machine.
   *
   * `relaxed` uses fused multiply-add where the processor has it, and rounds
   * differently where it has not; `simd128` and what both share never do.
   */
  setDeterministic(deterministic: boolean): void {
    this.#deterministic = deterministic;
    this.build = deterministic ? "simd128" : fastestBuild();
    this.kernels = this.#load(this.build).kernels;
  }

  /** Whether {@linkcode setDeterministic} is on. */
  get deterministic(): boolean {
    return this.#deterministic;
  }

  /** How many threads compute; one where the runtime has no shared memory. */
  get threads(): number {
    return this.#threads;
  }

  /** Sets the number of threads, the calling one included. */
  setThreads(count: number): void {
    if (!Number.isInteger(count) || count < 1 || count > MAX_THREADS) {
      throw new RangeError(
        `setNumThreads() got ${count}, expected a whole number from 1 to ${MAX_THREADS}`,
      );
    }
    this.#threads = Pool.available ? count : 1;
  }

  /** Whether work of so many floating point operations may be for threads. */
  isForThreads(flops: number): boolean {
    return this.#threads > 1 && flops >= PARALLEL_FLOPS;
  }

  /**
   * Runs a float32 kernel over `[0, n)`, in parts on several threads where the
   * work is worth it. `part` gives the arguments for a range; the kernel must
   * compute each index alike whatever range it is in, and then the result does
   * not depend on the number of threads.
   *
   * @param flops The work in all, in floating point operations or as many bytes.
   * @param grain No part is shorter: a kernel may choose its way by the size as
   * long as all from here on take the same. Parts begin at multiples of four if
   * it is one.
   */
  parallel(
    kernel: string,
    n: number,
    grain: number,
    flops: number,
    part: PartArguments,
  ): void {
    const { float32 } = this.kernels;
    const here = float32[kernel as keyof FloatKernels] as unknown as (
      ...args: number[]
    ) => unknown;
    if (this.isForThreads(flops) && n >= 2 * grain) {
      const { pool } = this.#load(this.build);
      const most = Math.min(this.#threads, Math.floor(n / grain)) - 1;
      if (pool.gather(most, flops) > 0) {
        return pool.run(`${kernel}_f32`, here, n, grain, this.scratch, part);
      }
    }
    here(...part(0, n, this.scratch));
  }

  #load(build: Build): Loaded {
    const before = this.#builds.get(build);
    if (before !== undefined) return before;
    const instances = [this.#instance("base"), this.#instance(build)];
    const others = (["more", `${build}_layers`] as const)
      .map((name) => () => this.#instance(name));
    const named = (suffix: string): unknown => table(instances, suffix, others);
    const bytes = named("");
    const kernels = {
      float32: named("_f32") as FloatKernels,
      int32: named("_i32") as IntKernels,
      bytes: bytes as ByteKernels,
      cast: bytes as CastKernels,
    };
    const modules = () =>
      [...instances, ...others.map((load) => load())]
        .map(({ module }) => module);
    const pool = new Pool(this.memory, modules, SCRATCH_BYTES);
    const loaded = { kernels, pool };
    this.#builds.set(build, loaded);
    return loaded;
  }

  #instance(name: ModuleName): Instance {
    let instance = this.#instances.get(name);
    if (instance === undefined) {
      instance = instantiate(name, this.memory);
      this.#instances.set(name, instance);
    }
    return instance;
  }
}

/** One build of the kernels, and its threads. */
interface Loaded {
  kernels: Kernels;
  pool: Pool;
}

function fastestBuild(): Build {
  return relaxedAvailable() ? "relaxed" : "simd128";
}

function adopt(): Runtime {
  const key = Symbol.for("@fdunn/wasm-kernels");
  const shared = globalThis as unknown as Record<symbol, Runtime | undefined>;
  const first = shared[key];
  if (first === undefined) return shared[key] = new Runtime();
  if (first.abiVersion !== ABI_VERSION) {
    throw new Error(
      `Two copies of @fdunn/wasm-kernels clash: the one loaded first has ABI version ${first.abiVersion}, this one ${ABI_VERSION}. Make every @fdunn package depend on the same version.`,
    );
  }
  return first;
}

/** The program's runtime. A second copy of this package adopts the first's. */
export const runtime: Runtime = adopt();
