/**
 * A recurrent network that must remember the first digit of a palindrome to
 * predict the last, with logits and with the second report's mistake: softmax
 * in the model, and again in the loss.
 *
 *     deno task train palindrome_rnn
 *
 * @module
 */

import { DataLoader, Palindromes } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { Adam, clipGradNorm, RMSprop, StepLR } from "@fdunn/optim";
import { manualSeed, type Tensor } from "@fdunn/tensor";
import { lineChart, Trainer } from "@fdunn/train";
import { type Context, experimentOf, partName } from "./experiment.ts";
import { choice, type ConfigOf, count, list, positive } from "./option.ts";
import { partOf } from "./part_of.ts";

/** What they are is said at the end, to whom asks for help. */
const RUNS = ["report", "logits", "steady"] as const;

const options = {
  lengths: list([5, 12, 19], count(5, "digits of a palindrome", 2)),
  runs: list(RUNS, choice("report", RUNS, "settings")),
  epochs: count(100, "times through the training samples"),
  batchSize: count(32, "palindromes in a step"),
  lr: positive(0.001, "learning rate"),
  clip: positive(10, "largest norm of the gradients, of the steady run 1"),
  decay: positive(0.3, "factor of the steady run's rate, after each third"),
  hidden: count(128, "size of the state"),
  samples: count(10_000, "palindromes, of which a fifth is for testing", 10),
};
const NAMES = { report: "double softmax", logits: "logits", steady: "steady" };
type PalindromeConfig = ConfigOf<typeof options>;

/** Digits `[N, T]` as numbers, one a step, to `[N, 10]`. */
class DigitRnn extends nn.Module<[Tensor]> {
  rnn: nn.RNN;
  head: nn.Linear;

  constructor(hidden: number, readonly softmax: boolean) {
    super();
    this.rnn = new nn.RNN(1, hidden, { batchFirst: true });
    this.head = new nn.Linear(hidden, 10);
  }

  forward(digits: Tensor): Tensor {
    const [states] = this.rnn.forward(digits.unsqueeze(2)); // [N, T, hidden]
    const logits = this.head.forward(states.select(1, -1)); // [N, 10]
    return this.softmax ? logits.softmax(1) : logits;
  }
}

async function run(config: PalindromeConfig, context: Context): Promise<void> {
  const { batchSize, decay, epochs, hidden, lr, samples, seed } = config;
  const split = Math.floor(samples * 0.8);
  const ends = new Map<string, [length: number, percent: number][]>();
  for (
    const [length, kind] of config.lengths.flatMap((length) =>
      config.runs.map((kind) => [length, kind] as const)
    )
  ) {
    manualSeed(seed);
    const all = new Palindromes(length, { samples });
    const steady = kind === "steady";
    const model = new DigitRnn(hidden, kind === "report");
    // Turning a state keeps its length, so that it neither fades nor explodes.
    if (steady) nn.init.orthogonal_(model.rnn.weightsOf(0).weightHh);
    const about = { group: `T = ${length}`, part: NAMES[kind] };
    const optimizer = new (steady ? Adam : RMSprop)(model.parameters(), { lr });
    const schedule = new StepLR(optimizer, {
      stepSize: Math.ceil(epochs / 3),
      gamma: steady ? decay : 1,
    });
    const clip = steady ? Math.min(1, config.clip) : config.clip;
    const trainer = new Trainer(model, {
      optimizer,
      loss: new nn.CrossEntropyLoss(),
      epochs,
      callbacks: [
        { onBackwardEnd: () => void clipGradNorm(model.parameters(), clip) },
        { onEpochEnd: () => schedule.step() },
        ...await context.watch(model, about),
      ],
      signal: context.signal,
    });
    const history = await trainer.fit(
      new DataLoader(partOf(all, 0, split), { batchSize, shuffle: true }),
      new DataLoader(partOf(all, split, samples), { batchSize: 500 }),
    );
    if (context.signal.aborted) return;
    const last = history.slice(-20).map((record) => record.validAccuracy!);
    context.figures(partName(about), { lowestOfLast20: Math.min(...last) });
    const points = ends.get(NAMES[kind]) ?? [];
    ends.set(NAMES[kind], [...points, [length, last.at(-1)! * 100]]);
  }
  context.picture(
    "accuracy_against_length",
    lineChart({
      title: "Test accuracy at the end against the length",
      xLabel: "digits T",
      yLabel: "correct, %",
      xTicks: config.lengths,
      yLimits: [0, 100],
      series: [...ends].map(([name, points]) => ({ name, points })),
    }),
  );
}

/** `deno task train palindrome_rnn` */
export const experiment = experimentOf({
  name: "palindrome_rnn",
  about: "An RNN on palindromes of 5, 12 and 19 digits: what was the mistake?",
  details: `
report is the second report's net, which returned softmax into a loss that
takes it again; logits leaves that out and nothing else; steady adds orthogonal
weights from state to state, Adam, clipping at 1 and a falling rate.`,
  options,
  quick: { lengths: [12], epochs: 4 },
  run,
});
