/**
 * A pool of threads over the shared memory.
 *
 * A worker instantiates the same modules on the same memory with a stack and a
 * scratch block of its own, and then takes calls through a few words of that
 * memory: the kernel's number and its arguments. It looks for the next call for
 * some microseconds, for more while calls come close together, and then sleeps.
 * The calling thread does its own share, takes back what no worker has begun
 * (one that is asleep, or has no processor, costs nothing), and waits for the
 * rest; a worker that reports an error, or nothing in good time, is an exception
 * there and never a hang.
 *
 * Waking costs as much as some 4 MFLOP, so smaller calls go only to workers that
 * are awake, or after so much work in calls that follow each other. One that is
 * awake and does not come has no processor: it sleeps at once, lest it keep its
 * caller from running, and small calls do without it for a while.
 *
 * @module
 */

import type { Memory } from "./memory.ts";
import { Seat } from "./seat.ts";
import {
  ALIGNMENT,
  BLOCK_BYTES,
  hardwareThreads,
  newWorker,
  sharedMemoryAvailable,
  type WorkerLike,
} from "./worker.ts";

const STACK_BYTES = 128 << 10;
/**
 * From here on a call is worth what it costs to wake a worker: some 70
 * microseconds of work where that takes 13, and half as much would be a draw.
 */
const WAKING_FLOPS = 4_000_000;
/**
 * The least part of a call for a worker that is awake, where processors share a
 * cache and where they do not: there each line that the other has written takes
 * nearly half a microsecond.
 */
const [PART_FLOPS, FAR_PART_FLOPS] = [150_000, 1_000_000];
/** Handing over a call takes longer between processors that share no cache. */
const FAR_MS = 0.0006;
/** How many calls there are between two measurements of that. */
const CALLS_PER_LAG = 256;
/** Calls that begin so soon after each other are close. */
const CLOSE_MS = 0.2;
const PROCESSORS = hardwareThreads();

/** The part of the work from index `from` up to `to`, with a scratch block. */
export type PartArguments = (
  from: number,
  to: number,
  scratch: number,
) => readonly number[];

/** Threads beside the calling one, for one build of the kernels. */
export class Pool {
  readonly #memory: Memory;
  readonly #modules: () => readonly WebAssembly.Module[];
  /** The kernels' numbers; listed when the first worker starts. */
  readonly #numbers: Map<string, number> = new Map();
  readonly #scratchBytes: number;
  readonly #seats: Seat[] = [];
  /** Those that take part in the next call. */
  readonly #crew: Seat[] = [];
  /** When the last call began, or ended if workers took part. */
  #last = 0;
  /** Whether the next call is close to that. */
  #close = false;
  /** Whether it is worth waking workers by itself. */
  #large = false;
  /** The work of close calls since workers were last woken. */
  #work = 0;
  /** How many milliseconds it takes to hand over a call. */
  #lag = 0;
  /** Whether the runtime does not let workers start. */
  #refused = false;
  /** How many calls there were since that was measured. */
  #since = CALLS_PER_LAG;

  /** A pool without workers yet. */
  constructor(
    memory: Memory,
    modules: () => readonly WebAssembly.Module[],
    scratchBytes: number,
  ) {
    this.#memory = memory;
    this.#modules = modules;
    this.#scratchBytes = scratchBytes;
  }

  /** Whether this engine has threads at all: shared memory and workers. */
  static get available(): boolean {
    return sharedMemoryAvailable() && newWorker !== null;
  }

  /**
   * Chooses the workers for the next call, at most `most`, and returns how many
   * there are. Starts them where the work is worth it.
   */
  gather(most: number, flops: number): number {
    const seats = this.#seats, crew = this.#crew, now = performance.now();
    this.#close = now - this.#last < CLOSE_MS;
    this.#last = now;
    this.#work = flops + (this.#close ? this.#work : 0);
    const large = this.#large = flops >= WAKING_FLOPS;
    const wakes = this.#work >= WAKING_FLOPS;
    if (wakes) {
      this.#work = 0;
      this.#start(most);
    }
    const due = ++this.#since > CALLS_PER_LAG;
    const far = this.#lag > FAR_MS && !due;
    const parts = Math.floor(flops / (far ? FAR_PART_FLOPS : PART_FLOPS));
    const wanted = large ? most : Math.min(most, parts - 1, PROCESSORS - 1);
    crew.length = 0;
    for (let i = 0; i < seats.length && crew.length < wanted; i++) {
      const seat = seats[i]!;
      if (!seat.ready) break;
      seat.look();
      if (large || seat.isFor(wakes, now)) crew.push(seat);
    }
    if (due && !large && crew.length > 0 && crew[0]!.awake) {
      this.#lag = crew[0]!.lag();
      this.#since = 0;
    }
    return crew.length;
  }

  /**
   * Runs a kernel over `[0, n)` cut into parts of at least `grain`, one for each
   * worker that was gathered and the first of them here.
   */
  run(
    kernel: string,
    here: (...args: number[]) => unknown,
    n: number,
    grain: number,
    scratch: number,
    part: PartArguments,
  ): void {
    const number = this.#numbers.get(kernel);
    if (number === undefined) {
      throw new Error(`There is no kernel named ${kernel}`);
    }
    const crew = this.#crew, began = performance.now();
    const parts = crew.length + 1;
    const step = grain % 4 === 0 ? 4 : 1;
    const cut = (i: number) =>
      i === parts ? n : Math.floor(i * n / parts / step) * step;
    for (let i = 0; i < crew.length; i++) {
      const seat = crew[i]!;
      const from = seat.from = cut(i + 1), to = seat.to = cut(i + 2);
      const stays = this.#close && i < PROCESSORS - 1 &&
        (!this.#large || seat.proven);
      seat.send(number, part(from, to, seat.scratch), began, stays);
    }
    let thrown: unknown = null;
    let begun = 0;
    try {
      here(...part(0, cut(1), scratch));
      for (; begun < crew.length; begun++) {
        const seat = crew[begun]!;
        if (seat.takeBack()) here(...part(seat.from, seat.to, scratch));
      }
    } catch (error) {
      thrown = error; // only after the workers are done with the memory
      for (; begun < crew.length; begun++) crew[begun]!.takeBack();
    }
    const ended = this.#last = performance.now();
    for (let i = 0; i < crew.length; i++) {
      const message = crew[i]!.wait(began, ended);
      if (message === null) continue;
      this.#stop();
      throw new Error(`A thread failed in ${kernel}: ${message}`);
    }
    if (thrown !== null) throw thrown;
  }

  /** Starts workers until there are `count`; they report when they are ready. */
  #start(count: number): void {
    const seats = this.#seats, numbers = this.#numbers;
    if (seats.length >= count || this.#refused) return;
    const modules = this.#modules();
    if (numbers.size === 0) {
      const exports = modules.flatMap((module) =>
        WebAssembly.Module.exports(module)
      );
      for (const { kind, name } of exports) {
        if (kind === "function") numbers.set(name, numbers.size);
      }
    }
    while (seats.length < count) {
      const worker = this.#hire();
      if (worker === null) return;
      const room = this.#memory.allocate(BLOCK_BYTES + ALIGNMENT);
      const stack = this.#memory.allocate(STACK_BYTES);
      const scratch = this.#memory.allocate(this.#scratchBytes);
      if (room === 0 || stack === 0 || scratch === 0) {
        worker.terminate();
        return;
      }
      const memory = this.#memory.wasm, { buffer } = memory;
      const block = Math.ceil(room / ALIGNMENT) * ALIGNMENT;
      new Uint8Array(buffer, block, BLOCK_BYTES).fill(0);
      worker.postMessage({
        modules,
        memory,
        block,
        stack: stack + STACK_BYTES,
        names: [...numbers.keys()],
      });
      seats.push(new Seat(worker, buffer, block, scratch));
    }
  }

  /** A new worker, or null where the runtime refuses one: then this thread computes. */
  #hire(): WorkerLike | null {
    try {
      return newWorker!();
    } catch {
      this.#refused = true; // such as Node's --permission without --allow-worker
      return null;
    }
  }

  /** Ends the workers; their memory is not used again. */
  #stop(): void {
    for (const seat of this.#seats) seat.stop();
    this.#seats.length = 0;
  }
}
