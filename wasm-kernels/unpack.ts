/**
 * Unpacks the modules; `unpack/` does the work, in Rust, in a memory of its own.
 *
 * @module
 */

import { decodeBase64 } from "./base64.ts";
import { unpack } from "./lib/unpack.ts";

/** What `unpack/` exports; addresses are numbers. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly __heap_base: WebAssembly.Global;
  start(source: number, sourceEnd: number, room: number, size: number): number;
  unpack(size: number, last: boolean): number;
}

/** Hands out the modules that are packed in a stream, one by one. */
export class Unpacker {
  readonly #exports: Exports;
  /** Where the next module begins, and where the last one ends. */
  #from: number;
  readonly #end: number;

  /** `size` is how many bytes the modules have in all. */
  constructor(source: Uint8Array, size: number) {
    const module = new WebAssembly.Module(decodeBase64(unpack));
    const { exports } = new WebAssembly.Instance(module);
    this.#exports = exports as unknown as Exports;
    const { memory, __heap_base } = this.#exports;
    const start = __heap_base.value, end = start + source.length;
    // What is packed, the modules, and what is remembered of them.
    memory.grow(Math.ceil((source.length + 14 * size + 4096) / 65536));
    new Uint8Array(memory.buffer).set(source, start);
    this.#from = this.#exports.start(start, end, (end + 3) & -4, size);
    this.#end = this.#from + size;
  }

  /**
   * The next module, of `size` bytes.
   *
   * Throws an Error if the stream is damaged, or cut before its end.
   */
  take(size: number): Uint8Array<ArrayBuffer> {
    const from = this.#from, end = this.#from += size;
    const fits = size > 0 && end <= this.#end;
    if (!fits || this.#exports.unpack(size, end === this.#end) === 0) {
      throw new Error("The packed kernels are damaged");
    }
    const { buffer } = this.#exports.memory;
    return new Uint8Array(buffer as ArrayBuffer, from, size).slice();
  }
}
