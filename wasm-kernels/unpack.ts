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
  start(source: number, sourceEnd: number, out: number, outEnd: number): void;
  unpack(until: number): number;
  weave(apart: number, out: number): number;
}

/** Hands out what is packed in a stream, part by part. */
export class Unpacker {
  readonly #exports: Exports;
  /** Where the next part begins, and where the last one ends. */
  #from: number;
  readonly #end: number;

  /** `size` is how many bytes are packed in all. */
  constructor(source: Uint8Array, size: number) {
    const module = new WebAssembly.Module(decodeBase64(unpack));
    const { exports } = new WebAssembly.Instance(module);
    this.#exports = exports as unknown as Exports;
    const { memory, __heap_base } = this.#exports;
    const start = __heap_base.value;
    const out = this.#from = start + source.length;
    this.#end = out + size;
    // Behind all parts there is room for a module that is woven of one.
    const missing = this.#end + 2 * size - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    new Uint8Array(memory.buffer).set(source, start);
    this.#exports.start(start, out, out, this.#end);
  }

  /**
   * The next `n` bytes.
   *
   * Throws an Error if the stream is cut or damaged: with the last byte at the
   * latest, since an error spoils everything behind it.
   */
  take(n: number): Uint8Array<ArrayBuffer> {
    return this.#copy(this.#next(n), n);
  }

  /** The module whose streams are the next `n` bytes. */
  takeModule(n: number): Uint8Array<ArrayBuffer> {
    const size = this.#exports.weave(this.#next(n), this.#end);
    return this.#copy(this.#end, size);
  }

  /** Unpacks the next part, to the address that it returns. */
  #next(n: number): number {
    const from = this.#from;
    this.#from += n;
    if (this.#from > this.#end || this.#exports.unpack(this.#from) === 0) {
      throw new Error("The packed kernels are damaged");
    }
    return from;
  }

  #copy(from: number, n: number): Uint8Array<ArrayBuffer> {
    const { buffer } = this.#exports.memory;
    return new Uint8Array(buffer as ArrayBuffer, from, n).slice();
  }
}
