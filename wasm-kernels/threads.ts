/**
 * A pool of threads over the shared memory.
 *
 * A worker instantiates the same modules on the same memory with a stack and a
 * scratch block of its own, and then takes calls through a few words of that
 * memory: the kernel's number and its arguments. It spins briefly for the next
 * call and then sleeps. The calling thread does its own share, takes back what
 * no worker has begun (one that is asleep, or has no processor, costs nothing),
 * and waits for the rest; a worker that reports an error, or nothing in good
 * time, is an exception there and never a hang.
 *
 * @module
 */

import type { Memory } from "./memory.ts";

/** Room for a kernel's number and arguments, as 64-bit floats. */
const CALL_BYTES = 256;
/** The words at the start of a worker's block. */
const READY = 0;
/** Numbers of calls: the last one given, begun (by either side) and done. */
const CALLS = 1;
const BEGUN = 2;
const DONE = 3;
const FAILED = 4;
/** Whether the worker sleeps until the next call: waking costs microseconds. */
const ASLEEP = 5;
/** Where the call starts, behind the words. */
const CALL_OFFSET = 64;
/** Where a failed worker writes its message: a length and UTF-16 units. */
const MESSAGE_OFFSET = CALL_OFFSET + CALL_BYTES;
const MESSAGE_UNITS = 200;
const BLOCK_BYTES = MESSAGE_OFFSET + 4 + 2 * MESSAGE_UNITS;
const STACK_BYTES = 128 << 10;
/** The least time that a worker is given before it counts as dead. */
const PATIENCE_MS = 5000;
/**
 * Looks at a word before sleeping on it: some 10 microseconds. To wake a worker
 * takes as long, but longer would be worse where processors are busy: a worker
 * that spins on its caller's makes it wait.
 */
const SPINS = 2000;

/**
 * The worker's whole program. A string, since bundlers rewrite functions, and
 * since workers by address do not start from a JSR package.
 */
const WORKER: string = `
const start = ({ modules, memory, block, stack, names }) => {
  const words = new Int32Array(memory.buffer, block, 16);
  const fail = (error) => {
    const text = String(error && error.message || error).slice(0, ${MESSAGE_UNITS});
    const units = new Uint16Array(memory.buffer, block + ${MESSAGE_OFFSET} + 4, ${MESSAGE_UNITS});
    for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i);
    new Int32Array(memory.buffer, block + ${MESSAGE_OFFSET}, 1)[0] = text.length;
    Atomics.store(words, ${FAILED}, 1);
    Atomics.notify(words, ${DONE});
  };
  try {
    const exports = {};
    for (const module of modules) {
      const instance = new WebAssembly.Instance(module, { env: { memory } });
      instance.exports.__stack_pointer.value = stack;
      Object.assign(exports, instance.exports);
    }
    const kernels = names.map((name) => exports[name]);
    const call = new Float64Array(memory.buffer, block + ${CALL_OFFSET}, ${
  CALL_BYTES / 8
});
    let done = 0;
    Atomics.store(words, ${READY}, 1);
    Atomics.notify(words, ${READY});
    for (;;) {
      for (let i = 0; i < ${SPINS} && Atomics.load(words, ${CALLS}) === done; i++);
      Atomics.store(words, ${ASLEEP}, 1);
      while (Atomics.load(words, ${CALLS}) === done) Atomics.wait(words, ${CALLS}, done);
      Atomics.store(words, ${ASLEEP}, 0);
      done = Atomics.load(words, ${CALLS});
      if (done < 0) return;
      if (Atomics.compareExchange(words, ${BEGUN}, done - 1, done) !== done - 1) continue;
      const length = call[1];
      const args = new Array(length);
      for (let i = 0; i < length; i++) args[i] = call[2 + i];
      kernels[call[0]](...args);
      Atomics.store(words, ${DONE}, done);
      Atomics.notify(words, ${DONE});
    }
  } catch (error) {
    fail(error);
  }
};
`;

const IN_NODE: string = `
const threads = process.getBuiltinModule("node:worker_threads");
${WORKER}
threads.parentPort.once("message", start);
`;

const IN_BROWSER: string = `
${WORKER}
onmessage = (event) => start(event.data);
`;

/** What this file uses of a worker, in any runtime. */
interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
  unref?(): void;
}

interface Seat {
  readonly worker: WorkerLike;
  readonly block: number;
  readonly stack: number;
  /** A scratch block of the worker's own. */
  readonly scratch: number;
  readonly words: Int32Array;
  readonly call: Float64Array;
  calls: number;
}

/** The part of the work from index `from` up to `to`, with a scratch block. */
export type PartArguments = (
  from: number,
  to: number,
  scratch: number,
) => readonly number[];

/** Threads beside the calling one, for one build of the kernels. */
export class Pool {
  readonly #memory: Memory;
  readonly #modules: readonly WebAssembly.Module[];
  /** The kernels' numbers; listed when the first worker starts. */
  readonly #numbers: Map<string, number> = new Map();
  readonly #scratchBytes: number;
  readonly #seats: Seat[] = [];

  /** A pool without workers yet. */
  constructor(
    memory: Memory,
    modules: readonly WebAssembly.Module[],
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

  /** Starts workers until there are `count`; they report when they are ready. */
  start(count: number): void {
    if (this.#numbers.size === 0) {
      const exports = this.#modules.flatMap((module) =>
        WebAssembly.Module.exports(module)
      );
      for (const { kind, name } of exports) {
        if (kind === "function") this.#numbers.set(name, this.#numbers.size);
      }
    }
    while (this.#seats.length < count) {
      const block = this.#memory.allocate(BLOCK_BYTES);
      const stack = this.#memory.allocate(STACK_BYTES);
      const scratch = this.#memory.allocate(this.#scratchBytes);
      if (block === 0 || stack === 0 || scratch === 0) return;
      const { buffer } = this.#memory.wasm;
      const words = new Int32Array(buffer, block, 16);
      words.fill(0);
      const worker = newWorker!();
      worker.postMessage({
        modules: this.#modules,
        memory: this.#memory.wasm,
        block,
        stack: stack + STACK_BYTES,
        names: [...this.#numbers.keys()],
      });
      const call = new Float64Array(
        buffer,
        block + CALL_OFFSET,
        CALL_BYTES / 8,
      );
      this.#seats.push({
        worker,
        block,
        stack,
        scratch,
        words,
        call,
        calls: 0,
      });
    }
  }

  /** How many of the first `count` workers can take a call. */
  ready(count: number): number {
    let ready = 0;
    for (const seat of this.#seats) {
      if (ready === count) break;
      if (Atomics.load(seat.words, READY) === 0) break;
      ready++;
    }
    return ready;
  }

  /**
   * Runs a kernel over `[0, n)` cut into `workers + 1` parts of at least
   * `grain`, the first of them here.
   */
  run(
    kernel: string,
    here: (...args: number[]) => unknown,
    n: number,
    grain: number,
    workers: number,
    scratch: number,
    part: PartArguments,
  ): void {
    const number = this.#numbers.get(kernel);
    if (number === undefined) {
      throw new Error(`There is no kernel named ${kernel}`);
    }
    const parts = workers + 1;
    const step = grain % 4 === 0 ? 4 : 1;
    const cut = (i: number) =>
      i === parts ? n : Math.floor(i * n / parts / step) * step;
    const busy: [seat: Seat, from: number, to: number][] = [];
    for (let i = 0; i < workers; i++) {
      const [from, to] = [cut(i + 1), cut(i + 2)];
      if (from === to) continue;
      const seat = this.#seats[i]!;
      send(seat, number, part(from, to, seat.scratch));
      busy.push([seat, from, to]);
    }
    const began = performance.now();
    let thrown: unknown = null;
    let begun = 0;
    try {
      if (cut(1) > 0) here(...part(0, cut(1), scratch));
      for (; begun < busy.length; begun++) {
        const [seat, from, to] = busy[begun]!;
        if (takeBack(seat)) here(...part(from, to, scratch));
      }
    } catch (error) {
      thrown = error; // only after the workers are done with the memory
      for (; begun < busy.length; begun++) takeBack(busy[begun]![0]);
    }
    const own = performance.now() - began;
    for (const [seat] of busy) {
      const message = wait(seat, Math.max(PATIENCE_MS, 30 * own));
      if (message === null) continue;
      this.stop();
      throw new Error(`A thread failed in ${kernel}: ${message}`);
    }
    if (thrown !== null) throw thrown;
  }

  /** Ends the workers; their memory is not used again. */
  stop(): void {
    for (const { worker, words } of this.#seats) {
      Atomics.store(words, CALLS, -1);
      Atomics.notify(words, CALLS);
      worker.terminate();
    }
    this.#seats.length = 0;
  }
}

function send(seat: Seat, kernel: number, args: readonly number[]): void {
  const { call, words } = seat;
  call[0] = kernel;
  call[1] = args.length;
  for (let i = 0; i < args.length; i++) call[2 + i] = args[i]!;
  Atomics.store(words, CALLS, ++seat.calls);
  if (Atomics.load(words, ASLEEP) !== 0) Atomics.notify(words, CALLS);
}

/** Whether the worker had not begun its call, and now will not. */
function takeBack({ words, calls }: Seat): boolean {
  const before = Atomics.compareExchange(words, BEGUN, calls - 1, calls);
  if (before !== calls - 1) return false;
  Atomics.store(words, DONE, calls);
  return true;
}

/** Waits until a worker has done its call; null, or what went wrong. */
function wait(seat: Seat, patience: number): string | null {
  const { words, calls } = seat;
  for (let i = 0; i < SPINS; i++) {
    if (Atomics.load(words, DONE) === calls) return null;
  }
  const deadline = performance.now() + patience;
  for (;;) {
    const done = Atomics.load(words, DONE);
    if (done === calls) return null;
    if (Atomics.load(words, FAILED) !== 0) return messageOf(seat);
    const left = deadline - performance.now();
    if (left <= 0) {
      return `it did not answer within ${Math.round(patience)} ms`;
    }
    sleep(words, done, Math.min(left, 100));
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

function messageOf(seat: Seat): string {
  const { buffer } = seat.words;
  const at = seat.block + MESSAGE_OFFSET;
  const length = new Int32Array(buffer, at, 1)[0]!;
  return String.fromCharCode(...new Uint16Array(buffer, at + 4, length));
}

/** Whether a shared memory can be made here. */
export function sharedMemoryAvailable(): boolean {
  const { SharedArrayBuffer: shared, crossOriginIsolated } =
    globalThis as unknown as {
      SharedArrayBuffer?: unknown;
      crossOriginIsolated?: boolean;
    };
  return typeof shared === "function" && crossOriginIsolated !== false;
}

/** How a worker is made in this runtime, or null where there are none. */
const newWorker: (() => WorkerLike) | null = workerFactory();

function workerFactory(): (() => WorkerLike) | null {
  const threads = builtin("node:worker_threads") as {
    Worker: new (code: string, options: object) => WorkerLike;
  } | null;
  if (threads !== null) {
    return () => {
      // Without `env` Deno copies the environment, and asks leave to read it.
      const worker = new threads.Worker(IN_NODE, { eval: true, env: {} });
      worker.unref?.();
      return worker;
    };
  }
  if (typeof Worker === "undefined" || typeof Blob === "undefined") return null;
  return () => {
    const blob = new Blob([IN_BROWSER], { type: "text/javascript" });
    return new Worker(URL.createObjectURL(blob), { type: "module" });
  };
}

/** A Node module, in the runtimes that have them. */
function builtin(name: string): unknown {
  const { process } = globalThis as unknown as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  return process?.getBuiltinModule?.(name) ?? null;
}

/** The processor's threads, as far as this runtime tells. */
export function hardwareThreads(): number {
  const { navigator } = globalThis as unknown as {
    navigator?: { hardwareConcurrency?: number };
  };
  const count = navigator?.hardwareConcurrency;
  if (count !== undefined) return count;
  const os = builtin("node:os") as { availableParallelism?(): number } | null;
  return os?.availableParallelism?.() ?? 1;
}
