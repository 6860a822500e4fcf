/**
 * Writes docs/RESULTS.md: `deno task results` takes the runs that docs/results/
 * keeps and those in runs/, or in the folder that follows, chooses for each
 * row, and keeps what it shows.
 *
 * @module
 */

import { formatMarkdown } from "@fdunn/testing";
import { fromFileUrl, join } from "@std/path";
import { EXPERIMENTS } from "../experiments.ts";
import { spread } from "../figures.ts";
import { chosenRuns, figureOf, isCut, seedsOf } from "./chosen_runs.ts";
import { keep, keptIn, type Run, runsIn } from "./kept_runs.ts";
import { KNOWN, type KnownTable } from "./known_results.ts";

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
  }. A figure of several seeds is their mean, with the smallest and the largest in
brackets. Other work kept the machine busy: fdunn's time is that of the fastest
epoch, and still an upper bound.
`;
  return { text: head + tables.join(""), shown: found };
}

function tableOf(
  table: KnownTable,
  all: readonly Run[],
  shown: Set<Run>,
): string {
  const { title, figures, rows, shows } = table;
  const experiment = EXPERIMENTS.find(({ name }) => name === table.experiment)!;
  const cells = [[
    ...["run", "report", "PyTorch"],
    ...Object.keys(figures).map((head) => `fdunn: ${head}`),
    ...["fdunn: seeds", "fdunn: epochs"],
    ...["s an epoch: others", "s an epoch: fdunn"],
  ]];
  let complete = true;
  for (const row of rows) {
    const { label, part = "", report = "", pytorch = "", seconds = "" } = row;
    const runs = chosenRuns(all, experiment, row);
    for (const run of runs) shown.add(run);
    const [first] = runs;
    complete &&= first !== undefined && !isCut(first, part);
    const ours = first === undefined
      ? [...Object.keys(figures).map(() => "not run"), "", "", seconds, ""]
      : [
        ...Object.values(figures).map((name) =>
          figureText(figureOf(runs, part, name))
        ),
        String(runs.flatMap(seedsOf).length),
        epochsOf(first, part),
        seconds,
        timeText(figureOf(runs, part, "fastestEpoch")),
      ];
    cells.push([label, report, pytorch, ...ours]);
  }
  const missing = complete ? "" : " Not all of it has been run here.";
  return `\n## ${title}\n\n\`deno task train ${experiment.name}\`\n\n${
    markdownTable(cells)
  }\n${shows}${missing}\n`;
}

/** Cells below their heads, without the columns that hold nothing. */
function markdownTable([head, ...rows]: readonly string[][]): string {
  const filled = head!.map((_, i) => rows.some((row) => row[i] !== ""));
  const line = (row: readonly string[]) =>
    `| ${row.filter((_, i) => filled[i]).join(" | ")} |\n`;
  return [head!, head!.map(() => "---"), ...rows].map(line).join("");
}

/** `10`, or `1 of 2` where Ctrl-C came in between. */
function epochsOf(run: Run, part: string): string {
  const { epochs } = run.options;
  if (epochs === undefined) return "";
  return isCut(run, part)
    ? `${run.parts[part]!.epochs} of ${epochs}`
    : `${epochs}`;
}

/** A number, or its mean and ends over seeds. */
function figureText(values: number[] | null): string {
  if (values === null) return "not reached";
  const { mean, min, max } = spread(values);
  return values.length === 1
    ? digits(mean)
    : `${digits(mean)} (${digits(min)}-${digits(max)})`;
}

function digits(value: number): string {
  if (value === 0) return "0";
  if (Number.isInteger(value)) return String(value);
  if (Math.abs(value) < 0.001) return value.toExponential(0);
  return value.toFixed(Math.abs(value) < 10 ? 3 : 0);
}

/** The middle one in two digits. */
function timeText(values: number[] | null): string {
  if (values === null) return "";
  return String(Number(spread(values).median.toPrecision(2)));
}

if (import.meta.main) {
  const root = fromFileUrl(new URL("../..", import.meta.url));
  const folder = join(root, "docs/results");
  const fresh = runsIn(Deno.args[0] ?? join(root, "runs"));
  const { text, shown } = render([...keptIn(folder), ...fresh]);
  keep(folder, shown);
  Deno.writeTextFileSync(
    join(root, "docs/RESULTS.md"),
    await formatMarkdown(text),
  );
  const taken = fresh.filter((run) => shown.includes(run)).length;
  console.log(
    `docs/RESULTS.md shows ${shown.length} runs, ${taken} of them new`,
  );
}
