/** Which of many runs a row of docs/RESULTS.md shows. */

import type { Experiment } from "../experiment.ts";
import type { Run } from "./kept_runs.ts";
import type { KnownRow } from "./known_results.ts";

/**
 * Of the runs that a row is about: those that ended, those of many seeds first,
 * then the newest, each with seeds that those before had not. Where none has
 * ended, the best of the others; none where there are none.
 */
export function chosenRuns(
  all: readonly Run[],
  experiment: Experiment,
  { where = {}, part = "" }: KnownRow,
): Run[] {
  const wanted = Object.entries(experiment.configure({ ...where }, false));
  // An option that a run did not know yet is as it was then: the default.
  const defaults = experiment.configure({}, false);
  const valueOf = (run: Run, name: string) =>
    name in run.options ? run.options[name] : defaults[name];
  const better = (a: Run, b: Run) =>
    Number(isCut(a, part)) - Number(isCut(b, part)) ||
    (b.seeds ?? 1) - (a.seeds ?? 1) ||
    (a.started < b.started ? 1 : -1);
  const fitting = all.filter((run) =>
    run.program === experiment.name && part in run.parts &&
    run.parts[part]!.epochs !== 0 &&
    // A list says which parts there are; any seed will do.
    wanted.every(([name, value]) =>
      name === "seed" || Array.isArray(value) || valueOf(run, name) === value
    )
  ).sort(better);
  const [best] = fitting;
  if (best === undefined || isCut(best, part)) return fitting.slice(0, 1);
  const known = new Set<number>();
  return fitting.filter((run) => {
    const seeds = seedsOf(run);
    if (isCut(run, part) || seeds.some((seed) => known.has(seed))) return false;
    for (const seed of seeds) known.add(seed);
    return true;
  });
}

/** The seeds that a run went through. */
export function seedsOf({ options, seeds = 1 }: Run): number[] {
  const first = Number(options.seed ?? 0);
  return Array.from({ length: seeds }, (_, i) => first + i);
}

/** Whether Ctrl-C ended it before its last epoch did. */
export function isCut(
  { interrupted, options, parts }: Run,
  part: string,
): boolean {
  return interrupted === true && parts[part]?.epochs !== options.epochs;
}

/** A figure of all seeds of some runs; null if one of them has none. */
export function figureOf(
  runs: readonly Run[],
  part: string,
  name: string,
): number[] | null {
  const values: number[] = [];
  for (const run of runs) {
    const figure = run.parts[part]?.[name];
    if (typeof figure === "number") values.push(figure);
    else if (Array.isArray(figure)) values.push(...figure);
    else return null;
  }
  return values;
}
