/** Going through batches, with turns for others and a way to halt. */

import { Pacer } from "@fdunn/data";

/** How {@linkcode BatchWalk} goes. */
export interface WalkOptions {
  /** Leaves out the first `count` batches, and then calls `done`. */
  skip?: { count: number; done: () => void } | undefined;
  /** Asked after others had a turn: whether to take the next batch. */
  goOn?: () => boolean;
}

/** Signals, timers and interfaces get a turn this often, which costs about 1 %. */
const TURN_MS = 50;

/**
 * Walks through batches, waiting for nothing but promises, for a turn of others
 * now and then, and while it is halted.
 */
export class BatchWalk {
  readonly #pacer = new Pacer(TURN_MS);
  #halted: Promise<void> | null = null;
  #release: (() => void) | null = null;

  /** Whether it waits before the next batch. */
  get halted(): boolean {
    return this.#halted !== null;
  }

  /** Waits before the next batch until {@linkcode release}. */
  halt(): void {
    this.#halted ??= new Promise((resolve) => this.#release = resolve);
  }

  /** Goes on. */
  release(): void {
    this.#release?.();
    this.#halted = this.#release = null;
  }

  /**
   * Calls `f` with each item until it returns false; returns the number of
   * calls.
   */
  async each<T>(
    data: Iterable<T> | AsyncIterable<T>,
    f: (item: T) => boolean,
    { skip, goOn }: WalkOptions = {},
  ): Promise<number> {
    const iterator = Symbol.iterator in data
      ? data[Symbol.iterator]()
      : data[Symbol.asyncIterator]();
    let count = 0;
    let finished = false;
    try {
      if (skip !== undefined) {
        for (let i = 0; i < skip.count; i++) {
          if ((await iterator.next()).done === true) break;
        }
        skip.done();
      }
      for (;;) {
        const next = iterator.next();
        const result = next instanceof Promise ? await next : next;
        if (result.done) {
          finished = true;
          return count;
        }
        count++;
        if (!f(result.value)) return count;
        if (this.#halted !== null || this.#pacer.due()) {
          await this.#pacer.pause();
          while (this.#halted !== null) await this.#halted;
          if (goOn !== undefined && !goOn()) return count;
        }
      }
    } finally {
      if (!finished) await iterator.return?.();
    }
  }
}
