/** A folder that keeps all of one training: options, figures, charts, weights. */

import type { Callback, EpochRecord } from "../callback.ts";
import { saveModel, type Stateful } from "../checkpoints/checkpoint.ts";
import {
  CHECKPOINT_FOLDER,
  hasCheckpoint,
} from "../checkpoints/checkpoint_search.ts";
import {
  appendFile,
  fileSystem,
  isFileError,
  pathModule,
  reasonOf,
  removeTemporaries,
  UnwrittenError,
  writeFileAtomic,
} from "../checkpoints/file_system.ts";
import { accuracyChart, lossChart } from "../charts/history_chart.ts";
import type { Trainer } from "../trainer.ts";

/** Options of {@linkcode RunFolder}. */
export interface RunFolderOptions {
  /** The model whose weights are kept. */
  model: Pick<Stateful, "stateDict">;
  /** What goes to `config.json`: options, seed, versions. */
  config: Readonly<Record<string, unknown>>;
  /** What was trained; appears in the charts' titles. */
  subject?: string;
  /**
   * Go on with the training in the folder, from its newest checkpoint where it
   * has some. Default `false`: a folder with a training is refused.
   */
  resume?: boolean;
}

/**
 * Keeps a training in a folder, as a callback of the Trainer. After every epoch
 * it is complete and up to date:
 *
 * | file                | what is in it                                 |
 * | ------------------- | --------------------------------------------- |
 * | `config.json`       | what the training was started with            |
 * | `metrics.jsonl`     | an {@linkcode EpochRecord} a line             |
 * | `loss.svg`          | training and validation loss                  |
 * | `accuracy.svg`      | validation accuracy                           |
 * | `model.safetensors` | the weights, replaced as a whole              |
 *
 * A training that goes on from a checkpoint finds `metrics.jsonl` as it was
 * then: lines of epochs that are done again are taken out. Where the folder
 * cannot be written for a while, or was deleted, the training goes on with a
 * warning, and what is missing is written as soon as it can be; if it cannot in
 * the end, `fit()` throws.
 *
 * Needs permission to read and to write the folder.
 *
 * ```ts ignore
 * import { RunFolder, Trainer } from "@fdunn/train";
 * import { CrossEntropyLoss, Linear } from "@fdunn/nn";
 * import { SGD } from "@fdunn/optim";
 *
 * const lr = 0.01;
 * const model = new Linear(2, 2);
 * const run = new RunFolder("runs/first", { model, config: { lr } });
 * const trainer = new Trainer(model, {
 *   optimizer: new SGD(model.parameters(), { lr }),
 *   loss: new CrossEntropyLoss(),
 *   callbacks: [run],
 * });
 * ```
 */
export class RunFolder implements Callback {
  /** Where it is. */
  readonly path: string;
  readonly #options: RunFolderOptions;
  /** How many lines of the history are in the file; -1 if that is unsure. */
  #lines = -1;
  /** Why the last attempt to write failed; null where it did not. */
  #failure: string | null = null;

  /**
   * Makes the folder, and writes the configuration and the first weights.
   *
   * @throws Error when there is a training in the folder already and `resume`
   * is not set, or when it cannot be written.
   */
  constructor(path: string, options: RunFolderOptions) {
    const fs = fileSystem();
    this.path = path;
    this.#options = options;
    fs.mkdirSync(path, { recursive: true });
    if (!fs.existsSync(this.#file("config.json"))) this.#open();
    else if (options.resume === true) removeTemporaries(path);
    else {
      throw new Error(
        `${path} holds a training already: choose another folder, or set resume`,
      );
    }
  }

  /** The folder, where `resume` asks to go on from its checkpoints. */
  resumeFrom(): string | null {
    const folder = this.#file(CHECKPOINT_FOLDER);
    return this.#options.resume && hasCheckpoint(folder) ? folder : null;
  }

  /** Makes `metrics.jsonl` what the training knows: no line more or less. */
  onFitStart(trainer: Trainer): void {
    this.#failure = null;
    this.#write(trainer);
  }

  /** Appends the epoch's figures; redraws the charts; saves the weights. */
  onEpochEnd(trainer: Trainer): void {
    this.#try(trainer);
  }

  /**
   * Writes the weights that the model ends with, and what could not be written.
   *
   * @throws UnwrittenError when that fails.
   */
  onFitEnd(trainer: Trainer): void {
    this.#try(trainer);
    if (this.#failure === null) return;
    throw new UnwrittenError(
      `The training has ended, but its results are not in ${this.path}: ${this.#failure}`,
    );
  }

  /**
   * Writes a chart's SVG text into the folder, as `name.svg`; returns its path.
   *
   * @throws RangeError when the name has other than letters, digits, `_`, `-`.
   */
  savePicture(name: string, svg: string): string {
    if (!/^[\w-]+$/.test(name)) {
      throw new RangeError(
        `savePicture() got the name ${
          JSON.stringify(name)
        }, expected letters, digits, _ and -`,
      );
    }
    const path = this.#file(`${name}.svg`);
    writeFileAtomic(path, svg);
    return path;
  }

  /** What a full disk and the like keep from being written is written later. */
  #try(trainer: Trainer): void {
    try {
      if (!fileSystem().existsSync(this.#file("config.json"))) {
        fileSystem().mkdirSync(this.path, { recursive: true });
        this.#open();
        trainer.warn(`The run folder ${this.path} was gone: made it again`);
      }
      this.#write(trainer);
      this.#failure = null;
    } catch (error) {
      if (!isFileError(error)) throw error;
      this.#lines = -1; // a part of a line may have been written
      // Said once, however often it fails in a row.
      if (this.#failure === null) {
        trainer.warn(
          `The run folder ${this.path} could not be written: ${
            reasonOf(error)
          }. The training goes on; the figures are kept until it can be`,
        );
      }
      this.#failure = reasonOf(error);
    }
  }

  #open(): void {
    const { config } = this.#options;
    writeFileAtomic(
      this.#file("config.json"),
      JSON.stringify(config, null, 2) + "\n",
    );
    this.#lines = -1;
    this.#writeLines([]);
    this.#writeCharts([]);
  }

  #write({ history }: Trainer): void {
    this.#writeLines(history);
    this.#writeCharts(history);
  }

  /** Appends what is new, or writes all where the file may be another. */
  #writeLines(history: readonly EpochRecord[]): void {
    const path = this.#file("metrics.jsonl");
    const known = this.#lines;
    this.#lines = -1;
    if (known === -1 || known > history.length) {
      writeFileAtomic(path, linesOf(history));
    } else if (known < history.length) {
      appendFile(path, linesOf(history.slice(known)));
    }
    this.#lines = history.length;
  }

  #writeCharts(history: readonly EpochRecord[]): void {
    const { model, subject } = this.#options;
    const chart = subject === undefined ? {} : { subject };
    writeFileAtomic(this.#file("loss.svg"), lossChart(history, chart));
    writeFileAtomic(this.#file("accuracy.svg"), accuracyChart(history, chart));
    saveModel(model, this.#file("model.safetensors"), {
      epoch: String(history.at(-1)?.epoch ?? 0),
    });
  }

  #file(name: string): string {
    return pathModule().join(this.path, name);
  }
}

function linesOf(history: readonly EpochRecord[]): string {
  return history.map((record) => JSON.stringify(record) + "\n").join("");
}
