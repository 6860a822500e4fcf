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
import { manualSeed, multinomial, noGrad, scope, tensor } from "@fdunn/tensor";
import { Trainer } from "@fdunn/train";
import { type Context, experimentOf } from "./experiment.ts";
import { Gpt } from "./gpt.ts";
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
type GptConfig = ConfigOf<typeof options>;

/** Codes of a text, a drawn character at a time. */
function write(model: Gpt, config: GptConfig): number[] {
  const codes = [0]; // the alphabet's first, mostly the line's end
  model.eval();
  for (let i = 0; i < config.write; i++) {
    const seen = tensor(Int32Array.from(codes.slice(-config.context)));
    codes.push(noGrad(() =>
      scope(() => {
        const logits = model.forward(seen.unsqueeze(0)).select(0, -1);
        return multinomial(logits.div(0.7).softmax(0), 1).item();
      })
    ));
  }
  return codes;
}

async function run(config: GptConfig, context: Context): Promise<void> {
  const { batchSize, epochs, lr, seed, steps } = config;
  manualSeed(seed);
  const { alphabet, codes } = await readText(context.data);
  const split = Math.floor(codes.size * 0.9);
  const train = new Windows(codes.narrow(0, 0, split), config.context);
  const test = new Windows(
    codes.narrow(0, split, codes.size - split),
    config.context,
  );
  const model = new Gpt(alphabet.length, config);
  const trainer = new Trainer(model, {
    optimizer: new AdamW(model.parameters(), { lr }),
    loss: new nn.CrossEntropyLoss(),
    epochs,
    callbacks: await context.watch(model),
    signal: context.signal,
  });
  const apart = Int32Array.from(
    { length: Math.floor(test.length / config.context) },
    (_, i) => i * config.context,
  );
  await trainer.fit(
    new DataLoader(train, {
      batchSize,
      sampler: new RandomSampler(train.length, { samples: batchSize * steps }),
    }),
    new DataLoader(new Subset(test, apart), { batchSize: 16 }),
  );
  if (context.signal.aborted) return;
  const written = write(model, config).map((code) => alphabet[code]).join("");
  console.log(`\n${written}`);
  context.figures("", {
    characters: codes.size,
    alphabet: alphabet.length,
    written,
  });
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
