/**
 * Writes docs/RESULTS.md: `deno task results` takes the runs that docs/results/
 * keeps and those in runs/, or in the folder that follows, shows the best run
 * for each row, and keeps what it shows.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import { EXPERIMENTS } from "../experiments.ts";
import { spread } from "../figures.ts";
import { type Figure, keep, keptIn, type Run, runsIn } from "./kept_runs.ts";
import { KNOWN, type KnownRow, type KnownTable } from "./known_results.ts";

/** The page's text, and the runs that are on it. */
export interface Page {
  text: string;
  shown: Run[];
}

/** The page that these runs make. */
export function render(runs: readonly Run[]): Page {
  const shown = new Set<Run>();
  const tables = KNOWN.map((table) => tableOf(table, runs, shown));
  const found = [...shown];
  const several = (values: readonly unknown[]) =>
    [...new Set(values)].sort().join(" and ");
  const threads = several(
    found.flatMap(({ options }) => options.threads as number ?? []),
  );
  const head = `# Results of the experiments

Written by \`deno task results\` from run folders, and from the runs that
\`docs/results/\` keeps: do not edit. Each experiment repeats what one of two
course reports did, by the command above its table. The reports' figures and
PyTorch's (2.15, on two cores) are constants in
\`examples/results/known_results.ts\`; fdunn's are of runs on ${
    several(found.map(({ machine: { system, processors } }) =>
      `${system}, ${processors} processors`
    ))
  } (threads: ${threads || "all"}), of ${
    several(found.map(({ started }) => started.slice(0, 10)))
  }. Other work kept the machine busy: times are upper bounds. A figure of
several seeds is their mean, with the smallest and the largest in brackets.
`;
  return { text: head + tables.join(""), shown: found };
}

function tableOf(
  table: KnownTable,
  all: readonly Run[],
  shown: Set<Run>,
): string {
  const { experiment, title, heads, rows, shows } = table;
  const runs = rows.map((row) => runOf(all, experiment, row));
  const reports = rows.some(({ report }) => report !== "");
  const pytorch = rows.some((row) => row.pytorch !== "");
  const others = rows.some(({ seconds }) => seconds !== "");
  const head = [
    "run",
    ...reports ? ["report"] : [],
    ...pytorch ? ["PyTorch"] : [],
    ...heads.map((head) => `fdunn: ${head}`),
    "fdunn: seeds",
    "fdunn: epochs",
    ...others ? ["s an epoch: others"] : [],
    "s an epoch: fdunn",
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  let text = `\n## ${title}\n\n\`deno task train ${experiment}\`\n\n`;
  text += line(head) + line(head.map(() => "---"));
  for (const [i, row] of rows.entries()) {
    const run = runs[i];
    if (run !== undefined) shown.add(run);
    const figures = run?.parts[row.part];
    text += line([
      row.label,
      ...reports ? [row.report] : [],
      ...pytorch ? [row.pytorch] : [],
      ...row.figures.map((name) =>
        run === undefined ? "not run" : figureText(figures?.[name])
      ),
      run === undefined ? "" : String(run.seeds ?? 1),
      run === undefined ? "" : epochsOf(run, row.part),
      ...others ? [row.seconds] : [],
      timeOf(figures?.secondsPerEpoch),
    ]);
  }
  const complete = rows.every(({ part }, i) =>
    runs[i] !== undefined && !isCut(runs[i], part)
  );
  const missing = complete ? "" : " Not all of it has been run here.";
  return `${text}\n${shows}${missing}\n`;
}

/** `10`, or `1 of 2` where Ctrl-C came in between. */
function epochsOf(run: Run, part: string): string {
  const { epochs } = run.options;
  if (epochs === undefined) return "";
  return isCut(run, part)
    ? `${run.parts[part]!.epochs} of ${epochs}`
    : `${epochs}`;
}

/** Of the runs that a row is about one that ended, of many seeds, and new. */
function runOf(
  runs: readonly Run[],
  program: string,
  { where = {}, part }: KnownRow,
): Run | undefined {
  const experiment = EXPERIMENTS.find(({ name }) => name === program)!;
  const wanted = Object.entries(experiment.configure({ ...where }, false));
  // An option that a run did not know yet is as it was then: the default.
  const defaults = experiment.configure({}, false);
  const valueOf = (run: Run, name: string) =>
    name in run.options ? run.options[name] : defaults[name];
  const better = (a: Run, b: Run) =>
    Number(isCut(a, part)) - Number(isCut(b, part)) ||
    (b.seeds ?? 1) - (a.seeds ?? 1) ||
    (a.started < b.started ? 1 : -1);
  return runs.filter((run) =>
    run.program === program && part in run.parts &&
    run.parts[part]!.epochs !== 0 &&
    // A list says which parts there are; any seed will do.
    wanted.every(([name, value]) =>
      name === "seed" || Array.isArray(value) || valueOf(run, name) === value
    )
  ).sort(better)[0];
}

/** Whether Ctrl-C ended it before its last epoch did. */
function isCut({ interrupted, options, parts }: Run, part: string): boolean {
  return interrupted === true && parts[part]?.epochs !== options.epochs;
}

/** A number, or its mean and ends over seeds. */
function figureText(figure: Figure | undefined): string {
  if (typeof figure === "number") return digits(figure);
  if (!Array.isArray(figure)) return "not reached";
  const { mean, min, max } = spread(figure);
  return `${digits(mean)} (${digits(min)}-${digits(max)})`;
}

function digits(value: number): string {
  if (value === 0) return "0";
  if (Number.isInteger(value)) return String(value);
  if (Math.abs(value) < 0.001) return value.toExponential(0);
  return value.toFixed(Math.abs(value) < 10 ? 3 : 0);
}

function timeOf(figure: Figure | undefined): string {
  if (typeof figure !== "number" && !Array.isArray(figure)) return "";
  const value = typeof figure === "number" ? figure : spread(figure).median;
  return String(Number(value.toPrecision(2)));
}

/** As `deno fmt` would have it. */
export async function formatted(text: string): Promise<string> {
  const child = new Deno.Command("deno", {
    args: ["fmt", "--ext=md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

if (import.meta.main) {
  const root = fromFileUrl(new URL("../..", import.meta.url));
  const folder = join(root, "docs/results");
  const fresh = runsIn(Deno.args[0] ?? join(root, "runs"));
  const { text, shown } = render([...keptIn(folder), ...fresh]);
  keep(folder, shown);
  Deno.writeTextFileSync(join(root, "docs/RESULTS.md"), await formatted(text));
  const taken = fresh.filter((run) => shown.includes(run)).length;
  console.log(
    `docs/RESULTS.md shows ${shown.length} runs, ${taken} of them new`,
  );
}
