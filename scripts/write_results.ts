/**
 * Writes docs/RESULTS.md from the run folders of the experiments:
 * `deno task results`, or `deno task results FOLDER` for other folders than
 * those in runs/.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import { KNOWN, type KnownRow, type KnownTable } from "./known_results.ts";

/** What `summary.json` of a run folder has. */
export interface Summary {
  program: string;
  quick: boolean;
  interrupted?: boolean;
  /** Of a run with several seeds. */
  seeds?: number;
  options: Record<string, unknown>;
  machine: { system: string; processors: number };
  started: string;
  parts: Record<string, Record<string, unknown>>;
}

/** A figure over seeds. */
interface Spread {
  median: number;
  mean: number;
  min: number;
  max: number;
}

/** The runs below a folder but for quick ones, the newest first. */
export function summariesIn(folder: string): Summary[] {
  const found: Summary[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (!isDirectory) continue;
    let text: string;
    try {
      text = Deno.readTextFileSync(join(folder, name, "summary.json"));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    const summary = JSON.parse(text) as Summary;
    if (!summary.quick) found.push(summary);
  }
  return found.sort((a, b) => a.started < b.started ? 1 : -1);
}

/** The page's text. */
export function render(summaries: readonly Summary[]): string {
  const machines = new Set(
    summaries.map(({ machine }) =>
      `${machine.system}, ${machine.processors} processors`
    ),
  );
  let text = `# Results of the experiments

Written by \`deno task results\` from run folders: do not edit. Each experiment
repeats what one of two course reports did, by the command above its table. The
reports' figures and PyTorch's (2.15, on two cores) are constants in
\`scripts/known_results.ts\`; fdunn's are of runs on ${
    [...machines].join("; ") || "no machine"
  }, which other work kept busy: times are upper bounds. A figure of several seeds is their mean, with the
smallest and the largest in brackets.
`;
  for (const table of KNOWN) text += tableOf(table, summaries);
  return text;
}

function tableOf(table: KnownTable, summaries: readonly Summary[]): string {
  const { experiment, title, heads, rows, shows } = table;
  const runs = summaries.filter(({ program }) => program === experiment);
  const reports = rows.some(({ report }) => report !== "");
  const pytorch = rows.some((row) => row.pytorch !== "");
  const others = rows.some(({ seconds }) => seconds !== "");
  const head = [
    "run",
    ...reports ? ["report"] : [],
    ...pytorch ? ["PyTorch"] : [],
    ...heads.map((head) => `fdunn: ${head}`),
    "fdunn: seeds",
    ...others ? ["s an epoch: others"] : [],
    "s an epoch: fdunn",
  ];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  let text = `\n## ${title}\n\n\`deno task train ${experiment}\`\n\n`;
  text += line(head) + line(head.map(() => "---"));
  for (const row of rows) {
    const run = runs.find((summary) => isOf(summary, row));
    const figures = run?.parts[row.part];
    text += line([
      row.label,
      ...reports ? [row.report] : [],
      ...pytorch ? [row.pytorch] : [],
      ...row.figures.map((name) =>
        run === undefined ? "not run" : shown(figures?.[name])
      ),
      run === undefined ? "" : String(run.seeds ?? 1),
      ...others ? [row.seconds] : [],
      timeOf(figures?.secondsPerEpoch),
    ]);
  }
  const epochs = runs[0]?.options.epochs;
  const ran = epochs === undefined ? "" : ` ${epochs} epochs were run.`;
  const complete = rows.every((row) => runs.some((run) => isOf(run, row)));
  const missing = complete ? "" : " Not all of it has been run here.";
  return `${text}\n${shows}${ran}${missing}\n`;
}

/** Whether a run has the row's part, and ended it. */
function isOf(summary: Summary, { where = {}, part }: KnownRow): boolean {
  const { interrupted = false, options, parts, seeds } = summary;
  const figures = parts[part];
  if (figures === undefined) return false;
  if (
    interrupted && (seeds !== undefined || figures.epochs !== options.epochs)
  ) {
    return false;
  }
  return Object.entries(where).every(([name, value]) =>
    options[name] === value
  );
}

/** A number, or its mean and ends over seeds. */
function shown(figure: unknown): string {
  if (typeof figure === "number") return digits(figure);
  if (figure === undefined || figure === null) return "not reached";
  const { mean, min, max } = figure as Spread;
  return `${digits(mean)} (${digits(min)}-${digits(max)})`;
}

function digits(value: number): string {
  if (value === 0) return "0";
  if (Number.isInteger(value)) return String(value);
  if (Math.abs(value) < 0.001) return value.toExponential(0);
  return value.toFixed(Math.abs(value) < 10 ? 3 : 0);
}

function timeOf(figure: unknown): string {
  if (figure === undefined || figure === null) return "";
  const value = typeof figure === "number" ? figure : (figure as Spread).median;
  return String(Number(value.toPrecision(2)));
}

/** As `deno fmt` would have it. */
async function formatted(text: string): Promise<string> {
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
  const root = fromFileUrl(new URL("..", import.meta.url));
  const folder = Deno.args[0] ?? join(root, "runs");
  const summaries = summariesIn(folder);
  const text = await formatted(render(summaries));
  Deno.writeTextFileSync(join(root, "docs/RESULTS.md"), text);
  console.log(`Results: ${summaries.length} runs`);
}
