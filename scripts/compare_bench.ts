/**
 * Compares two runs of `deno bench --json` by ratios: how long each benchmark
 * takes beside the baseline of its group, in the same process. Times of two
 * machines, or of two days, cannot be compared; such ratios can.
 *
 *     deno run -P=bench scripts/compare_bench.ts before.json after.json
 *
 * Exits with 1 if a ratio grew by more than the limit.
 *
 * @module
 */

/** How much a ratio may grow before it counts as a regression. */
const LIMIT = 1.25;

/** What this script needs of the output of `deno bench --json`. */
export interface BenchRun {
  /** One per benchmark. */
  benches: {
    /** The file's URL. */
    origin: string;
    /** Benchmarks that are compared with each other. */
    group: string | null;
    /** Unique in its file. */
    name: string;
    /** Whether the group is measured by this one. */
    baseline: boolean;
    /** The average in nanoseconds, if it ran. */
    results: { ok?: { avg: number } }[];
  }[];
}

/** A benchmark's time over that of its group's baseline, by its full name. */
export function ratios(run: BenchRun): Map<string, number> {
  const key = (origin: string, group: string | null) =>
    `${origin.replace(/^.*\/(?=[^/]+$)/, "")} > ${group}`;
  const baselines = new Map<string, number>();
  for (const { origin, group, baseline, results } of run.benches) {
    const time = results[0]?.ok?.avg;
    if (baseline && time !== undefined) {
      baselines.set(key(origin, group), time);
    }
  }
  const found = new Map<string, number>();
  for (const { origin, group, name, baseline, results } of run.benches) {
    const of = baselines.get(key(origin, group));
    const time = results[0]?.ok?.avg;
    if (baseline || of === undefined || time === undefined) continue;
    found.set(`${key(origin, group)} > ${name}`, time / of);
  }
  return found;
}

/** A Markdown table of both runs, and the names of what became slower. */
export function compare(
  before: BenchRun,
  after: BenchRun,
): { table: string; slower: string[] } {
  const old = ratios(before);
  const rows: string[] = [];
  const slower: string[] = [];
  for (const [name, ratio] of ratios(after)) {
    const was = old.get(name);
    const change = was === undefined ? NaN : ratio / was;
    if (change > LIMIT) slower.push(name);
    rows.push(
      `| ${name} | ${was?.toFixed(3) ?? "new"} | ${ratio.toFixed(3)} | ${
        Number.isNaN(change) ? "" : `${change.toFixed(2)}x`
      }${change > LIMIT ? " slower" : ""} |`,
    );
  }
  const head =
    "| benchmark, as a multiple of its baseline | before | after | |";
  return { table: [head, "|---|---|---|---|", ...rows].join("\n"), slower };
}

if (import.meta.main) {
  const [before, after] = Deno.args;
  if (before === undefined || after === undefined) {
    console.error("Usage: compare_bench.ts before.json after.json");
    Deno.exit(2);
  }
  const read = (path: string) =>
    JSON.parse(Deno.readTextFileSync(path)) as BenchRun;
  const { table, slower } = compare(read(before), read(after));
  console.log(table);
  if (slower.length > 0) Deno.exit(1);
}
