/** Going on with a run: `deno task resume runs/...`. */

import { join } from "@std/path";
import {
  readCommandLine,
  threadCount,
  usageError,
  UserError,
} from "./command_line.ts";
import type { Config } from "./experiment.ts";
import { EXPERIMENTS } from "./experiments.ts";
import type { TrainRequest } from "./train.ts";

/** What `config.json` says of a run. */
interface Kept {
  program: string;
  quick: boolean;
  started: string;
  options: Config & { threads: number; data: string | null; out: string };
}

/** Whether these arguments ask to go on with a run. */
export function isResume(args: readonly string[]): boolean {
  return args.some((arg) => /^--resume(=|$)/.test(arg));
}

/** What a run was asked for, by its folder. */
export function parseResume(args: string[]): TrainRequest {
  const { options, rest } = readCommandLine(args, [
    "resume",
    "threads",
    "data",
  ]);
  if (rest.length > 0) {
    throw usageError(
      `"${
        rest[0]
      }" is no option: --resume takes the run's folder and has all others from there`,
    );
  }
  const folder = options.resume!;
  const kept = read<Kept>(folder, "config.json");
  const experiment = EXPERIMENTS.find(({ name }) => name === kept?.program);
  if (kept === null || experiment === undefined) {
    throw new UserError(
      `--resume ${folder}: there is no run that can go on: ${
        kept === null
          ? "it has no config.json"
          : `there is no experiment "${kept.program}"`
      }`,
    );
  }
  const summary = read<{ interrupted: boolean }>(folder, "summary.json");
  if (summary !== null && !summary.interrupted) {
    throw new UserError(`--resume ${folder}: that run is finished`);
  }
  const { threads: _, data, out: __, ...config } = kept.options;
  return {
    experiment,
    config,
    seeds: 1,
    quick: kept.quick,
    threads: threadCount(options.threads),
    data: options.data ?? data,
    out: folder,
    resume: { started: kept.started },
  };
}

/** A file of JSON; null where there is none. */
function read<T>(folder: string, name: string): T | null {
  try {
    return JSON.parse(Deno.readTextFileSync(join(folder, name)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof SyntaxError) {
      throw new UserError(`--resume ${folder}: its ${name} is not JSON`);
    }
    throw error;
  }
}
