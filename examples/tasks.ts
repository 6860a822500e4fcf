/** The commands of the experiments, and their options. */

import { EXPERIMENTS } from "./experiments.ts";
import { optionName } from "./option.ts";

/** A command. */
interface Task {
  /** One line. */
  help: string;
  /** Its own options. */
  options: readonly string[];
}

/** `deno task NAME`, by name. */
export const TASKS: Readonly<Record<string, Task>> = {
  train: {
    help: "run an experiment",
    // deno-fmt-ignore
    options: [
      "data", "dashboard", "json", "list", "log", "out", "quick", "resume",
      "seed", "seeds", "threads", "tui",
    ],
  },
  resume: {
    help: "go on with a run",
    options: ["dashboard", "data", "json", "threads", "tui"],
  },
  eval: { help: "test the model of a run", options: ["data", "json"] },
  predict: {
    help: "classify pictures or write with a run's model",
    // deno-fmt-ignore
    options: [
      "count", "data", "json", "prompt", "seed", "temperature", "tokens",
    ],
  },
  inspect: {
    help: "show a run or a file of tensors",
    options: ["dashboard", "json"],
  },
  compare: {
    help: "put runs beside each other",
    options: ["dashboard", "json"],
  },
};

/** All options of a command, with their dashes. */
export function optionsOfTask(task: string): string[] {
  const all = new Set(TASKS[task]!.options);
  if (task === "train") {
    for (const { options } of EXPERIMENTS) {
      for (const key of Object.keys(options)) all.add(optionName(key));
    }
  }
  return [...all, "help"].sort().map((name) => `--${name}`);
}
