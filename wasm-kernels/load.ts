/**
 * From the modules as `lib/` has them to functions.
 *
 * @module
 */

import { decodeBase64 } from "./base64.ts";
import { packed, sizes } from "./lib/modules.ts";
import type { Memory } from "./memory.ts";
import { unfused } from "./unfused.ts";
import { Unpacker } from "./unpack.ts";

/** The modules that there are; those of `simd128` are made of `relaxed`'s. */
export type ModuleName = PackedName | "simd128" | "simd128_layers";
type PackedName = keyof typeof sizes;

/** A module, and its functions on one memory. */
export interface Instance {
  /** What a thread instantiates again. */
  readonly module: WebAssembly.Module;
  /** What this thread calls. */
  readonly exports: WebAssembly.Exports;
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

/** Whether this engine has relaxed SIMD. */
export function relaxedAvailable(): boolean {
  return WebAssembly.validate(RELAXED_PROBE);
}

/** Compiles and instantiates a module on a memory. */
export function instantiate(name: ModuleName, memory: Memory): Instance {
  return instantiateBytes(moduleBytes(name), memory);
}

/** The same for a module that is not packed with the others. */
export function instantiateBytes(
  bytes: Uint8Array<ArrayBuffer>,
  memory: Memory,
): Instance {
  if (memory.shared) importShared(bytes);
  const module = new WebAssembly.Module(bytes);
  const env = { memory: memory.wasm };
  return { module, exports: new WebAssembly.Instance(module, { env }).exports };
}

const unpacked: Map<PackedName, Uint8Array<ArrayBuffer>> = new Map();
let unpacker: Unpacker | null = null;

/** A module's bytes. They come in their order: as few as needed are unpacked. */
function moduleBytes(name: ModuleName): Uint8Array<ArrayBuffer> {
  if (name === "simd128") return unfused(moduleBytes("relaxed"));
  if (name === "simd128_layers") return unfused(moduleBytes("relaxed_layers"));
  const names = Object.keys(sizes) as PackedName[];
  if (unpacker === null) {
    const size = names.reduce((sum, name) => sum + sizes[name], 0);
    unpacker = new Unpacker(decodeBase64(packed), size);
  }
  for (const next of names) {
    if (unpacked.has(name)) break;
    if (!unpacked.has(next)) {
      unpacked.set(next, unpacker.take(sizes[next]));
    }
  }
  return unpacked.get(name)!;
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

/** Functions by name. */
export type Table = Record<string, WebAssembly.ExportValue>;

/**
 * The functions whose names end in `suffix`, without it. One that the instances
 * have not is looked for in what `others` give, from the first on.
 */
export function table(
  instances: readonly Instance[],
  suffix: string,
  others: readonly (() => Instance)[],
): Table {
  const functions: Table = {};
  const add = ({ exports }: Instance) => {
    for (const name in exports) {
      const value = exports[name]!;
      if (typeof value !== "function" || !name.endsWith(suffix)) continue;
      functions[name.slice(0, name.length - suffix.length)] = value;
    }
  };
  instances.forEach(add);
  let asked = 0;
  // What is asked for a name that `functions` has not.
  const beyond: Table = new Proxy({}, {
    get(_, name) {
      while (asked < others.length && !Object.hasOwn(functions, name)) {
        add(others[asked++]!());
      }
      if (asked === others.length) Object.setPrototypeOf(functions, null);
      return functions[name as string];
    },
  });
  Object.setPrototypeOf(functions, beyond);
  // An object with this many properties is a hash table to V8 until it serves
  // as a prototype; then its properties become fast constants.
  return Object.create(functions);
}
