/** What is known of a storage: where its bytes are, and who needs them. */

/** Why bytes are gone. */
export type Release = "live" | "backward" | "scope" | "dispose";
const RELEASES: readonly Release[] = ["live", "backward", "scope", "dispose"];

/** A bit of {@linkcode Storage.flags}: one element, which outlives its graph. */
export const SCALAR: number = 1;
/** See {@linkcode Storage.escaped}. */
export const ESCAPED: number = 2;
/** See {@linkcode Storage.inGraph}. */
export const IN_GRAPH: number = 4;
/** See {@linkcode Storage.kept}. */
export const KEPT: number = 8;
/** See {@linkcode Storage.transient}. */
export const TRANSIENT: number = 16;
/** See {@linkcode Storage.shown}. */
export const SHOWN: number = 32;
/** A bit of {@linkcode Storage.flags}: it is in the list of a scope or pass. */
export const TRACKED: number = 128;
/** Bits of {@linkcode Storage.flags}: what released it, or none. */
const RELEASED = 3 << 8;
/** A bit of {@linkcode Storage.flags}: a handle was disposed of. */
export const DISPOSED: number = 1 << 10;
/** Bits of {@linkcode Storage.flags}: not every tensor over it may be used. */
export const SUSPECT: number = RELEASED | DISPOSED;

/** The bits of a reason. */
export function releaseBits(by: Release): number {
  if (by === "dispose") return 3 << 8;
  return by === "backward" ? 1 << 8 : by === "scope" ? 2 << 8 : 0;
}

/** A bit of {@linkcode Storage.flags}: it has been moved out before. */
export const EVICTED: number = 64;

/** How to make bytes that nobody has needed so far. */
export interface Recipe {
  /** Writes them. */
  fill(address: number): void;
}

/** Where bytes are that are not, or not only, in WebAssembly memory. */
export interface Outside {
  /** The bytes, valid until the next write. */
  copy: Uint8Array | null;
  /** The same of a small storage: a buffer takes longer to make than these. */
  words: readonly number[] | null;
  /** What makes them when they are needed first, or null. */
  recipe: Recipe | null;
}

/**
 * Bytes that one or more arrays look at. Every op makes one, so it is kept
 * small: what is rarely there is an object of its own, what is true or false
 * a bit.
 */
export class Storage {
  /** Address in WebAssembly memory; 0 while not resident. */
  address = 0;
  /** Length in bytes. */
  readonly bytes: number;
  /** Counts writes; what a graph saved must not have changed since. */
  version = 0;
  /** What is true of it, as bits: see the getters. */
  flags = 0;
  /** The op in which it was last used: not to be moved while that runs. */
  used: number;
  /** The number of the op that allocated it. */
  readonly born: number;
  /** The name of the op that allocated it. */
  readonly op: string;
  /** Its place among the resident storages. */
  slot = 0;
  /** What is outside of WebAssembly memory. */
  outside: Outside | null = null;
  /** Holders inside the running backward pass. */
  claims = 0;
  /** Recorded nodes that saved these bytes for their backward. */
  saves = 0;
  /** Tensors that look at these bytes, less those disposed of. */
  handles = 0;
  /** What a finalizer holds, for storages that have one. */
  lease: Lease | null = null;
  /** The next in the list of a scope or a backward pass. */
  nextTracked: Storage | null = null;
  /** The next that the same node, or the same retired graph, owns. */
  nextOwned: Storage | null = null;

  /** Made by storage.ts; `born` and `op` say in which op. */
  constructor(bytes: number, born: number, op: string) {
    this.bytes = bytes;
    this.born = this.used = born;
    this.op = op;
  }

  /** Whether nothing has released the bytes. */
  get live(): boolean {
    return (this.flags & RELEASED) === 0;
  }

  /** `live`, or what released the bytes. */
  get state(): Release {
    return RELEASES[(this.flags & RELEASED) >>> 8]!;
  }

  /** The bytes outside WebAssembly memory, if they are there. */
  get copy(): Uint8Array | null {
    return this.outside === null ? null : this.outside.copy;
  }

  /** Seen outside its graph (`detach()`): released by nobody but its user. */
  get escaped(): boolean {
    return (this.flags & ESCAPED) !== 0;
  }

  set escaped(value: boolean) {
    this.flags = value ? this.flags | ESCAPED : this.flags & ~ESCAPED;
  }

  /** Allocated by a recorded op that has not been retired. */
  get inGraph(): boolean {
    return (this.flags & IN_GRAPH) !== 0;
  }

  set inGraph(value: boolean) {
    this.flags = value ? this.flags | IN_GRAPH : this.flags & ~IN_GRAPH;
  }

  /** Parameters, gradients, optimizer state: no scope may free them. */
  get kept(): boolean {
    return (this.flags & KEPT) !== 0;
  }

  set kept(value: boolean) {
    this.flags = value ? this.flags | KEPT : this.flags & ~KEPT;
  }

  /** Allocated by the running backward pass, and freed by it. */
  get transient(): boolean {
    return (this.flags & TRANSIENT) !== 0;
  }

  set transient(value: boolean) {
    this.flags = value ? this.flags | TRANSIENT : this.flags & ~TRANSIENT;
  }

  /** A gradient that a hook has seen: neither written into nor given away. */
  get shown(): boolean {
    return (this.flags & SHOWN) !== 0;
  }

  set shown(value: boolean) {
    this.flags = value ? this.flags | SHOWN : this.flags & ~SHOWN;
  }
}

/** What the registry holds: nothing but the storage while it is resident. */
export interface Lease {
  /** The storage, or null once it needs no finalizer. */
  storage: Storage | null;
}
