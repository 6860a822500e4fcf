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
import { VIEW_FLAGS, type ViewOptions, viewOptionsOf, VIEWS } from "./views.ts";

/** Options of every experiment: name, sign of its value, help. */
const COMMON: readonly (readonly [string, string, string])[] = [
  ["seed", "N", "of weights, data and shuffling  (0)"],
  [
    "seeds",
    "N",
    "runs with so many seeds from --seed on: mean and spread  (1)",
  ],
  ["threads", "N", "threads that compute  (as many as the processor runs)"],
];
const QUICK = "quick";

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
  if (line.help) return helpOf(experiment);
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

/** The experiments, a line each. */
function list(): string {
  const width = Math.max(...EXPERIMENTS.map(({ name }) => name.length));
  const lines = EXPERIMENTS.map(({ name, about }) =>
    `  ${name.padEnd(width)}  ${about}`
  );
  return `Experiments for deno task train NAME; the first is the default:

${lines.join("\n")}

deno task train NAME --help lists an experiment's options.`;
}

/** All options of an experiment with their defaults. */
function helpOf(experiment: Experiment): string {
  const { name, about, details, options, quick, data } = experiment;
  const rows: [string, string][] = [];
  for (const [key, { value, help, sign }] of Object.entries(options)) {
    const shown = Array.isArray(value) ? value.join(", ") : value;
    rows.push([`--${optionName(key)} ${sign}`, `${help}  (${shown})`]);
  }
  for (const [name, sign, help] of COMMON) {
    rows.push([`--${name} ${sign}`, help]);
  }
  const changed = Object.entries(quick).map(([key, value]) =>
    `--${optionName(key)} ${value}`
  );
  rows.push([`--${QUICK} `, `under 20 seconds: ${changed.join(" ")}`]);
  if (data !== undefined) rows.push(["--data PATH", data.help]);
  rows.push(["--out DIR", `folder for the results  (runs/<time>-${name})`]);
  rows.push(["--resume DIR", "instead of all others: goes on with that run"]);
  for (const [name, help] of VIEWS) rows.push([name, help]);
  rows.push(["--list ", "names the experiments"]);
  rows.push(["--help ", "this text"]);
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) =>
    wrapped(`  ${left.padEnd(width)}  `, right)
  );
  return `${about}

    deno task train ${name} [options]

${lines.join("\n")}
${details === undefined ? "" : `\n${details.trim()}\n`}
Ctrl-C ends after the current step and keeps what there is, twice at once: from
there, and where the run was killed, deno task resume DIR goes on with it.`;
}

/** A text after its heading, in lines of at most 79 characters. */
function wrapped(heading: string, text: string): string {
  const lines: string[] = [];
  let line = heading;
  for (const word of text.split(/(?<! ) (?! )/)) {
    if (line.length + word.length > 79 && line.trim() !== "") {
      lines.push(line.trimEnd());
      line = " ".repeat(heading.length);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join("\n");
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
