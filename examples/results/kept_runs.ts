/**
 * The runs that docs/RESULTS.md shows, without weights and curves: kept in
 * docs/results/, a file for each experiment, so that the page can be written
 * again where the run folders are gone.
 *
 * @module
 */

import { join } from "@std/path";
import type { Spread } from "../figures.ts";

/** A part's figure: of one seed, of several, or words. */
export type Figure = number | number[] | string | boolean | null;

/** A run, as it is kept. */
export interface Run {
  /** Which experiment it is. */
  program: string;
  /** By Ctrl-C. */
  interrupted?: boolean;
  /** Where its figures are from, if not from a run folder. */
  note?: string;
  /** How many, of a run with several. */
  seeds?: number;
  options: Record<string, unknown>;
  machine: { system: string; processors: number };
  versions?: Record<string, string>;
  wasm?: { build: string; abi: number };
  started: string;
  seconds?: number;
  parts: Record<string, Record<string, Figure>>;
}

/** What is read of a run folder's `summary.json`. */
export interface Summary extends Omit<Run, "parts"> {
  quick: boolean;
  parts: Record<string, Record<string, Figure | Spread>>;
}

/** Where a run was kept and read is of no use elsewhere; texts are long. */
const PLACES = ["data", "out", "resume"];
const LONGEST_TEXT = 80;

/** The runs of a folder of run folders, but for quick ones. */
export function runsIn(folder: string): Run[] {
  const found: Run[] = [];
  for (const { name, isDirectory } of entriesOf(folder)) {
    if (!isDirectory) continue;
    const path = join(folder, name, "summary.json");
    const summary = readJson<Summary>(path);
    const run = summary && kept(summary);
    if (run !== null) found.push(run);
  }
  return found;
}

/** The runs that are kept in a folder, by experiment. */
export function keptIn(folder: string): Run[] {
  return entriesOf(folder)
    .filter(({ name }) => name.endsWith(".json"))
    .flatMap(({ name }) => readJson<Run[]>(join(folder, name)) ?? []);
}

/** Keeps these runs and no other. */
export function keep(folder: string, runs: readonly Run[]): void {
  for (const { name } of entriesOf(folder)) {
    if (name.endsWith(".json")) Deno.removeSync(join(folder, name));
  }
  for (const [program, some] of Map.groupBy(runs, (run) => run.program)) {
    some.sort((a, b) => a.started < b.started ? -1 : 1);
    const text = JSON.stringify(some, null, 2) + "\n";
    Deno.writeTextFileSync(join(folder, `${program}.json`), text);
  }
}

/** What is worth keeping of a run; null of one for a first look. */
function kept(run: Summary): Run | null {
  const { quick, interrupted, options, parts, ...rest } = run;
  if (quick) return null;
  return {
    ...rest,
    ...interrupted ? { interrupted } : {},
    options: Object.fromEntries(
      Object.entries(options).filter(([name]) => !PLACES.includes(name)),
    ),
    parts: Object.fromEntries(
      Object.entries(parts).map(([part, figures]) => [part, keptOf(figures)]),
    ),
  };
}

function keptOf(
  figures: Record<string, Figure | Spread>,
): Run["parts"][string] {
  const found: Run["parts"][string] = {};
  for (const [name, figure] of Object.entries(figures)) {
    if (typeof figure === "string" && figure.length > LONGEST_TEXT) continue;
    found[name] = isSpread(figure) ? figure.values : figure;
  }
  return found;
}

function isSpread(figure: Figure | Spread): figure is Spread {
  return typeof figure === "object" && figure !== null && "values" in figure;
}

/** Sorted by name; nothing where there is no such folder. */
function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)]
      .sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Null where there is no such file. */
function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof SyntaxError) error.message += ` in ${path}`;
    throw error;
  }
}
