/**
 * The command line over the experiments: `deno task train --help`.
 *
 * @module
 */

import { readCommandLine, runProgram, usageError } from "./command_line.ts";
import { threadCount, wholeNumber } from "./option_value.ts";
import type { Config, Experiment } from "./experiment.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { optionName } from "./option.ts";
import { isResume, parseResume } from "./resume.ts";
import { train } from "./run_experiment.ts";
import { COMMON, helpOf, list, QUICK } from "./train_help.ts";
import { VIEW_FLAGS, type ViewOptions, viewOptionsOf } from "./views.ts";

/** What the command line asks for. */
export interface TrainRequest {
  experiment: Experiment;
  config: Config;
  /** How many seeds, from the configuration's on. */
  seeds: number;
  quick: boolean;
  /** Null: the library decides. */
  threads: number | null;
  data: string | null;
  out: string;
  /** How it is looked at. */
  views: ViewOptions;
  /** The run in `out` to go on with; null for a new one. */
  resume: { started: string } | null;
}

/** What these arguments ask for; text where they ask for some. */
export function parseRequest(args: string[]): TrainRequest | string {
  const named = args[0] !== undefined && !args[0].startsWith("-");
  const experiment = named
    ? EXPERIMENTS.find(({ name }) => name === args[0])
    : EXPERIMENTS[0];
  if (experiment === undefined) {
    throw usageError(
      `"${
        args[0]
      }" is no option; write names with two dashes, such as --epochs 3. It is no experiment, either: --list names them`,
    );
  }
  const { options: parameters } = experiment;
  const names = [
    ...Object.keys(parameters).map(optionName),
    ...COMMON.map(([name]) => name),
    ...experiment.data === undefined ? [] : ["data"],
    ...["out", "log"],
  ];
  const line = readCommandLine(named ? args.slice(1) : args, names, [
    ...[QUICK, "list"],
    ...VIEW_FLAGS,
  ]);
  if (line.help) return helpOf(experiment, named);
  if (line.flags.includes("list")) return list();
  if (line.rest.length > 0) {
    throw usageError(
      `"${
        line.rest[0]
      }" is no option; write names with two dashes, such as --epochs 3`,
    );
  }
  const { options } = line;
  const given: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(parameters)) {
    const name = optionName(key);
    const text = options[name];
    if (text !== undefined) given[key] = option.read(name, text);
  }
  const whole = (name: string, least: number): number | null => {
    const text = options[name];
    return text === undefined ? null : wholeNumber(name, text, least);
  };
  const seed = whole("seed", 0);
  if (seed !== null) given.seed = seed;
  const quick = line.flags.includes(QUICK);
  return {
    experiment,
    config: experiment.configure(given, quick),
    seeds: whole("seeds", 1) ?? 1,
    quick,
    threads: threadCount(options.threads),
    data: options.data ?? null,
    views: viewOptionsOf(line),
    resume: null,
    out: options.out ?? `runs/${timeStamp()}-${experiment.name}`,
  };
}

/** `2026-11-22_14-03-59`, in local time: sorts, and is a name everywhere. */
function timeStamp(now: Date = new Date()): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", "_")
    .replaceAll(":", "-");
}

if (import.meta.main) {
  await runProgram(async () => {
    const request = isResume(Deno.args)
      ? await parseResume(Deno.args)
      : parseRequest(Deno.args);
    if (typeof request === "string") console.log(request);
    else await train(request);
  });
}
