/**
 * The common end of every JavaScript program here: it runs one workload and
 * prints one line of JSON.
 *
 *     PROGRAM.ts [VARIANT] WORKLOAD THREADS SECONDS
 *
 * With 0 seconds it only prints the first values, which must agree between
 * libraries.
 */

/** One workload, ready to run. */
export interface Job {
  /** Floating point operations of a step, for work that is one operation. */
  flops?: number;
  /** One training step, or the operation once. */
  step(): void;
  /** The last step's loss, or five values of the last result. */
  values(): number[] | Promise<number[]>;
  /** Waits for what `step` has only queued. */
  settle?(): Promise<unknown>;
}

/** What a program prints. */
export interface Report {
  library: string;
  version: string;
  workload: string;
  /** How many threads really compute. */
  threads: number;
  /** The losses of the first five steps, or five values of the result. */
  losses?: number[];
  /** The median over parts of the time measured. */
  secondsPerStep?: number;
  /** The speed of work that is one operation. */
  gflops?: number;
  /** Why the library cannot do this. */
  cannot?: string;
}

/** Makes a workload's job, or throws what the library says against it. */
export type MakeJob = (workload: string) => Job | Promise<Job>;

/** V8 optimizes what has run for a while: so much does not count. */
const WARM_SECONDS = 1;

/** A part of the measured time: long beside the clock's own resolution. */
const PART_SECONDS = 0.02;

/** Runs the workload that the command line names, and prints its report. */
export async function report(
  library: string,
  version: string,
  threads: number,
  make: MakeJob,
): Promise<void> {
  const [workload, , seconds] = Deno.args.slice(-3) as [string, string, string];
  const line: Report = { library, version, workload, threads };
  try {
    const job = await make(workload);
    line.losses = await firstValues(job);
    if (Number(seconds) > 0) {
      line.secondsPerStep = await time(job, Number(seconds));
      if (job.flops) line.gflops = job.flops / line.secondsPerStep / 1e9;
    }
  } catch (error) {
    const { message } = error as Error;
    line.cannot = message.split("\n")[0]!.trim();
  }
  console.log(JSON.stringify(line));
}

/** How many threads the command line asks for. */
export function threadsAsked(): number {
  return Number(Deno.args.at(-2));
}

/** Thrown for a workload that a library has nothing for. */
export class Cannot extends Error {}

async function firstValues(job: Job): Promise<number[]> {
  const losses: number[] = [];
  while (losses.length < 5) {
    job.step();
    losses.push(...await job.values());
  }
  return losses;
}

async function time(job: Job, seconds: number): Promise<number> {
  let steps = 1; // in a part
  const parts: number[] = [];
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  while (elapsed() < WARM_SECONDS + seconds || parts.length === 0) {
    const warming = elapsed() < WARM_SECONDS;
    const begin = performance.now();
    for (let i = 0; i < steps; i++) job.step();
    await job.settle?.();
    const took = (performance.now() - begin) / 1000;
    if (warming && took < WARM_SECONDS) {
      if (took < PART_SECONDS) steps *= 2;
    } else {
      parts.push(took / steps);
    }
  }
  parts.sort((a, b) => a - b);
  return parts[parts.length >> 1]!;
}
