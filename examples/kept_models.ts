/** The models that experiments keep, and what they are tested on. */

import { DataLoader, loadCifar10, loadMnist, onImages } from "@fdunn/data";
import type { Module } from "@fdunn/nn";
import { manualSeed } from "@fdunn/tensor";
import type { Batches } from "@fdunn/train";
import { CIFAR10_PATH } from "./cifar10_place.ts";
import { vgg } from "./cifar10_cnn.ts";
import type { Config } from "./experiment.ts";
import { folderCnn, type FolderConfig, folderOf } from "./image_folder.ts";
import { mnistCnn, type MnistConfig } from "./mnist_cnn.ts";
import { loadPictures } from "./picture_folder.ts";
import { scaled } from "./picture_transforms.ts";

/** A model without its weights, and its test. */
export interface KeptModel {
  /** The model, with whatever weights. */
  model: Module;
  /** Test batches. */
  test: Batches;
  /** The names of the classes. */
  classes: readonly string[];
}

/** By experiment: opens the model that a run with this configuration keeps. */
export const KEPT_MODELS: Readonly<
  Record<string, (config: Config, data: string | null) => Promise<KeptModel>>
> = {
  async mnist_cnn(config, dir) {
    const { activation } = config as unknown as MnistConfig;
    const test = await loadMnist("test", dir === null ? {} : { dir });
    return {
      model: mnistCnn(activation),
      test: new DataLoader(test, { batchSize: 250 }),
      classes: Array.from({ length: 10 }, (_, digit) => `${digit}`),
    };
  },
  async cifar10_cnn(config, path) {
    const test = await loadCifar10("test", { path: path ?? CIFAR10_PATH });
    return {
      model: vgg(config.width as number),
      test: new DataLoader(test, {
        batchSize: 100,
        transform: onImages(scaled),
      }),
      classes: test.classes,
    };
  },
  async image_folder(config, data) {
    const options = config as unknown as FolderConfig;
    manualSeed(config.seed); // which draws the test pictures
    const [, test] = await loadPictures(folderOf(data), options);
    return {
      model: folderCnn(options.width, test.classes.length),
      test: new DataLoader(test, {
        batchSize: 100,
        transform: onImages(scaled),
      }),
      classes: test.classes,
    };
  },
};
