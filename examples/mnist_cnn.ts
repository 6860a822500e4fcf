/**
 * A small convolutional network on MNIST: two convolutions, two linear layers,
 * 40,646 parameters.
 *
 *     deno task train
 *
 * @module
 */

import { DataLoader, loadMnist, type MnistOptions } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { Adam, SGD } from "@fdunn/optim";
import { manualSeed } from "@fdunn/tensor";
import { type Callback, type EpochRecord, Trainer } from "@fdunn/train";

/** Everything that a run depends on. */
export interface MnistConfig {
  epochs: number;
  batchSize: number;
  activation: "sigmoid" | "relu";
  optimizer: "sgd" | "adam";
  lr: number;
  /** Whether a batch's loss is the sum or the mean over its pictures. */
  reduction: "sum" | "mean";
  seed: number;
}

/** The first report's run. */
export const defaults: MnistConfig = {
  epochs: 10,
  batchSize: 16,
  activation: "sigmoid",
  optimizer: "sgd",
  lr: 0.01,
  reduction: "sum",
  seed: 0,
};

/** `[N, 1, 28, 28]` pixels in [0, 1] to `[N, 10]` logits. */
export function mnistCnn(
  activation: MnistConfig["activation"],
): nn.Sequential {
  const act = () => activation === "relu" ? new nn.ReLU() : new nn.Sigmoid();
  const model = new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1 }), // [N, 4, 28, 28]
    act(),
    new nn.MaxPool2d(2), // [N, 4, 14, 14]
    new nn.Conv2d(4, 8, 3, { padding: 1 }), // [N, 8, 14, 14]
    act(),
    new nn.MaxPool2d(2), // [N, 8, 7, 7]
    new nn.Flatten(), // [N, 392]
    new nn.Linear(392, 100),
    act(),
    new nn.Linear(100, 10),
  );
  // PyTorch's own initialisation is too small for three sigmoids in a row:
  // such a net stays at the loss ln 10 for epochs before it learns anything.
  for (const [name, parameter] of model.namedParameters()) {
    if (name.endsWith("weight")) nn.init.kaimingNormal_(parameter);
    else nn.init.zeros_(parameter);
  }
  return model;
}

/** Where a run's data come from, and who watches it. */
export interface MnistSetup {
  /** See `loadMnist()`. */
  data?: MnistOptions;
  /** Called with the new model; what it returns is told of the progress. */
  callbacks?: (model: nn.Sequential) => Promise<Callback[]>;
  /** Ends the training after the current step when aborted. */
  signal?: AbortSignal;
}

/** A run that is ready to start. */
export interface MnistRun {
  model: nn.Sequential;
  trainer: Trainer;
  /** Trains to the end, or until stopped; returns the history. */
  start(): Promise<EpochRecord[]>;
}

/** Seeds, loads the data, and makes the model and its trainer. */
export async function mnistRun(
  config: MnistConfig,
  { data, callbacks, signal }: MnistSetup = {},
): Promise<MnistRun> {
  const { batchSize, epochs, lr, reduction, seed } = config;
  manualSeed(seed);
  const train = new DataLoader(await loadMnist("train", data), {
    batchSize,
    shuffle: true,
  });
  const valid = new DataLoader(await loadMnist("test", data), {
    batchSize: 250, // large batches are quicker where nothing is learned
  });
  const model = mnistCnn(config.activation);
  const Optimizer = config.optimizer === "adam" ? Adam : SGD;
  const trainer = new Trainer(model, {
    optimizer: new Optimizer(model.parameters(), { lr }),
    loss: new nn.CrossEntropyLoss({ reduction }),
    epochs,
    callbacks: await callbacks?.(model) ?? [],
    ...signal === undefined ? {} : { signal },
  });
  return { model, trainer, start: () => trainer.fit(train, valid) };
}
