/**
 * Pauses for asynchronous loops. A loop whose awaits are all microtasks starves
 * the program around it: no timer, request or signal handler runs, and the
 * finalizers that give memory back do not either.
 */

/**
 * A pause is due this long after the last one. It costs about 10 us, so 0.1 %;
 * and no machine makes much more than 64 MB of garbage in that time.
 */
const INTERVAL_MS = 10;

/**
 * In Deno setImmediate() goes on before sockets are looked at: a server beside
 * a loop of such pauses answers nothing for minutes. A timer lets them, for
 * about 1 ms; so it takes the turn this often.
 */
const SOCKETS_MS = 100;

type Immediate = ((callback: () => void) => unknown) | undefined;

const starvesSockets = "Deno" in globalThis;

/** Resolves after the macrotasks that wait have had their turn. */
export function macrotask(): Promise<void> {
  // Deno and Node have setImmediate(), which is the quicker one, and in a loop
  // of the other Node's finalizers may never run; browsers have the other one.
  const { setImmediate } = globalThis as { setImmediate?: Immediate };
  if (setImmediate !== undefined) {
    return new Promise((resolve) => setImmediate(resolve));
  }
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * Tells an asynchronous loop when to pause, and pauses: so that timers,
 * requests, signals and finalizers have their turn beside it.
 *
 * ```ts
 * import { Pacer } from "@fdunn/data";
 *
 * const pacer = new Pacer();
 * for (let i = 0; i < 1000; i++) {
 *   // ... some work ...
 *   if (pacer.due()) await pacer.pause();
 * }
 * ```
 */
export class Pacer {
  readonly #interval: number;
  #last: number = performance.now();
  #sockets: number = this.#last;

  /** A pause is due every so many milliseconds. */
  constructor(interval: number = INTERVAL_MS) {
    this.#interval = interval;
  }

  /** Whether a pause is due; if so, the next one is due an interval later. */
  due(): boolean {
    return performance.now() - this.#last >= this.#interval;
  }

  /** Lets waiting macrotasks run. */
  async pause(): Promise<void> {
    if (starvesSockets && performance.now() - this.#sockets >= SOCKETS_MS) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#sockets = performance.now();
    } else await macrotask();
    this.#last = performance.now();
  }
}
