/** `scope`: frees what was allocated inside a block of synchronous code. */

import { refusePromise } from "./grad_mode.ts";
import { releaseStorage, type Storage } from "./storage.ts";
import { TRACKED } from "./storage_state.ts";
import type { Tensor } from "./tensor.ts";

/** Storages that a scope or a backward pass decides about, newest first. */
export interface Tracked {
  /** The first; the others follow as `nextTracked`. */
  first: Storage | null;
}

/** The list that the innermost scope or backward pass keeps, if any. */
let allocations: Tracked | null = null;

/** Notes an allocation that outlived its op. */
export function track(storage: Storage): void {
  if (allocations === null || (storage.flags & TRACKED) !== 0) return;
  storage.flags |= TRACKED;
  storage.nextTracked = allocations.first;
  allocations.first = storage;
}

/** Takes a storage off its list; returns the one that follows. */
export function untrack(storage: Storage): Storage | null {
  const next = storage.nextTracked;
  storage.flags &= ~TRACKED;
  storage.nextTracked = null;
  return next;
}

/** Replaces the list; returns the one before, to be put back. */
export function trackInto(list: Tracked | null): Tracked | null {
  const before = allocations;
  allocations = list;
  return before;
}

/**
 * Runs `f` and frees what was allocated in it at once, except what `f`
 * returns (a tensor, or tensors in arrays and plain objects), what a recorded
 * backward still needs, parameters, gradients, optimizer state, and what was
 * marked with {@linkcode keep}.
 *
 * Nothing needs it: memory is bounded without. It saves the copies that the
 * safety net makes, for instance in an evaluation loop.
 *
 * ```ts
 * import { scope, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([3, 4]);
 * const norm = scope(() => x.square().sum().sqrt());
 * assertEquals(norm.item(), 5);
 * ```
 *
 * @throws TypeError when `f` returns a promise.
 */
export function scope<T>(f: () => T): T {
  const list: Tracked = { first: null };
  const outer = trackInto(list);
  let survivors: Set<Storage> | null = null;
  try {
    const result = refusePromise("scope", f());
    survivors = new Set();
    collect(result, survivors);
    return result;
  } finally {
    trackInto(outer);
    for (let storage = list.first; storage !== null;) {
      const next = untrack(storage);
      const stays = storage.kept || storage.inGraph || storage.saves > 0 ||
        survivors?.has(storage);
      if (!stays) releaseStorage(storage, "scope");
      else if (!storage.kept) track(storage);
      storage = next;
    }
  }
}

/** Exempts a tensor from every {@linkcode scope} around it; returns it. */
export function keep<T extends Tensor>(tensor: T): T {
  tensor.array.storage.kept = true;
  return tensor;
}

/** The storages of all tensors inside a plain value. */
function collect(value: unknown, into: Set<Storage>): void {
  if (typeof value !== "object" || value === null) return;
  if (isTensor(value)) {
    into.add(value.array.storage);
  } else if (Array.isArray(value)) {
    for (const item of value) collect(item, into);
  } else if (value instanceof Map) {
    for (const item of value.values()) collect(item, into);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const item of Object.values(value)) collect(item, into);
  }
}

function isTensor(value: object): value is Tensor {
  return "array" in value && "requiresGrad" in value;
}
