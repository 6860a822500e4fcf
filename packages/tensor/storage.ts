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

const memory: Memory = runtime.memory;

/** A storage costs the collector something, however few bytes it has. */
const BOOKKEEPING_BYTES = 256;
/** From here on it pays to let a finalizer save the copy. */
const FINALIZE_BYTES = 16 << 10;
/** Small enough to be reached, and the steady state with it, in few steps. */
const FIRST_BUDGET = 8 << 20;
const LAST_BUDGET = 2 ** 31;

/** Why bytes are gone. */
export type Release = "live" | "backward" | "scope" | "dispose";

/** Bytes that one or more arrays look at. */
export class Storage {
  /** Address in WebAssembly memory; 0 while not resident. */
  address = 0;
  /** Length in bytes. */
  readonly bytes: number;
  /** Counts writes; what a graph saved must not have changed since. */
  version = 0;
  /** `live`, or what released the bytes. */
  state: Release = "live";
  /** The op in which it was last used: not to be moved while that runs. */
  used: number;
  /** The number of the op that allocated it. */
  readonly born: number;
  /** The name of the op that allocated it. */
  readonly op: string;
  /** Whether it has been moved out of WebAssembly memory before. */
  evicted = false;
  /** The bytes outside WebAssembly memory, valid until the next write. */
  copy: Uint8Array | null = null;
  /** The same for at most 8 bytes, as two words: no buffer for a scalar. */
  low = 0;
  /** See {@linkcode low}. */
  high = 0;
  /** One element: its value outlives the graph. */
  scalar = false;
  /** Seen outside its graph (`detach()`): released by nobody but its user. */
  escaped = false;
  /** Allocated by a recorded op that has not been retired. */
  inGraph = false;
  /** Parameters, gradients, optimizer state: no scope may free them. */
  kept = false;
  /** Allocated by the running backward pass, and freed by it. */
  transient = false;
  /** A gradient that a hook has seen: neither written into nor given away. */
  shown = false;
  /** Holders inside the running backward pass. */
  claims = 0;
  /** Recorded nodes that saved these bytes for their backward. */
  saves = 0;
  /** Tensors that look at these bytes, less those disposed of. */
  handles = 0;
  /** What a finalizer holds, for storages that have one. */
  lease: Lease | null = null;
  /** The ring of resident storages, oldest first. */
  older: Storage | null = null;
  /** See {@linkcode older}. */
  younger: Storage | null = null;

  /** Use {@linkcode allocateStorage} or {@linkcode adoptBytes}. */
  constructor(bytes: number) {
    this.bytes = bytes;
    this.born = this.used = clock;
    this.op = currentOp;
  }
}

/** Ops begun so far; storages used in the current one stay where they are. */
let clock = 0;
let currentOp = "";
/** Both ends of the list of resident storages. */
let oldest: Storage | null = null;
let youngest: Storage | null = null;
let residentBytes = 0;
let budget = FIRST_BUDGET;
let evictedBytes = 0;
let restoredBytes = 0;
let evictedSinceReview = 0;
let restoredSinceReview = 0;

/** Storages allocated since the op began; the op's end decides about them. */
const fresh: Storage[] = [];
let freshLength = 0;

/** Starts an op: what it touches from now on is pinned until the next one. */
export function beginOp(name: string): void {
  clock++;
  currentOp = name;
  freshLength = 0;
  if (oldest !== null) review(oldest);
}

/**
 * Looks at one storage per op, in turns. What has been idle for longer than it
 * ever was in use is moved out at once: a batch of the step before last, the
 * result of an evaluation. Waiting for the budget would cost as many copies,
 * and the collector would have come to keep them as long-lived objects.
 */
function review(s: Storage): void {
  const idle = clock - s.used;
  if (s.inGraph || s.kept || idle < 2 * (s.used - s.born) + 64) {
    unlink(s);
    append(s);
  } else {
    evictedBytes += s.bytes;
    evictedSinceReview += s.bytes;
    evict(s);
  }
}

/** How many storages were allocated since {@linkcode beginOp}. */
export function freshCount(): number {
  return freshLength;
}

/** The i-th of them. */
export function freshStorage(i: number): Storage {
  return fresh[i]!;
}

/** What the registry holds: nothing but the storage while it is resident. */
export interface Lease {
  /** The storage, or null once it needs no finalizer. */
  storage: Storage | null;
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
  const storage = new Storage(bytes);
  place(storage);
  fresh[freshLength++] = storage;
  return storage;
}

/** A storage over bytes that JavaScript already holds: no copy until used. */
export function adoptBytes(bytes: Uint8Array): Storage {
  const storage = new Storage(bytes.byteLength);
  storage.copy = bytes;
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
  storage.copy = null;
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
  if (storage.state !== "live") return;
  if (by === "backward" && storage.scalar) {
    if (storage.address !== 0) evict(storage);
    return;
  }
  storage.state = by;
  storage.copy = null;
  if (storage.address !== 0) leave(storage);
}

function place(storage: Storage): void {
  if (residentBytes > budget) makeRoom(budget / 2);
  let address = memory.allocate(storage.bytes);
  // Out of memory: give back the oldest quarter, half, all, and try again.
  for (let share = 0.75; address === 0 && share >= 0; share -= 0.25) {
    makeRoom(residentBytes * share);
    address = memory.allocate(storage.bytes);
  }
  if (address === 0) {
    throw new RangeError(
      `Out of memory: asked for ${storage.bytes} bytes, ${memory.liveBytes} bytes are live and WebAssembly memory ends at 4 GiB. Use smaller batches, or free tensors with dispose() or scope()`,
    );
  }
  storage.address = address;
  storage.used = clock;
  if (storage.lease !== null) storage.lease.storage = storage;
  residentBytes += storage.bytes + BOOKKEEPING_BYTES;
  append(storage);
}

function append(storage: Storage): void {
  storage.older = youngest;
  storage.younger = null;
  if (youngest === null) oldest = storage;
  else youngest.younger = storage;
  youngest = storage;
}

function unlink(storage: Storage): void {
  const { older, younger } = storage;
  if (older === null) oldest = younger;
  else older.younger = younger;
  if (younger === null) youngest = older;
  else younger.older = older;
  storage.older = storage.younger = null;
}

/** Frees the block of a resident storage. */
function leave(storage: Storage): void {
  unlink(storage);
  memory.release(storage.address, storage.bytes);
  storage.address = 0;
  if (storage.lease !== null) storage.lease.storage = null;
  residentBytes -= storage.bytes + BOOKKEEPING_BYTES;
}

function evict(storage: Storage): void {
  const { address, bytes } = storage;
  storage.evicted = true;
  if (bytes <= 8) {
    storage.low = memory.heap.u32[address >>> 2]!;
    storage.high = memory.heap.u32[(address >>> 2) + 1]!;
  } else {
    // Bytes that came from JavaScript and were not written to are there still.
    storage.copy ??= memory.heap.u8.slice(address, address + bytes);
  }
  leave(storage);
}

function restore(storage: Storage): number {
  if (storage.state !== "live") {
    throw new Error(
      `The bytes of a tensor from ${storage.op}() were released (${storage.state}): call detach() to keep a value`,
    );
  }
  place(storage);
  const { address } = storage;
  if (storage.copy !== null) {
    memory.heap.u8.set(storage.copy, address);
  } else {
    memory.heap.u32[address >>> 2] = storage.low;
    memory.heap.u32[(address >>> 2) + 1] = storage.high;
  }
  if (!storage.evicted) return address; // data that comes in for the first time
  restoredBytes += storage.bytes;
  restoredSinceReview += storage.bytes;
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
  for (let s = oldest; s !== null; s = s.younger) {
    if (s.used < first) first = s.used;
  }
  for (let recent = (clock - first) / 2; residentBytes > target; recent /= 2) {
    const limit = clock - Math.floor(recent);
    for (let s = oldest; s !== null && residentBytes > target;) {
      const { younger }: Storage = s;
      if (s.used < limit) {
        evictedBytes += s.bytes;
        evictedSinceReview += s.bytes;
        evict(s);
      }
      s = younger;
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
  for (let s = oldest; s !== null; s = s.younger) {
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
