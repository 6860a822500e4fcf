/** What the tests of resuming share: a training with a bit of everything. */

import { DataLoader, TensorDataset } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { Adam, CosineAnnealingLR, ReduceLROnPlateau } from "@fdunn/optim";
import {
  Generator,
  manualSeed,
  randint,
  randn,
  setNumThreads,
  streamFor,
  type Tensor,
} from "@fdunn/tensor";
import type { Callback } from "../callback.ts";
import { hashWeights } from "./checkpoint.ts";
import { F1Score } from "../metrics/class_metric.ts";
import { EarlyStopping } from "../callbacks/early_stopping.ts";
import { LearningRateMonitor } from "../callbacks/learning_rate_monitor.ts";
import { Accuracy } from "../metrics/metric.ts";
import { ModelCheckpoint } from "./model_checkpoint.ts";
import { RunFolder } from "../runs/run_folder.ts";
import { Trainer } from "../trainer.ts";
import type { TrainerOptions } from "../trainer_options.ts";
import { EMAWeightAveraging } from "../averaging/weight_averaging.ts";

/** How large a training is. */
export interface Size {
  samples: number;
  features: number;
  hidden: number;
  batchSize: number;
}

/** Milliseconds. */
export const SMALL: Size = {
  samples: 30,
  features: 4,
  hidden: 6,
  batchSize: 4,
};

/** Large enough for several threads to share its products. */
export const LARGE: Size = {
  samples: 960,
  features: 128,
  hidden: 256,
  batchSize: 64,
};

/** A training as it is before its first step. */
export interface Training {
  trainer: Trainer;
  train: DataLoader<[Tensor, Tensor]>;
  valid: DataLoader<[Tensor, Tensor]>;
}

/**
 * Dropout, batch norm, shuffling, augmentation from two generators, Adam, two
 * schedules, clipping, accumulation, metrics, early stopping, averaged weights.
 */
export function makeTraining(
  size: Size,
  callbacks: (model: nn.Sequential) => readonly Callback[] = () => [],
  options: Partial<TrainerOptions> = {},
): Training {
  manualSeed(7);
  const x = randn([size.samples, size.features]);
  const y = randint(0, 3, [size.samples]);
  const data = new TensorDataset(x, y);
  const noise = new Generator(11);
  const { batchSize } = size;
  const train = new DataLoader(data, {
    batchSize,
    shuffle: true,
    transform([x, y]): [Tensor, Tensor] {
      const own = randn(x.shape, { generator: noise });
      const shared = randn(x.shape, { generator: streamFor("augment") });
      return [x.add(own.mul(0.1)).add(shared.mul(0.1)), y];
    },
  });
  const valid = new DataLoader(data, { batchSize, shuffle: true, seed: 3 });
  const model = new nn.Sequential(
    new nn.Linear(size.features, size.hidden),
    new nn.BatchNorm1d(size.hidden),
    new nn.ReLU(),
    new nn.Dropout(0.3),
    new nn.Linear(size.hidden, 3),
  );
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const trainer = new Trainer(model, {
    optimizer,
    loss: new nn.CrossEntropyLoss(),
    epochs: 4,
    accumulateGradBatches: 2,
    gradClip: 1,
    lrScheduler: [
      {
        scheduler: new CosineAnnealingLR(optimizer, { tMax: 50 }),
        interval: "step",
      },
      new ReduceLROnPlateau(optimizer, { patience: 0 }),
    ],
    metrics: { f1: new F1Score(3) },
    trainMetrics: { accuracy: new Accuracy() },
    generators: { noise },
    callbacks: [
      new EarlyStopping({ patience: 100 }),
      new EMAWeightAveraging({ decay: 0.9 }),
      new LearningRateMonitor(),
      ...callbacks(model),
    ],
    ...options,
  });
  return { trainer, train, valid };
}

/** A history without what depends on the clock. */
export function timeless(history: readonly object[]): unknown[] {
  return history.map((record) => {
    const { seconds: _, itPerSecond: __, ...rest } = record as Record<
      string,
      unknown
    >;
    return rest;
  });
}

/**
 * As a program: trains in a run folder, going on from its newest checkpoint,
 * and prints the hash of the weights; so many threads take part.
 */
async function main([folder, threads]: [string, string]): Promise<void> {
  setNumThreads(Number(threads));
  // The run folder wants the model, which the Trainer is made with.
  const callbacks = (model: nn.Sequential) => [
    new RunFolder(folder, { model, config: {}, resume: true }),
    new ModelCheckpoint(`${folder}/checkpoints`, {
      monitor: "validLoss",
      saveTopK: 2,
      everyNSteps: 1,
    }),
    { onFitStart: () => console.log("running") },
  ];
  const { trainer, train, valid } = makeTraining(LARGE, callbacks);
  await trainer.fit(train, valid);
  console.log(await hashWeights(trainer.model as nn.Sequential));
}

if (import.meta.main && Deno.args.length === 2) {
  await main(Deno.args as [string, string]);
}
