/** What the command line asks for. */

import { parseArgs } from "@std/cli";
import { GROUPS } from "./table.ts";

/** All workloads: those that stand alone in one line, the others by group. */
const workloads = [
  GROUPS.filter((group) => group.length === 1).flat(),
  ...GROUPS.filter((group) => group.length > 1),
  ["cold", "size"],
].map((names) => names.join(", ")).join(",\n                      ");

/** What `--help` prints. */
export const HELP: string =
  `Times the same work in fdunn and in other libraries.

Usage: deno task bench:peers [options]

  --quick             one round of 0.1 s, one thread, matrices of 512 only:
                      2 minutes; the whole takes 12
  --only LIST         workloads, by the beginning of their names:
                      ${workloads}
  --libraries LIST    such as fdunn,PyTorch; all by default
  --threads LIST      numbers of threads (1,2)
  --rounds N          how often each is timed (5)
  --seconds S         how long each is timed in a round (0.2)
  --box S             no more rounds for what has been timed so long (4)
  --limit S           how long a library may take for an answer (60)
  --python PATH       a Python with torch and numpy (python3)
  --help              this text

With an environment activated, python3 is the one in it. Any other Python needs
permission to run:
  deno run -c deno.json -P=peers --allow-run=deno,PATH bench/peers/run.ts --python PATH

The table and all figures are written to bench/peers/results/.`;

/** The options, or their defaults. */
export interface Options {
  /** Whether to say what there is, and nothing else. */
  help: boolean;
  /** One short round of what does not take long. */
  quick: boolean;
  /** Beginnings of workloads; all without. */
  only?: string | undefined;
  /** Beginnings of libraries; all without. */
  libraries?: string | undefined;
  /** A Python with torch and numpy. */
  python: string;
  /** Numbers of threads. */
  threads: number[];
  /** How often each is timed. */
  rounds: number;
  /** How long each is timed in a round. */
  seconds: number;
  /** No more rounds for what has been timed so long. */
  box: number;
  /** How long a library may take for an answer. */
  limit: number;
}

/** Reads a command line; ends the program where it makes no sense. */
export function readOptions(args: string[]): Options {
  const found = parseArgs(args, {
    boolean: ["quick", "help"],
    string: ["only", "libraries", "threads", "python"]
      .concat("rounds", "seconds", "box", "limit"),
    default: { box: "4", limit: "60", python: "python3" },
    unknown: (name) => refuse(`Unknown option ${name}`),
  });
  const { help, quick, only, libraries, python } = found;
  for (const [name, list] of Object.entries({ only, libraries, python })) {
    if (list === "") refuse(`--${name} needs a value`);
  }
  const cores = navigator.hardwareConcurrency;
  const threads = found.threads ?? (quick || cores === 1 ? "1" : "1,2");
  const above = (name: string, text: string, whole = false) => {
    const value = Number(text);
    const fits = text.trim() !== "" && value > 0 && value < Infinity;
    if (fits && (!whole || Number.isInteger(value))) return value;
    return refuse(
      `--${name} is ${text || "empty"}, expected a ${
        whole ? "whole " : ""
      }number above 0`,
    );
  };
  return {
    ...{ help, quick, only, libraries, python },
    threads: threads.split(",").map((it) => above("threads", it, true)),
    rounds: above("rounds", found.rounds ?? (quick ? "1" : "5"), true),
    seconds: above("seconds", found.seconds ?? (quick ? "0.1" : "0.2")),
    box: above("box", found.box),
    limit: above("limit", found.limit),
  };
}

function refuse(why: string): never {
  console.error(`${why}; see --help`);
  Deno.exit(2);
}
