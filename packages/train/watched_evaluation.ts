/** A Trainer's evaluations and predictions, of which its callbacks are told. */

import type { Tensor } from "@fdunn/tensor";
import type { BatchWalk } from "./batch_walk.ts";
import {
  evaluate,
  type Evaluation,
  inEvaluationMode,
  type Metrics,
  predict,
  type PredictBatches,
} from "./evaluation.ts";
import type { Batches } from "./trainable.ts";
import type { Trainer } from "./trainer.ts";

/** What {@linkcode Trainer.evaluate} does. */
export async function evaluateWatched(
  trainer: Trainer,
  data: Batches,
  gathered: { metrics: Metrics; walk: BatchWalk },
): Promise<Evaluation> {
  const { model, loss, callbacks } = trainer;
  const evaluation = await inEvaluationMode(model, async () => {
    for (const c of callbacks) await c.onEvaluationStart?.(trainer);
    return await evaluate(model, loss, data, {
      ...gathered,
      onBatch: (...seen) => {
        for (const c of callbacks) c.onEvaluationBatch?.(trainer, ...seen);
      },
    });
  });
  for (const c of callbacks) await c.onEvaluationEnd?.(trainer, evaluation);
  return evaluation;
}

/** What {@linkcode Trainer.predict} does. */
export async function predictWatched(
  trainer: Trainer,
  data: PredictBatches,
  walk: BatchWalk,
): Promise<Tensor[]> {
  const { model, callbacks } = trainer;
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
