/**
 * Takes a WebAssembly module apart, into the four streams that `weave` in
 * `wasm-kernels/unpack/weave.rs` makes it of again, so that it packs smaller.
 *
 * @module
 */

/** Instructions that are followed by one number: blocks, branches, calls. */
const WITH_NUMBER: ReadonlySet<number> = new Set([
  ...[0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10],
  ...[0x23, 0x24, 0x3f, 0x40, 0x41, 0x42],
]);

/** Reads a module and deals its bytes out. */
class Dealer {
  readonly rest: number[] = [];
  readonly locals: number[] = [];
  readonly offsets: number[] = [];
  readonly constants: number[] = [];
  #at = 0;
  /** A function's locals, the one named last first. */
  #recent: number[] = [];

  constructor(readonly module: Uint8Array) {}

  /** Deals `n` bytes. */
  bytes(to: number[], n: number): void {
    to.push(...this.module.subarray(this.#at, this.#at += n));
  }

  /** Reads a number of seven bits to the byte, the lowest first. */
  read(): number {
    let value = 0;
    for (let shift = 0;; shift += 7) {
      const byte = this.module[this.#at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }

  /** Deals a number, and returns it. */
  number(to: number[]): number {
    const start = this.#at, value = this.read();
    to.push(...this.module.subarray(start, this.#at));
    return value;
  }

  place(): void {
    this.number(this.rest);
    this.number(this.offsets);
  }

  local(): void {
    const local = this.read(), distance = this.#recent.indexOf(local);
    if (distance < 0) {
      throw new Error(`A function has ${local} locals and more`);
    }
    this.#recent.splice(distance, 1);
    this.#recent.unshift(local);
    if (distance >= 128) this.locals.push(distance & 127 | 128, distance >> 7);
    else this.locals.push(distance);
  }

  /** An instruction; `weave.rs` has the same cases. */
  instruction(): void {
    const { rest, constants } = this;
    const code = this.module[this.#at]!;
    this.bytes(rest, 1);
    if (code >= 0x20 && code <= 0x22) this.local();
    else if (code >= 0x28 && code <= 0x3e) this.place();
    else if (code === 0x43) this.bytes(rest, 4);
    else if (code === 0x44) this.bytes(rest, 8);
    else if (code === 0x0e) {
      for (let i = this.number(rest); i >= 0; i--) this.number(rest);
    } else if (code === 0xfc) {
      const n = this.number(rest);
      if (n === 8 || n === 9 || n > 11) throw new Error(`0xfc ${n} is unknown`);
      this.bytes(rest, n < 10 ? 0 : 12 - n);
    } else if (code === 0xfd) {
      const n = this.number(rest);
      const access = n <= 11 || n === 92 || n === 93;
      if (access || (n >= 84 && n <= 91)) this.place();
      if (n === 12 || n === 13) this.bytes(constants, 16);
      if ((n >= 21 && n <= 34) || (n >= 84 && n <= 91)) {
        this.bytes(constants, 1);
      }
    } else if (code === 0x11) {
      this.number(rest);
      this.number(rest);
    } else if (WITH_NUMBER.has(code)) this.number(rest);
    else if (code > 0x11 && code < 0x45 && code !== 0x1a && code !== 0x1b) {
      throw new Error(`Instruction ${code} is unknown`);
    }
  }

  function(): void {
    const { constants } = this;
    const size = this.number(constants), end = this.#at + size;
    this.#recent = Array.from({ length: 256 }, (_, i) => i);
    for (let i = this.number(constants); i > 0; i--) {
      this.number(constants);
      this.bytes(constants, 1);
    }
    while (this.#at < end) this.instruction();
  }

  /** The whole module. */
  deal(): void {
    this.bytes(this.rest, 8);
    while (this.#at < this.module.length) {
      const section = this.module[this.#at];
      this.bytes(this.rest, 1);
      const size = this.number(this.rest);
      if (section !== 10) this.bytes(this.rest, size);
      else for (let i = this.number(this.rest); i > 0; i--) this.function();
    }
  }
}

/** The streams of a module, behind the lengths of the first three. */
export function takeApart(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const dealer = new Dealer(module);
  dealer.deal();
  const { rest, locals, offsets, constants } = dealer;
  const lengths = [rest, locals, offsets].map((stream) => stream.length);
  const header = new Uint8Array(Uint32Array.from(lengths).buffer);
  return Uint8Array.from(
    [header, rest, locals, offsets, constants].flatMap((part) => [...part]),
  );
}
