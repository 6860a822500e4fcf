/**
 * A small convolutional network on any folder of pictures, a subfolder for each
 * class, as torchvision.ImageFolder reads them.
 *
 *     deno task train image_folder --data pictures
 *
 * @module
 */

import { DataLoader, onImages } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { Adam } from "@fdunn/optim";
import { manualSeed } from "@fdunn/tensor";
import { filterChart, Trainer } from "@fdunn/train";
import { showMistakes } from "./classifier_pictures.ts";
import { type Context, experimentOf } from "./experiment.ts";
import { choice, type ConfigOf, count, positive } from "./option.ts";
import { loadPictures } from "./picture_folder.ts";
import { augmented, AUGMENTS, scaled } from "./picture_transforms.ts";

const options = {
  epochs: count(10, "times through the training pictures"),
  batchSize: count(32, "pictures in a step"),
  lr: positive(1e-3, "learning rate of Adam"),
  size: count(32, "pixels that width and height are brought to", 8),
  width: count(32, "channels of the first convolution, the last has 4 times"),
  augment: choice("crop-flip", AUGMENTS, "of training pictures"),
  testShare: positive(0.2, "for testing, if the folder has not train and test"),
  perClass: count(100_000, "pictures of a class, at most"),
};
/** Everything that a run depends on. */
export type FolderConfig = ConfigOf<typeof options>;

/** `[N, 3, size, size]` pixels to `[N, classes]` logits. */
export function folderCnn(width: number, classes: number): nn.Sequential {
  const block = (inputs: number, channels: number) => [
    new nn.Conv2d(inputs, channels, 3, { padding: 1 }),
    new nn.BatchNorm2d(channels),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  ];
  return new nn.Sequential(
    ...block(3, width), // [N, 32, 16, 16] for size 32 and width 32
    ...block(width, 2 * width), // [N, 64, 8, 8]
    ...block(2 * width, 4 * width), // [N, 128, 4, 4]
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(4 * width, classes),
  );
}

/** The folder that was given. */
export function folderOf(data: string | null): string {
  if (data !== null) return data;
  throw new Error(
    "image_folder needs --data FOLDER: a folder with a subfolder of pictures for each class",
  );
}

async function run(config: FolderConfig, context: Context): Promise<void> {
  const { augment, batchSize, epochs, lr, seed, size, width } = config;
  manualSeed(seed);
  const [train, test] = await loadPictures(folderOf(context.data), config);
  const model = folderCnn(width, train.classes.length);
  const trainer = new Trainer(model, {
    optimizer: new Adam(model.parameters(), { lr }),
    loss: new nn.CrossEntropyLoss(),
    epochs,
    callbacks: await context.watch(model, {
      input: [batchSize, 3, size, size],
      keep: { classes: test.classes },
    }),
    signal: context.signal,
  });
  await trainer.fit(
    new DataLoader(train, {
      batchSize,
      shuffle: true,
      transform: onImages(augmented(augment, size)),
    }),
    new DataLoader(test, { batchSize: 100, transform: onImages(scaled) }),
  );
  const [first] = model.parameters(); // [32, 3, 3, 3]
  context.picture("filters", filterChart(first!, { title: "First layer" }));
  showMistakes(model, test, context, { transform: scaled });
}

/** `deno task train image_folder` */
export const experiment = experimentOf({
  name: "image_folder",
  about: "A small CNN on your own pictures: a folder of PNG and JPEG files.",
  options,
  quick: { epochs: 3, width: 16, perClass: 300 },
  data: {
    help:
      "folder with a subfolder of pictures for each class, or with such folders train and test",
    holds: "a subfolder of pictures for each class",
  },
  run,
});
