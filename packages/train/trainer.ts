/** The training loop: epochs, validation, history, and a way to stop. */

import { noGrad, scope, type Tensor } from "@fdunn/tensor";
import type { Callback, EpochRecord } from "./callback.ts";
import { Accuracy, MeanLoss } from "./metric.ts";

/** What a data loader yields: a batch of inputs and one of targets. */
export type Batch = readonly [input: Tensor, target: Tensor];

/** Batches that can be iterated once an epoch, such as a `DataLoader`. */
export type Batches =
  & (Iterable<Batch> | AsyncIterable<Batch>)
  & { readonly length?: number };

/** What the Trainer needs of a model; every `nn.Module` has it. */
export interface TrainableModel {
  /** Whether it is in training mode. */
  readonly training: boolean;
  /** The prediction for a batch. */
  forward(input: Tensor): Tensor;
  /** Switches to training mode, or with `false` out of it. */
  train(mode?: boolean): unknown;
}

/** What the Trainer needs of an optimizer. */
export interface StepOptimizer {
  /** Forgets the gradients. */
  zeroGrad(): void;
  /** Changes the parameters by their gradients. */
  step(): void;
}

/** What the Trainer needs of a loss; every loss module has it. */
export interface Criterion {
  /** The loss of a batch, a scalar. */
  forward(output: Tensor, target: Tensor): Tensor;
  /** `"sum"` if the scalar is a sum over samples. Default: it is a mean. */
  readonly reduction?: string;
}

/** What {@linkcode Trainer} works with. */
export interface TrainerOptions {
  /** Changes the parameters after each batch. */
  optimizer: StepOptimizer;
  /** What is to become small. */
  loss: Criterion;
  /** How many times `fit()` goes through the training data. Default 10. */
  epochs?: number;
  /** Who is told of the progress, in this order. */
  callbacks?: readonly Callback[];
  /** Stops the training, as {@linkcode Trainer.stop} does, when aborted. */
  signal?: AbortSignal;
}

/** What a model reaches on some data. */
export interface Evaluation {
  /** Mean over the samples. */
  loss: number;
  /** In [0, 1]; null where targets are no classes `[N]`. */
  accuracy: number | null;
}

/** The loss is no longer a finite number: training has diverged. */
export class DivergedError extends Error {
  /** The error's name. */
  override readonly name: string = "DivergedError";
}

/** Signals, timers and interfaces get a turn this often. */
const TURN_MS = 20;

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
 */
export class Trainer {
  /** What is trained. */
  readonly model: TrainableModel;
  /** What changes its parameters. */
  readonly optimizer: StepOptimizer;
  /** What is to become small. */
  readonly loss: Criterion;
  /** How many epochs one `fit()` takes. */
  readonly epochs: number;
  /** One record an epoch, over all calls of `fit()`. */
  readonly history: EpochRecord[] = [];
  /** The running epoch, counted from 1 over all calls of `fit()`. */
  epoch = 0;
  /** The epoch that the running `fit()` ends with. */
  lastEpoch = 0;
  /** Steps taken in the running epoch. */
  step = 0;
  /** Steps of a whole epoch; null where the loader does not know. */
  stepsPerEpoch: number | null = null;
  /** The loss of the last batch, as mean over its samples. */
  batchLoss: number = NaN;

  readonly #callbacks: readonly Callback[];
  // Those who ask for a step's moments: most steps have none to tell.
  readonly #onBatchStart: readonly Callback[];
  readonly #onBackwardStart: readonly Callback[];
  readonly #onBackwardEnd: readonly Callback[];
  readonly #onStep: readonly Callback[];
  readonly #signal: AbortSignal | null;
  readonly #sums: boolean;
  readonly #trainLoss = new MeanLoss();
  #stopping = false;
  #running = false;
  #turn = 0;

  /**
   * Trains nothing yet: call {@linkcode fit}.
   *
   * @throws RangeError when `epochs` is not a whole number of at least 1, or
   * the loss has the reduction `"none"`.
   */
  constructor(model: TrainableModel, options: TrainerOptions) {
    const { optimizer, loss, epochs = 10, callbacks = [], signal } = options;
    if (!Number.isInteger(epochs) || epochs < 1) {
      throw new RangeError(
        `Trainer got epochs ${epochs}, expected a whole number of at least 1`,
      );
    }
    if (loss.reduction === "none") {
      throw new RangeError(
        'Trainer got a loss with reduction "none", expected "mean" or "sum"',
      );
    }
    this.model = model;
    this.optimizer = optimizer;
    this.loss = loss;
    this.epochs = epochs;
    this.#sums = loss.reduction === "sum";
    this.#callbacks = callbacks;
    const asking = (moment: keyof Callback) =>
      callbacks.filter((c) => c[moment] !== undefined);
    this.#onBatchStart = asking("onBatchStart");
    this.#onBackwardStart = asking("onBackwardStart");
    this.#onBackwardEnd = asking("onBackwardEnd");
    this.#onStep = asking("onStep");
    this.#signal = signal ?? null;
  }

  /** Whether the running, or the last, `fit()` was told to stop. */
  get stopped(): boolean {
    return this.#stopping;
  }

  /** The loss over the running epoch's samples so far. */
  get trainLoss(): number {
    return this.#trainLoss.compute();
  }

  /** Ends the training after the current step. */
  stop(): void {
    this.#stopping = true;
  }

  /**
   * Trains for `epochs` epochs, or until stopped; returns the history.
   *
   * A second call continues where the first ended.
   *
   * @throws DivergedError when the loss is no longer finite (the weights are
   * those before that step); Error when a loader is empty, or when `fit()` is
   * running already.
   */
  async fit(train: Batches, valid?: Batches): Promise<EpochRecord[]> {
    if (this.#running) throw new Error("fit() is already running");
    this.#running = true;
    this.#stopping = this.#signal?.aborted ?? false;
    const stop = () => this.stop();
    this.#signal?.addEventListener("abort", stop);
    this.lastEpoch = this.epoch + this.epochs;
    this.#turn = performance.now();
    try {
      for (const c of this.#callbacks) await c.onFitStart?.(this);
      while (this.epoch < this.lastEpoch && !this.#stopping) {
        const record = await this.#runEpoch(train, valid);
        this.history.push(record);
        for (const c of this.#callbacks) await c.onEpochEnd?.(this, record);
      }
    } finally {
      this.#signal?.removeEventListener("abort", stop);
      this.#running = false;
      for (const c of this.#callbacks) await c.onFitEnd?.(this);
    }
    return this.history;
  }

  /**
   * Loss and accuracy on some data, in evaluation mode and without gradients;
   * the model's mode is put back.
   *
   * @throws Error when there are no batches.
   */
  async evaluate(data: Batches): Promise<Evaluation> {
    const { model } = this;
    const { training } = model;
    const loss = new MeanLoss();
    const accuracy = new Accuracy();
    let classes = true;
    const measure = (input: Tensor, target: Tensor) => {
      const output = model.forward(input);
      const value = this.loss.forward(output, target).item();
      loss.update(this.#mean(value, input), input.shape[0]!);
      classes &&= output.ndim === 2 && target.ndim === 1 &&
        target.dtype === "int32";
      if (classes) accuracy.update(output, target);
    };
    model.train(false);
    let batches: number;
    try {
      for (const c of this.#callbacks) await c.onEvaluationStart?.(this);
      batches = await this.#each(data, ([input, target]) => {
        noGrad(() => scope(() => measure(input, target)));
        return true;
      });
    } finally {
      model.train(training);
    }
    if (batches === 0) {
      throw new Error("The data to evaluate the model on has no batches");
    }
    const evaluation: Evaluation = {
      loss: loss.compute(),
      accuracy: classes ? accuracy.compute() : null,
    };
    for (const c of this.#callbacks) {
      await c.onEvaluationEnd?.(this, evaluation);
    }
    return evaluation;
  }

  async #runEpoch(train: Batches, valid?: Batches): Promise<EpochRecord> {
    const start = performance.now();
    this.epoch++;
    this.step = 0;
    this.stepsPerEpoch = lengthOf(train);
    this.#trainLoss.reset();
    this.model.train(true);
    for (const c of this.#callbacks) await c.onEpochStart?.(this);
    const trainStart = performance.now();
    await this.#each(train, (batch) => {
      for (const c of this.#onBatchStart) c.onBatchStart!(this, batch);
      this.#trainStep(batch[0], batch[1]);
      for (const c of this.#onStep) c.onStep!(this);
      return !this.#stopping;
    });
    if (this.step === 0) throw new Error("The training data has no batches");
    const trainSeconds = (performance.now() - trainStart) / 1000;
    // A stop with the last step leaves a whole epoch: it is validated.
    const interrupted = this.#stopping && this.step !== this.stepsPerEpoch;
    let evaluation: Evaluation | null = null;
    if (valid !== undefined && !interrupted) {
      evaluation = await this.evaluate(valid);
    }
    const record: EpochRecord = {
      epoch: this.epoch,
      trainLoss: this.trainLoss,
      validLoss: evaluation?.loss ?? null,
      validAccuracy: evaluation?.accuracy ?? null,
      itPerSecond: this.step / trainSeconds,
      seconds: (performance.now() - start) / 1000,
      steps: this.step,
    };
    return interrupted ? { ...record, interrupted } : record;
  }

  #trainStep(input: Tensor, target: Tensor): void {
    const { model, optimizer } = this;
    optimizer.zeroGrad();
    const loss = this.loss.forward(model.forward(input), target);
    // Reading one number costs next to nothing: it lies in memory.
    const value = this.#mean(loss.item(), input);
    if (!Number.isFinite(value)) {
      throw new DivergedError(
        `The training loss became ${value} in epoch ${this.epoch}, step ${
          this.step + 1
        }: try a smaller learning rate, and look for infinities in the data`,
      );
    }
    for (const c of this.#onBackwardStart) c.onBackwardStart!(this, loss);
    loss.backward();
    for (const c of this.#onBackwardEnd) c.onBackwardEnd!(this);
    optimizer.step();
    this.step++;
    this.batchLoss = value;
    this.#trainLoss.update(value, input.shape[0]!);
  }

  #mean(value: number, input: Tensor): number {
    return this.#sums ? value / input.shape[0]! : value;
  }

  /**
   * Calls `f` with each batch until it returns false; returns their number.
   * Waits for nothing but promises, and for a turn of others now and then.
   */
  async #each(data: Batches, f: (batch: Batch) => boolean): Promise<number> {
    const iterator = Symbol.iterator in data
      ? data[Symbol.iterator]()
      : data[Symbol.asyncIterator]();
    let count = 0;
    let finished = false;
    try {
      for (;;) {
        const next = iterator.next();
        const result = next instanceof Promise ? await next : next;
        if (result.done) {
          finished = true;
          return count;
        }
        count++;
        if (!f(result.value)) return count;
        if (performance.now() - this.#turn > TURN_MS) {
          await turn();
          this.#turn = performance.now();
        }
      }
    } finally {
      if (!finished) await iterator.return?.();
    }
  }
}

/** The number of batches, or null where the loader cannot know it. */
function lengthOf(data: Batches): number | null {
  try {
    return data.length ?? null;
  } catch {
    return null; // a stream's loader throws, as Python's len() does
  }
}

/** Lets signals, timers and messages be handled. */
function turn(): Promise<void> {
  // A timer of 0 ms costs 1 to 4 ms, where setImmediate costs microseconds.
  const { setImmediate } = globalThis as {
    setImmediate?: (f: () => void) => unknown;
  };
  return new Promise((resolve) => {
    if (setImmediate !== undefined) setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
