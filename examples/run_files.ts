/** What the commands read in run folders. */

import { join } from "@std/path";
import { UserError, withoutStack } from "./command_line.ts";
import { requireAccess } from "./permission.ts";
import type { Config, Experiment } from "./experiment.ts";
import { EXPERIMENTS } from "./experiments.ts";
import type { Parts } from "./figures.ts";
import type { ViewOptions } from "./views.ts";

/** A run as its folder has it. */
export interface Run {
  /** The folder. */
  path: string;
  /** What it was started with. */
  config: RunConfig;
  /** What it came to; null while it goes on, and where it was killed. */
  summary: RunSummary | null;
}

/** `config.json`. */
export interface RunConfig {
  program: string;
  quick: boolean;
  started: string;
  /** The kinds of `--log`. */
  logs?: ViewOptions["logs"];
  /** How many, of a folder of runs that differ by their seeds. */
  seeds?: number;
  options: Config & { threads: number; data: string | null; out: string };
}

/** `summary.json`; of several seeds the parts hold spreads. */
export interface RunSummary {
  interrupted: boolean;
  /** How many were run, of several. */
  seeds?: number;
  /** Of several seeds each has its own. */
  seconds?: number;
  parts: Parts;
}

/**
 * Reads a run folder.
 *
 * @throws UserError where it is none.
 */
export async function readRunFolder(path: string): Promise<Run> {
  await requireAccess({ what: path, path, kinds: ["read"] });
  const run = runIn(path);
  if (run !== null) return run;
  const there = await Deno.stat(path).catch(() => null) !== null;
  throw new UserError(
    there
      ? `${path} is no run folder: it has no config.json`
      : `${path}: there is no such folder`,
  );
}

/** The run in a folder that may be read; null where there is none. */
export function runIn(path: string): Run | null {
  const config = readJson<RunConfig>(path, "config.json");
  return config && { path, config, summary: readJson(path, "summary.json") };
}

/** Where runs with several seeds keep one of them. */
export function seedFolder(path: string, seed: number): string {
  return join(path, `seed_${seed}`);
}

/** The folders of a run's trainings: its own, or those of its seeds. */
export function trainingFolders({ path, config }: Run): string[] {
  const { options, seeds } = config;
  if (seeds === undefined) return [path];
  return Array.from(
    { length: seeds },
    (_, i) => seedFolder(path, options.seed + i),
  ).filter((folder) => runIn(folder) !== null);
}

/**
 * The experiment that left a run folder.
 *
 * @throws UserError where there is no such experiment any more.
 */
export function experimentOfRun({ path, config }: Run): Experiment {
  const found = EXPERIMENTS.find(({ name }) => name === config.program);
  if (found !== undefined) return found;
  throw new UserError(
    `${path} is a run of "${config.program}", which is no experiment here`,
  );
}

/** A run's options as text. */
export function optionsOf({ config }: Run): Record<string, string> {
  const all = { program: config.program, ...config.options };
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => name !== "out")
      .map(([name, value]) => [name, String(value)]),
  );
}

/** A file of JSON; null where there is none. */
export function readJson<T>(folder: string, name: string): T | null {
  try {
    return JSON.parse(Deno.readTextFileSync(join(folder, name)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof SyntaxError) {
      throw new UserError(`${folder}: its ${name} is not JSON`);
    }
    throw new UserError(`${folder}: ${withoutStack(error)}`);
  }
}
