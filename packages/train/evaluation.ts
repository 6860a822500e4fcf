/** What a model reaches on some data, and what it gives. */

import { noGrad, scope, type Tensor } from "@fdunn/tensor";
import { type BatchLoss, takeLoss } from "./batch_loss.ts";
import { BatchWalk } from "./batch_walk.ts";
import { Accuracy, MeanLoss, type Metric } from "./metrics/metric.ts";
import type {
  Batch,
  Batches,
  Criterion,
  SwitchableModel,
  TrainableModel,
} from "./trainable.ts";
import { modesOf } from "./training_modes.ts";

/** What a model reaches on some data. */
export interface Evaluation {
  /** Mean over the samples. */
  loss: number;
  /** In [0, 1]; null where targets are no classes `[N]`. */
  accuracy: number | null;
  /** Those metrics whose value is a number, by name. */
  metrics: Readonly<Record<string, number>>;
}

/** Metrics by name. */
export type Metrics = Readonly<Record<string, Metric<unknown>>>;

/** Options of {@linkcode evaluate}. */
export interface EvaluateOptions<B = Batch> {
  /** Gathered over the data, from their start. */
  metrics?: Metrics;
  /** At most so many batches. Default: all. */
  maxBatches?: number;
  /** How to go through the batches. */
  walk?: BatchWalk;
  /** Told of each batch and its output, which it must `keep()` to have later. */
  onBatch?(batch: B, output: Tensor): void;
}

/**
 * Loss, accuracy and metrics on some data, in evaluation mode and without
 * gradients; the model's mode is put back.
 *
 * ```ts
 * import { evaluate, F1Score } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { CrossEntropyLoss, Identity } from "@fdunn/nn";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const logits = tensor([[2, 0], [0, 2]]);
 * const classes = tensor(new Int32Array([0, 1]));
 * const { loss, accuracy, metrics } = await evaluate(
 *   new Identity(),
 *   new CrossEntropyLoss(),
 *   [[logits, classes]],
 *   { metrics: { f1: new F1Score(2) } },
 * );
 * assertAlmostEquals(loss, Math.log1p(Math.exp(-2)), 1e-6);
 * assertEquals([accuracy, metrics.f1], [1, 1]);
 * ```
 *
 * The loss may be a function of a batch: {@linkcode BatchLoss}.
 *
 * @throws Error when there are no batches.
 */
export async function evaluate<B = Batch>(
  model: SwitchableModel,
  loss: Criterion | BatchLoss<B>,
  data: Batches<B>,
  options: EvaluateOptions<B> = {},
): Promise<Evaluation> {
  const { metrics = {}, maxBatches = Infinity, walk = new BatchWalk() } =
    options;
  const entries = Object.entries(metrics);
  for (const [, metric] of entries) metric.reset();
  const total = new MeanLoss();
  const accuracy = new Accuracy();
  let classes = true;
  const measure = (batch: B) => {
    const { mean, samples, output, target } = takeLoss(model, loss, batch);
    total.update(mean, samples);
    classes &&= output?.ndim === 2 && target?.ndim === 1 &&
      target.dtype === "int32";
    if (classes) accuracy.update(output!, target!);
    if (entries.length > 0) updateMetrics(metrics, output, target);
    if (output !== null) options.onBatch?.(batch, output);
  };
  let count = 0;
  await inEvaluationMode(model, () =>
    walk.each<B>(data, (batch) => {
      noGrad(() => scope(() => measure(batch)));
      return ++count < maxBatches;
    }));
  if (count === 0) {
    throw new Error("The data to evaluate the model on has no batches");
  }
  return {
    loss: total.compute(),
    accuracy: classes ? accuracy.compute() : null,
    metrics: figuresOf(metrics),
  };
}

/**
 * Gives a batch to the metrics.
 *
 * @throws TypeError when the loss did not tell what they compare.
 */
export function updateMetrics(
  metrics: Metrics,
  output: Tensor | null,
  target: Tensor | null,
): void {
  if (output === null || target === null) {
    throw new TypeError(
      "Metrics compare an output with a target: the loss of a batch must give { loss, output, target }",
    );
  }
  for (const metric of Object.values(metrics)) metric.update(output, target);
}

/** Those metrics whose value is a number. */
export function figuresOf(metrics: Metrics): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const [name, metric] of Object.entries(metrics)) {
    const value = metric.compute();
    if (typeof value === "number") figures[name] = value;
  }
  return figures;
}

/** Batches to predict from: inputs, or inputs with targets. */
export type PredictBatches =
  | Iterable<Tensor | Batch>
  | AsyncIterable<Tensor | Batch>;

/** Options of {@linkcode predict}. */
export interface PredictOptions {
  /** How to go through the batches. */
  walk?: BatchWalk;
  /** Told of each batch and its output. */
  onBatch?(batch: Tensor | Batch, output: Tensor): void;
}

/**
 * A model's outputs for some data, one tensor a batch, in evaluation mode and
 * without gradients; the model's mode is put back. Targets are not looked at.
 *
 * ```ts
 * import { predict } from "@fdunn/train";
 * import { cat, tensor } from "@fdunn/tensor";
 * import { ReLU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const outputs = await predict(new ReLU(), [tensor([[-1]]), tensor([[2]])]);
 * assertEquals(cat(outputs).toArray(), [[0], [2]]);
 * ```
 */
export async function predict(
  model: TrainableModel,
  data: PredictBatches,
  options: PredictOptions = {},
): Promise<Tensor[]> {
  const { walk = new BatchWalk() } = options;
  const outputs: Tensor[] = [];
  await inEvaluationMode(
    model,
    () =>
      walk.each<Tensor | Batch>(data, (batch) => {
        const input = "shape" in batch ? batch : batch[0];
        const output = noGrad(() => scope(() => model.forward(input)));
        outputs.push(output);
        options.onBatch?.(batch, output);
        return true;
      }),
  );
  return outputs;
}

/** Runs `f` while the model is in evaluation mode, and puts its modes back. */
export async function inEvaluationMode<T>(
  model: SwitchableModel,
  f: () => Promise<T>,
): Promise<T> {
  const putBack = modesOf(model);
  model.train(false);
  try {
    return await f();
  } finally {
    putBack();
  }
}
