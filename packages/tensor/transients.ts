/**
 * What a backward pass allocates, and who may have it.
 *
 * Each holder of a gradient inside the pass claims its storage; when the last
 * claim is consumed the bytes are freed. Bytes with one holder, which no other
 * tensor can see, may be written into or handed over; all others are copied.
 */

import { track, trackInto } from "./scope.ts";
import { releaseStorage, type Storage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

/** The allocations of one pass. A pass that is recorded keeps none. */
export class Transients {
  readonly #recorded: boolean;
  readonly #storages: Storage[] = [];
  #outer: Storage[] | null = null;

  /** `recorded`: with `createGraph`, bytes belong to the new graph's nodes. */
  constructor(recorded: boolean) {
    this.#recorded = recorded;
  }

  /** From now on every allocation is the pass's. */
  begin(): void {
    if (!this.#recorded) this.#outer = trackInto(this.#storages);
  }

  /** Frees what nobody took; the rest belongs to the scope around the pass. */
  end(): void {
    if (this.#recorded) return;
    trackInto(this.#outer);
    for (const storage of this.#storages) {
      storage.claims = 0;
      if (storage.transient && !storage.escaped) {
        releaseStorage(storage, "backward");
      } else if (!storage.kept) track(storage);
      storage.transient = false;
    }
  }

  /** A point in time, for {@linkcode adopt} and {@linkcode sweep}. */
  mark(): number {
    return this.#storages.length;
  }

  /** Marks what was allocated since `start` as the pass's own. */
  adopt(start: number): void {
    const storages = this.#storages;
    for (let i = start; i < storages.length; i++) {
      const storage = storages[i]!;
      if (!storage.kept) storage.transient = true;
    }
  }

  /** Frees what was allocated since `start` and claimed by nobody. */
  sweep(start: number): void {
    const storages = this.#storages;
    let end = start;
    for (let i = start; i < storages.length; i++) {
      const storage = storages[i]!;
      if (storage.state !== "live") continue;
      if (storage.claims === 0 && storage.transient && !storage.escaped) {
        releaseStorage(storage, "dispose");
      } else storages[end++] = storage;
    }
    // Popping is cheaper than setting the length, which makes V8 look closer.
    while (storages.length > end) storages.pop();
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
    if (storage.claims === 0 && storage.transient && !storage.escaped) {
      releaseStorage(storage, "backward");
    }
  }

  /** A gradient that its receiver may keep and write into: it, or a copy. */
  own(gradient: Tensor): Tensor {
    // An expanded gradient has elements that share bytes: nothing to write to.
    if (this.#recorded) return gradient.contiguous();
    const { array } = gradient;
    if (isExclusive(gradient) && array.storage.bytes <= array.size * 8) {
      array.storage.transient = false;
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
  return storage.transient && storage.claims === 1 && !storage.escaped &&
    !storage.shown && isWritable(gradient);
}

/** Row-major and from the start: no element stands for several. */
export function isWritable(gradient: Tensor): boolean {
  const { array } = gradient;
  return array.steps === null && array.offset === 0;
}
