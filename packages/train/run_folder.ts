/** A folder that keeps all of one training: options, figures, charts, weights. */

import type { Callback, EpochRecord } from "./callback.ts";
import { saveModel, type Stateful } from "./checkpoint.ts";
import { fileSystem, pathModule, writeFileAtomic } from "./file_system.ts";
import { accuracyChart, lossChart } from "./history_chart.ts";
import type { Trainer } from "./trainer.ts";

/** Options of {@linkcode RunFolder}. */
export interface RunFolderOptions {
  /** The model whose weights are kept. */
  model: Pick<Stateful, "stateDict">;
  /** What goes to `config.json`: options, seed, versions. */
  config: Readonly<Record<string, unknown>>;
  /** What was trained; appears in the charts' titles. */
  subject?: string;
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

  /**
   * Makes the folder, and writes the configuration and the first weights.
   *
   * @throws Error when there is a training in the folder already, or when it
   * cannot be written.
   */
  constructor(path: string, options: RunFolderOptions) {
    const fs = fileSystem();
    this.path = path;
    this.#options = options;
    fs.mkdirSync(path, { recursive: true });
    if (fs.existsSync(this.#file("config.json"))) {
      throw new Error(
        `${path} holds a training already: choose another folder`,
      );
    }
    writeFileAtomic(
      this.#file("config.json"),
      JSON.stringify(options.config, null, 2) + "\n",
    );
    writeFileAtomic(this.#file("metrics.jsonl"), "");
    this.#write([]);
  }

  /** Appends the epoch's figures; redraws the charts; saves the weights. */
  onEpochEnd(trainer: Trainer, record: EpochRecord): void {
    const fs = fileSystem();
    const file = fs.openSync(this.#file("metrics.jsonl"), "a");
    try {
      fs.writeFileSync(file, JSON.stringify(record) + "\n");
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    this.#write(trainer.history);
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

  #write(history: readonly EpochRecord[]): void {
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
