/**
 * Storage: the bytes behind tensors, and where they live.
 *
 * A storage resides in WebAssembly memory, in a JavaScript buffer, or in both
 * while they agree. The collector cannot see WebAssembly memory, so nothing
 * may depend on it to free a block there. Two things free blocks instead:
 * `backward()` frees what its graph allocated (autograd.ts), and whenever the
 * blocks together pass a budget, those used longest ago are copied to
 * JavaScript buffers and forgotten here. What nobody reaches any more dies
 * there by ordinary collection, also inside synchronous code; what somebody
 * does reach comes back with its next use. No reachable bytes are ever reused.
 */

import { type Memory, runtime } from "@fdunn/wasm-kernels";
import {
  EVICTED,
  IN_GRAPH,
  KEPT,
  type Lease,
  type Recipe,
  type Release,
  releaseBits,
  SCALAR,
  Storage,
} from "./storage_state.ts";

export {
  type Lease,
  type Outside,
  type Recipe,
  type Release,
  Storage,
} from "./storage_state.ts";

const memory: Memory = runtime.memory;

/** A storage costs the collector something, however few bytes it has. */
const BOOKKEEPING_BYTES = 256;
/**
 * So many bytes move out as an array of numbers: 12 ns for 16 bytes, 200 ns for
 * a kilobyte. A buffer takes 270 ns and more to make, and more to collect.
 */
const WORDS_BYTES = 1 << 10;
/** From here on it pays to let a finalizer save the copy. */
const FINALIZE_BYTES = 16 << 10;
/** Small enough to be reached, and the steady state with it, in few steps. */
const FIRST_BUDGET = 8 << 20;
const LAST_BUDGET = 2 ** 31;
/** So many ops take their reviews together, a power of two. */
const REVIEWED = 8;

/** Ops begun so far; storages used in the current one stay where they are. */
let clock = 0;
let currentOp = "";
/** Resident storages, each at its slot; null at slots that are vacant. */
const residents: (Storage | null)[] = [];
const vacant: number[] = [];
let vacancies = 0;
/** The slot that is reviewed next is the one before. */
let cursor = 0;
let residentBytes = 0;
let budget = FIRST_BUDGET;
let evictedBytes = 0;
let restoredBytes = 0;
let evictedSinceReview = 0;
let restoredSinceReview = 0;

/**
 * Slots of the storages allocated since the op began, whose end decides about
 * them. Numbers, since the collector must be told of each young object that is
 * written into an old list.
 */
const fresh: number[] = [];
let freshLength = 0;

/** Starts an op: what it touches from now on is pinned until the next one. */
export function beginOp(name: string): void {
  clock++;
  currentOp = name;
  freshLength = 0;
  if ((clock & (REVIEWED - 1)) === 0) review();
}

/**
 * Looks at one storage per op, in turns. What has been idle for longer than it
 * ever was in use is moved out at once: a batch of the step before last, the
 * result of an evaluation. Waiting for the budget would cost as many copies,
 * and the collector would have come to keep them as long-lived objects.
 */
function review(): void {
  if (cursor === 0) cursor = turn();
  const now = clock;
  const end = Math.max(0, cursor - REVIEWED);
  for (let i = cursor - 1; i >= end; i--) {
    const s = residents[i]!;
    if (s === null || (s.flags & (IN_GRAPH | KEPT)) !== 0) continue;
    if (now - s.used >= 2 * (s.used - s.born) + 64) moveOut(s);
  }
  cursor = end;
}

/** All were reviewed: closes up when most slots are vacant; where to go on. */
function turn(): number {
  const { length } = residents;
  if (vacancies > 64 && 2 * vacancies > length) {
    let count = 0;
    for (let i = 0; i < length; i++) {
      const storage = residents[i]!;
      if (storage === null) continue;
      storage.slot = count;
      residents[count++] = storage;
    }
    residents.length = count;
    vacancies = vacant.length = 0;
  }
  return residents.length;
}

/** How many storages were allocated since {@linkcode beginOp}. */
export function freshCount(): number {
  return freshLength;
}

/** The i-th of them, or null if it has been released already. */
export function freshStorage(i: number): Storage | null {
  return residents[fresh[i]!]!;
}

const finalizers = new FinalizationRegistry<Lease>((lease) => {
  if (lease.storage !== null) releaseStorage(lease.storage, "dispose");
});

/**
 * Lets the collector free the storage when `handle`, the one object through
 * which users reach it, is gone. Finalizers run between macrotasks only, and
 * not in every program: this saves copies and is never relied upon. A copy
 * outside of WebAssembly memory needs none, and must not be held by one.
 */
export function finalizeWith(handle: WeakKey, storage: Storage): void {
  storage.lease = { storage: storage.address !== 0 ? storage : null };
  finalizers.register(handle, storage.lease);
}

/** Whether a storage of this size is worth a finalizer. */
export function worthFinalizing(bytes: number): boolean {
  return bytes >= FINALIZE_BYTES;
}

/** Takes bytes in WebAssembly memory; their contents are undefined. */
export function allocateStorage(bytes: number): Storage {
  const storage = new Storage(bytes, clock, currentOp);
  place(storage);
  fresh[freshLength++] = storage.slot;
  return storage;
}

/** {@linkcode allocateStorage} of one element. */
export function allocateScalar(bytes: number): Storage {
  const storage = allocateStorage(bytes);
  storage.flags = SCALAR;
  return storage;
}

/** A storage over bytes that JavaScript already holds: no copy until used. */
export function adoptBytes(bytes: Uint8Array): Storage {
  const storage = new Storage(bytes.byteLength, clock, currentOp);
  storage.outside = { copy: bytes, words: null, recipe: null };
  return storage;
}

/** A storage whose bytes are made when somebody needs them. */
export function deferStorage(bytes: number, recipe: Recipe): Storage {
  const storage = new Storage(bytes, clock, currentOp);
  storage.outside = { copy: null, words: null, recipe };
  return storage;
}

/** The address of the bytes, which become resident and stay so in this op. */
export function addressOf(storage: Storage): number {
  storage.used = clock;
  return storage.address !== 0 ? storage.address : restore(storage);
}

/** {@linkcode addressOf} for writing: the version moves on. */
export function writableAddressOf(storage: Storage): number {
  const address = addressOf(storage);
  storage.version++;
  storage.outside = null;
  return address;
}

/** Bytes of a live storage, wherever they are; a view, valid until an op. */
export function readBytes(storage: Storage): Uint8Array {
  if (storage.address === 0 && storage.copy !== null) return storage.copy;
  const address = addressOf(storage);
  return memory.heap.u8.subarray(address, address + storage.bytes);
}

/**
 * Gives the bytes back.
 *
 * A scalar's value is copied out first when a backward pass retires it, so
 * that a loss kept in a list can be read for ever.
 */
export function releaseStorage(storage: Storage, by: Release): void {
  if (!storage.live) return;
  if (by === "backward" && (storage.flags & SCALAR) !== 0) {
    if (storage.address !== 0) evict(storage);
    return;
  }
  storage.flags |= releaseBits(by);
  storage.outside = null;
  if (storage.address !== 0) leave(storage);
}

function place(storage: Storage): void {
  if (residentBytes > budget) makeRoom(budget / 2);
  let address = memory.allocate(storage.bytes);
  if (address === 0) address = insist(storage.bytes);
  storage.address = address;
  storage.used = clock;
  if (storage.lease !== null) storage.lease.storage = storage;
  residentBytes += storage.bytes + BOOKKEEPING_BYTES;
  if (vacancies > 0) {
    const slot = vacant[--vacancies]!;
    storage.slot = slot;
    residents[slot] = storage;
  } else {
    storage.slot = residents.length;
    residents.push(storage);
  }
}

/** Out of memory: gives back the oldest quarter, half, all, and tries again. */
function insist(bytes: number): number {
  for (let share = 0.75; share >= 0; share -= 0.25) {
    makeRoom(residentBytes * share);
    const address = memory.allocate(bytes);
    if (address !== 0) return address;
  }
  throw new RangeError(
    `Out of memory: asked for ${bytes} bytes, ${memory.liveBytes} bytes are live and WebAssembly memory ends at 4 GiB. Use smaller batches, or free tensors with dispose() or scope()`,
  );
}

/** Frees the block of a resident storage. */
function leave(storage: Storage): void {
  const { slot } = storage;
  residents[slot] = null;
  vacant[vacancies++] = slot;
  memory.release(storage.address, storage.bytes);
  storage.address = 0;
  if (storage.lease !== null) storage.lease.storage = null;
  residentBytes -= storage.bytes + BOOKKEEPING_BYTES;
}

function evict(storage: Storage): void {
  const { address, bytes } = storage;
  storage.flags |= EVICTED;
  // Bytes that came from JavaScript and were not written to are there still.
  if (storage.outside === null) {
    const small = bytes <= WORDS_BYTES;
    storage.outside = {
      copy: small ? null : memory.heap.u8.slice(address, address + bytes),
      words: small ? wordsAt(address, bytes) : null,
      recipe: null,
    };
  }
  leave(storage);
}

/** The bytes of a block, and of its last word those that nobody uses. */
function wordsAt(address: number, bytes: number): number[] {
  const { i32 } = memory.heap; // signed: V8 keeps them without a box
  const count = (bytes + 3) >>> 2, at = address >>> 2;
  const words = new Array<number>(count);
  for (let i = 0; i < count; i++) words[i] = i32[at + i]!;
  return words;
}

/** {@linkcode evict}, with what the budget learns from it. */
function moveOut(storage: Storage): void {
  evictedBytes += storage.bytes;
  evictedSinceReview += storage.bytes;
  evict(storage);
}

function restore(storage: Storage): number {
  if (!storage.live) {
    throw new Error(
      `The bytes of a tensor from ${storage.op}() were released (${storage.state}): call detach() to keep a value`,
    );
  }
  const outside = storage.outside!;
  place(storage);
  const { address } = storage;
  if (outside.recipe !== null) {
    storage.outside = null;
    outside.recipe.fill(address);
    return address;
  }
  const { heap } = memory;
  const { copy, words } = outside;
  if (copy !== null) heap.u8.set(copy, address);
  else if (words !== null) {
    for (let i = 0; i < words.length; i++) {
      heap.i32[(address >>> 2) + i] = words[i]!;
    }
  }
  // Else it is data that comes in for the first time.
  if ((storage.flags & EVICTED) !== 0) {
    restoredBytes += storage.bytes;
    restoredSinceReview += storage.bytes;
  }
  return address;
}

/**
 * Moves storages out until `target` bytes are left, those used longest ago
 * first: not used in the latest half of the time that the oldest has waited,
 * then a quarter, an eighth, ... What is used in every step stays, and so does
 * what the current op uses.
 */
function makeRoom(target: number): void {
  // More than a tenth comes back: the working set is larger than the budget.
  if (restoredSinceReview * 10 > evictedSinceReview && evictedSinceReview > 0) {
    if (budget < LAST_BUDGET) budget *= 2;
    evictedSinceReview = restoredSinceReview = 0;
    if (residentBytes <= target) return;
  }
  let first = clock;
  for (let i = 0; i < residents.length; i++) {
    const s = residents[i]!;
    if (s !== null && s.used < first) first = s.used;
  }
  for (let recent = (clock - first) / 2; residentBytes > target; recent /= 2) {
    const limit = clock - Math.floor(recent);
    for (let i = 0; i < residents.length && residentBytes > target; i++) {
      const s = residents[i]!;
      if (s !== null && s.used < limit) moveOut(s);
    }
    if (recent < 1) break;
  }
}

/** What {@linkcode memoryStats} tells. */
export interface MemoryStats {
  /** Bytes of live blocks in WebAssembly memory. */
  liveBytes: number;
  /** The most that ever were live. */
  peakBytes: number;
  /** Size of the WebAssembly memory. */
  wasmBytes: number;
  /** Live bytes beyond which the oldest move to JavaScript buffers. */
  budgetBytes: number;
  /** Bytes moved to JavaScript buffers so far. */
  evictedBytes: number;
  /** Bytes moved back so far. */
  restoredBytes: number;
  /** Live bytes by the op that made them. */
  liveBytesByOp: Record<string, number>;
}

/** The figures of {@linkcode MemoryStats}, now. */
export function memoryStats(): MemoryStats {
  const liveBytesByOp: Record<string, number> = {};
  for (const s of residents) {
    if (s === null) continue;
    const op = s.op === "" ? "(none)" : s.op;
    liveBytesByOp[op] = (liveBytesByOp[op] ?? 0) + s.bytes;
  }
  return {
    liveBytes: memory.liveBytes,
    peakBytes: memory.peakBytes,
    wasmBytes: memory.wasm.buffer.byteLength,
    budgetBytes: budget,
    evictedBytes,
    restoredBytes,
    liveBytesByOp,
  };
}
