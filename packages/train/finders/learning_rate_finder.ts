/** Which learning rate to train with: a short run through all of them. */

import { type BatchLoss, takeLoss } from "../batch_loss.ts";
import { BatchWalk } from "../batch_walk.ts";
import { lineChart } from "../charts/plot.ts";
import {
  type Batch,
  type Batches,
  type Criterion,
  groupsOf,
  type StepOptimizer,
  type SwitchableModel,
} from "../trainable.ts";
import { withoutLearning, withoutTrace } from "./without_trace.ts";

/** What is tried out; a `Trainer` is such. */
export interface Trial<B = Batch> {
  /** What learns. */
  readonly model: SwitchableModel;
  /** What changes its parameters. */
  readonly optimizer: StepOptimizer;
  /** What is to become small. */
  readonly loss: Criterion | BatchLoss<B>;
}

/** Options of {@linkcode findLearningRate}. */
export interface LearningRateFinderOptions {
  /** The first rate. Default 1e-8. */
  minLr?: number;
  /** The last rate. Default 1. */
  maxLr?: number;
  /** Steps from the first to the last. Default 100. */
  numTraining?: number;
  /** Whether rates grow by factors or by differences. Default factors. */
  mode?: "exponential" | "linear";
  /** Stop once the loss is so many times the best; `null` for never. Default 4. */
  earlyStopThreshold?: number | null;
}

/** How much of the loss's past a smoothed loss has. */
const SMOOTHING = 0.98;

/** Losses by learning rate. */
export class LearningRateFound {
  /** The rates that were tried. */
  readonly lrs: readonly number[];
  /** The smoothed loss with each. */
  readonly losses: readonly number[];

  /** Takes what a run gave. */
  constructor(lrs: readonly number[], losses: readonly number[]) {
    this.lrs = lrs;
    this.losses = losses;
  }

  /**
   * The rate where the loss falls fastest; null where it never does. The first
   * and last figures, which say little, are left out.
   */
  suggestion(skipBegin = 10, skipEnd = 1): number | null {
    const losses = this.losses.slice(skipBegin, this.losses.length - skipEnd);
    let [best, at] = [0, -1];
    for (let i = 0; i < losses.length; i++) {
      // As numpy.gradient(): both neighbours, or the only one at an end.
      const [a, b] = [Math.max(0, i - 1), Math.min(losses.length - 1, i + 1)];
      const slope = (losses[b]! - losses[a]!) / (b - a);
      if (slope < best) [best, at] = [slope, i];
    }
    return at === -1 ? null : this.lrs[skipBegin + at]!;
  }

  /** The losses as SVG, with the suggestion marked. */
  chart(): string {
    const points = this.lrs.map((lr, i) => [lr, this.losses[i]!] as const);
    const series = [{ name: "smoothed loss", points }];
    const suggestion = this.suggestion();
    if (suggestion !== null) {
      const point = points.find(([lr]) => lr === suggestion)!;
      const name = `suggestion: ${Number(suggestion.toPrecision(2))}`;
      series.push({ name, points: [point] });
    }
    return lineChart({
      title: "Loss by learning rate",
      xLabel: "learning rate",
      yLabel: "smoothed loss",
      xScale: "log",
      series,
    });
  }
}

/**
 * Trains for some steps while the learning rate grows, and notes the loss:
 * where it falls fastest is a good rate to begin with (Smith, "Cyclical
 * learning rates for training neural networks", 2015). Model, optimizer, random
 * streams and loader are put back to where they were.
 *
 * ```ts
 * import { findLearningRate } from "@fdunn/train";
 * import { manualSeed, randn } from "@fdunn/tensor";
 * import { DataLoader, TensorDataset } from "@fdunn/data";
 * import { Linear, MSELoss } from "@fdunn/nn";
 * import { SGD } from "@fdunn/optim";
 * import { assert } from "@std/assert";
 *
 * manualSeed(0);
 * const x = randn([64, 2]);
 * const data = new TensorDataset(x, x.mul(3));
 * const model = new Linear(2, 2);
 * const optimizer = new SGD(model.parameters(), { lr: 1 });
 * const found = await findLearningRate(
 *   { model, optimizer, loss: new MSELoss() },
 *   new DataLoader(data, { batchSize: 32 }),
 *   { minLr: 1e-5, maxLr: 10 },
 * );
 * const lr = found.suggestion()!;
 * assert(lr > 1e-3 && lr < 5, `${lr}`);
 * assert(found.chart().startsWith("<svg"));
 * ```
 *
 * See https://lightning.ai/docs/pytorch/stable/api/lightning.pytorch.tuner.tuning.Tuner.html
 *
 * @throws RangeError for rates or steps that make no sense; Error when there
 * are no batches.
 */
export async function findLearningRate<B = Batch>(
  { model, optimizer, loss }: Trial<B>,
  data: Batches<B>,
  options: LearningRateFinderOptions = {},
): Promise<LearningRateFound> {
  const { minLr = 1e-8, maxLr = 1, numTraining = 100 } = options;
  const { mode = "exponential", earlyStopThreshold = 4 } = options;
  if (!(minLr > 0 && maxLr > minLr && maxLr < Infinity)) {
    throw new RangeError(
      `findLearningRate() got minLr ${minLr} and maxLr ${maxLr}, expected 0 < minLr < maxLr`,
    );
  }
  if (!Number.isInteger(numTraining) || numTraining < 2) {
    throw new RangeError(
      `findLearningRate() got numTraining ${numTraining}, expected a whole number of at least 2`,
    );
  }
  const groups = groupsOf("findLearningRate()", optimizer);
  const lrs: number[] = [];
  const losses: number[] = [];
  let [average, best] = [0, Infinity];
  const step = (batch: B): boolean => {
    const part = lrs.length / (numTraining - 1);
    const lr = mode === "linear"
      ? minLr + part * (maxLr - minLr)
      : minLr * (maxLr / minLr) ** part;
    for (const group of groups) group.lr = lr;
    optimizer.zeroGrad();
    const { loss: result, mean } = takeLoss(model, loss, batch);
    if (!Number.isFinite(mean)) return false;
    result.backward();
    optimizer.step();
    average = SMOOTHING * average + (1 - SMOOTHING) * mean;
    const smoothed = average / (1 - SMOOTHING ** (lrs.length + 1));
    lrs.push(lr);
    losses.push(smoothed);
    best = Math.min(best, smoothed);
    const diverged = earlyStopThreshold !== null && lrs.length > 1 &&
      smoothed > earlyStopThreshold * best;
    return !diverged && lrs.length < numTraining;
  };
  await withoutLearning(model, optimizer, () =>
    withoutTrace(data, async () => {
      if (!model.training) model.train(true);
      await cycle(data, step);
    }));
  return new LearningRateFound(lrs, losses);
}

/** Goes through data again and again, until `f` returns false. */
async function cycle<B>(
  data: Batches<B>,
  f: (batch: B) => boolean,
): Promise<void> {
  const walk = new BatchWalk();
  for (let more = true; more;) {
    const count = await walk.each<B>(data, (batch) => more = f(batch));
    if (count === 0) {
      throw new Error("The data to find a learning rate with has no batches");
    }
  }
}
