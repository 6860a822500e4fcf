/** How a run is looked at while it goes on. */

import { type Callback, TelemetryLogger, TerminalView } from "@fdunn/train";
import { Dashboard } from "@fdunn/train/dashboard";
import {
  type CommandLine,
  usageError,
  UserError,
  withoutStack,
} from "./command_line.ts";
import { loggerOf, type LogKind, LOGS } from "./log_kinds.ts";
import { oneOf } from "./option_value.ts";

/** The options that say how a run is looked at, with their help. */
export const VIEWS: readonly (readonly [string, string])[] = [
  ["--dashboard ", "serves a page with the curves, on this machine only"],
  ["--tui ", "fills the terminal with the curves"],
  ["--json ", "standard output gets the summary, as JSON, and nothing else"],
  [
    "--log KINDS",
    `logs in the run folder, such as csv,tensorboard: of ${LOGS.join(", ")}`,
  ],
];

/** Those of them without a value. */
export const VIEW_FLAGS: readonly string[] = ["dashboard", "tui", "json"];

/** What of the command line says how a run is looked at. */
export interface ViewOptions {
  /** Serve a page. */
  dashboard?: boolean;
  /** Fill the terminal. */
  tui?: boolean;
  /** Standard output is for the summary, as JSON. */
  json?: boolean;
  /** Further logs in the run folder. */
  logs?: readonly LogKind[];
}

/** How a command line wants a run looked at. */
export function viewOptionsOf({ flags, options }: CommandLine): ViewOptions {
  const [dashboard, tui, json] = VIEW_FLAGS.map((flag) => flags.includes(flag));
  if (tui && json) throw usageError("Give either --tui or --json, not both");
  const logs = (options.log ?? "").split(",").filter((kind) => kind !== "")
    .map((kind) => oneOf("log", kind, LOGS));
  return { dashboard: dashboard!, tui: tui!, json: json!, logs };
}

/** The views of one run. */
export class Views {
  readonly #options: ViewOptions;
  readonly #stop: () => void;
  #dashboard: Dashboard | null = null;

  /** Shows nothing yet; `stop` ends the experiment. */
  constructor(options: ViewOptions = {}, stop: () => void = () => {}) {
    this.#options = options;
    this.#stop = stop;
  }

  /** Whether there is something better than a bar of progress. */
  get replaceBar(): boolean {
    return this.#options.tui === true || this.#options.json === true;
  }

  /** Tells the user something, where it does not disturb. */
  say(text: string): void {
    if (this.#options.json) console.error(text);
    else console.log(text);
  }

  /** Begins to serve the page, if one is wanted. */
  async open(
    name: string,
    config: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    if (!this.#options.dashboard) return;
    this.#dashboard = new Dashboard({ name, config });
    try {
      this.say(`dashboard: ${await this.#dashboard.open()}\n`);
    } catch (error) {
      throw new UserError(`--dashboard: ${withoutStack(error)}`);
    }
  }

  /** Callbacks for the training of a part, which logs into the run folder. */
  callbacks(part: string, folder: string): Callback[] {
    const { logs = [], tui } = this.#options;
    const made: Callback[] = [];
    const dashboard = this.#dashboard;
    if (dashboard !== null) {
      const announce = () => dashboard.part = part === "" ? null : part;
      made.push({ onFitStart: () => void announce() }, dashboard);
    }
    if (tui) made.push(new TerminalView(part === "" ? {} : { name: part }));
    if (dashboard !== null || tui) {
      // Who stops one training of several there means all of them.
      made.push({
        onFitEnd: (trainer) => {
          if (trainer.stopped) this.#stop();
        },
      });
    }
    const end = part === "" ? "" : `_${part.replaceAll(/[^\w.]+/g, "_")}`;
    for (const log of logs) made.push(loggerOf(log, folder, end));
    if (logs.includes("otel") && !TelemetryLogger.listened) {
      console.error(
        "--log otel: nobody listens; start with OTEL_DENO=true set",
      );
    }
    return made;
  }

  /** Stops serving the page. */
  async close(): Promise<void> {
    await this.#dashboard?.close();
    this.#dashboard = null;
  }
}
