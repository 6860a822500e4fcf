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
import { bytes as float64Bytes } from "./lib/float64.ts";
import { bytes as relaxedBytes } from "./lib/relaxed.ts";
import { bytes as simd128Bytes } from "./lib/simd128.ts";
import { Memory } from "./memory.ts";
import {
  hardwareThreads,
  type PartArguments,
  Pool,
  sharedMemoryAvailable,
} from "./threads.ts";

export type * from "./abi.ts";
export type * from "./float_abi.ts";
export type * from "./signatures.ts";
export { type Heap, Memory } from "./memory.ts";
export type { PartArguments } from "./threads.ts";

/** Two packages with equal numbers may share one memory and its kernels. */
export const ABI_VERSION: number = 1;

/** What the ABI promises matmul and convolution for packing. */
const SCRATCH_BYTES = 2 << 20;

/** From here on a call is worth the few microseconds that threads cost. */
const PARALLEL_FLOPS = 1_500_000;
const MAX_THREADS = 64;

/** Which build of the float32 kernels computes. */
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

/** The double precision module: scalar twins of the float32 kernels. */
export interface Float64Kernels {
  /** Double precision. */
  readonly float64: FloatKernels;
  /** Conversions to and from float64. */
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
  #float64: Float64Kernels | null = null;
  #deterministic = false;
  #threads: number = Pool.available ? hardwareThreads() : 1;

  /** Instantiates the fastest build that this engine accepts. */
  constructor() {
    this.build = fastestBuild();
    this.kernels = this.#load(this.build).kernels;
    this.scratch = this.memory.allocate(SCRATCH_BYTES);
    this.layout = this.memory.allocate(this.layoutBytes);
  }

  /** The float64 kernels, compiled on first use. */
  get float64(): Float64Kernels {
    if (this.#float64 === null) {
      const { exports } = instantiate(float64Bytes, this.memory);
      this.#float64 = {
        float64: table(exports, "_f64") as unknown as FloatKernels,
        cast: table(exports, "") as unknown as CastKernels,
      };
    }
    return this.#float64;
  }

  /**
   * Chooses the build whose results are the same bits on every machine.
   *
   * `relaxed` uses fused multiply-add where the processor has it, and rounds
   * differently where it has not; `simd128` never does.
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
    const { kernels, pool } = this.#load(this.build);
    const here = kernels.float32[kernel as keyof FloatKernels] as unknown as (
      ...args: number[]
    ) => unknown;
    let workers = 0;
    if (this.#threads > 1 && flops >= PARALLEL_FLOPS && n >= 2 * grain) {
      const wanted = Math.min(this.#threads, Math.floor(n / grain)) - 1;
      pool.start(wanted);
      workers = pool.ready(wanted);
    }
    if (workers === 0) here(...part(0, n, this.scratch));
    else {
      const name = `${kernel}_f32`;
      pool.run(name, here, n, grain, workers, this.scratch, part);
    }
  }

  #load(build: Build): Loaded {
    const before = this.#builds.get(build);
    if (before !== undefined) return before;
    const { module, exports } = instantiate(
      build === "relaxed" ? relaxedBytes : simd128Bytes,
      this.memory,
    );
    const kernels = {
      float32: table(exports, "_f32") as unknown as FloatKernels,
      int32: table(exports, "_i32") as unknown as IntKernels,
      bytes: table(exports, "") as unknown as ByteKernels,
      cast: table(exports, "") as unknown as CastKernels,
    };
    const pool = new Pool(this.memory, module, SCRATCH_BYTES);
    const loaded = { kernels, pool };
    this.#builds.set(build, loaded);
    return loaded;
  }
}

/** One build of the kernels, and its threads. */
interface Loaded {
  kernels: Kernels;
  pool: Pool;
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

/** The smallest module that uses a relaxed SIMD instruction. */
const RELAXED_PROBE: Uint8Array<ArrayBuffer> = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 5, 1, 96, 0, 1, 123], // type: () -> v128
  ...[3, 2, 1, 0],
  // body: v128.const zero, three times; f32x4.relaxed_madd
  ...[10, 61, 1, 59, 0],
  ...[253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[253, 133, 2, 11],
]);

function fastestBuild(): Build {
  return WebAssembly.validate(RELAXED_PROBE) ? "relaxed" : "simd128";
}

function instantiate(
  base64: string,
  memory: Memory,
): { module: WebAssembly.Module; exports: WebAssembly.Exports } {
  const bytes = decodeBase64(base64);
  if (memory.shared) importShared(bytes);
  const module = new WebAssembly.Module(bytes);
  const env = { memory: memory.wasm };
  return { module, exports: new WebAssembly.Instance(module, { env }).exports };
}

/** The import of "env" "memory", up to the byte of its limits' flags. */
const MEMORY_IMPORT: readonly number[] = [
  ...[3, ..."env"].map(code),
  ...[6, ..."memory"].map(code),
  2,
];

function code(item: number | string): number {
  return typeof item === "number" ? item : item.charCodeAt(0);
}

/** Marks the imported memory as shared: one bit beside "has a maximum". */
function importShared(bytes: Uint8Array): void {
  for (let at = 8; at < bytes.length; at++) {
    if (MEMORY_IMPORT.every((byte, i) => bytes[at + i] === byte)) {
      bytes[at + MEMORY_IMPORT.length]! |= 2;
      return;
    }
  }
  throw new Error("The kernels do not import a memory");
}

/** The functions whose names end in `suffix`, without it. */
function table(
  exports: WebAssembly.Exports,
  suffix: string,
): Record<string, WebAssembly.ExportValue> {
  const functions: Record<string, WebAssembly.ExportValue> = {};
  for (const name in exports) {
    const value = exports[name]!;
    if (typeof value !== "function" || !name.endsWith(suffix)) continue;
    functions[name.slice(0, name.length - suffix.length)] = value;
  }
  // An object with this many properties is a hash table to V8 until it serves
  // as a prototype; then its properties become fast constants.
  return Object.create(functions);
}

/** Decodes with what the engine has: new engines, Node, then any browser. */
function decodeBase64(base64: string): Uint8Array<ArrayBuffer> {
  const native = Uint8Array as unknown as {
    fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
  };
  if (native.fromBase64 !== undefined) return native.fromBase64(base64);
  const { Buffer } = globalThis as unknown as {
    Buffer?: {
      from(text: string, encoding: string): Uint8Array<ArrayBuffer>;
    };
  };
  if (Buffer !== undefined) return Buffer.from(base64, "base64");
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The program's runtime. A second copy of this package adopts the first's. */
export const runtime: Runtime = adopt();
