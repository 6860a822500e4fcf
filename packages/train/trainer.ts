/** The training loop: epochs, validation, history, and a way to stop. */

import type { Tensor } from "@fdunn/tensor";
import type { BatchLoss } from "./batch_loss.ts";
import type { Callback, EpochRecord } from "./callback.ts";
import { encodeCheckpoint } from "./checkpoints/checkpoint_file.ts";
import { findCheckpoint } from "./checkpoints/checkpoint_search.ts";
import type { Evaluation, PredictBatches } from "./evaluation.ts";
import { replaceFile } from "./files/replace_file.ts";
import { tellEnd } from "./listeners.ts";
import { loadRandomState } from "./checkpoints/random_state.ts";
import { sanityCheck } from "./sanity_check.ts";
import {
  type Batch,
  type Batches,
  type Criterion,
  loadPlace,
  placeOf,
  type StepOptimizer,
  type SwitchableModel,
  type TrainableModel,
} from "./trainable.ts";
import {
  builtInCallbacks,
  checkAccumulation,
  checkTrainerOptions,
  type FitOptions,
  type TrainerOptions,
} from "./trainer_options.ts";
import {
  loadStates,
  statesOf,
  type TrainerParts,
  type TrainerState,
} from "./trainer_state.ts";
import { TrainingLoop } from "./training_loop.ts";
import { evaluateWatched, predictWatched } from "./watched_evaluation.ts";

/**
 * Trains a model, validates it after every epoch, and keeps the history.
 *
 * ```ts
 * import { Trainer } from "@fdunn/train";
 * import { manualSeed, randn } from "@fdunn/tensor";
 * import { DataLoader, TensorDataset } from "@fdunn/data";
 * import { CrossEntropyLoss, Linear } from "@fdunn/nn";
 * import { SGD } from "@fdunn/optim";
 * import { assert } from "@std/assert";
 *
 * manualSeed(0);
 * const x = randn([256, 2]);
 * const y = x.select(1, 0).gt(0).to("int32"); // is the first number positive?
 * const model = new Linear(2, 2);
 * const trainer = new Trainer(model, {
 *   optimizer: new SGD(model.parameters(), { lr: 0.5 }),
 *   loss: new CrossEntropyLoss(),
 *   epochs: 3,
 * });
 * const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 16 });
 * const history = await trainer.fit(loader, loader);
 * assert(history.at(-1)!.validAccuracy! > 0.95);
 * ```
 *
 * Models of several inputs or results, and batches that are no pairs, take a
 * function as their loss: {@linkcode BatchLoss}.
 */
export class Trainer<B = Batch> {
  /** What is trained; of one tensor, unless the loss is a function. */
  readonly model: TrainableModel;
  /** What changes its parameters; its groups' `lr` may be set at any time. */
  readonly optimizer: StepOptimizer;
  /** What is to become small. */
  readonly loss: Criterion | BatchLoss<B>;
  /** How many epochs one `fit()` takes. */
  readonly epochs: number;
  /** Who is told of the progress: those that options stand for come first. */
  readonly callbacks: readonly Callback[];
  /** What the training was made with, for loggers. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  /** One record an epoch, over all calls of `fit()`. */
  readonly history: EpochRecord[] = [];
  /** Whether the running, or the last, `fit()` went on from a checkpoint. */
  resumed = false;

  readonly #options: TrainerOptions;
  readonly #loop: TrainingLoop;
  /** Itself: only the loss looks into batches, for all else they are pairs. */
  readonly #plain: Trainer = this as unknown as Trainer;
  #train: Batches | null = null;
  #valid: Batches | null = null;
  /** A state that the next `fit()` goes on from. */
  #loaded: TrainerState | null = null;
  #stopReason: string | null = null;
  #running = false;

  /**
   * Trains nothing yet: call {@linkcode fit}.
   *
   * @throws RangeError for options that make no sense, such as `epochs` that
   * are no whole number of at least 1, or a loss with the reduction `"none"`.
   */
  constructor(
    model: SwitchableModel,
    options: TrainerOptions<B> & { loss: BatchLoss<B> },
  );
  /** The loss compares `model.forward(input)` with the target of a batch. */
  constructor(model: TrainableModel, options: TrainerOptions<B>);
  constructor(model: SwitchableModel, options: TrainerOptions<B>) {
    checkTrainerOptions(options);
    const { optimizer, loss, epochs = 10, callbacks = [] } = options;
    this.model = model as TrainableModel;
    this.optimizer = optimizer;
    this.loss = loss;
    this.epochs = epochs;
    this.callbacks = [...builtInCallbacks(options), ...callbacks];
    this.hyperparameters = options.hyperparameters ?? {};
    this.#options = options as unknown as TrainerOptions;
    this.#loop = new TrainingLoop(this.#plain, this.#options);
  }

  /** The running epoch, counted from 1 over all calls of `fit()`. */
  get epoch(): number {
    return this.#loop.place.epoch;
  }

  /** The epoch that the running `fit()` ends with. */
  get lastEpoch(): number {
    return this.#loop.place.firstEpoch + this.epochs;
  }

  /** Batches done in the running epoch. */
  get step(): number {
    return this.#loop.place.step;
  }

  /** Batches of a whole epoch; null where the loader does not know. */
  get stepsPerEpoch(): number | null {
    return this.#loop.stepsPerEpoch;
  }

  /** Steps of the optimizer over all epochs. */
  get globalStep(): number {
    return this.#loop.place.globalStep;
  }

  /** The loss of the last batch, as mean over its samples. */
  get batchLoss(): number {
    return this.#loop.place.batchLoss;
  }

  /** The loss over the running epoch's samples so far. */
  get trainLoss(): number {
    return this.#loop.place.trainLoss.compute();
  }

  /**
   * Batches whose gradients are added up for a step: the option, or what was
   * set since. Gradients that wait for a step stay.
   */
  get accumulateGradBatches(): number {
    return this.#loop.window;
  }

  set accumulateGradBatches(batches: number) {
    checkAccumulation(batches, this.optimizer);
    this.#loop.window = batches;
  }

  /** Whether the running, or the last, `fit()` was told to stop. */
  get stopped(): boolean {
    return this.#stopReason !== null;
  }

  /** Why it was stopped; null where it was not. */
  get stopReason(): string | null {
    return this.#stopReason;
  }

  /** Whether `fit()` is running. */
  get fitting(): boolean {
    return this.#running;
  }

  /** Whether it waits for {@linkcode resume}. */
  get paused(): boolean {
    return this.#loop.walk.halted;
  }

  /** What `fit()` trains on, or has last; null before. */
  get trainData(): Batches | null {
    return this.#train;
  }

  /** The latest value of each logged figure. */
  get logged(): ReadonlyMap<string, number> {
    return this.#loop.book.latest;
  }

  /** Ends the training after the current batch. */
  stop(reason = "stop() was called"): void {
    this.#stopReason ??= reason;
    this.resume();
  }

  /** Waits after the current batch. */
  pause(): void {
    this.#loop.walk.halt();
  }

  /** Goes on after {@linkcode pause}. */
  resume(): void {
    this.#loop.walk.release();
  }

  /**
   * Logs a figure: loggers get it with the next row of steps or of the epoch,
   * and callbacks can monitor it under its name.
   */
  log(name: string, value: number): void {
    this.#loop.book.set(name, value);
  }

  /** A figure's latest value: logged, or `batchLoss` or `trainLoss` as it is. */
  figure(name: string): number | undefined {
    if (name === "batchLoss") return this.batchLoss;
    if (name === "trainLoss" && this.#loop.place.inEpoch) return this.trainLoss;
    return this.#loop.book.latest.get(name);
  }

  /** Tells of something that is wrong, but does not end the training. */
  warn(message: string): void {
    for (const c of this.callbacks) c.onWarning?.(this.#plain, message);
    const { warn } = this.#options;
    if (warn === undefined) console.warn(message);
    else warn(message);
  }

  /**
   * Trains for `epochs` epochs, or until stopped; returns the history.
   *
   * A second call continues where the first ended. With `resumeFrom` it goes
   * on from a checkpoint, within its epoch and batch for batch, as if the
   * training had never ended; `epochs` count from the begin of that training.
   *
   * @throws DivergedError when the loss is no longer finite (the weights are
   * those before that step); Error when a loader is empty, when `fit()` is
   * running already, and where there is no intact checkpoint to go on from.
   */
  async fit(
    train: Batches<B>,
    valid?: Batches<B>,
    options: FitOptions = {},
  ): Promise<EpochRecord[]> {
    if (this.#running) throw new Error("fit() is already running");
    this.#running = true;
    const { signal } = this.#options;
    this.#stopReason = null;
    const abort = () => this.stop("the signal was aborted");
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    this.#train = plain(train);
    this.#valid = valid === undefined ? null : plain(valid);
    let failed = true;
    try {
      await this.#begin(options);
      for (const c of this.callbacks) await c.onFitStart?.(this.#plain);
      const { place } = this.#loop;
      while (
        !this.stopped && (place.inEpoch || place.epoch < this.lastEpoch)
      ) {
        await this.#loop.runEpoch(this.#train, this.#valid);
      }
      if (!place.inEpoch) {
        for (const c of this.callbacks) await c.onTrainEnd?.(this.#plain);
      }
      failed = false;
    } catch (error) {
      for (const c of this.callbacks) await c.onException?.(this.#plain, error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#running = false;
      await tellEnd(this.#plain, failed);
    }
    return this.history;
  }

  /**
   * Loss, accuracy and metrics on some data, in evaluation mode and without
   * gradients; the model's mode is put back.
   *
   * @throws Error when there are no batches.
   */
  evaluate(data: Batches<B>): Promise<Evaluation> {
    const { metrics = {} } = this.#options;
    const gathered = { metrics, walk: this.#loop.walk };
    return evaluateWatched(this.#plain, plain(data), gathered);
  }

  /** The model's outputs for some data, one tensor a batch; see `predict()`. */
  predict(data: PredictBatches): Promise<Tensor[]> {
    return predictWatched(this.#plain, data, this.#loop.walk);
  }

  /**
   * All that the training must remember to go on exactly, as plain data with
   * tensors. Tensors share bytes with the model's: keep it as a file, or copy.
   */
  stateDict(): TrainerState {
    return {
      ...statesOf(this.#parts()),
      ...this.#loop.state(),
      loaders: { train: placeOf(this.#train), valid: placeOf(this.#valid) },
      hyperparameters: this.hyperparameters,
    };
  }

  /** Takes over a state; the next `fit()` goes on from it. */
  loadStateDict(state: TrainerState): void {
    const missing = loadStates(this.#parts(), state);
    if (missing.length > 0) {
      this.warn(`The checkpoint has no state of ${missing.join(", ")}`);
    }
    this.#loop.loadState(state);
    this.#loaded = state;
  }

  /** The state as the bytes of a checkpoint file. */
  checkpoint(): Uint8Array {
    const { epoch, step, inEpoch } = this.#loop.place;
    return encodeCheckpoint(
      this.stateDict(),
      inEpoch
        ? { epochs: epoch - 1, batches: step }
        : { epochs: epoch, batches: 0 },
    );
  }

  /** Writes the state into a file, as a whole or not at all. */
  saveCheckpoint(path: string): void {
    replaceFile(path, this.checkpoint());
  }

  /**
   * Takes over the state of a checkpoint, or of the newest in a folder; the
   * next `fit()` goes on from it. What is damaged is passed over with a
   * warning.
   *
   * @throws Error when there is none that is intact, RangeError for the
   * checkpoint of another model.
   */
  loadCheckpoint(path: string): void {
    const found = findCheckpoint<TrainerState>(path);
    for (const message of found.warnings) this.warn(message);
    this.loadStateDict(found.state);
  }

  #parts(): TrainerParts {
    const { model, optimizer, callbacks } = this;
    const { generators = {} } = this.#options;
    const trainMetrics = this.#loop.metrics;
    return { model, optimizer, callbacks, generators, trainMetrics };
  }

  /** Goes back to a checkpoint, or tries out the validation data. */
  async #begin({ resumeFrom }: FitOptions): Promise<void> {
    let from = resumeFrom ?? null;
    if (this.globalStep === 0 && this.#loaded === null) {
      for (const c of this.callbacks) {
        from ??= c.resumeFrom?.(this.#plain) ?? null;
      }
    }
    if (from !== null) this.loadCheckpoint(from);
    this.resumed = this.#loaded !== null;
    if (this.#loaded === null) {
      const place = this.#loop.place;
      place.firstEpoch = place.epoch;
      place.inEpoch = false;
      if (place.globalStep === 0) await this.#checkSanity();
      return;
    }
    const { random, loaders } = this.#loaded;
    loadRandomState(random); // whatever was drawn since it was loaded
    loadPlace(this.#train, loaders.train);
    loadPlace(this.#valid, loaders.valid);
    this.#loaded = null;
  }

  async #checkSanity(): Promise<void> {
    const { model, loss } = this.#plain;
    const { numSanityValSteps: maxBatches = 1, metrics = {} } = this.#options;
    if (this.#valid === null) return;
    await sanityCheck(model, loss, this.#valid, { maxBatches, metrics });
  }
}

function plain<B>(data: Batches<B>): Batches {
  return data as Batches<unknown> as Batches;
}
