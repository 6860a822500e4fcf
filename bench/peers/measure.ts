/**
 * The common end of every JavaScript program here: it does the workloads that
 * it is asked for and prints a line of JSON for each.
 *
 *     PROGRAM.ts [VARIANT] THREADS [WORKLOAD]
 *
 * With a workload it prints its first values and ends. Without one it answers
 * lines of standard input, `{"workload": "mlp", "seconds": 0.2}`, until that
 * ends; what it is not asked for, it does not compute, so that other programs
 * can have their turns.
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

/** What a program is asked for. */
export interface Request {
  workload: string;
  /** How long to measure; 0: only the first values. */
  seconds: number;
}

/** What a program prints. */
export interface Report {
  library: string;
  version: string;
  workload: string;
  /** How many threads really compute. */
  threads: number;
  /** The losses of the first steps, or five values of the result. */
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
const WARM_SECONDS = 0.6;

/** The same for a job that has been measured before: its data comes back. */
const AGAIN_SECONDS = 0.03;

/** A part of the measured time: long beside the clock's own resolution. */
const PART_SECONDS = 0.02;

/** The first values of jobs that take longer are fewer. */
const VALUES_SECONDS = 20;

/** A job, and what is known of it. */
interface Running {
  job: Job;
  losses: number[];
  /** Steps between two looks at the clock. */
  steps: number;
  warm: boolean;
}

/** Answers what the command line or standard input ask for. */
export async function report(
  library: string,
  version: string,
  threads: number,
  make: MakeJob,
): Promise<void> {
  const jobs = new Map<string, Running>();
  const answer = async ({ workload, seconds }: Request) => {
    const line: Report = { library, version, workload, threads };
    try {
      let running = jobs.get(workload);
      if (running === undefined) {
        const job = await make(workload);
        const losses = await firstValues(job);
        running = { job, losses, steps: 1, warm: false };
        jobs.set(workload, running);
      }
      line.losses = running.losses;
      if (seconds > 0) {
        line.secondsPerStep = await time(running, seconds);
        const { flops } = running.job;
        if (flops) line.gflops = flops / line.secondsPerStep / 1e9;
      }
    } catch (error) {
      const { message } = error as Error;
      line.cannot = message.split("\n")[0]!.trim();
    }
    console.log(JSON.stringify(line));
  };
  const [, workload] = ownArguments();
  if (workload !== undefined) return answer({ workload, seconds: 0 });
  let rest = "";
  const input = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  for await (const text of input) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) await answer(JSON.parse(line));
  }
}

/** The arguments behind a program's own, which are no numbers. */
function ownArguments(): string[] {
  const first = Deno.args.findIndex((argument) => /^\d+$/.test(argument));
  return Deno.args.slice(first);
}

/** How many threads the command line asks for. */
export function threadsAsked(): number {
  return Number(ownArguments()[0]);
}

/** Thrown for a workload that a library has nothing for. */
export class Cannot extends Error {}

async function firstValues(job: Job): Promise<number[]> {
  const losses: number[] = [];
  const start = performance.now();
  do {
    job.step();
    losses.push(...await job.values());
  } while (
    losses.length < 5 && performance.now() - start < VALUES_SECONDS * 1000
  );
  return losses;
}

async function time(running: Running, seconds: number): Promise<number> {
  const { job } = running;
  const parts: number[] = [];
  const warmup = running.warm ? AGAIN_SECONDS : WARM_SECONDS;
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  while (elapsed() < warmup + seconds || parts.length === 0) {
    const warming = elapsed() < warmup;
    const begin = performance.now();
    for (let i = 0; i < running.steps; i++) job.step();
    await job.settle?.();
    const took = (performance.now() - begin) / 1000;
    if (warming && took < seconds) {
      if (took < PART_SECONDS) running.steps *= 2;
    } else {
      parts.push(took / running.steps);
    }
  }
  running.warm = true;
  parts.sort((a, b) => a - b);
  return parts[parts.length >> 1]!;
}
