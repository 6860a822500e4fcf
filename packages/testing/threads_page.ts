/**
 * Products that are worth threads, a large one and small ones that follow each
 * other, with one and with two of them: the program that must use both, for the
 * same bits, in a page's worker.
 *
 * @module
 */
import { getNumThreads, manualSeed, randn, setNumThreads } from "@fdunn/tensor";

/** What the program found. */
export interface Found {
  /** Whether products have the same bits with one thread and with two. */
  same: boolean;
  /** How many workers the product with two threads started. */
  workers: number;
  /** What `getNumThreads()` says after two were asked for. */
  threads: number;
}

/** Multiplies with one thread and with two. */
export async function multiply(): Promise<Found> {
  let workers = 0;
  const real = globalThis.Worker;
  globalThis.Worker = class extends real {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      workers++;
    }
  };
  manualSeed(0);
  const a = randn([512, 512]);
  const b = randn([512, 512]);
  setNumThreads(1);
  const one = a.matmul(b).data();
  const few = a.narrow(0, 0, 32); // 2 MFLOP: for workers that are awake
  const columns = b.narrow(1, 0, 64);
  const small = few.matmul(columns).data();
  setNumThreads(2);
  let two = one;
  for (let i = 0; i < 20; i++) { // a worker takes calls once it is ready
    two = a.matmul(b).data();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  let same = equal(one, two);
  for (let i = 0; i < 500; i++) {
    same &&= equal(small, few.matmul(columns).data());
  }
  return { same, workers, threads: getNumThreads() };
}

function equal(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  return Array.from(a).every((value, i) => Object.is(value, b[i]));
}
