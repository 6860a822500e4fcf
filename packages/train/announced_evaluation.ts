/** Evaluation and prediction of which the Trainer's callbacks are told. */

import type { Tensor } from "@fdunn/tensor";
import type { BatchWalk } from "./batch_walk.ts";
import {
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  inEvaluationMode,
  predict,
  type PredictBatches,
} from "./evaluation.ts";
import type { Batches } from "./trainable.ts";
import type { Trainer } from "./trainer.ts";

/** What the model reaches on some data; its mode is put back. */
export async function announcedEvaluation(
  trainer: Trainer,
  data: Batches,
  options: Required<Pick<EvaluateOptions, "metrics" | "walk">>,
): Promise<Evaluation> {
  const { callbacks, loss, model } = trainer;
  const evaluation = await inEvaluationMode(model, async () => {
    for (const c of callbacks) await c.onEvaluationStart?.(trainer);
    return await evaluate(model, loss, data, {
      ...options,
      onBatch: (...seen) => {
        for (const c of callbacks) c.onEvaluationBatch?.(trainer, ...seen);
      },
    });
  });
  for (const c of callbacks) await c.onEvaluationEnd?.(trainer, evaluation);
  return evaluation;
}

/** What the model gives for some data; its mode is put back. */
export async function announcedPrediction(
  trainer: Trainer,
  data: PredictBatches,
  walk: BatchWalk,
): Promise<Tensor[]> {
  const { callbacks, model } = trainer;
  const outputs = await inEvaluationMode(model, async () => {
    for (const c of callbacks) await c.onPredictStart?.(trainer);
    return await predict(model, data, {
      walk,
      onBatch: (...seen) => {
        for (const c of callbacks) c.onPredictBatch?.(trainer, ...seen);
      },
    });
  });
  for (const c of callbacks) await c.onPredictEnd?.(trainer, outputs);
  return outputs;
}
