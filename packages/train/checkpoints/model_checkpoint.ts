/** Checkpoints of a training: the best, the last, every so many steps. */

import type { Callback, EpochRecord } from "../callback.ts";
import {
  CHECKPOINT_ENDING,
  hasCheckpoint,
  isIntact,
} from "./checkpoint_search.ts";
import {
  Attempts,
  isFileError,
  reasonOf,
  UnwrittenError,
} from "../files/file_errors.ts";
import { fileSystem, pathModule } from "../files/file_system.ts";
import { removeUnfinished, replaceFile } from "../files/replace_file.ts";
import {
  isBetter,
  monitored,
  type MonitorMode,
  requireMode,
  worst,
} from "../callbacks/monitor.ts";
import type { Trainer } from "../trainer.ts";

/** Options of {@linkcode ModelCheckpoint}. */
export interface ModelCheckpointOptions {
  /** The figure that says which are best. Default: the latest are. */
  monitor?: string;
  /** Whether it should become small or large. Default `"min"`. */
  mode?: MonitorMode;
  /** How many of the best are kept; -1 for all. Default 1. */
  saveTopK?: number;
  /** Keep `last` too, and the one before as `previous`. Default `true`. */
  saveLast?: boolean;
  /** Save after every so many epochs; 0 for never. Default 1. */
  everyNEpochs?: number;
  /** Save after every so many steps of the optimizer, too. Default: never. */
  everyNSteps?: number;
  /** Save when so many seconds have passed since the last time, too. */
  everySeconds?: number;
  /**
   * What the best are called, with the place of figures in braces: without an
   * ending. Default `"{epoch}-{step}"`: `epoch=2-step=300.safetensors`.
   */
  filename?: string;
  /** Go on from the newest in the folder, if there is one. Default `false`. */
  resume?: boolean;
}

/** A checkpoint that counts among the best. */
export interface SavedCheckpoint {
  /** The name of its file in the folder. */
  name: string;
  /** The monitored figure; without one the steps. */
  score: number;
}

/** What {@linkcode ModelCheckpoint} remembers. */
export interface ModelCheckpointState {
  /** The best, from the best. */
  best: SavedCheckpoint[];
  /** Names of those that are to be removed. */
  surplus: string[];
}

const WHO = "ModelCheckpoint";
/** Figures that say something within an epoch, where those of validation do not. */
const LIVE = ["trainLoss", "batchLoss"];
/** A figure in a file's name, with its digits behind the point. */
const PLACEHOLDER = /\{([\w/]+)(?::\.(\d+)f)?\}/g;
const LAST = `last${CHECKPOINT_ENDING}`;
const PREVIOUS = `previous${CHECKPOINT_ENDING}`;

/**
 * Keeps checkpoints of a training in a folder, from which `fit()` goes on
 * exactly: `resumeFrom` takes the folder or a file in it.
 *
 * A checkpoint is written as a whole or not at all, and none is removed before
 * the next is on disk. Where one cannot be written, say because the disk is
 * full, the training goes on with a warning, and the older ones stay; if it
 * cannot be written in the end, either, `fit()` throws.
 *
 * ```ts
 * import { ModelCheckpoint } from "@fdunn/train";
 *
 * const best = new ModelCheckpoint("runs/first/checkpoints", {
 *   monitor: "validAccuracy",
 *   mode: "max",
 *   saveTopK: 3,
 *   everyNSteps: 500,
 * });
 * ```
 *
 * See https://lightning.ai/docs/pytorch/stable/api/lightning.pytorch.callbacks.ModelCheckpoint.html
 */
export class ModelCheckpoint implements Callback {
  /** Where the checkpoints are. */
  readonly folder: string;
  readonly #options:
    & Required<Omit<ModelCheckpointOptions, "monitor">>
    & { monitor: string | null };
  #state: ModelCheckpointState = { best: [], surplus: [] };
  /** The step of the last checkpoint within an epoch. */
  #savedStep = 0;
  #savedAt = 0;
  readonly #attempts = new Attempts();

  /**
   * Makes no file yet.
   *
   * @throws RangeError for options that make no sense, naming the option.
   */
  constructor(folder: string, options: ModelCheckpointOptions = {}) {
    this.folder = folder;
    this.#options = {
      mode: "min",
      saveTopK: 1,
      saveLast: true,
      everyNEpochs: 1,
      everyNSteps: Infinity,
      everySeconds: Infinity,
      filename: "{epoch}-{step}",
      resume: false,
      ...options,
      monitor: options.monitor ?? null,
    };
    const { mode, saveTopK, everyNEpochs, everyNSteps, everySeconds } =
      this.#options;
    requireMode("ModelCheckpoint", mode);
    requireWhole("saveTopK", saveTopK, -1);
    requireWhole("everyNEpochs", everyNEpochs, 0);
    if (everyNSteps !== Infinity) requireWhole("everyNSteps", everyNSteps, 1);
    if (!(everySeconds > 0)) {
      throw new RangeError(
        `ModelCheckpoint got everySeconds ${everySeconds}, expected more than 0`,
      );
    }
  }

  /** The best, from the best. */
  get best(): readonly SavedCheckpoint[] {
    return this.#state.best;
  }

  /** The file of the best; null for none yet. */
  get bestModelPath(): string | null {
    const [best] = this.#state.best;
    return best === undefined ? null : this.#file(best.name);
  }

  /** The monitored figure of the best; null for none yet. */
  get bestModelScore(): number | null {
    return this.#state.best[0]?.score ?? null;
  }

  /** The folder, where `resume` asks to go on from it. */
  resumeFrom(): string | null {
    const { folder } = this;
    return this.#options.resume && hasCheckpoint(folder) ? folder : null;
  }

  /** Makes the folder, and removes what a crash left of unfinished files. */
  onFitStart(trainer: Trainer): void {
    const { folder } = this;
    try {
      fileSystem().mkdirSync(folder, { recursive: true });
      removeUnfinished(folder);
      this.#removeSurplus();
      if (trainer.resumed) this.#setDamagedAside();
    } catch (error) {
      throw new Error(
        `ModelCheckpoint cannot use the folder ${folder}: ${reasonOf(error)}`,
        { cause: error },
      );
    }
    this.#savedStep = trainer.globalStep;
    this.#savedAt = performance.now();
    this.#attempts.failure = null;
    // Without hard links a kill between two renames leaves no last one, and a
    // training that is found at its end would not write it again.
    const last = this.#file(LAST);
    if (
      trainer.resumed && this.#options.saveLast &&
      !fileSystem().existsSync(last)
    ) this.#save(trainer, null);
  }

  /** Saves if it is time to. */
  onSavePoint(trainer: Trainer, record: EpochRecord | null): void {
    const { everyNEpochs, everyNSteps, everySeconds } = this.#options;
    const { globalStep, stopped, epoch, lastEpoch } = trainer;
    const byStep = globalStep !== this.#savedStep &&
      globalStep % everyNSteps === 0;
    const byClock = everySeconds !== Infinity &&
      performance.now() - this.#savedAt >= 1000 * everySeconds;
    const byEpoch = record !== null && everyNEpochs !== 0 &&
      epoch % everyNEpochs === 0;
    if (byEpoch || (record === null && byStep) || byClock) {
      this.#save(trainer, this.#entry(trainer, record));
    } else if (stopped || (record !== null && epoch === lastEpoch)) {
      this.#save(trainer, null); // whatever the rhythm: as the last
    }
  }

  /**
   * Tries again what could not be written.
   *
   * @throws UnwrittenError when that fails again.
   */
  onFitEnd(trainer: Trainer): void {
    if (this.#attempts.failure === null) return;
    this.#save(trainer, null);
    const { failure } = this.#attempts;
    if (failure === null) return;
    throw new UnwrittenError(
      `The training has ended, but its last checkpoint is not in ${this.folder}: ${failure}`,
    );
  }

  /** The best, and what is to be removed. */
  stateDict(): ModelCheckpointState {
    return this.#state;
  }

  /** Goes on from there. */
  loadStateDict(state: ModelCheckpointState): void {
    this.#state = state;
  }

  /** Saves as the last, and as one of the best where it is one. */
  #save(trainer: Trainer, entry: SavedCheckpoint | null): void {
    const before = this.#state;
    if (entry !== null) this.#state = this.#with(entry);
    const enters = entry !== null && this.#state.best.includes(entry);
    this.#savedStep = trainer.globalStep;
    this.#savedAt = performance.now();
    if (!enters && !this.#options.saveLast) return;
    const bytes = trainer.checkpoint();
    let written = false;
    this.#attempts.try(() => {
      if (enters) this.#write(trainer, entry.name, bytes);
      written = true;
      if (this.#options.saveLast) this.#write(trainer, LAST, bytes, PREVIOUS);
    }, (reason) => {
      trainer.warn(
        `No checkpoint could be written to ${this.folder}: ${reason}. The training goes on, the older ones are kept, and it is tried again`,
      );
    });
    if (written) this.#removeSurplus();
    else this.#state = before;
  }

  /** What would be saved among the best; null where nothing can be. */
  #entry(trainer: Trainer, record: EpochRecord | null): SavedCheckpoint | null {
    const { monitor, saveTopK } = this.#options;
    if (saveTopK === 0) return null;
    const name = this.#name(trainer, record) + CHECKPOINT_ENDING;
    if (monitor === null) return { name, score: trainer.globalStep };
    if (record === null && !LIVE.includes(monitor)) return null;
    const value = record === null
      ? trainer.figure(monitor)!
      : monitored(WHO, trainer, record, monitor);
    const score = Number.isNaN(value) ? worst(this.#options.mode) : value;
    return { name, score };
  }

  /** The state with one more checkpoint, and those that it drives out. */
  #with(entry: SavedCheckpoint): ModelCheckpointState {
    const { monitor, mode, saveTopK } = this.#options;
    const best = this.#state.best.filter(({ name }) => name !== entry.name);
    // Without a figure the latest is the best; of equal ones the first is.
    const place = monitor === null
      ? 0
      : best.findIndex(({ score }) => isBetter(mode, entry.score, score));
    best.splice(place === -1 ? best.length : place, 0, entry);
    const dropped = saveTopK === -1 ? [] : best.splice(saveTopK);
    const surplus = [...this.#state.surplus, ...dropped.map((d) => d.name)]
      .filter((name) => name !== entry.name);
    return { best, surplus };
  }

  #name(trainer: Trainer, record: EpochRecord | null): string {
    return this.#options.filename.replace(PLACEHOLDER, (_, name, digits) => {
      const value = name === "epoch"
        ? trainer.epoch
        : name === "step"
        ? trainer.globalStep
        : record?.[name] ?? trainer.figure(name);
      if (typeof value !== "number") {
        throw new RangeError(
          `ModelCheckpoint got the filename "${this.#options.filename}", but there is no figure "${name}"`,
        );
      }
      const text = digits === undefined ? `${value}` : value.toFixed(digits);
      return `${name.replaceAll("/", "_")}=${text}`;
    });
  }

  #write(
    trainer: Trainer,
    name: string,
    bytes: Uint8Array,
    keepAs?: string,
  ): void {
    const { folder } = this;
    const fs = fileSystem();
    if (!fs.existsSync(folder)) {
      fs.mkdirSync(folder, { recursive: true });
      trainer.warn(`The folder ${folder} was gone: made it again`);
      const best = this.#state.best.filter((entry) => entry.name === name);
      this.#state = { best, surplus: [] };
    }
    replaceFile(
      this.#file(name),
      bytes,
      keepAs === undefined ? {} : { keepAs: this.#file(keepAs) },
    );
  }

  #removeSurplus(): void {
    const { best, surplus } = this.#state;
    for (const name of surplus) {
      if (best.some((entry) => entry.name === name)) continue;
      try {
        fileSystem().unlinkSync(this.#file(name));
      } catch (error) {
        if (!isFileError(error)) throw error; // else somebody removed it
      }
    }
    this.#state = { best, surplus: [] };
  }

  /** Else it would take the place of the intact one before it. */
  #setDamagedAside(): void {
    const last = this.#file(LAST);
    if (!fileSystem().existsSync(last) || isIntact(last)) return;
    fileSystem().renameSync(last, `${last}.damaged`);
  }

  #file(name: string): string {
    return pathModule().join(this.folder, name);
  }
}

function requireWhole(option: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(
    `ModelCheckpoint got ${option} ${value}, expected a whole number of at least ${least}`,
  );
}
