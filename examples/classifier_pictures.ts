/** What a classifier of pictures gets wrong, as pictures. */

import { DataLoader, type ImageDataset } from "@fdunn/data";
import type { Module } from "@fdunn/nn";
import { cat, noGrad, scope, type Tensor } from "@fdunn/tensor";
import { confusionChart, confusionMatrix, pictureGrid } from "@fdunn/train";
import type { Context } from "./experiment.ts";

/** How {@linkcode showMistakes} names and reads things. */
export interface MistakesOptions {
  /** Precedes the names of the pictures' files. Default: nothing. */
  prefix?: string;
  /** What the model expects done to pixels in [0, 1]. Default: nothing. */
  transform?: (images: Tensor) => Tensor;
}

const BATCH = 250;
const SHOWN = 24;

/** Keeps the confusion matrix, and the first pictures that are mistaken. */
export function showMistakes(
  model: Module<[Tensor]>,
  test: ImageDataset,
  context: Context,
  options: MistakesOptions = {},
): void {
  const { prefix = "", transform = (images: Tensor) => images } = options;
  const { classes, labels, length } = test;
  const training = model.training;
  model.eval();
  const parts: Tensor[] = [];
  for (const [images] of new DataLoader(test, { batchSize: BATCH })) {
    parts.push(
      noGrad(() => scope(() => model.forward(transform(images)).argmax(1))),
    );
  }
  model.train(training);
  const predicted = cat(parts, 0);
  const matrix = confusionMatrix(predicted, labels, classes.length);
  context.picture(
    `${prefix}confusion`,
    confusionChart(matrix, { classes, title: "Test pictures" }),
  );
  const [said, meant] = [predicted.data(), labels.data()];
  const wrong: number[] = [];
  for (let i = 0; i < length && wrong.length < SHOWN; i++) {
    if (said[i] !== meant[i]) wrong.push(i);
  }
  if (wrong.length === 0) return;
  const [images] = test.getBatch(Int32Array.from(wrong));
  const space = classes.some((name) => name.length > 3) ? "\n" : " ";
  const captions = wrong.map((i) =>
    `${classes[Number(said[i])]},${space}is ${classes[Number(meant[i])]}`
  );
  context.picture(
    `${prefix}mistakes`,
    pictureGrid(images, captions, { title: "Mistaken test pictures" }),
  );
}
