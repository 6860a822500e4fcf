/** Classifying pictures with the model of a run. */

import { noGrad, scope, type Tensor } from "@fdunn/tensor";
import type { CommandLine } from "./command_line.ts";
import { gallery } from "./draw_picture.ts";
import { readPictures } from "./given_pictures.ts";
import { batchesOf, type KeptClassifier } from "./kept_models.ts";
import { type OpenedModel, testDataOf } from "./open_kept.ts";
import { wholeNumber } from "./option_value.ts";

/** What a picture is taken for. */
interface Prediction {
  /** Where it is from, if it was named. */
  file?: string;
  class: string;
  probability: number;
  /** What it is, if that is known. */
  label?: string;
  /** Of each class, in their order. */
  probabilities: number[];
}

/** Shows pictures and what they are taken for; without files those to test on. */
export async function classifyPictures(
  opened: OpenedModel & { kept: KeptClassifier },
  paths: readonly string[],
  { flags, options }: CommandLine,
): Promise<void> {
  const { kept, names: classes, path } = opened;
  const count = wholeNumber("count", options.count ?? "6", 0);
  const { pictures, files } = paths.length > 0
    ? await readPictures(paths, kept)
    : { pictures: await testDataOf(opened, options.data), files: null };
  const predictions: Prediction[] = [];
  for await (const [images, labels] of batchesOf(kept, pictures)) {
    const shares = probabilitiesOf(kept, images);
    shares.forEach((probabilities, i) => {
      const probability = Math.max(...probabilities);
      const file = files?.[predictions.length];
      const known = file === undefined
        ? { label: classes[labels.select(0, i).item()]! }
        : { file };
      const best = classes[probabilities.indexOf(probability)]!;
      predictions.push({ ...known, class: best, probability, probabilities });
    });
  }
  const total = predictions.length;
  const correct = predictions.filter((it) => it.class === it.label).length;
  if (flags.includes("json")) {
    const known = files === null ? { correct } : {};
    console.log(
      JSON.stringify({ run: path, classes, total, ...known, predictions }),
    );
    return;
  }
  if (count > 0) {
    const captions = predictions.slice(0, count).map(captionOf);
    console.log(gallery(pictures.images, captions));
  }
  for (const { file, probabilities } of predictions) {
    if (file === undefined) continue;
    console.log(`${file}: ${likeliest(probabilities, classes)}`);
  }
  console.log(
    files === null
      ? `${correct} of ${total} correct: ${percent(correct / total)}`
      : `${total} picture${total === 1 ? "" : "s"}`,
  );
}

/** The probability of each class, for each picture. */
function probabilitiesOf(
  { model }: KeptClassifier,
  images: Tensor,
): number[][] {
  return noGrad(() =>
    scope(() => model.forward(images).softmax(1).toArray() as number[][])
  );
}

/** What a picture is taken for, and what it is where that differs. */
function captionOf({ class: name, label, probability }: Prediction): string {
  const wrong = label === undefined || label === name ? "" : `, is ${label}`;
  return `${name}  ${percent(probability)}${wrong}`;
}

/** The three likeliest classes. */
function likeliest(
  probabilities: readonly number[],
  classes: readonly string[],
): string {
  return probabilities.map((share, i) => ({ share, name: classes[i] }))
    .sort((a, b) => b.share - a.share).slice(0, 3)
    .map(({ name, share }) => `${name} ${percent(share)}`).join(", ");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
