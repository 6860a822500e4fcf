/** A folder that keeps all of one training: options, figures, charts, weights. */

import type { Callback, EpochRecord } from "../callback.ts";
import { saveModel, type Stateful } from "../checkpoints/checkpoint.ts";
import {
  CHECKPOINT_FOLDER,
  hasCheckpoint,
} from "../checkpoints/checkpoint_search.ts";
import { fileSystem, pathModule } from "../files/file_system.ts";
import { KeptFiles } from "../files/kept_files.ts";
import {
  createFile,
  removeUnfinished,
  replaceFile,
} from "../files/replace_file.ts";
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
  readonly #files: KeptFiles;
  #trainer: Trainer | null = null;
  /** How many lines of the history were written. */
  #lines = 0;

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
    this.#files = new KeptFiles(path, {
      warn: (message) => this.#trainer?.warn(message),
      durable: true,
    });
    fs.mkdirSync(path, { recursive: true });
    const config = this.#file("config.json");
    const text = JSON.stringify(options.config, null, 2) + "\n";
    if (!fs.existsSync(config)) {
      createFile(config, text);
      this.#files.adopt("config.json", text);
      this.#write([]);
      this.#files.settle("No training can be kept in");
    } else if (options.resume === true) {
      removeUnfinished(path);
      this.#files.adopt("config.json", fs.readFileSync(config));
    } else {
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

  /**
   * Makes `metrics.jsonl` what the training knows: no line more or less.
   *
   * @throws UnwrittenError when that fails.
   */
  onFitStart(trainer: Trainer): void {
    this.#trainer = trainer;
    this.#lines = 0;
    this.#write(trainer.history);
    this.#files.settle("The training cannot be kept in");
  }

  /** Adds the epoch's figures; redraws the charts; saves the weights. */
  onEpochEnd(trainer: Trainer): void {
    this.#trainer = trainer;
    this.#write(trainer.history);
  }

  /**
   * Writes the weights that the model ends with, and what could not be written.
   *
   * @throws UnwrittenError when that fails.
   */
  onFitEnd(trainer: Trainer): void {
    this.#write(trainer.history);
    this.#files.settle();
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
    replaceFile(path, svg);
    return path;
  }

  #write(history: readonly EpochRecord[]): void {
    const { model, subject } = this.#options;
    const files = this.#files;
    this.#writeLines(history);
    const chart = subject === undefined ? {} : { subject };
    files.replace("loss.svg", lossChart(history, chart));
    files.replace("accuracy.svg", accuracyChart(history, chart));
    const epoch = String(history.at(-1)?.epoch ?? 0);
    files.put("model.safetensors", (path) => saveModel(model, path, { epoch }));
  }

  /** Adds the line that is new, or writes all where the file may be another. */
  #writeLines(history: readonly EpochRecord[]): void {
    const all = linesOf(history);
    if (this.#lines > 0 && history.length === this.#lines + 1) {
      const whole = () => all;
      this.#files.add("metrics.jsonl", linesOf(history.slice(-1)), whole);
    } else if (history.length !== this.#lines || history.length === 0) {
      this.#files.replace("metrics.jsonl", all);
    }
    this.#lines = history.length;
  }

  #file(name: string): string {
    return pathModule().join(this.path, name);
  }
}

function linesOf(history: readonly EpochRecord[]): string {
  return history.map((record) => JSON.stringify(record) + "\n").join("");
}
