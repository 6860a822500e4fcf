/** What a run writes down: figures, pictures, weights, and a summary. */

import { type Module, summary } from "@fdunn/nn";
import {
  accuracyChart,
  type Callback,
  Doctor,
  type EpochRecord,
  hashWeights,
  KeptFiles,
  lineChart,
  lossChart,
  ModelCheckpoint,
  ProgressBar,
  removeUnfinished,
  saveModel,
  standardOutput,
  writeReport,
} from "@fdunn/train";
import { join } from "@std/path";
import { UserError, withoutStack } from "./command_line.ts";
import {
  type Context,
  type Extra,
  partName,
  type Row,
  type Watched,
} from "./experiment.ts";
import { figureLine, figuresOf, type Parts } from "./figures.ts";
import { Views } from "./views.ts";

/** What a notebook is opened with. */
export interface NotebookOptions {
  /** The run folder, made with the first entry. */
  path: string;
  /** What goes to `config.json`. */
  about: Readonly<Record<string, unknown>>;
  /** Follows the charts' titles. */
  subject: string;
  /** What the report begins with. */
  shows: string;
  data: string | null;
  signal: AbortSignal;
  /** Go on with the run in the folder. Default: begin one. */
  resume?: boolean;
  /** How it is looked at; default: a bar of progress. */
  views?: Views;
}

/** The folder of the checkpoints, in the run folder while it goes on. */
const CHECKPOINTS = "checkpoints";
/** A run that is killed loses at most this. */
const CHECKPOINT_SECONDS = 30;

/** Charts and weights are written again this often while a run goes on. */
const REDRAW_MS = 1000;
/** After some lines, progress is printed this often. */
const PRINT_MS = 500;
const LINES_AT_ONCE = 20;

/** A line of `metrics.jsonl` before it has figures. */
const NOTHING = {
  trainLoss: null,
  validLoss: null,
  validAccuracy: null,
  itPerSecond: null,
};

/** What is drawn of runs with several parts. */
const CHARTS = [
  {
    file: "loss",
    title: "Training loss",
    yLabel: "mean loss per sample",
    figure: "trainLoss",
    scale: 1,
  },
  {
    file: "valid_loss",
    title: "Validation loss",
    yLabel: "mean loss per sample",
    figure: "validLoss",
    scale: 1,
  },
  {
    file: "accuracy",
    title: "Validation accuracy",
    yLabel: "correct, %",
    figure: "validAccuracy",
    scale: 100,
  },
];

/**
 * Keeps a run in a folder. Figures are written at once, charts and weights at
 * most a second later, so that a crash leaves nearly all.
 *
 * | file                | what is in it                                      |
 * | ------------------- | -------------------------------------------------- |
 * | `config.json`       | what the run was started with                      |
 * | `metrics.jsonl`     | a line of figures per part and epoch               |
 * | `loss.svg`, ...     | charts, and the experiment's own pictures          |
 * | `model.safetensors` | the weights, of experiments that keep them         |
 * | `summary.json`      | at the end: figures of each part, time, machine    |
 * | `report.html`       | at the end: all of it on one page                  |
 * | `checkpoints`       | until the end: from where a run can go on          |
 */
export class Notebook implements Context {
  readonly data: string | null;
  readonly signal: AbortSignal;
  /** Whether anything was written. */
  begun = false;
  readonly #options: NotebookOptions;
  readonly #rows = new Map<string, Row[]>();
  /** Names of parts by group. */
  readonly #groups = new Map<string, string[]>();
  readonly #extra: Record<string, Extra> = {};
  readonly #views: Views;
  readonly #files: KeptFiles;
  readonly #start = performance.now();
  #drawn = -Infinity;
  #printed = -Infinity;
  #printedLines = 0;

  /** Writes nothing yet. */
  constructor(options: NotebookOptions) {
    this.#options = options;
    this.#views = options.views ?? new Views();
    this.#files = new KeptFiles(options.path, { warn });
    this.data = options.data;
    this.signal = options.signal;
  }

  /** See {@linkcode Context}. */
  async watch(model: Module, about: Watched = {}): Promise<Callback[]> {
    const { every = 1, group, input, keep } = about;
    const part = partName(about);
    const initialWeights = `sha256:${await hashWeights(model)}`;
    this.#begin({ initialWeights });
    this.#startPart(part, { initialWeights }, group);
    if (input !== undefined) {
      this.#views.say(`${summary(model, [...input])}\n`);
    }
    const save = () => {
      if (keep === undefined) return;
      const epoch = String(this.#rows.get(part)!.at(-1)?.epoch ?? 0);
      const names = Object.entries(keep).map(([name, words]) =>
        [name, JSON.stringify(words)] as const
      );
      const notes = { epoch, ...Object.fromEntries(names) };
      this.#files.put("model.safetensors", (at) => saveModel(model, at, notes));
    };
    save();
    const checkpoints = new ModelCheckpoint(this.#checkpointFolder(part), {
      everyNEpochs: 0,
      everySeconds: CHECKPOINT_SECONDS,
      saveTopK: 0,
      resume: this.#options.resume ?? false,
    });
    const keeper: Callback = {
      onFitStart: (trainer) => {
        if (!trainer.resumed) return;
        const { history, lastEpoch } = trainer;
        this.#rewrite(
          part,
          history.filter(({ epoch }) =>
            epoch % every === 0 || epoch === lastEpoch
          ),
        );
      },
      onEpochEnd: (trainer, record) => {
        const last = record.epoch === trainer.lastEpoch || trainer.stopped;
        if (record.epoch % every !== 0 && !last) return;
        this.#keep(part, { ...record });
        if (this.#draw()) save();
      },
      onFitEnd: () => {
        this.#draw(true);
        save();
      },
    };
    const doctor = new Doctor({ sink: (word) => warn(`doctor: ${word}`) });
    const report: Callback = {
      onFitEnd: () => {
        const found = doctor.findings.map(({ mistake }) => mistake);
        if (found.length > 0) this.figures(part, { doctor: found.join(", ") });
      },
    };
    const views = this.#views.callbacks(part, this.#options.path);
    return [keeper, this.#bar(), ...views, doctor, report, checkpoints];
  }

  /** Progress; a line an epoch is too much where epochs take milliseconds. */
  #bar(): Callback {
    if (this.#views.replaceBar) return {};
    const bar = new ProgressBar();
    const print = bar.onEpochEnd.bind(bar);
    bar.onEpochEnd = (trainer, record) => {
      const last = record.epoch === trainer.lastEpoch || trainer.stopped;
      if (this.#isPrinted(last)) print(trainer, record);
    };
    return bar;
  }

  /** See {@linkcode Context}. */
  record(part: string, row: Row): void {
    this.#begin({});
    if (!this.#rows.has(part)) this.#startPart(part, {});
    this.#keep(part, row);
    this.#draw();
    if (this.#isPrinted(false)) this.#views.say(rowLine(row));
  }

  /** See {@linkcode Context}. */
  say(text: string): void {
    this.#views.say(text);
  }

  /** See {@linkcode Context}. */
  figures(part: string, figures: Extra): void {
    Object.assign(this.#extra[part] ??= {}, figures);
  }

  /** See {@linkcode Context}. */
  picture(name: string, svg: string): void {
    this.#begin({});
    this.#files.replace(`${name}.svg`, svg);
  }

  /** Writes the last charts and the summary, and returns the parts' figures. */
  finish(): Parts {
    const parts: Parts = {};
    for (const [part, rows] of this.#rows) {
      parts[part] = { ...figuresOf(rows), ...this.#extra[part] };
    }
    if (!this.begun) return parts;
    this.#draw(true);
    const result = {
      ...this.#options.about,
      interrupted: this.signal.aborted,
      seconds: (performance.now() - this.#start) / 1000,
      parts,
    };
    this.#files.replace("summary.json", JSON.stringify(result, null, 2) + "\n");
    const { path, subject } = this.#options;
    const figures: Record<string, string> = {};
    for (const [part, of] of Object.entries(parts)) {
      figures[part === "" ? "in the end" : part] = figureLine("", of);
    }
    this.#files.settle(); // the report reads the others
    this.#files.put("report.html", () =>
      writeReport(path, {
        title: subject,
        notes: [this.#options.shows],
        figures,
      }));
    this.#files.settle();
    return parts;
  }

  /** Removes what a finished run no longer needs. */
  removeCheckpoints(): void {
    const folder = join(this.#options.path, CHECKPOINTS);
    try {
      Deno.removeSync(folder, { recursive: true });
    } catch (error) {
      // An experiment without a Trainer has none.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #begin(more: Record<string, unknown>): void {
    if (this.begun) return;
    const { path, about, resume = false } = this.#options;
    const config = join(path, "config.json");
    let text = JSON.stringify({ ...about, ...more }, null, 2) + "\n";
    try {
      Deno.mkdirSync(path, { recursive: true });
      if (resume) text = Deno.readTextFileSync(config);
      // "createNew": two runs that start at once do not share a folder.
      else Deno.writeTextFileSync(config, text, { createNew: true });
    } catch (error) {
      const why = error instanceof Deno.errors.AlreadyExists
        ? `${path} holds a training already: choose another folder`
        : withoutStack(error);
      throw new UserError(`--out ${path}: cannot keep the run there: ${why}`);
    }
    this.begun = true;
    this.#files.adopt("config.json", text);
    if (resume) removeUnfinished(path);
    else this.#files.replace("metrics.jsonl", "");
  }

  #startPart(part: string, extra: Extra, group = ""): void {
    if (this.#options.resume) this.#rewrite(part, []);
    else this.#rows.set(part, []);
    this.#groups.set(group, [...this.#groups.get(group) ?? [], part]);
    this.figures(part, extra);
    this.#printedLines = 0;
    if (part !== "") this.#views.say(`\n${part}`);
  }

  #keep(part: string, row: Row): void {
    this.#rows.get(part)!.push(row);
    this.#files.add("metrics.jsonl", lineOf(part, row), () => this.#lines());
  }

  /** Gives a part the rows that its checkpoint knows of: no more, no less. */
  #rewrite(part: string, rows: Row[]): void {
    this.#rows.set(part, rows);
    this.#files.replace("metrics.jsonl", this.#lines());
  }

  #lines(): string {
    return [...this.#rows].flatMap(([part, rows]) =>
      rows.map((row) => lineOf(part, row))
    ).join("");
  }

  /** A part's own: several are one after the other. */
  #checkpointFolder(part: string): string {
    const folder = join(this.#options.path, CHECKPOINTS);
    if (part === "") return folder;
    return join(folder, `${this.#rows.size}_${part.replace(/[^\w.]+/g, "_")}`);
  }

  #isPrinted(last: boolean): boolean {
    const now = performance.now();
    if (!last && this.#printedLines >= LINES_AT_ONCE) {
      if (now - this.#printed < PRINT_MS) return false;
    }
    this.#printedLines++;
    this.#printed = now;
    return true;
  }

  /** Draws the charts if it is time to, or now; returns whether it did. */
  #draw(now = false): boolean {
    if (!now && performance.now() - this.#drawn < REDRAW_MS) return false;
    const { subject } = this.#options;
    const only = this.#rows.get("") as EpochRecord[] | undefined;
    if (only !== undefined) {
      this.#files.replace("loss.svg", lossChart(only, { subject }));
      this.#files.replace("accuracy.svg", accuracyChart(only, { subject }));
    } else {
      for (const [group, parts] of this.#groups) this.#drawGroup(group, parts);
    }
    this.#drawn = performance.now();
    return true;
  }

  /** Charts with a line for each part of a group that has the figure. */
  #drawGroup(group: string, parts: readonly string[]): void {
    const end = group === "" ? "" : `_${group.replace(/\W+/g, "_")}`;
    const subject = group === "" ? this.#options.subject : group;
    for (const { file, title, yLabel, figure, scale } of CHARTS) {
      const series = parts.map((part) => ({
        name: group === "" ? part : part.slice(group.length + 2),
        points: this.#rows.get(part)!.map((row) => {
          const y = row[figure];
          return [row.epoch, typeof y === "number" ? y * scale : null] as const;
        }),
      })).filter(({ points }) => points.some(([, y]) => y !== null));
      if (series.length === 0) continue;
      const svg = lineChart({
        title: `${title}: ${subject}`,
        xLabel: "epoch",
        yLabel,
        series,
      });
      this.#files.replace(`${file}${end}.svg`, svg);
    }
  }
}

/** A line of `metrics.jsonl`. */
function lineOf(part: string, row: Row): string {
  const line = { ...part === "" ? {} : { part }, ...NOTHING, ...row };
  return JSON.stringify(line) + "\n";
}

/** A warning in a line of its own. */
function warn(message: string): void {
  const { terminal } = standardOutput();
  console.error(`${terminal ? "\r\x1b[2K" : ""}${message}`);
}

/** A row's figures in one line. */
function rowLine(row: Row): string {
  const words = Object.entries(row)
    .filter(([, value]) => typeof value === "number")
    .map(([name, value]) =>
      `${name} ${Number((value as number).toPrecision(4))}`
    );
  return words.join("  ");
}
