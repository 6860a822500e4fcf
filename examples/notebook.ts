/** What a run writes down: figures, pictures, weights, and a summary. */

import type { AnyModule, Module } from "@fdunn/nn";
import { summary } from "@fdunn/nn/summary";
import {
  type Callback,
  hashWeights,
  KeptFiles,
  ModelCheckpoint,
  removeUnfinished,
} from "@fdunn/train";
import { join } from "@std/path";
import {
  type Context,
  type Extra,
  partName,
  type Row,
  type Watched,
} from "./experiment.ts";
import { figuresOf, type Parts } from "./figures.ts";
import { claimFolder } from "./claim_folder.ts";
import { keepReport, keepWeights } from "./kept_results.ts";
import { lineOf, PartRows } from "./part_rows.ts";
import { chartsOf } from "./run_charts.ts";
import { rowLine, SparseLines, warn } from "./sparse_lines.ts";
import { Views } from "./views.ts";
import { watchfulDoctor } from "./watchful_doctor.ts";

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
  readonly #rows = new PartRows();
  readonly #extra: Record<string, Extra> = {};
  readonly #views: Views;
  readonly #files: KeptFiles;
  readonly #start = performance.now();
  readonly #lines = new SparseLines();
  #drawn = -Infinity;

  /** Writes nothing yet. */
  constructor(options: NotebookOptions) {
    this.#options = options;
    this.#views = options.views ?? new Views();
    this.#files = new KeptFiles(options.path, { warn });
    this.data = options.data;
    this.signal = options.signal;
  }

  /** See {@linkcode Context}. */
  async watch(model: AnyModule, about: Watched = {}): Promise<Callback[]> {
    const { every = 1, group, input, keep } = about;
    const part = partName(about);
    const initialWeights = `sha256:${await hashWeights(model)}`;
    this.#begin({ initialWeights });
    this.#startPart(part, { initialWeights }, group);
    if (input !== undefined) {
      this.#views.say(`${summary(model as Module, [...input])}\n`);
    }
    const save = () => {
      if (keep === undefined) return;
      const epoch = this.#rows.of(part).at(-1)?.epoch ?? 0;
      keepWeights(this.#files, model, { ...keep, epoch });
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
    const doctor = watchfulDoctor((found) =>
      this.figures(part, { doctor: found })
    );
    const views = this.#views.callbacks(part, this.#options.path);
    const bar = this.#views.replaceBar ? [] : [this.#lines.bar()];
    return [keeper, ...bar, ...views, ...doctor, checkpoints];
  }

  /** See {@linkcode Context}. */
  record(part: string, row: Row): void {
    this.#begin({});
    if (!this.#rows.parts.has(part)) this.#startPart(part, {});
    this.#keep(part, row);
    this.#draw();
    if (this.#lines.isTime()) this.#views.say(rowLine(row));
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
    for (const [part, rows] of this.#rows.parts) {
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
    this.#files.settle(); // the report reads the others
    const { shows, subject } = this.#options;
    keepReport(this.#files, parts, { title: subject, notes: [shows] });
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
    const text = resume
      ? Deno.readTextFileSync(join(path, "config.json"))
      : claimFolder(path, { ...about, ...more });
    this.begun = true;
    this.#files.adopt("config.json", text);
    if (resume) removeUnfinished(path);
    else this.#files.replace("metrics.jsonl", "");
  }

  #startPart(part: string, extra: Extra, group = ""): void {
    this.#rows.begin(part, group);
    if (this.#options.resume) this.#rewrite(part, []);
    this.figures(part, extra);
    this.#lines.begin();
    if (part !== "") this.#views.say(`\n${part}`);
  }

  #keep(part: string, row: Row): void {
    this.#rows.of(part).push(row);
    this.#files.add(
      "metrics.jsonl",
      lineOf(part, row),
      () => this.#rows.lines(),
    );
  }

  /** Gives a part the rows that its checkpoint knows of: no more, no less. */
  #rewrite(part: string, rows: Row[]): void {
    this.#rows.parts.set(part, rows);
    this.#files.replace("metrics.jsonl", this.#rows.lines());
  }

  /** A part's own: several are one after the other. */
  #checkpointFolder(part: string): string {
    const folder = join(this.#options.path, CHECKPOINTS);
    if (part === "") return folder;
    return join(
      folder,
      `${this.#rows.parts.size}_${part.replace(/[^\w.]+/g, "_")}`,
    );
  }

  /** Draws the charts if it is time to, or now; returns whether it did. */
  #draw(now = false): boolean {
    if (!now && performance.now() - this.#drawn < REDRAW_MS) return false;
    for (const [name, svg] of chartsOf(this.#rows, this.#options.subject)) {
      this.#files.replace(name, svg);
    }
    this.#drawn = performance.now();
    return true;
  }
}
