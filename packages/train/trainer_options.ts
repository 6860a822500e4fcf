/** What a Trainer is told, and the callbacks that some of it stands for. */

import type { Callback } from "./callback.ts";
import type { Metrics } from "./evaluation.ts";
import {
  GradientClipping,
  type GradientClippingOptions,
} from "./callbacks/gradient_clipping.ts";
import {
  LearningRateSchedule,
  type LearningRateScheduleOptions,
  type Scheduler,
} from "./callbacks/learning_rate_schedule.ts";
import type { BatchLoss } from "./batch_loss.ts";
import {
  type Batch,
  type Criterion,
  groupsOf,
  type Resumable,
  type StepOptimizer,
} from "./trainable.ts";
import { type Duration, TrainingLimits } from "./callbacks/training_limits.ts";

/** How `fit()` begins. */
export interface FitOptions {
  /** A checkpoint, or a folder with some, to go on from. */
  resumeFrom?: string;
}

/** A schedule that follows epochs, or one with its options. */
export type ScheduleOption = Scheduler | LearningRateScheduleOptions;

/** What `Trainer` works with. */
export interface TrainerOptions<B = Batch> {
  /** Changes the parameters after each batch. */
  optimizer: StepOptimizer;
  /**
   * What is to become small: a loss of (output, target), or a function of
   * whatever the batches are.
   */
  loss: Criterion | BatchLoss<B>;
  /** How many times `fit()` goes through the training data. Default 10. */
  epochs?: number;
  /** Steps of the optimizer that one `fit()` takes at most. */
  maxSteps?: number;
  /** How long one `fit()` trains at most, in seconds or parts of days. */
  maxTime?: Duration;
  /** Who is told of the progress, in this order. */
  callbacks?: readonly Callback[];
  /** Stops the training, as `Trainer.stop()` does, when aborted. */
  signal?: AbortSignal;
  /** Gathered over the validation data: `f1` is recorded as `validF1`. */
  metrics?: Metrics;
  /** Gathered over the training batches: `f1` is recorded as `trainF1`. */
  trainMetrics?: Metrics;
  /**
   * Batches whose gradients are added up before a step. Default 1. By epoch: see
   * `GradientAccumulationScheduler`.
   *
   * A step goes by the mean over its batches (of a loss with the reduction
   * `"sum"` by their sum): it is the step of one large batch. What is left of an
   * epoch is a step by the mean over the batches that it has, as the last batch
   * of a loader is a smaller one. Lightning divides what is left by the whole
   * number, so that its last step is shorter; Keras takes it into the next
   * epoch.
   */
  accumulateGradBatches?: number;
  /** Limits the gradients' joint norm, or with `value` each of them. */
  gradClip?: number | GradientClippingOptions;
  /** Learning rate schedules: after each epoch, unless they say otherwise. */
  lrScheduler?: ScheduleOption | readonly ScheduleOption[];
  /** Validation batches that are tried before the training. Default 1. */
  numSanityValSteps?: number;
  /** Loggers get a row of figures every so many steps. Default 50. */
  logEveryNSteps?: number;
  /**
   * Further random generators, or others with a place, that checkpoints keep;
   * the default generator with its streams and the loaders are kept anyway.
   */
  generators?: Readonly<Record<string, Resumable>>;
  /** What the training was made with, for loggers and checkpoints. */
  hyperparameters?: Readonly<Record<string, unknown>>;
  /** Where warnings go. Default: `console.warn`. */
  warn?: (message: string) => void;
}

/** The callbacks that options stand for. */
export function builtInCallbacks(options: TrainerOptions<never>): Callback[] {
  const { gradClip, lrScheduler, maxSteps, maxTime } = options;
  const built: Callback[] = [];
  if (maxSteps !== undefined || maxTime !== undefined) {
    built.push(new TrainingLimits({ maxSteps, maxTime }));
  }
  if (gradClip !== undefined) {
    built.push(
      new GradientClipping(
        typeof gradClip === "number" ? { norm: gradClip } : gradClip,
      ),
    );
  }
  const schedules = lrScheduler === undefined
    ? []
    : isList(lrScheduler)
    ? lrScheduler
    : [lrScheduler];
  for (const schedule of schedules) {
    built.push(
      new LearningRateSchedule(
        "scheduler" in schedule ? schedule : { scheduler: schedule },
      ),
    );
  }
  return built;
}

/** Throws for options that make no sense, naming the option. */
export function checkTrainerOptions(options: TrainerOptions<never>): void {
  const { loss, metrics, trainMetrics } = options;
  requireWhole("epochs", options.epochs ?? 1, 1);
  checkAccumulation(options.accumulateGradBatches ?? 1, options.optimizer);
  requireWhole("logEveryNSteps", options.logEveryNSteps ?? 1, 1);
  requireWhole("numSanityValSteps", options.numSanityValSteps ?? 0, 0);
  if (reductionOf(loss) === "none") {
    throw new RangeError(
      'Trainer got a loss with reduction "none", expected "mean" or "sum"',
    );
  }
  for (const name of Object.keys({ ...metrics, ...trainMetrics })) {
    if (name !== "" && name !== "loss") continue;
    throw new RangeError(
      `Trainer got a metric named "${name}", which ${
        name === "" ? "is no name" : "the loss is called"
      }`,
    );
  }
}

/** Throws for a number of batches, or an optimizer, that cannot be for it. */
export function checkAccumulation(
  batches: number,
  optimizer: StepOptimizer,
): void {
  requireWhole("accumulateGradBatches", batches, 1);
  if (batches > 1) groupsOf("accumulateGradBatches", optimizer);
}

function requireWhole(option: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(
    `Trainer got ${option} ${value}, expected a whole number of at least ${least}`,
  );
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** How a loss module reduces; a function gives means. */
export function reductionOf(
  loss: Criterion | BatchLoss<never>,
): string | undefined {
  return typeof loss === "function" ? "mean" : loss.reduction;
}

/** A figure's name after what it was gathered over: `validF1`. */
export function figureName(over: "train" | "valid", name: string): string {
  return over + name[0]!.toUpperCase() + name.slice(1);
}
