/** A training, live in a browser. */

import { scope } from "@fdunn/tensor";
import type { Callback, EpochRecord, LogRow } from "../callback.ts";
import { type Batch, knownGroups, learningRates } from "../trainable.ts";
import type { Trainer } from "../trainer.ts";
import { type Command, Feed, figure, type Status } from "./feed.ts";
import { type Classifier, predictionsOf, type Samples } from "./predictions.ts";
import { DashboardServer } from "./server.ts";
import { type Named, statisticsOf } from "./statistics.ts";

/** Options of {@linkcode Dashboard}. */
export interface DashboardOptions {
  /** The port on this machine. Default 0: one that is free. */
  port?: number;
  /** What the training is called. Default `"this training"`. */
  name?: string;
  /** What it was started with. Default: the Trainer's hyperparameters. */
  config?: Readonly<Record<string, unknown>>;
  /** What is predicted after each epoch. Default: of the first batch. */
  samples?: Samples;
  /** The page hears of the training this often, in milliseconds. Default 200. */
  every?: number;
}

/** Weights, gradients and predictions are looked at this often. */
const EXAMINE_MS = 2000;
/** Samples that are taken of the first batch. */
const SAMPLES = 12;

/**
 * Shows a training in the browser while it runs, as a callback of the Trainer:
 * curves, speed, weights and gradients, predictions of samples; and lets who
 * looks at it pause, resume and stop it, and change the learning rate.
 *
 * The page is served on the loopback interface alone, below an address that
 * holds a random token; pages of other origins are refused. Needs permission to
 * listen on 127.0.0.1.
 *
 * ```ts ignore
 * import { Dashboard } from "@fdunn/train/dashboard";
 *
 * const dashboard = new Dashboard();
 * console.log(`dashboard: ${await dashboard.open()}`);
 * const trainer = new Trainer(model, { optimizer, loss, callbacks: [dashboard] });
 * await trainer.fit(train, valid);
 * await dashboard.close();
 * ```
 */
export class Dashboard implements Callback {
  /** What the next training is called, where several follow each other. */
  part: string | null = null;
  readonly #options: DashboardOptions;
  readonly #feed: Feed;
  readonly #server: DashboardServer;
  #samples: Samples | null;
  /** The training that runs. */
  #trainer: Trainer | null = null;
  /** The one whose curves go on. */
  #shown: Trainer | null = null;
  #start = 0;
  #told = -Infinity;
  #toldStep = 0;
  #speed = 0;
  #examined = -Infinity;

  /** Shows nothing yet. */
  constructor(options: DashboardOptions = {}) {
    const { name = "this training", samples } = options;
    this.#options = options;
    this.#samples = samples ?? null;
    this.#feed = new Feed(name);
    this.#server = new DashboardServer(
      this.#feed,
      (command) => this.#obey(command),
    );
  }

  /**
   * Begins to serve the page; returns its address.
   *
   * @throws Error when the port is taken.
   */
  async open(): Promise<string> {
    await this.#server.listen(this.#options.port ?? 0);
    return this.#server.url;
  }

  /** Ends the page's connections and stops serving. */
  async close(): Promise<void> {
    await this.#server.close();
  }

  /** Begins to show a training. */
  onFitStart(trainer: Trainer): void {
    this.#trainer = trainer;
    this.#start = performance.now();
    this.#toldStep = trainer.globalStep;
    if (trainer !== this.#shown) {
      const { name = "this training", config, samples } = this.#options;
      const begun = config ?? trainer.hyperparameters;
      this.#feed.begin(this.part ?? name, begun);
      this.#samples = samples ?? null;
      this.#shown = trainer;
    }
    this.#tell("running");
  }

  /** Keeps samples of the first batch. */
  onBatchStart({ loss }: Trainer, [input, target]: Batch): void {
    if (this.#samples !== null || typeof loss === "function") return;
    if (input.ndim < 2) return;
    const count = Math.min(SAMPLES, input.shape[0]!);
    const classes = target.ndim === 1 && target.dtype === "int32";
    this.#samples = {
      inputs: input.narrow(0, 0, count).detach().clone(),
      ...classes ? { targets: target.narrow(0, 0, count).clone() } : {},
    };
  }

  /** Shows a step, if the last one was shown long enough ago. */
  onStep(trainer: Trainer): void {
    const now = performance.now();
    if (now - this.#told < (this.#options.every ?? 200)) return;
    this.#measure(now, trainer);
    const { batchLoss, globalStep } = trainer;
    this.#feed.points("step", globalStep, {
      loss: batchLoss,
      ...Object.fromEntries(learningRates(knownGroups(trainer.optimizer))),
      ...this.#speed > 0 ? { itPerSecond: this.#speed } : {},
    });
    this.#examine(now, trainer);
    this.#tell("running");
  }

  /** Keeps what was logged after an epoch. */
  onLog(_trainer: Trainer, { kind, epoch, values }: LogRow): void {
    if (kind !== "epoch") return;
    const { steps: _, seconds: __, ...shown } = values;
    this.#feed.points("epoch", epoch, shown);
  }

  /** Shows what was logged, and what the model has become. */
  onEpochEnd(trainer: Trainer, _record: EpochRecord): void {
    const now = performance.now();
    // Epochs of milliseconds are shown with the steps.
    if (now - this.#told < (this.#options.every ?? 200)) return;
    this.#examine(now, trainer);
    this.#tell("running");
  }

  /** Shows a warning. */
  onWarning(_trainer: Trainer, message: string): void {
    this.#feed.happened(message);
  }

  /** Shows what failed. */
  onException(_trainer: Trainer, error: unknown): void {
    this.#tell("failed", error instanceof Error ? error.message : `${error}`);
  }

  /** Shows how it ended. */
  onFitEnd(trainer: Trainer): void {
    if (this.#feed.snapshot.status?.state !== "failed") {
      this.#examine(Infinity, trainer);
      this.#tell(trainer.stopped ? "stopped" : "finished");
    }
    this.#trainer = null;
  }

  #measure(now: number, { globalStep }: Trainer): void {
    const since = now - this.#told;
    const steps = globalStep - this.#toldStep;
    if (Number.isFinite(since)) this.#speed = 1000 * steps / since;
    this.#told = now;
    this.#toldStep = globalStep;
  }

  /** Looks at weights, gradients and predictions, now and then. */
  #examine(now: number, trainer: Trainer): void {
    if (now - this.#examined < EXAMINE_MS) return;
    this.#examined = now;
    const model = trainer.model as Classifier & Partial<Named>;
    if (this.#samples !== null) {
      this.#feed.predictions(predictionsOf(model, this.#samples));
    }
    if (model.namedParameters === undefined) return;
    this.#feed.statistics(scope(() => statisticsOf(model as Named)));
  }

  #tell(state: Status["state"], message: string | null = null): void {
    const trainer = this.#trainer!;
    this.#feed.status({
      state: state === "running" && trainer.paused ? "paused" : state,
      message,
      epoch: trainer.epoch,
      lastEpoch: trainer.lastEpoch,
      step: trainer.step,
      stepsPerEpoch: trainer.stepsPerEpoch,
      itPerSecond: this.#speed,
      seconds: (performance.now() - this.#start) / 1000,
      learningRates: knownGroups(trainer.optimizer).map(({ lr }) => lr),
      batchLoss: figure(trainer.batchLoss),
    });
    this.#feed.flush();
  }

  #obey(command: Command): void {
    const trainer = this.#trainer;
    if (trainer === null) return;
    if (command.kind === "learningRate") {
      for (const group of knownGroups(trainer.optimizer)) {
        group.lr = command.value;
      }
      this.#feed.happened(`learning rate set to ${command.value}`);
    } else {
      trainer[command.kind]();
      const done = { pause: "paused", resume: "resumed", stop: "stopped" };
      this.#feed.happened(
        `${done[command.kind]} at step ${trainer.globalStep}`,
      );
    }
    this.#tell("running");
  }
}
