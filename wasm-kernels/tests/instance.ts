/**
 * The builds under test, each on a fresh memory, with arrays that are
 * surrounded by guard bytes: a kernel that writes outside its output is caught.
 * As for users, `simd128` and `relaxed` are these modules beside `base`, and
 * `float64` are loops in TypeScript.
 *
 * `FDUNN_WASM_LIB` (a folder URL) makes the tests run on other bytes than
 * `lib/`'s, when the environment may be read.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { float64Kernels } from "../float64/kernels.ts";
import type * as linalg from "../lib/linalg.ts";
import type * as lib from "../lib/modules.ts";
import { type Heap, views } from "../memory.ts";
import { unfused } from "../unfused.ts";
import { Unpacker } from "../unpack.ts";

/** What a program computes with. */
export type BuildName = "simd128" | "relaxed" | "float64" | "linalg";

/** The modules that these are made of. */
export type ModuleName =
  | keyof typeof lib.sizes
  | keyof typeof linalg.sizes
  | "simd128"
  | "simd128_layers";

/** An array in wasm memory. */
export interface Block<A> {
  /** Address of the first element. */
  readonly pointer: number;
  /** The elements, read anew from memory. */
  readonly values: A;
}

/** Names of all builds of the tensors' kernels. */
export const buildNames: readonly BuildName[] = [
  "simd128",
  "relaxed",
  "float64",
];

const heapStart = 2 << 20;
const guardBytes = 64;
const guardValue = 0xa5;

/** One build's kernels and the blocks handed out on its memory. */
export class Instance {
  /** The exported kernels by full name. */
  readonly kernels: Record<string, (...args: number[]) => number>;
  /** "f32" or "f64": the suffix of the build's floating point kernels. */
  readonly float: "f32" | "f64";
  readonly #heap: Heap;
  #top = heapStart;
  #guards: [start: number, end: number][] = [];

  /** Instantiates a build on a memory. */
  constructor(readonly name: BuildName, readonly memory: WebAssembly.Memory) {
    this.#heap = views(memory.buffer);
    if (name === "float64") {
      const { float64, cast } = float64Kernels(this.#heap);
      const entries = Object.entries(float64).map(([name, kernel]) =>
        [`${name}_f64`, kernel] as const
      );
      this.kernels = {
        ...Object.fromEntries(entries),
        ...cast,
      } as unknown as typeof this.kernels;
    } else {
      const names = name === "linalg"
        ? [name]
        : ["base", name, "more", `${name}_layers`] as const;
      const exports = names.map((name) =>
        new WebAssembly.Instance(modules[name], { env: { memory } }).exports
      );
      this.kernels = Object.assign({}, ...exports);
    }
    this.float = name === "float64" || name === "linalg" ? "f64" : "f32";
  }

  /** Calls `<name>_f32` or `<name>_f64`, whichever the build has. */
  call(name: string, ...args: number[]): number {
    return this.raw(`${name}_${this.float}`, ...args);
  }

  /** Calls an export by its full name. */
  raw(name: string, ...args: number[]): number {
    const kernel = this.kernels[name];
    assert(kernel !== undefined, `${this.name} has no export ${name}`);
    const { buffer } = this.memory;
    if (this.#heap.u8.buffer !== buffer) {
      Object.assign(this.#heap, views(buffer));
    }
    return kernel(...args);
  }

  /** Whether the build exports that name. */
  has(name: string): boolean {
    return name in this.kernels;
  }

  /** Bytes between guards; `offset` moves them off 16-byte alignment. */
  #reserve(bytes: number, offset: number): number {
    const before = this.#top;
    const pointer = before + guardBytes + offset;
    const end = (pointer + bytes + 2 * guardBytes + 15) & ~15;
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536) + 16);
    const memory = new Uint8Array(this.memory.buffer);
    memory.fill(guardValue, before, end);
    this.#guards.push([before, pointer], [pointer + bytes, end]);
    this.#top = end;
    return pointer;
  }

  /** A block of the build's float type; `offset` counts elements. */
  floats(
    values: ArrayLike<number>,
    offset = 0,
  ): Block<Float32Array | Float64Array> {
    const width = this.float === "f32" ? 4 : 8;
    const Floats = this.float === "f32" ? Float32Array : Float64Array;
    const pointer = this.#reserve(values.length * width, offset * width);
    const memory = this.memory;
    const block = {
      pointer,
      get values(): Float32Array | Float64Array {
        return new Floats(memory.buffer as ArrayBuffer, pointer, values.length);
      },
    };
    block.values.set(values);
    return block;
  }

  /** A block of int32. */
  ints(values: ArrayLike<number>, offset = 0): Block<Int32Array> {
    const pointer = this.#reserve(values.length * 4, offset * 4);
    const memory = this.memory;
    new Int32Array(memory.buffer, pointer, values.length).set(values);
    return {
      pointer,
      get values(): Int32Array {
        return new Int32Array(memory.buffer, pointer, values.length);
      },
    };
  }

  /** A block of bytes. */
  bytes(values: ArrayLike<number>, offset = 0): Block<Uint8Array> {
    const pointer = this.#reserve(values.length, offset);
    const memory = this.memory;
    new Uint8Array(memory.buffer, pointer, values.length).set(values);
    return {
      pointer,
      get values(): Uint8Array {
        return new Uint8Array(memory.buffer, pointer, values.length);
      },
    };
  }

  /** A 16-aligned region of undefined contents, for `scratch` arguments. */
  scratch(): number {
    const bytes = this.has("scratch_bytes")
      ? this.raw("scratch_bytes")
      : 2 << 20;
    return this.bytes(new Uint8Array(bytes).fill(0xee)).pointer;
  }

  /** Fails when any byte between the blocks has changed. */
  checkGuards(): void {
    const memory = new Uint8Array(this.memory.buffer);
    for (const [start, end] of this.#guards) {
      for (let i = start; i < end; i++) {
        if (memory[i] !== guardValue) {
          assertEquals(memory[i], guardValue, `wrote outside, at ${i}`);
        }
      }
    }
  }

  /** Forgets all blocks. */
  reset(): void {
    this.#top = heapStart;
    this.#guards = [];
  }
}

async function load(): Promise<Record<ModuleName, WebAssembly.Module>> {
  const query = { name: "env", variable: "FDUNN_WASM_LIB" } as const;
  const granted = (await Deno.permissions.query(query)).state === "granted";
  const folder = granted ? Deno.env.get("FDUNN_WASM_LIB") : undefined;
  const base = folder ?? new URL("../lib/", import.meta.url).href;
  const entries: [string, WebAssembly.Module][] = [];
  for (const file of ["modules", "linalg"]) {
    const { packed, sizes }: typeof lib | typeof linalg = await import(
      `${base}${file}.ts`
    );
    const all = Object.values(sizes).reduce((sum, size) => sum + size, 0);
    const unpacker = new Unpacker(Uint8Array.fromBase64(packed), all);
    for (const [name, size] of Object.entries(sizes)) {
      const bytes = unpacker.take(size);
      entries.push([name, new WebAssembly.Module(bytes)]);
      if (!name.startsWith("relaxed")) continue;
      const plain = name.replace("relaxed", "simd128");
      entries.push([plain, new WebAssembly.Module(unfused(bytes))]);
    }
  }
  return Object.fromEntries(entries) as Record<ModuleName, WebAssembly.Module>;
}

/** The modules by name. */
export const modules: Readonly<Record<ModuleName, WebAssembly.Module>> =
  await load();

/**
 * Registers one test per build (or per build that `only` names). Guards are
 * checked when the body returns.
 */
export function testEachBuild(
  sentence: string,
  body: (instance: Instance) => void,
  only: readonly BuildName[] = buildNames,
): void {
  for (const name of only) {
    Deno.test(`${sentence} (${name})`, () => {
      const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
      const instance = new Instance(name, memory);
      body(instance);
      instance.checkGuards();
    });
  }
}

/** Reproducible numbers in [-1, 1), another sequence for every seed. */
export function numbers(n: number, seed = 1): Float64Array {
  let state = (seed * 2654435761) >>> 0;
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Distance of two float32 numbers in units in the last place of `expected`. */
export function ulps(actual: number, expected: number): number {
  if (Number.isNaN(expected)) return Number.isNaN(actual) ? 0 : Infinity;
  const rounded = Math.fround(expected);
  if (actual === rounded) return 0;
  if (!Number.isFinite(actual) || !Number.isFinite(rounded)) {
    // One unit beyond the largest finite number is the same as infinity.
    const limit = 2 ** 128;
    const a = Number.isFinite(actual) ? actual : Math.sign(actual) * limit;
    const e = Number.isFinite(rounded) ? rounded : Math.sign(rounded) * limit;
    return Number.isNaN(a) ? Infinity : Math.abs(a - e) / 2 ** 104;
  }
  const exponent = Math.max(
    Math.floor(Math.log2(Math.abs(expected) || 2 ** -149)),
    -126,
  );
  return Math.abs(actual - expected) / 2 ** (exponent - 23);
}
