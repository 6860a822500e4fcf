/** What `deno task train` says of itself. */

import type { Experiment } from "./experiment.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { optionName } from "./option.ts";
import { VIEWS } from "./views.ts";

/** Options of every experiment: name, sign of its value, help. */
export const COMMON: readonly (readonly [string, string, string])[] = [
  ["seed", "N", "of weights, data and shuffling  (0)"],
  [
    "seeds",
    "N",
    "runs with so many seeds from --seed on: mean and spread  (1)",
  ],
  ["threads", "N", "threads that compute  (as many as the processor runs)"],
];
/** The flag for a first look. */
export const QUICK = "quick";

/** The experiments, a line each. */
export function list(): string {
  const width = Math.max(...EXPERIMENTS.map(({ name }) => name.length));
  const lines = EXPERIMENTS.map(({ name, about }) =>
    `  ${name.padEnd(width)}  ${about}`
  );
  return `Experiments for deno task train NAME; the first is the default:

${lines.join("\n")}

deno task train NAME --help lists an experiment's options.`;
}

/** All options of an experiment with their defaults; `named` is whether the command line names it. */
export function helpOf(experiment: Experiment, named: boolean): string {
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
  const usage = named ? name : `[${name}]`;
  const others = named
    ? ""
    : `${name} is what runs if no experiment is named. There are ${
      EXPERIMENTS.length - 1
    } others: --list
names them, deno task train NAME --help says what they take.

`;
  return `${about}

    deno task train ${usage} [options]

${others}${lines.join("\n")}
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
