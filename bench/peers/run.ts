/**
 * Runs the same work in fdunn and in other libraries, each in a process of its
 * own, and prints a table.
 *
 *     deno task bench:peers --help
 *
 * First every library shows its first losses, which must agree; then rounds
 * are timed in which all libraries take turns. What there is so far is written
 * after every round. Exits with 1 if any disagrees.
 *
 * @module
 */

import { join } from "@std/path";
import { probe } from "../probe.ts";
import { disagreeing, median } from "./agree.ts";
import { type Command, here, libraries, type Library } from "./libraries.ts";
import { load, machine, runtimes } from "./machine.ts";
import { HELP, readOptions } from "./options.ts";
import type { Report } from "./measure.ts";
import { Peer, Silent } from "./peer.ts";
import { run } from "./process.ts";
import { sizes } from "./size.ts";
import {
  type ColdStart,
  GROUPS,
  type Measurement,
  page,
  type Results,
} from "./table.ts";

/** A library with some threads at one workload. */
interface Entry {
  library: Library;
  workload: string;
  threads: number;
  rounds: number[];
  /** Seconds that its rounds have taken. */
  spent: number;
  last: Report;
}

/** A library's processes, by its name and threads. */
type Peers = Map<string, Peer>;

const options = readOptions(Deno.args);
const { rounds, seconds, box, limit, threads } = options;

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

/** Asks an entry's process, which it starts where there is none. */
async function measure(
  { library, workload, threads }: Entry,
  seconds: number,
  peers: Peers,
): Promise<Report> {
  const key = `${library.name} ${threads}`;
  const peer = peers.get(key) ?? new Peer(library.command(threads));
  peers.set(key, peer);
  try {
    const report = await peer.ask({ workload, seconds }, limit);
    return { ...report, library: library.name };
  } catch (error) {
    if (!(error instanceof Silent)) throw error;
    await peer.stop();
    peers.delete(key);
    const nothing = { library: library.name, version: "", workload, threads };
    return { ...nothing, cannot: error.message };
  }
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

/** Each entry's first values; those that compute otherwise are not timed. */
async function check(entries: Entry[], peers: Peers): Promise<string[]> {
  const values = new Map<string, number[]>();
  for (const entry of entries) {
    entry.last = await measure(entry, 0, peers);
    if (entry.last.losses) values.set(nameOf(entry), entry.last.losses);
  }
  const { workload } = entries[0]!;
  const off = disagreeing(workload, values);
  progress(`${workload}: ${values.size - off.length} of ${values.size} agree`);
  for (const entry of entries) {
    if (!off.includes(nameOf(entry))) continue;
    entry.last.cannot = "its first losses are not those of most, see below";
  }
  return off.map((name) => `${workload}: ${name} computes ${values.get(name)}`);
}

function nameOf({ library, threads }: Entry): string {
  return `${library.name} (${threads}t)`;
}

/** Times each entry once, but for those that had their time. */
async function time(entries: Entry[], round: number, peers: Peers) {
  for (const entry of entries) {
    if (entry.last.cannot !== undefined || entry.spent > box) continue;
    const began = performance.now();
    entry.last = await measure(entry, seconds, peers);
    entry.spent += (performance.now() - began) / 1000;
    const { secondsPerStep: found, gflops, cannot } = entry.last;
    if (found !== undefined) entry.rounds.push(found);
    progress(
      `round ${round}, ${entry.workload}, ${nameOf(entry)}: ${
        cannot ?? `${(found! * 1e6).toPrecision(4)} us`
      }${gflops ? `, ${gflops.toPrecision(3)} GFLOP/s` : ""}`,
    );
  }
}

/** The time of a whole process, above one that does nothing. */
async function coldStarts(present: Library[]): Promise<ColdStart[]> {
  const times = present.map(() => [] as number[]);
  for (let round = 0; round < Math.max(rounds, 3); round++) {
    for (const [i, library] of present.entries()) {
      const empty = await run(library.empty, limit);
      const full = await run(library.command(1, "mlp"), limit);
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
  const { cannot: _, ...rest } = last; // a later round's does not count
  const secondsPerStep = median(rounds);
  const summary: Measurement = { ...rest, secondsPerStep, rounds };
  if (last.gflops !== undefined) {
    summary.gflops = last.gflops * last.secondsPerStep! / secondsPerStep;
  }
  return summary;
}

function entriesOf(workloads: string[], found: Library[]): Entry[] {
  return workloads.flatMap((workload) =>
    found.flatMap((library) =>
      (library.threaded ? threads : [1])
        .map((threads): Entry => ({
          library,
          workload,
          threads,
          rounds: [],
          spent: 0,
          last: { library: library.name, version: "", workload, threads },
        }))
    )
  );
}

const whole = !options.quick && !options.only && !options.libraries;

function write(results: Results): void {
  const folder = join(here, "results");
  Deno.mkdirSync(folder, { recursive: true });
  const name = join(folder, whole ? "results" : "partial");
  Deno.writeTextFileSync(`${name}.md`, page(results));
  const json = JSON.stringify(results, null, 2);
  Deno.writeTextFileSync(`${name}.json`, json + "\n");
}

async function main(): Promise<number> {
  const began = performance.now();
  const before = load();
  const skipped: string[] = [];
  const found = await present(skipped);
  const all = options.quick
    ? GROUPS.flat().filter((name) => !/^matmul-(256|1024)/.test(name))
    : GROUPS.flat();
  const workloads = chosen([...all, "cold", "size"], options.only);
  const groups = GROUPS.map((group) =>
    group.filter((workload) => workloads.includes(workload))
  ).filter((group) => group.length > 0);
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    runtimes: await runtimes(options.python),
    load: [before, before],
    probe: [probe(true), probe(false)],
    rounds,
    seconds,
    measurements: [],
    coldStarts: [],
    sizes: [],
    skipped,
    disagreeing: [],
  };
  const wrong = results.disagreeing;
  for (const group of groups) {
    const peers: Peers = new Map();
    const entries = entriesOf(group, found);
    for (const workload of group) {
      const own = entries.filter((entry) => entry.workload === workload);
      wrong.push(...await check(own, peers));
    }
    const done = results.measurements;
    for (let round = 1; round <= rounds; round++) {
      await time(entries, round, peers);
      results.measurements = [...done, ...entries.map(summarize)];
      results.load = [before, load()];
      write(results);
    }
    for (const peer of peers.values()) await peer.stop();
  }
  if (workloads.includes("cold")) results.coldStarts = await coldStarts(found);
  if (workloads.includes("size")) results.sizes = await sizes(found, limit);
  results.load = [before, load()];
  write(results);
  console.log(page(results));
  const minutes = (performance.now() - began) / 60_000;
  progress(`Written to ${join(here, "results")} in ${minutes.toFixed(1)} min`);
  if (wrong.length === 0) return 0;
  console.error(`Not all agree:\n${wrong.join("\n")}`);
  return 1;
}

if (options.help) console.log(HELP);
else Deno.exit(await main());
