/**
 * Runs the same work in fdunn and in other libraries, each in a process of its
 * own, and prints a table.
 *
 *     deno task bench:peers --help
 *
 * First every library shows its first losses, which must agree; then rounds
 * are timed in which all libraries take turns. Exits with 1 if any disagrees.
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { join } from "@std/path";
import { disagreeing, median } from "./agree.ts";
import { type Command, here, libraries, type Library } from "./libraries.ts";
import { load, machine, runtimes } from "./machine.ts";
import type { Report } from "./measure.ts";
import { run } from "./process.ts";
import {
  type ColdStart,
  type Measurement,
  page,
  type Results,
  WORKLOADS,
} from "./table.ts";

const HELP = `Times the same work in fdunn and in other libraries.

Usage: deno task bench:peers [options]

  --quick             one round of 0.2 s, one thread, matrices of 512 only:
                      5 minutes; the whole takes 40
  --only LIST         workloads, by the beginning of their names: ${WORKLOADS}
  --libraries LIST    such as fdunn,PyTorch; all by default
  --threads LIST      numbers of threads (1,2)
  --rounds N          how often each is timed (3)
  --seconds S         how long each is timed in a round (1)
  --limit S           how long a process may take at all (90)
  --python PATH       a Python with torch and numpy (python3)
  --help              this text

With an environment activated, python3 is the one in it. Any other Python needs
permission to run:
  deno run -c deno.json -P=peers --allow-run=deno,PATH bench/peers/run.ts --python PATH

The table and all figures are written to bench/peers/results/.`;

/** One process that is run again and again. */
interface Entry {
  library: Library;
  workload: string;
  threads: number;
  rounds: number[];
  last: Report;
}

const options = parseArgs(Deno.args, {
  boolean: ["quick", "help"],
  string: ["only", "libraries", "threads", "python"]
    .concat("rounds", "seconds", "limit"),
  default: { limit: "90", python: "python3" },
  unknown: (name) => {
    console.error(`Unknown option ${name}; see --help`);
    Deno.exit(2);
  },
});
const quick = options.quick;
const limit = Number(options.limit);
const rounds = Number(options.rounds ?? (quick ? 1 : 3));
const seconds = Number(options.seconds ?? (quick ? 0.2 : 1));
const cores = navigator.hardwareConcurrency;
const threads = (options.threads ?? (quick || cores === 1 ? "1" : "1,2"))
  .split(",").map(Number);

/** The names that an option picks, by their beginnings. */
function chosen(names: string[], list: string | undefined): string[] {
  if (list === undefined) return names;
  const wanted = list.toLowerCase().split(",");
  const found = names.filter((name) =>
    wanted.some((it) => name.toLowerCase().startsWith(it))
  );
  if (found.length > 0) return found;
  console.error(`Nothing is called ${list}: there are ${names.join(", ")}`);
  Deno.exit(2);
}

function progress(text: string): void {
  console.error(text);
}

async function measure(
  { library, workload, threads }: Entry,
  seconds: number,
): Promise<Report> {
  const command = library.command(workload, threads, seconds);
  const { ok, late, stdout, stderr } = await run(command, limit);
  const nothing = { library: library.name, version: "", workload, threads };
  if (late) return { ...nothing, cannot: `not finished in ${limit} s` };
  // A program that fails has printed why; the line of JSON is the last.
  const line = stdout.trim().split("\n").at(-1);
  if (!ok || !line) {
    const why = stderr.trim().split("\n")[0] ?? "";
    return { ...nothing, cannot: `failed: ${why}` };
  }
  return { ...JSON.parse(line) as Report, library: library.name };
}

/** The libraries that this machine has; says which it has not. */
async function present(skipped: string[]): Promise<Library[]> {
  const all = libraries(options.python);
  const names = chosen(all.map(({ name }) => name), options.libraries);
  const found: Library[] = [];
  for (const library of all) {
    if (!names.includes(library.name)) continue;
    const check = library.present;
    const problem = check === undefined ? null : await attempt(check);
    if (problem === null) found.push(library);
    else {
      const text = `${library.name}: skipped, ${check!.program} ${problem}`;
      progress(text);
      skipped.push(text);
    }
  }
  return found;
}

/** Why a command does not succeed, or null. */
async function attempt(command: Command): Promise<string | null> {
  try {
    const { ok } = await run(command, limit);
    return ok ? null : "has it not";
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) return "does not run";
    return "may not be run (see --help)";
  }
}

/** Runs each entry once, untimed, and names those that compute otherwise. */
async function check(entries: Entry[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const [workload, group] of Map.groupBy(entries, (it) => it.workload)) {
    const values = new Map<string, number[]>();
    for (const entry of group) {
      entry.last = await measure(entry, 0);
      const name = `${entry.library.name} (${entry.threads}t)`;
      if (entry.last.losses) values.set(name, entry.last.losses);
    }
    const off = disagreeing(values);
    for (const name of off) {
      wrong.push(`${workload}: ${name} computes ${values.get(name)}`);
    }
    progress(
      `${workload}: ${values.size - off.length} of ${values.size} agree`,
    );
  }
  return wrong;
}

async function time(entries: Entry[]): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    for (const entry of entries) {
      if (entry.last.cannot !== undefined) continue;
      entry.last = await measure(entry, seconds);
      const { secondsPerStep: found, gflops, cannot } = entry.last;
      if (found !== undefined) entry.rounds.push(found);
      progress(
        `round ${round}, ${entry.workload}, ${entry.library.name} (${entry.threads}t): ${
          cannot ?? `${(found! * 1e6).toPrecision(4)} us`
        }${gflops ? `, ${gflops.toPrecision(3)} GFLOP/s` : ""}`,
      );
    }
  }
}

/** The time of a whole process, above one that does nothing. */
async function coldStarts(present: Library[]): Promise<ColdStart[]> {
  const times = present.map(() => [] as number[]);
  for (let round = 0; round < Math.max(rounds, 3); round++) {
    for (const [i, library] of present.entries()) {
      const empty = await run(library.empty, limit);
      const full = await run(library.command("mlp", 1, 0), limit);
      if (full.ok) times[i]!.push(full.milliseconds - empty.milliseconds);
    }
  }
  return present.flatMap(({ name }, i) =>
    times[i]!.length === 0
      ? []
      : { library: name, milliseconds: median(times[i]!) }
  );
}

function summarize({ last, rounds }: Entry): Measurement {
  if (rounds.length === 0) return { ...last, rounds };
  const secondsPerStep = median(rounds);
  const summary: Measurement = { ...last, secondsPerStep, rounds };
  if (last.gflops !== undefined) {
    summary.gflops = last.gflops * last.secondsPerStep! / secondsPerStep;
  }
  return summary;
}

async function main(): Promise<number> {
  const before = load();
  const skipped: string[] = [];
  const found = await present(skipped);
  const all = quick
    ? WORKLOADS.filter((name) => !/^matmul-(256|1024)/.test(name))
    : WORKLOADS;
  const workloads = chosen(all, options.only);
  const entries = workloads.flatMap((workload) =>
    found.flatMap((library) =>
      threads.filter((count) => count === 1 || library.threaded)
        .map((threads): Entry => ({
          library,
          workload,
          threads,
          rounds: [],
          last: { library: library.name, version: "", workload, threads },
        }))
    )
  );
  const wrong = await check(entries);
  if (wrong.length > 0) {
    console.error(`Not timed, for not all agree:\n${wrong.join("\n")}`);
    return 1;
  }
  await time(entries);
  const measurements = entries.map(summarize);
  const versions = new Set(
    measurements.flatMap(({ library, version }) =>
      version === "" ? [] : `${library} ${version}`
    ),
  );
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    runtimes: [...await runtimes(options.python), ...versions],
    load: [before, load()],
    rounds,
    seconds,
    measurements,
    coldStarts: workloads.includes("mlp") ? await coldStarts(found) : [],
    skipped,
  };
  const text = page(results);
  console.log(text);
  const whole = !quick && !options.only && !options.libraries;
  const folder = join(here, "results");
  Deno.mkdirSync(folder, { recursive: true });
  const name = join(folder, whole ? "results" : "partial");
  Deno.writeTextFileSync(`${name}.md`, text);
  Deno.writeTextFileSync(
    `${name}.json`,
    JSON.stringify(results, null, 2) + "\n",
  );
  progress(`Written to ${name}.md and .json`);
  return 0;
}

if (options.help) console.log(HELP);
else Deno.exit(await main());
