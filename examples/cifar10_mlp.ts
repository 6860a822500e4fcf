/**
 * An MLP on CIFAR-10, which overfits in plain sight, and the same with dropout
 * and a learning rate that falls too early.
 *
 *     deno task train cifar10_mlp --data cifar-10-binary.tar.gz
 *
 * @module
 */

import { DataLoader, loadCifar10, onImages } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { SGD, StepLR } from "@fdunn/optim";
import { manualSeed, type Tensor } from "@fdunn/tensor";
import { Trainer } from "@fdunn/train";
import { CIFAR10_HELP, CIFAR10_PATH } from "./cifar10_place.ts";
import { showMistakes } from "./classifier_pictures.ts";
import { type Context, experimentOf } from "./experiment.ts";
import {
  choice,
  type ConfigOf,
  count,
  list,
  notNegative,
  positive,
} from "./option.ts";
import { partOf } from "./part_of.ts";
import { scaled } from "./picture_transforms.ts";

const RUNS = ["plain", "dropout"] as const;

const options = {
  runs: list(RUNS, choice("plain", RUNS, "nets, the latter with StepLR, too")),
  epochs: count(300, "times through the training pictures"),
  batchSize: count(32, "pictures in a step"),
  lr: positive(0.01, "learning rate of SGD"),
  hidden1: count(100, "units of the first hidden layer"),
  hidden2: count(50, "units of the second"),
  dropout: notNegative(0.5, "share of hidden units that dropout leaves out"),
  stepSize: count(10, "epochs between the steps of dropout's rate"),
  gamma: positive(0.1, "factor of each of them"),
  samples: count(50_000, "pictures to train on"),
};
type MlpConfig = ConfigOf<typeof options>;

async function run(config: MlpConfig, context: Context): Promise<void> {
  const { batchSize, epochs, gamma, hidden1, hidden2, lr, seed, stepSize } =
    config;
  const path = context.data ?? CIFAR10_PATH;
  const all = await loadCifar10("train", { path });
  const test = await loadCifar10("test", { path });
  const first = partOf(all, 0, config.samples);
  const transform = onImages<[Tensor, Tensor]>(scaled);
  const valid = new DataLoader(test, { batchSize: 500, transform });
  for (const kind of config.runs) {
    manualSeed(seed);
    const hiddenLayer = (inputs: number, units: number) => [
      new nn.Linear(inputs, units),
      new nn.ReLU(),
      ...kind === "dropout" ? [new nn.Dropout(config.dropout)] : [],
    ];
    const model = new nn.Sequential(
      new nn.Flatten(), // [N, 3072]
      ...hiddenLayer(3 * 32 * 32, hidden1),
      ...hiddenLayer(hidden1, hidden2),
      new nn.Linear(hidden2, 10),
    );
    const optimizer = new SGD(model.parameters(), { lr });
    const schedule = kind === "dropout"
      ? new StepLR(optimizer, { stepSize, gamma })
      : null;
    const watching = await context.watch(model, { part: kind, every: 2 });
    const trainer = new Trainer(model, {
      optimizer,
      loss: new nn.CrossEntropyLoss(),
      epochs,
      callbacks: [...watching, { onEpochEnd: () => schedule?.step() }],
      signal: context.signal,
    });
    await trainer.fit(
      new DataLoader(first, { batchSize, shuffle: true, transform }),
      valid,
    );
    const { accuracy } = await trainer.evaluate(
      new DataLoader(first, { batchSize: 500, transform }),
    );
    context.figures(kind, { trainAccuracyAtEnd: accuracy });
    showMistakes(model, test, context, {
      prefix: `${kind}_`,
      transform: scaled,
    });
    if (context.signal.aborted) return;
  }
}

/** `deno task train cifar10_mlp` */
export const experiment = experimentOf({
  name: "cifar10_mlp",
  about: "An MLP on CIFAR-10, plain, and with dropout and a falling rate.",
  options,
  quick: { epochs: 5, samples: 10_000 },
  data: CIFAR10_HELP,
  run,
});
