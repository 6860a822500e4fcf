/** Going on with a run: `deno task resume runs/...`. */

import { readCommandLine, usageError, UserError } from "./command_line.ts";
import { threadCount } from "./option_value.ts";
import { experimentOfRun, readRunFolder } from "./run_files.ts";
import type { TrainRequest } from "./train.ts";
import { VIEW_FLAGS, viewOptionsOf } from "./views.ts";

const HELP = `Goes on with a run that was stopped or killed, in its folder.

    deno task resume RUN [options]

  RUN          a folder that deno task train has left, with all its options;
               of --seeds its finished runs are kept, the one that was cut goes
               on, those that are missing are run
  --data PATH  where the data are now  (where they were)
  --threads N  threads that compute  (as many as the processor runs)
  --dashboard  serves a page with the curves, on this machine only
  --tui        fills the terminal with the curves
  --json       standard output gets the summary, as JSON, and nothing else
  --help       this text

The weights become those of a run that was not ended, bit for bit; the logs of
--log go on, too.`;

/** Whether these arguments ask to go on with a run: as a command, as an option. */
export function isResume(args: readonly string[]): boolean {
  return args[0] === "resume" ||
    args.some((arg) => /^--resume(=|$)/.test(arg));
}

/** What a run was asked for, by its folder; text where the arguments ask for some. */
export async function parseResume(
  args: string[],
): Promise<TrainRequest | string> {
  const line = readCommandLine(
    args[0] === "resume" ? args.slice(1) : args,
    ["resume", "threads", "data"],
    VIEW_FLAGS,
  );
  if (line.help) return HELP;
  const { options } = line;
  const given = options.resume === undefined ? [] : [options.resume];
  const [folder, ...more] = [...given, ...line.rest];
  if (folder === undefined) {
    throw usageError("resume expects a run folder: deno task resume RUN");
  }
  if (more.length > 0) {
    throw usageError(
      `"${
        more[0]
      }" is no option: resume takes the run's folder and has all others from there`,
    );
  }
  const run = await readRunFolder(folder);
  if (run.summary?.interrupted === false) {
    throw new UserError(`resume ${folder}: that run is finished`);
  }
  const { options: kept, quick, logs = [], started } = run.config;
  const { threads: _, data, out: __, ...config } = kept;
  return {
    experiment: experimentOfRun(run),
    config,
    seeds: run.config.seeds ?? 1,
    quick,
    threads: threadCount(options.threads),
    data: options.data ?? data,
    out: folder,
    views: { ...viewOptionsOf(line), logs },
    resume: { started },
  };
}
