/**
 * The one WebAssembly memory of a program and its allocator.
 *
 * Addresses are plain numbers. Requests are rounded up to size classes, eight
 * to a power of two, so at most 12.5 % is wasted; freed blocks go to the stack
 * of their class and are the first to be handed out again (they are warm in
 * the cache, and a steady-state training step never takes anything new).
 * Small classes are cut from slabs. Large blocks are cut from address ranges
 * that split, and that coalesce again before the memory is made larger.
 *
 * @module
 */

/** Bytes below this address belong to the modules (data, stacks). */
const HEAP_BASE = 2 << 20;
/** Classes up to this many bytes are cut from slabs. */
const SMALL_LIMIT = 32 << 10;
const SLAB = 64 << 10;
const PAGE = 64 << 10;
/** The 32-bit address space, less the last page: sizes stay below 2^32. */
const MAX_PAGES = 65535;
/** 32 MiB of addresses; the system provides what is touched. */
const INITIAL_PAGES = 512;
const CLASSES = 8 + 25 * 8;

/** Typed views of the whole memory; replaced together when it grows. */
export interface Heap {
  /** Bytes. */
  u8: Uint8Array;
  /** 16-bit words (float16 and bfloat16 bit patterns). */
  u16: Uint16Array;
  /** Signed 32-bit integers. */
  i32: Int32Array;
  /** Unsigned 32-bit integers. */
  u32: Uint32Array;
  /** Single precision floats. */
  f32: Float32Array;
  /** Double precision floats. */
  f64: Float64Array;
}

/** The size class of a request of `bytes` (at least 1). */
export function sizeClass(bytes: number): number {
  if (bytes <= 128) return bytes === 0 ? 0 : (bytes - 1) >>> 4;
  const last = bytes - 1;
  const exponent = 31 - Math.clz32(last);
  return 8 + (exponent - 7) * 8 + ((last >>> (exponent - 3)) & 7);
}

/** The bytes that a block of a size class holds. */
export function classBytes(sizeClass: number): number {
  if (sizeClass < 8) return (sizeClass + 1) * 16;
  const exponent = ((sizeClass - 8) >>> 3) + 7;
  return (9 + ((sizeClass - 8) & 7)) * 2 ** (exponent - 3);
}

/**
 * {@linkcode classBytes} of every class in units of 16 bytes: looked up at each
 * allocation. V8 keeps numbers this small without a box each, and an address
 * that was once a fraction to it is boxed wherever it is stored.
 */
const CLASS_UNITS: readonly number[] = Array.from(
  { length: CLASSES },
  (_, index) => classBytes(index) / 16,
);

/** The memory, its typed views, and who owns which addresses. */
export class Memory {
  /** The WebAssembly memory that every kernel instance imports. */
  readonly wasm: WebAssembly.Memory;
  /** Whether threads can work in it, too. */
  readonly shared: boolean;
  /** Typed views over all of it. */
  readonly heap: Heap;
  #liveUnits = 0;
  #peakUnits = 0;
  /** Freed blocks of each class, as address / 16: small integers in V8. */
  readonly #free: number[][] = [];
  /** Free address ranges, by their first byte and by the byte behind them. */
  readonly #sizeByStart: Map<number, number> = new Map();
  readonly #startByEnd: Map<number, number> = new Map();
  /** Where each class has slabs, in ascending order. */
  readonly #slabs: number[][] = [];
  /** Starts of free ranges, by the largest class that fits into them. */
  readonly #bins: Set<number>[] = [];

  /** Creates the memory: 32 MiB to begin with, at most 4 GiB. */
  constructor(shared: boolean) {
    this.shared = shared;
    this.wasm = new WebAssembly.Memory({
      initial: INITIAL_PAGES,
      maximum: MAX_PAGES + 1,
      shared,
    });
    this.heap = views(this.wasm.buffer);
    for (let i = 0; i < CLASSES; i++) {
      this.#free.push([]);
      this.#slabs.push([]);
      this.#bins.push(new Set());
    }
    this.#addRange(HEAP_BASE, INITIAL_PAGES * PAGE - HEAP_BASE);
  }

  /** Bytes handed out and not yet released, in whole classes. */
  get liveBytes(): number {
    return this.#liveUnits * 16;
  }

  /** The largest `liveBytes` ever. */
  get peakBytes(): number {
    return this.#peakUnits * 16;
  }

  /**
   * Takes a block of at least `bytes` bytes, aligned to 16.
   *
   * Returns 0 when the address space (or the system) has no room left: the
   * caller may give something back and try again.
   */
  allocate(bytes: number): number {
    if (bytes > MAX_PAGES * PAGE) return 0;
    const index = sizeClass(bytes);
    const block = this.#free[index]!.pop() ?? this.#refill(index) >>> 4;
    if (block !== 0) {
      const live = this.#liveUnits += CLASS_UNITS[index]!;
      if (live > this.#peakUnits) this.#peakUnits = live;
    }
    return block * 16;
  }

  /** Gives back a block that {@linkcode allocate} returned for `bytes`. */
  release(address: number, bytes: number): void {
    const index = sizeClass(bytes);
    this.#liveUnits -= CLASS_UNITS[index]!;
    this.#free[index]!.push(address >>> 4);
  }

  /** An empty class: cut a slab, or a range of its own. */
  #refill(index: number): number {
    const bytes = classBytes(index);
    if (bytes > SMALL_LIMIT) return this.#takeRange(bytes);
    const slab = this.#takeRange(SLAB);
    if (slab === 0) return 0;
    this.#slabs[index]!.push(slab);
    const free = this.#free[index]!;
    // Pushed from the end, so that neighbours are handed out in order.
    const count = Math.floor(SLAB / bytes);
    for (let i = count - 1; i > 0; i--) free.push((slab + i * bytes) >>> 4);
    return slab;
  }

  #takeRange(bytes: number): number {
    let start = this.#findRange(bytes);
    if (start === 0) {
      this.#coalesce();
      start = this.#findRange(bytes);
    }
    if (start === 0) {
      if (!this.#grow(bytes)) return 0;
      start = this.#findRange(bytes);
    }
    if (start === 0) return 0;
    const size = this.#removeRange(start);
    if (size > bytes) this.#addRange(start + bytes, size - bytes);
    return start;
  }

  /** Best fit by class: a range of the request's own class may be too small. */
  #findRange(bytes: number): number {
    for (let bin = floorClass(bytes); bin < CLASSES; bin++) {
      for (const start of this.#bins[bin]!) {
        if (this.#sizeByStart.get(start)! >= bytes) return start;
      }
    }
    return 0;
  }

  /** Turns freed large blocks, and slabs with none in use, into ranges. */
  #coalesce(): void {
    for (let index = 0; index < CLASSES; index++) {
      const bytes = classBytes(index);
      if (bytes <= SMALL_LIMIT) {
        this.#releaseSlabs(index);
        continue;
      }
      const free = this.#free[index]!;
      for (const block of free) this.#addRange(block * 16, bytes);
      free.length = 0;
    }
  }

  /** Gives back the slabs of a small class whose blocks are all free. */
  #releaseSlabs(index: number): void {
    const slabs = this.#slabs[index]!;
    const blocks = Math.floor(SLAB / classBytes(index));
    const free = this.#free[index]!;
    if (free.length < blocks) return;
    slabs.sort((a, b) => a - b);
    const counts = new Map<number, number>();
    for (const block of free) {
      const slab = slabOf(slabs, block * 16);
      counts.set(slab, (counts.get(slab) ?? 0) + 1);
    }
    const isEmpty = (slab: number) => counts.get(slab) === blocks;
    this.#free[index] = free.filter((block) =>
      !isEmpty(slabOf(slabs, block * 16))
    );
    for (const slab of slabs) if (isEmpty(slab)) this.#addRange(slab, SLAB);
    this.#slabs[index] = slabs.filter((slab) => !isEmpty(slab));
  }

  /** Adds a free range, joined with its free neighbours. */
  #addRange(start: number, size: number): void {
    const before = this.#startByEnd.get(start);
    if (before !== undefined) {
      size += this.#removeRange(before);
      start = before;
    }
    if (this.#sizeByStart.has(start + size)) {
      size += this.#removeRange(start + size);
    }
    this.#sizeByStart.set(start, size);
    this.#startByEnd.set(start + size, start);
    this.#bins[floorClass(size)]!.add(start);
  }

  #removeRange(start: number): number {
    const size = this.#sizeByStart.get(start)!;
    this.#sizeByStart.delete(start);
    this.#startByEnd.delete(start + size);
    this.#bins[floorClass(size)]!.delete(start);
    return size;
  }

  #grow(bytes: number): boolean {
    const pages = this.wasm.buffer.byteLength / PAGE;
    const needed = Math.ceil(bytes / PAGE);
    // An eighth more than asked for: few growths, little that is never used.
    const wanted = Math.max(needed, pages >>> 3, 64);
    for (const extra of [wanted, needed]) {
      if (pages + extra > MAX_PAGES) continue;
      try {
        this.wasm.grow(extra);
      } catch {
        continue; // the system has no room for that much
      }
      Object.assign(this.heap, views(this.wasm.buffer));
      this.#addRange(pages * PAGE, extra * PAGE);
      return true;
    }
    return false;
  }
}

/** The largest class whose blocks fit into `size` bytes. */
function floorClass(size: number): number {
  const index = sizeClass(size);
  return classBytes(index) > size ? index - 1 : index;
}

/** Views over all of a memory. */
export function views(buffer: ArrayBufferLike): Heap {
  return {
    u8: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
  };
}

/** The slab that holds an address: the last that does not begin behind it. */
function slabOf(slabs: readonly number[], address: number): number {
  let [low, high] = [0, slabs.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (slabs[middle]! <= address) low = middle;
    else high = middle - 1;
  }
  return slabs[low]!;
}
