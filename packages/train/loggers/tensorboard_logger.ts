/** What a training logs, for TensorBoard. */

import type { Tensor } from "@fdunn/tensor";
import type { Callback, LogRow } from "../callback.ts";
import { fileSystem, pathModule } from "../checkpoints/file_system.ts";
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
  #failed = false;

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
    this.#try(trainer, (writer) => {
      for (const [name, value] of Object.entries(values)) {
        writer.addScalar(name, value, step);
      }
      writer.addScalar("epoch", epoch, step);
    });
  }

  /** Adds the histograms. */
  onEpochEnd(trainer: Trainer): void {
    const { watch } = this.#options;
    if (watch === undefined) return;
    const step = trainer.globalStep;
    this.#try(trainer, (writer) => {
      for (const [name, parameter] of watch.namedParameters()) {
        addHistogram(writer, `weights/${name}`, parameter, step);
        addHistogram(writer, `gradients/${name}`, parameter.grad, step);
      }
    });
  }

  /** Ends the file. */
  onFitEnd(): void {
    this.#writer?.close();
    this.#writer = null;
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
    this.onFitEnd();
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

  /** A file that was removed takes what is written, and nobody can read it. */
  #leaveLost(trainer: Trainer): void {
    const writer = this.#writer;
    if (writer === null || fileSystem().existsSync(writer.path)) return;
    this.onFitEnd();
    trainer.warn(`The event file ${writer.path} was gone: began another`);
  }

  #try(trainer: Trainer, write: (writer: SummaryWriter) => void): void {
    try {
      this.#leaveLost(trainer);
      write(this.writer);
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) {
        trainer.warn(
          `TensorBoardLogger cannot write to ${this.logDir} (${
            (error as Error).message
          }): its curves will have gaps`,
        );
      }
      this.#failed = true;
    }
  }
}

/** Adds a histogram where there are finite values: others have none. */
function addHistogram(
  writer: SummaryWriter,
  tag: string,
  values: Tensor | null,
  step: number,
): void {
  if (values?.detach().isfinite().any().item()) {
    writer.addHistogram(tag, values, step);
  }
}

/** A text within a table of Markdown. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/[\r\n]+/g, " ");
}
