/** What a training logs, for TensorBoard. */

import type { Tensor } from "@fdunn/tensor";
import type { Callback, LogRow } from "../callback.ts";
import { Attempts } from "../files/file_errors.ts";
import { fileSystem, pathModule } from "../files/file_system.ts";
import { SummaryWriter } from "./summary_writer.ts";
import type { Trainer } from "../trainer.ts";

/** Options of {@linkcode TensorBoardLogger}. */
export interface TensorBoardLoggerOptions {
  /**
   * A model whose weights and gradients are shown as histograms after each
   * epoch. Default: none.
   */
  watch?: { namedParameters(): Iterable<readonly [string, Tensor]> };
}

/** Which parts of which files hold what was logged, for checkpoints. */
export interface LoggedBytes {
  /** What the names of this training's event files end with. */
  suffix: string;
  /** The length of each of them by name. */
  files: Record<string, number>;
}

/**
 * Writes event files that `tensorboard --logdir` shows: each figure that is
 * logged as a curve over the optimizer's steps; of a model to watch, weights and
 * gradients as histograms. What else should be seen goes to its `writer`.
 *
 * A training that goes on from a checkpoint goes on in a new file; what its old
 * ones hold beyond the checkpoint is cut off.
 *
 * ```ts
 * import { TensorBoardLogger } from "@fdunn/train";
 * import { Linear } from "@fdunn/nn";
 *
 * const model = new Linear(2, 2);
 * const logger = new TensorBoardLogger("runs/first", { watch: model });
 * const callbacks = [logger];
 * ```
 */
export class TensorBoardLogger implements Callback {
  /** The folder that `tensorboard --logdir` is given, or one above it. */
  readonly logDir: string;
  readonly #options: TensorBoardLoggerOptions;
  #writer: SummaryWriter | null = null;
  /** Tells this training's files from others in the folder. */
  #suffix: string = `.${Math.random().toString(36).slice(2, 10)}`;
  readonly #attempts = new Attempts();

  /** Writes nothing yet. */
  constructor(logDir: string, options: TensorBoardLoggerOptions = {}) {
    this.logDir = logDir;
    this.#options = options;
  }

  /** The writer, for pictures and texts; it makes its file when first asked for. */
  get writer(): SummaryWriter {
    return this.#writer ??= new SummaryWriter(this.logDir, {
      filenameSuffix: this.#suffix,
    });
  }

  /**
   * Begins the file, with the Trainer's hyperparameters as a table.
   *
   * @throws Error when it cannot be written.
   */
  onFitStart({ hyperparameters, globalStep }: Trainer): void {
    const rows = Object.entries(hyperparameters).map(([name, value]) =>
      `| ${cell(name)} | ${cell(JSON.stringify(value) ?? String(value))} |`
    );
    if (rows.length === 0 || globalStep > 0) return;
    const table = ["| name | value |", "| --- | --- |", ...rows].join("\n");
    this.writer.addText("hyperparameters", table, 0);
  }

  /** Adds a point to each figure's curve. */
  onLog(trainer: Trainer, { epoch, step, values }: LogRow): void {
    for (const [name, value] of Object.entries({ ...values, epoch })) {
      this.#try(trainer, (writer) => writer.addScalar(name, value, step));
    }
  }

  /** Adds the histograms. */
  onEpochEnd(trainer: Trainer): void {
    const { watch } = this.#options;
    if (watch === undefined) return;
    for (const [name, parameter] of watch.namedParameters()) {
      this.#addHistogram(trainer, `weights/${name}`, parameter);
      this.#addHistogram(trainer, `gradients/${name}`, parameter.grad);
    }
  }

  /** Ends the file; says what is lost where the disk stays full. */
  onFitEnd(trainer: Trainer): void {
    const writer = this.#writer;
    this.#writer = null;
    try {
      writer?.close();
    } catch (error) {
      trainer.warn(`TensorBoardLogger: ${(error as Error).message}`);
    }
  }

  /** Where the log ends. */
  stateDict(): LoggedBytes {
    const files: Record<string, number> = {};
    for (const [name, path] of this.#files()) {
      files[name] = fileSystem().statSync(path).size;
    }
    return { suffix: this.#suffix, files };
  }

  /** Cuts off what was logged after this. */
  loadStateDict({ suffix, files }: LoggedBytes): void {
    const fs = fileSystem();
    this.#writer = null; // what it has not written came after this
    this.#suffix = suffix;
    for (const [name, path] of this.#files()) {
      const bytes = files[name];
      if (bytes === undefined) fs.unlinkSync(path);
      else if (fs.statSync(path).size > bytes) fs.truncateSync(path, bytes);
    }
  }

  /** Names and paths of the training's event files. */
  #files(): [name: string, path: string][] {
    const fs = fileSystem();
    if (!fs.existsSync(this.logDir)) return [];
    return fs.readdirSync(this.logDir)
      .filter((name) => name.endsWith(this.#suffix))
      .map((name) => [name, pathModule().join(this.logDir, name)]);
  }

  /** Adds a histogram where there are finite values: others have none. */
  #addHistogram(trainer: Trainer, tag: string, values: Tensor | null): void {
    if (!values?.detach().isfinite().any().item()) return;
    const { globalStep } = trainer;
    this.#try(trainer, (writer) => {
      writer.addHistogram(tag, values, globalStep);
    });
  }

  #try(trainer: Trainer, write: (writer: SummaryWriter) => void): void {
    const before = this.#writer?.path;
    this.#attempts.try(() => write(this.writer), (reason) =>
      trainer.warn(
        `TensorBoardLogger cannot write to ${this.logDir} (${reason}); it tries again with each row`,
      ));
    if (before === undefined || before === this.#writer?.path) return;
    trainer.warn(`The event file ${before} was gone: began another`);
  }
}

/** A text within a table of Markdown. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/[\r\n]+/g, " ");
}
