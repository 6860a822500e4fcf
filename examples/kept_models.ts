/** The models that experiments keep, and what they are tested on. */

import {
  DataLoader,
  type ImageDataset,
  type ImageTransform,
  loadCifar10,
  loadMnist,
  onImages,
} from "@fdunn/data";
import type { Module } from "@fdunn/nn";
import { manualSeed, type Tensor } from "@fdunn/tensor";
import type { Batches } from "@fdunn/train";
import { type TextConfig, textModel, textsOf } from "./char_gpt.ts";
import { CIFAR10_PATH } from "./cifar10_place.ts";
import { type CnnConfig, vgg } from "./cifar10_cnn.ts";
import type { Gpt } from "./gpt.ts";
import { folderCnn, type FolderConfig, folderOf } from "./image_folder.ts";
import { mnistCnn, type MnistConfig } from "./mnist_cnn.ts";
import { loadPictures } from "./picture_folder.ts";
import { scaled } from "./picture_transforms.ts";
import type { Run } from "./run_files.ts";

/** A classifier of pictures. */
export interface KeptClassifier {
  kind: "classifier";
  model: Module<[Tensor]>;
  /** The pictures that it takes. */
  channels: 1 | 3;
  size: number;
  /** What is done to their pixels in [0, 1]. Default: nothing. */
  transform?: ImageTransform;
  batchSize: number;
  /** Test pictures, from where the option `--data` says. */
  test(data: string | null): Promise<ImageDataset>;
}

/** A model that writes character by character. */
export interface KeptWriter {
  kind: "writer";
  model: Gpt;
  /** How many characters it sees. */
  context: number;
  /** Windows of the text that is for testing. */
  test(data: string | null): Promise<Batches>;
}

/** Opens the model of a run, with whatever weights, by its outputs' names. */
type Opener<C> = (
  config: C,
  names: readonly string[],
) => KeptClassifier | KeptWriter;

/** By experiment: which names its outputs have, and how a model is opened. */
export const KEPT_MODELS: Readonly<
  Record<string, Opener<Run["config"]["options"]>>
> = {
  mnist_cnn: opener<MnistConfig>(({ activation }) => ({
    kind: "classifier",
    model: mnistCnn(activation),
    channels: 1,
    size: 28,
    batchSize: 250,
    test: (dir) => loadMnist("test", dir === null ? {} : { dir }),
  })),
  cifar10_cnn: opener<CnnConfig>(({ width }) => ({
    kind: "classifier",
    model: vgg(width),
    channels: 3,
    size: 32,
    transform: scaled,
    batchSize: 100,
    test: (path) => loadCifar10("test", { path: path ?? CIFAR10_PATH }),
  })),
  image_folder: opener<FolderConfig>((config, classes) => ({
    kind: "classifier",
    model: folderCnn(config.width, classes.length),
    channels: 3,
    size: config.size,
    transform: scaled,
    batchSize: 100,
    async test(data) {
      manualSeed(config.seed); // which draws the test pictures
      const [, test] = await loadPictures(folderOf(data), config);
      return test;
    },
  })),
  char_gpt: opener<TextConfig>((config, alphabet) => ({
    kind: "writer",
    model: textModel(config, alphabet),
    context: config.context,
    async test(data) {
      const { test } = await textsOf(config, data, alphabet);
      return test;
    },
  })),
};

/** An opener for configurations of a kind, which are those of its runs. */
function opener<C>(open: Opener<C>): Opener<Run["config"]["options"]> {
  return (config, names) => open(config as unknown as C, names);
}

/** Batches of pictures as a classifier takes them. */
export function batchesOf(
  { batchSize, transform }: KeptClassifier,
  pictures: ImageDataset,
): DataLoader<[Tensor, Tensor]> {
  return new DataLoader(pictures, {
    batchSize,
    ...transform === undefined ? {} : { transform: onImages(transform) },
  });
}
