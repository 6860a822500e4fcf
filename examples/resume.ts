/** Going on with a run: `deno task resume runs/...`. */

import {
  readCommandLine,
  threadCount,
  usageError,
  UserError,
} from "./command_line.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { readJson, type RunConfig, type RunSummary } from "./run_files.ts";
import type { TrainRequest } from "./train.ts";
import { VIEW_FLAGS, viewOptionsOf } from "./views.ts";

/** Whether these arguments ask to go on with a run. */
export function isResume(args: readonly string[]): boolean {
  return args.some((arg) => /^--resume(=|$)/.test(arg));
}

/** What a run was asked for, by its folder. */
export function parseResume(args: string[]): TrainRequest {
  const line = readCommandLine(
    args,
    ["resume", "threads", "data", "log"],
    VIEW_FLAGS,
  );
  const { options, rest } = line;
  if (rest.length > 0) {
    throw usageError(
      `"${
        rest[0]
      }" is no option: --resume takes the run's folder and has all others from there`,
    );
  }
  const folder = options.resume!;
  const kept = readJson<RunConfig>(folder, "config.json");
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
  const summary = readJson<RunSummary>(folder, "summary.json");
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
    views: viewOptionsOf(line),
    resume: { started: kept.started },
  };
}
