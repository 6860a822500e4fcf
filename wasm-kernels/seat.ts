/**
 * A worker as its caller sees it: where calls are sent, and what is known of
 * how it comes to them.
 *
 * @module
 */

import {
  BEGUN,
  CALL_NUMBERS,
  CALL_OFFSET,
  CALLS,
  DONE,
  FAILED,
  LINGER,
  MESSAGE_OFFSET,
  NAPS,
  READY,
  WORDS,
  type WorkerLike,
} from "./worker.ts";

/** The least time that a worker is given before it counts as dead. */
const PATIENCE_MS = 5000;
/** Looks at a word before sleeping on it: some 10 microseconds. */
const SPINS = 2000;
/** For how many microseconds a worker stays awake, and for how many among close calls. */
const [BRIEF, LONG] = [10, 100];
/** Calls that a worker misses in a row before it rests: others need processors for a moment. */
const MISSES = 8;
/** A worker that came to so many calls has made good for those that it missed. */
const AMENDS = 100;
/** How long a worker rests at first; it doubles as long as nothing was made good. */
const [REST_MS, LONGEST_REST_MS] = [1, 64];
/** Waiting for a worker is made good by a rest of so many times as long. */
const REST_FACTOR = 5;
/** How many empty calls tell how long it takes to hand over one. */
const PINGS = 4;
/** A number that no kernel has. */
const NO_KERNEL = -1;
/** How much longer than its caller a worker may take for its part. */
const [SLACK, SLACK_MS] = [2, 0.1];

/**
 * One worker of a pool.
 *
 * A worker that is awake and does not come to calls, or is woken and sleeps
 * again before a call finds it awake, or begins a call and does not end it, has
 * no processor for itself. Then it rests: it sleeps as soon as it has nothing to
 * do, lest it keep its caller from running, and small calls do without it.
 */
export class Seat {
  /** A scratch block of the worker's own. */
  readonly scratch: number;
  /** The part that it has been sent. */
  from = 0;
  /** Its end. */
  to = 0;
  readonly #worker: WorkerLike;
  readonly #block: number;
  readonly #words: Int32Array;
  readonly #call: Float64Array;
  #calls = 0;
  /** What stands in the word of that name. */
  #linger = 0;
  /** Its naps at the last look, and when it was woken, until a call finds it awake; else 0. */
  #naps = 0;
  #woken = 0;
  #missed = 0;
  /** Calls that found it awake and that it came to, since it last rested. */
  #came = 0;
  /** The last rest, and when it ends. */
  #rest = 0;
  #until = 0;

  /** The seat of a worker that has the block at `block` of `buffer`. */
  constructor(
    worker: WorkerLike,
    buffer: ArrayBufferLike,
    block: number,
    scratch: number,
  ) {
    this.#worker = worker;
    this.#block = block;
    this.scratch = scratch;
    this.#words = new Int32Array(buffer, block, WORDS);
    this.#call = new Float64Array(buffer, block + CALL_OFFSET, CALL_NUMBERS);
  }

  /** Whether the worker has started. */
  get ready(): boolean {
    return Atomics.load(this.#words, READY) !== 0;
  }

  /** Whether it was awake at the last {@linkcode look}. */
  get awake(): boolean {
    return this.#naps % 2 === 0;
  }

  get #done(): boolean {
    return Atomics.load(this.#words, DONE) === this.#calls;
  }

  /** Whether it came to so many calls that it surely has a processor. */
  get proven(): boolean {
    return this.#came >= AMENDS;
  }

  /** Looks whether the worker is awake. */
  look(): void {
    this.#naps = Atomics.load(this.#words, NAPS);
  }

  /** Whether a call that is not worth waking it alone is for this worker now. */
  isFor(wakes: boolean, now: number): boolean {
    if (now < this.#until) return false;
    if (this.awake) return true;
    if (!wakes || this.#woken === this.#naps) return false; // or on its way
    if (this.#woken !== 0) {
      this.#sendToRest(0);
      return false;
    }
    this.#woken = this.#naps;
    return true;
  }

  /** Sends the worker a call; afterwards it `stays` awake for longer. */
  send(
    kernel: number,
    args: readonly number[],
    now: number,
    stays: boolean,
  ): void {
    const words = this.#words, call = this.#call;
    const linger = now < this.#until ? 0 : stays ? LONG : BRIEF;
    if (this.#linger !== linger) this.#setLinger(linger);
    call[0] = kernel;
    call[1] = args.length;
    for (let i = 0; i < args.length; i++) call[2 + i] = args[i]!;
    Atomics.store(words, CALLS, ++this.#calls);
    if (Atomics.load(words, NAPS) % 2 !== 0) Atomics.notify(words, CALLS);
  }

  /** How many milliseconds it takes at best to hand over a call, to an awake worker. */
  lag(): number {
    let least = Infinity;
    for (let i = 0; i < PINGS; i++) {
      const began = performance.now();
      this.send(NO_KERNEL, [], began, true);
      for (let i = 0; i < SPINS && !this.#done; i++);
      const ended = performance.now();
      least = Math.min(least, ended - began);
      if (!this.takeBack()) this.wait(began, ended);
    }
    return least;
  }

  /** Whether the worker had not begun its call, and now will not. */
  takeBack(): boolean {
    const words = this.#words, calls = this.#calls;
    // To look is cheaper than to write, and usually tells.
    const begun = Atomics.load(words, BEGUN) === calls ||
      Atomics.compareExchange(words, BEGUN, calls - 1, calls) !== calls - 1;
    if (!begun) Atomics.store(words, DONE, calls);
    if (this.awake) {
      if (begun) {
        this.#came++;
        this.#missed = this.#woken = 0;
      } else if (++this.#missed === MISSES) this.#sendToRest(0);
    }
    return !begun;
  }

  /**
   * Waits until the worker has done its call, which took its caller from
   * `began` to `ended`; null, or what went wrong.
   */
  wait(began: number, ended: number): string | null {
    const words = this.#words, calls = this.#calls;
    for (let i = 0; i < SPINS; i++) if (this.#done) return null;
    const own = ended - began;
    const patience = Math.max(PATIENCE_MS, 30 * own);
    for (;;) {
      const done = Atomics.load(words, DONE);
      const waited = performance.now() - ended;
      if (done === calls) {
        if (waited > SLACK * own + SLACK_MS) this.#sendToRest(waited);
        return null;
      }
      if (Atomics.load(words, FAILED) !== 0) return this.#message();
      if (waited >= patience) {
        return `it did not answer within ${Math.round(patience)} ms`;
      }
      sleep(words, done, Math.min(patience - waited, 100));
    }
  }

  /** Ends the worker; its memory is not used again. */
  stop(): void {
    Atomics.store(this.#words, CALLS, -1);
    Atomics.notify(this.#words, CALLS);
    this.#worker.terminate();
  }

  #sendToRest(lost: number): void {
    const ms = !this.proven ? Math.min(2 * this.#rest, LONGEST_REST_MS) : 0;
    this.#rest = Math.max(REST_MS, REST_FACTOR * lost, ms);
    this.#until = performance.now() + this.#rest;
    this.#missed = this.#came = this.#woken = 0;
    this.#setLinger(0);
  }

  #setLinger(microseconds: number): void {
    this.#linger = microseconds;
    Atomics.store(this.#words, LINGER, microseconds);
  }

  #message(): string {
    const { buffer } = this.#words, at = this.#block + MESSAGE_OFFSET;
    const length = new Int32Array(buffer, at, 1)[0]!;
    return String.fromCharCode(...new Uint16Array(buffer, at + 4, length));
  }
}

/** Waits on a word where that is allowed (not on a page's main thread). */
function sleep(words: Int32Array, value: number, ms: number): void {
  try {
    Atomics.wait(words, DONE, value, ms);
  } catch {
    // A page's main thread may only spin.
  }
}
