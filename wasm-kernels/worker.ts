/**
 * A worker of the pool: its program, the words that it shares with its caller,
 * and how it is started in each runtime.
 *
 * @module
 */

// What caller and worker write lies apart, each in lines of the cache of its
// own: to pass a line from core to core takes up to half a microsecond.

/** Where blocks begin: two lines, since processors fetch pairs. */
export const ALIGNMENT = 128;
/** The caller's words: the number of the last call given, */
export const CALLS = 0;
/** and for how many microseconds the worker looks for a next one before it sleeps. */
export const LINGER = 1;
/** The worker's words: whether it has started, */
export const READY = 32;
/** the last call begun (by either side), and done, */
export const BEGUN = 33;
export const DONE = 34;
export const FAILED = 35;
/** and how often it fell asleep or awoke: odd while it sleeps until the next call. */
export const NAPS = 36;
/** How many words there are. */
export const WORDS = 64;
/** Where the call starts, and its room for a kernel's number and arguments. */
export const CALL_OFFSET = 256;
export const CALL_NUMBERS = 48;
/** Where a failed worker writes its message: a length and UTF-16 units. */
export const MESSAGE_OFFSET: number = CALL_OFFSET + 8 * CALL_NUMBERS;
const MESSAGE_UNITS = 200;
export const BLOCK_BYTES: number = MESSAGE_OFFSET + 4 + 2 * MESSAGE_UNITS;

/**
 * The worker's whole program. A string, since bundlers rewrite functions, and
 * since workers by address do not start from a JSR package.
 */
const WORKER: string = `
const start = ({ modules, memory, block, stack, names }) => {
  const words = new Int32Array(memory.buffer, block, ${WORDS});
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
    const call = new Float64Array(memory.buffer, block + ${CALL_OFFSET}, ${CALL_NUMBERS});
    const nextAfter = (done) => {
      const since = performance.now();
      for (let i = 1; Atomics.load(words, ${CALLS}) === done; i++) {
        if (i % 64 !== 0) continue;
        if (1000 * (performance.now() - since) < Atomics.load(words, ${LINGER})) continue;
        Atomics.add(words, ${NAPS}, 1);
        while (Atomics.load(words, ${CALLS}) === done) Atomics.wait(words, ${CALLS}, done);
        Atomics.add(words, ${NAPS}, 1);
      }
      return Atomics.load(words, ${CALLS});
    };
    const take = (number) => {
      const before = number - 1;
      if (Atomics.compareExchange(words, ${BEGUN}, before, number) !== before) return;
      const length = call[1];
      const args = new Array(length);
      for (let i = 0; i < length; i++) args[i] = call[2 + i];
      kernels[call[0]]?.(...args);
      Atomics.store(words, ${DONE}, number);
      Atomics.notify(words, ${DONE});
    };
    Atomics.store(words, ${READY}, 1);
    for (let done = 0; (done = nextAfter(done)) > 0;) take(done);
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

/** What the pool uses of a worker, in any runtime. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
  unref?(): void;
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
export const newWorker: (() => WorkerLike) | null = workerFactory();

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
