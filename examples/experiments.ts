/** All experiments, in the order of `--list`; the first is the default. */

import { experiment as cartPole } from "./cart_pole.ts";
import { experiment as charGpt } from "./char_gpt.ts";
import { experiment as cifar10Cnn } from "./cifar10_cnn.ts";
import { experiment as cifar10Mlp } from "./cifar10_mlp.ts";
import type { Experiment } from "./experiment.ts";
import { experiment as imageFolder } from "./image_folder.ts";
import { experiment as l2Regularization } from "./l2_regularization.ts";
import { experiment as mnistCnn } from "./mnist_cnn.ts";
import { experiment as normalization } from "./normalization.ts";
import { experiment as optimizerRace } from "./optimizer_race.ts";
import { experiment as palindromeRnn } from "./palindrome_rnn.ts";
import { experiment as toyMlp } from "./toy_mlp.ts";

/** What `deno task train` can run. */
export const EXPERIMENTS: readonly Experiment[] = [
  mnistCnn,
  l2Regularization,
  normalization,
  optimizerRace,
  toyMlp,
  cifar10Mlp,
  cifar10Cnn,
  imageFolder,
  palindromeRnn,
  charGpt,
  cartPole,
];
