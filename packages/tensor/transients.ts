/**
 * What a backward pass allocates, and who may have it.
 *
 * Each holder of a gradient inside the pass claims its storage; when the last
 * claim is consumed the bytes are freed. Bytes with one holder, which no other
 * tensor can see, may be written into or handed over; all others are copied.
 */

import { mode } from "./grad_mode.ts";
import { track, type Tracked, trackInto, untrack } from "./scope.ts";
import { addressOf, releaseStorage, type Storage } from "./storage.ts";
import { ESCAPED, KEPT, SHOWN, TRANSIENT } from "./storage_state.ts";
import type { Tensor } from "./tensor.ts";

/** The allocations of one pass. A pass that is recorded keeps none. */
export class Transients implements Tracked {
  /** See {@linkcode Tracked}. */
  first: Storage | null = null;
  readonly #recorded: boolean;
  #outer: Tracked | null = null;

  /** `recorded`: with `createGraph`, bytes belong to the new graph's nodes. */
  constructor(recorded: boolean) {
    this.#recorded = recorded;
  }

  /** From now on every allocation is the pass's. */
  begin(): void {
    if (!this.#recorded) this.#outer = trackInto(this);
  }

  /** Frees what nobody took; the rest belongs to the scope around the pass. */
  end(): void {
    if (this.#recorded) return;
    trackInto(this.#outer);
    for (let storage = this.first; storage !== null;) {
      const next = untrack(storage);
      storage.claims = 0;
      const { flags } = storage;
      storage.flags = flags & ~TRANSIENT;
      if ((flags & (TRANSIENT | ESCAPED)) === TRANSIENT) {
        releaseStorage(storage, "backward");
      } else if ((flags & KEPT) === 0) track(storage);
      storage = next;
    }
    this.first = null;
  }

  /** Marks all that was allocated as the pass's own. */
  adopt(): void {
    for (let s = this.first; s !== null; s = s.nextTracked) {
      if ((s.flags & KEPT) === 0) s.flags |= TRANSIENT;
    }
  }

  /**
   * Marks what was allocated since `start` (what `first` was then) as the
   * pass's own, and frees what of it nobody has claimed.
   */
  sweep(start: Storage | null): void {
    let left = start;
    for (let s = this.first; s !== start && s !== null;) {
      const next: Storage | null = s.nextTracked;
      if ((s.flags & KEPT) === 0) s.flags |= TRANSIENT;
      if (!s.live) untrack(s);
      else if (s.claims === 0 && isDisposable(s)) {
        untrack(s);
        releaseStorage(s, "dispose");
      } else {
        s.nextTracked = left;
        left = s;
      }
      s = next;
    }
    this.first = left;
  }

  /** The sum of what waits at a tensor and what arrives there, claimed. */
  merge(before: Tensor | null, gradient: Tensor): Tensor {
    if (before === null) {
      gradient.array.storage.claims++;
      return gradient;
    }
    if (!this.#recorded && isExclusive(before)) return before.add_(gradient);
    const sum = before.add(gradient);
    const { storage } = sum.array;
    if (!this.#recorded) storage.transient = true;
    storage.claims++;
    this.consume(before);
    return sum;
  }

  /** Gives up one claim; bytes that nobody claims any more are freed. */
  consume(gradient: Tensor | null): void {
    if (gradient === null) return;
    const { storage } = gradient.array;
    storage.claims--;
    if (storage.claims === 0 && isDisposable(storage)) {
      releaseStorage(storage, "backward");
    }
  }

  /** A gradient that its receiver may keep and write into: it, or a copy. */
  own(gradient: Tensor): Tensor {
    // An expanded gradient has elements that share bytes: nothing to write to.
    if (this.#recorded) return gradient.contiguous();
    const { array } = gradient;
    addressOf(array.storage); // What it may be scattered from is the pass's.
    if (isExclusive(gradient) && array.storage.bytes <= array.size * 8) {
      array.storage.flags &= ~TRANSIENT;
      return gradient;
    }
    const copy = gradient.clone();
    copy.array.storage.transient = false;
    return copy;
  }
}

/** Whether the running pass made these bytes and one holder has them. */
function isExclusive(gradient: Tensor): boolean {
  const { storage } = gradient.array;
  return storage.claims === 1 && isWritable(gradient) &&
    (storage.flags & (TRANSIENT | ESCAPED | SHOWN)) === TRANSIENT;
}

/** Whether the bytes are the running pass's and nobody else saw them. */
function isDisposable(storage: Storage): boolean {
  return (storage.flags & (TRANSIENT | ESCAPED)) === TRANSIENT;
}

/** Row-major and from the start: no element stands for several. */
export function isWritable(gradient: Tensor): boolean {
  const { array } = gradient;
  return array.steps === null && array.offset === 0;
}

/** Runs hooks inside a pass as if they were outside: what they make is theirs. */
export function asUser(run: () => void): void {
  const list = trackInto(null);
  mode.walking = false;
  try {
    run();
  } finally {
    mode.walking = true;
    trackInto(list);
  }
}
