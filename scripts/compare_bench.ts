/**
 * Compares runs of `deno bench --json` by ratios: how long each benchmark takes
 * beside the baseline of its group, in the same process. Times of two machines,
 * or of two days, cannot be compared; such ratios can.
 *
 *     deno task bench:compare before.json after.json
 *
 * The least time of a benchmark counts, what it takes where nothing interrupts:
 * averages of a busy machine differ by a half from run to run.
 *
 * @module
 */
import { parseArgs } from "@std/cli";

const HELP = `Compares benchmarks before and after a change, as ratios to the
baselines of their groups.

Usage: deno task bench:compare [--limit 1.25] BEFORE.json AFTER.json
       deno task bench:compare [--limit 1.25] BEFORE.json... -- AFTER.json...

Each file is what \`deno task -q bench --json\` printed. Of several runs of a side
the median ratio counts: let both sides take turns. Prints a Markdown table.

  --limit X  how many times as long counts as slower (1.25)

Exits with 0, with 1 if a benchmark is slower or failed, or with 2 if there is
nothing to compare.`;

/** What this script needs of the output of `deno bench --json`. */
export interface BenchRun {
  /** One per benchmark. */
  benches: {
    /** The file's URL. */
    origin: string;
    /** Benchmarks that are compared with each other. */
    group: string | null;
    /** Unique in its group. */
    name: string;
    /** Whether the group is measured by this one. */
    baseline: boolean;
    /** The least time in nanoseconds, if it ran. */
    results: { ok?: { min: number } }[];
  }[];
}

/** What {@linkcode ratios} finds. */
export interface Ratios {
  /**
   * A benchmark's time over that of its group's baseline, by the names of both:
   * with another baseline it is another ratio.
   */
  found: Map<string, number>;
  /** Benchmarks that threw. */
  failed: string[];
}

/** Each benchmark beside its baseline. */
export function ratios(run: BenchRun): Ratios {
  const key = (origin: string, group: string | null) =>
    `${origin.replace(/^.*\/(?=[^/]+$)/, "")} > ${group}`;
  /** A name without its group's, which many repeat. */
  const short = (name: string, group: string | null) =>
    name.replace(group ?? "", "").replace(/^[,:\s]+|[,:\s]+$/g, "");
  const baselines = new Map<string, { of: string; time: number }>();
  const failed: string[] = [];
  for (const { origin, group, name, baseline, results } of run.benches) {
    const time = results[0]?.ok?.min;
    if (time === undefined) {
      failed.push(`${key(origin, group)} > ${short(name, group)}`);
    } else if (baseline) {
      baselines.set(key(origin, group), { of: short(name, group), time });
    }
  }
  const found = new Map<string, number>();
  for (const { origin, group, name, baseline, results } of run.benches) {
    const measure = baselines.get(key(origin, group));
    const time = results[0]?.ok?.min;
    if (baseline || measure === undefined || time === undefined) continue;
    const pair = `${short(name, group)} / ${measure.of}`;
    found.set(`${key(origin, group)} > ${pair}`, time / measure.time);
  }
  return { found, failed };
}

/** What {@linkcode compare} finds. */
export interface Comparison {
  /** All ratios in Markdown, what grew most first. */
  table: string;
  /** What takes longer than before, beside its baseline. */
  slower: string[];
  /** What failed after the change. */
  failed: string[];
  /** What there was before, and is not any more. */
  gone: string[];
}

/** Compares the median ratios of some runs before and some after a change. */
export function compare(
  before: readonly BenchRun[],
  after: readonly BenchRun[],
  limit: number,
): Comparison {
  const [old, now] = [medians(before), medians(after)];
  const rows: string[] = [];
  const slower: string[] = [];
  const change = (name: string) =>
    now.found.get(name)! / (old.found.get(name) ?? Infinity);
  const names = [...now.found.keys()].sort((a, b) => change(b) - change(a));
  for (const name of names) {
    const [was, ratio] = [old.found.get(name), now.found.get(name)!];
    const grew = change(name) > limit;
    if (grew) slower.push(name);
    rows.push(
      `| ${name} | ${was?.toFixed(3) ?? "new"} | ${ratio.toFixed(3)} | ${
        was === undefined ? "" : `${change(name).toFixed(2)}x`
      }${grew ? " slower" : ""} |`,
    );
  }
  const failed = now.failed;
  for (const name of failed) rows.push(`| ${name} | | failed | |`);
  const gone = [...old.found.keys()].filter((name) => !now.found.has(name));
  for (const name of gone) {
    rows.push(`| ${name} | ${old.found.get(name)!.toFixed(3)} | gone | |`);
  }
  const head =
    "| benchmark, as a multiple of its baseline | before | after | |";
  const table = [head, "|---|---|---|---|", ...rows].join("\n");
  return { table, slower, failed, gone };
}

/** The median ratios of several runs; what failed in any of them. */
function medians(runs: readonly BenchRun[]): Ratios {
  const all = new Map<string, number[]>();
  const failed = new Set<string>();
  for (const run of runs) {
    const one = ratios(run);
    for (const name of one.failed) failed.add(name);
    for (const [name, ratio] of one.found) {
      all.set(name, [...all.get(name) ?? [], ratio]);
    }
  }
  const found = new Map<string, number>();
  for (const [name, values] of all) {
    values.sort((a, b) => a - b);
    const middle = values.length >> 1;
    found.set(
      name,
      values.length % 2 === 1
        ? values[middle]!
        : (values[middle - 1]! + values[middle]!) / 2,
    );
  }
  return { found, failed: [...failed] };
}

/** A run as it stands in a file; says what is wrong with another one. */
function read(path: string): BenchRun {
  let run: BenchRun;
  try {
    run = JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${(error as Error).message}`);
  }
  const fits = Array.isArray(run?.benches) &&
    run.benches.every((it) =>
      typeof it?.origin === "string" && typeof it.name === "string" &&
      Array.isArray(it.results)
    );
  if (fits && run.benches.length > 0) return run;
  throw new Error(
    `${path} is not what deno bench --json prints: it has no benchmarks`,
  );
}

/** The files of each side. */
function sides(first: string[], second: string[]): [string[], string[]] {
  if (second.length === 0 && first.length === 2) {
    return [[first[0]!], [first[1]!]];
  }
  if (first.length > 0 && second.length > 0) return [first, second];
  throw new Error(
    `Got ${first.length} files, expected one of before and one of after; see --help`,
  );
}

function main(args: string[]): number {
  const options = parseArgs(args, {
    "--": true,
    boolean: ["help"],
    string: ["limit", "_"],
    default: { limit: "1.25" },
    unknown: (name) => {
      if (name.startsWith("-")) {
        throw new Error(`Unknown option ${name}; see --help`);
      }
    },
  });
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const limit = Number(options.limit);
  if (!(limit > 1)) {
    throw new Error(`--limit is ${options.limit}, expected more than 1`);
  }
  const [before, after] = sides(options._.map(String), options["--"])
    .map((paths) => paths.map(read)) as [BenchRun[], BenchRun[]];
  const { table, slower, failed, gone } = compare(before, after, limit);
  console.log(table);
  const tell = (names: string[], what: string) => {
    if (names.length > 0) console.error(`\n${what}:\n${names.join("\n")}`);
  };
  tell(slower, `More than ${limit} times as long`);
  tell(failed, "Failed");
  tell(gone, "Gone");
  return slower.length + failed.length > 0 ? 1 : 0;
}

if (import.meta.main) {
  try {
    Deno.exit(main(Deno.args));
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(2);
  }
}
