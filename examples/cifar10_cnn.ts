/**
 * A VGG-like network on CIFAR-10: 8 convolutions with batch normalisation,
 * 9.2 million parameters.
 *
 *     deno task train cifar10_cnn --data cifar-10-binary.tar.gz --epochs 1
 *
 * @module
 */

import { DataLoader, loadCifar10, onImages } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { Adam } from "@fdunn/optim";
import { manualSeed } from "@fdunn/tensor";
import { filterChart, Trainer } from "@fdunn/train";
import { CIFAR10_HELP, CIFAR10_PATH } from "./cifar10_place.ts";
import { showMistakes } from "./classifier_pictures.ts";
import { type Context, experimentOf } from "./experiment.ts";
import { choice, type ConfigOf, count, positive } from "./option.ts";
import { partOf } from "./part_of.ts";
import { augmented, AUGMENTS, scaled } from "./picture_transforms.ts";

const options = {
  epochs: count(2, "times through the training pictures, the report's 400"),
  batchSize: count(32, "pictures in a step"),
  lr: positive(1e-4, "learning rate of Adam"),
  width: count(64, "channels of the first convolution, the last has 8 times"),
  augment: choice("none", AUGMENTS, "of training pictures"),
  samples: count(50_000, "pictures to train on"),
  testSamples: count(10_000, "pictures to test on"),
};
/** Everything that a run depends on. */
export type CnnConfig = ConfigOf<typeof options>;

/** `[N, 3, 32, 32]` pixels to `[N, 10]` logits. */
export function vgg(width: number): nn.Sequential {
  const conv = (inputs: number, channels: number) => [
    new nn.Conv2d(inputs, channels, 3, { padding: 1 }),
    new nn.BatchNorm2d(channels),
    new nn.ReLU(),
  ];
  const pool = () => new nn.MaxPool2d(3, { stride: 2, padding: 1 });
  return new nn.Sequential(
    ...conv(3, width),
    pool(), // [N, 64, 16, 16] for width 64
    ...conv(width, 2 * width),
    pool(), // [N, 128, 8, 8]
    ...conv(2 * width, 4 * width),
    ...conv(4 * width, 4 * width),
    pool(), // [N, 256, 4, 4]
    ...conv(4 * width, 8 * width),
    ...conv(8 * width, 8 * width),
    pool(), // [N, 512, 2, 2]
    ...conv(8 * width, 8 * width),
    ...conv(8 * width, 8 * width),
    pool(), // [N, 512, 1, 1]
    new nn.Flatten(),
    new nn.Linear(8 * width, 10),
  );
}

async function run(config: CnnConfig, context: Context): Promise<void> {
  const { augment, batchSize, epochs, lr, samples, seed, width } = config;
  manualSeed(seed);
  const path = context.data ?? CIFAR10_PATH;
  const train = await loadCifar10("train", { path });
  const test = await loadCifar10("test", { path });
  const model = vgg(width);
  const trainer = new Trainer(model, {
    optimizer: new Adam(model.parameters(), { lr }),
    loss: new nn.CrossEntropyLoss(),
    epochs,
    callbacks: await context.watch(model, {
      input: [batchSize, 3, 32, 32],
      keep: { classes: test.classes },
    }),
    signal: context.signal,
  });
  await trainer.fit(
    new DataLoader(partOf(train, 0, samples), {
      batchSize,
      shuffle: true,
      transform: onImages(augmented(augment, 32)),
    }),
    new DataLoader(partOf(test, 0, config.testSamples), {
      batchSize: 100,
      transform: onImages(scaled),
    }),
  );
  const [first] = model.parameters(); // [64, 3, 3, 3]
  context.picture("filters", filterChart(first!, { title: "conv1" }));
  if (context.signal.aborted) return;
  showMistakes(model, test, context, { transform: scaled });
}

/** `deno task train cifar10_cnn` */
export const experiment = experimentOf({
  name: "cifar10_cnn",
  about: "A VGG-like CNN on CIFAR-10: minutes an epoch.",
  options,
  quick: {
    width: 8,
    lr: 0.002,
    epochs: 2,
    samples: 5000,
    testSamples: 1000,
  },
  data: CIFAR10_HELP,
  run,
});
