/**
 * Puts runs beside each other: `deno task compare --help`.
 *
 * @module
 */

import { type CommandLine, runCommand, usageError } from "./command_line.ts";
import type { Spread } from "./figures.ts";
import {
  optionsOf,
  readRunFolder,
  type Run,
  trainingFolders,
} from "./run_files.ts";
import { serveRuns } from "./serve_runs.ts";
import { table } from "./table.ts";

const HELP = `Puts runs beside each other: options that differ, figures.

    deno task compare RUN RUN... [options]

  RUN          a folder that deno task train has left
  --dashboard  serves the curves of all as a page, on this machine only
  --json       all of it as JSON
  --help       this text
`;

async function compare({ flags, rest }: CommandLine): Promise<void> {
  if (rest.length < 2) {
    throw usageError("compare expects run folders: deno task compare RUN RUN");
  }
  const runs: Run[] = [];
  for (const path of rest) runs.push(await readRunFolder(path));
  if (flags.includes("json")) console.log(JSON.stringify(runs, null, 2));
  else {
    const options = runs.map(optionsOf);
    const names = new Set(options.flatMap((it) => Object.keys(it)));
    const rows = [["", ...rest]];
    for (const name of names) {
      const values = options.map((it) => it[name] ?? "");
      if (new Set(values).size > 1) rows.push([name, ...values]);
    }
    const figures = runs.map(figuresOf);
    for (const name of new Set(figures.flatMap((it) => Object.keys(it)))) {
      rows.push([name, ...figures.map((it) => it[name] ?? "")]);
    }
    console.log(table(rows));
  }
  if (flags.includes("dashboard")) {
    await serveRuns(runs.flatMap(trainingFolders));
  }
}

/** A run's numbers by part and name, as text. */
function figuresOf({ summary }: Run): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [part, figures] of Object.entries(summary?.parts ?? {})) {
    for (const [name, value] of Object.entries(figures)) {
      const number = numberIn(value);
      if (number === null) continue;
      const key = part === "" ? name : `${part}: ${name}`;
      found[key] = String(Number(number.toPrecision(5)));
    }
  }
  return found;
}

/** A figure, of several seeds their mean; null of what is no number. */
function numberIn(value: unknown): number | null {
  if (typeof value === "number") return value;
  const { mean } = (value ?? {}) as Partial<Spread>;
  return mean ?? null;
}

if (import.meta.main) {
  await runCommand({
    help: HELP,
    flags: ["json", "dashboard"],
    run: compare,
  });
}
