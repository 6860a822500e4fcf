/**
 * A small GPT that writes character by character, trained on the pages of this
 * repository or on any text.
 *
 *     deno task train char_gpt
 *
 * @module
 */

import { DataLoader, RandomSampler, Subset } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { AdamW } from "@fdunn/optim";
import { manualSeed } from "@fdunn/tensor";
import { type Batches, Trainer } from "@fdunn/train";
import { type Context, experimentOf } from "./experiment.ts";
import { continued, Gpt } from "./gpt.ts";
import { type ConfigOf, count, notNegative, positive } from "./option.ts";
import { readText, Windows } from "./text_windows.ts";

const options = {
  epochs: count(20, "rounds, each followed by a test"),
  steps: count(100, "steps in a round"),
  batchSize: count(16, "windows of text in a step"),
  context: count(64, "characters that the net sees"),
  width: count(96, "numbers for a character, a multiple of the heads"),
  heads: count(4, "heads of an attention"),
  layers: count(3, "layers"),
  dropout: notNegative(0.1, "share left out in training"),
  lr: positive(2e-3, "learning rate of AdamW"),
  write: count(300, "characters to write at the end"),
};
/** Everything that a run depends on. */
export type TextConfig = ConfigOf<typeof options>;

/** The net for these sizes, and characters. */
export function textModel(
  config: TextConfig,
  alphabet: readonly string[],
): Gpt {
  return new Gpt(alphabet.length, config);
}

/** A text's first nine tenths for training, and its last for testing. */
export async function textsOf(
  { batchSize, context, steps }: TextConfig,
  path: string | null,
  known?: readonly string[],
): Promise<
  {
    alphabet: readonly string[];
    characters: number;
    train: Batches;
    test: Batches;
  }
> {
  const { alphabet, codes } = await readText(path, known);
  const split = Math.floor(codes.size * 0.9);
  const train = new Windows(codes.narrow(0, 0, split), context);
  const test = new Windows(codes.narrow(0, split, codes.size - split), context);
  const windows = Math.floor(test.length / context);
  if (windows < 1) {
    throw new Error(
      `The text has ${codes.size} characters: its last tenth, which is for testing, should have more than ${context}, what the net sees`,
    );
  }
  const apart = Int32Array.from({ length: windows }, (_, i) => i * context);
  return {
    alphabet,
    characters: codes.size,
    train: new DataLoader(train, {
      batchSize,
      sampler: new RandomSampler(train.length, { samples: batchSize * steps }),
    }),
    test: new DataLoader(new Subset(test, apart), { batchSize: 16 }),
  };
}

async function run(config: TextConfig, context: Context): Promise<void> {
  const { epochs, lr, seed } = config;
  manualSeed(seed);
  const texts = await textsOf(config, context.data);
  const { alphabet, characters, train, test } = texts;
  const model = textModel(config, alphabet);
  const trainer = new Trainer(model, {
    optimizer: new AdamW(model.parameters(), { lr }),
    loss: new nn.CrossEntropyLoss(),
    epochs,
    callbacks: await context.watch(model, { keep: { alphabet } }),
    signal: context.signal,
  });
  await trainer.fit(train, test);
  if (context.signal.aborted) return;
  const begin = [0]; // the alphabet's first, mostly the line's end
  const codes = continued(model, begin, {
    context: config.context,
    tokens: config.write,
    temperature: 0.7,
  });
  const written = [...begin, ...codes].map((code) => alphabet[code]).join("");
  context.say(`\n${written}`);
  context.figures("", { characters, alphabet: alphabet.length, written });
}

/** `deno task train char_gpt` */
export const experiment = experimentOf({
  name: "char_gpt",
  about: "A small GPT that learns to write like the pages of this repository.",
  options,
  quick: { epochs: 4, steps: 30, width: 64, layers: 2 },
  data: {
    help: "a text to learn from  (this repository's pages)",
    holds: "text",
  },
  run,
});
