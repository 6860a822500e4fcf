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
  options: Config & { threads: number; data: string | null; out: string };
}

/** `summary.json` of one seed; of several the parts hold spreads. */
export interface RunSummary {
  interrupted: boolean;
  seconds: number;
  parts: Parts;
}

/**
 * Reads a run folder.
 *
 * @throws UserError where it is none.
 */
export async function readRunFolder(path: string): Promise<Run> {
  await requireAccess({ what: path, path, kinds: ["read"] });
  const config = readJson<RunConfig>(path, "config.json");
  if (config === null) {
    throw new UserError(`${path} is no run folder: it has no config.json`);
  }
  return { path, config, summary: readJson(path, "summary.json") };
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
