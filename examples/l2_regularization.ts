/**
 * SGD with L2 regularisation, from under- to over-regularised: a large MLP on
 * few noisy samples, trained with ever more weight decay.
 *
 *     deno task train l2_regularization
 *
 * @module
 */

import { DataLoader, makeMoons, TensorDataset } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed } from "@fdunn/tensor";
import {
  decisionBoundaryChart,
  lineChart,
  type Series,
  Trainer,
} from "@fdunn/train";
import { type Context, experimentOf, partName } from "./experiment.ts";
import { type ConfigOf, count, list, notNegative, positive } from "./option.ts";

const options = {
  decays: list(
    [0, 0.001, 0.01, 0.03, 0.1, 0.3],
    notNegative(0, "weight decays to compare"),
  ),
  epochs: count(500, "times through the training samples"),
  batchSize: count(20, "samples in a step"),
  lr: positive(0.1, "learning rate"),
  momentum: notNegative(0.9, "of SGD"),
  hidden: count(100, "units in each of two hidden layers"),
  samples: count(100, "samples to train on; the test has 2,000"),
  noise: notNegative(0.35, "deviation of the noise: two moons overlap"),
};
type L2Config = ConfigOf<typeof options>;

async function run(config: L2Config, context: Context): Promise<void> {
  const { batchSize, epochs, hidden, lr, momentum, noise, samples, seed } =
    config;
  const [x, y] = makeMoons(samples, { noise, randomState: 2 * seed });
  const train = new TensorDataset(x, y);
  const test = new TensorDataset(
    ...makeMoons(2000, { noise, randomState: 2 * seed + 1 }),
  );
  const all = new DataLoader(train, { batchSize: samples });
  const valid = new DataLoader(test, { batchSize: 2000 });
  const names = ["train", "test"] as const;
  const [losses, accuracies] = [0, 1].map(() =>
    names.map((name): Series & { points: [number, number][] } => ({
      name,
      points: [],
    }))
  );
  for (const weightDecay of config.decays) {
    manualSeed(seed); // every net begins with the same weights
    const model = new nn.Sequential(
      new nn.Linear(2, hidden),
      new nn.ReLU(),
      new nn.Linear(hidden, hidden),
      new nn.ReLU(),
      new nn.Linear(hidden, 2),
    );
    const about = { group: "weight decay", part: String(weightDecay) };
    const trainer = new Trainer(model, {
      optimizer: new SGD(model.parameters(), { lr, momentum, weightDecay }),
      loss: new nn.CrossEntropyLoss(),
      epochs,
      callbacks: await context.watch(model, { ...about, every: 10 }),
      signal: context.signal,
    });
    await trainer.fit(
      new DataLoader(train, { batchSize, shuffle: true }),
      valid,
    );
    const place = weightDecay || 1e-4; // a logarithmic axis has no 0
    for (const [i, data] of [all, valid].entries()) {
      const { loss, accuracy } = await trainer.evaluate(data);
      losses![i]!.points.push([place, loss]);
      accuracies![i]!.points.push([place, accuracy! * 100]);
      context.figures(partName(about), {
        [`${names[i]}LossAtEnd`]: loss,
        [`${names[i]}AccuracyAtEnd`]: accuracy,
      });
    }
    context.picture(
      `boundary_${weightDecay}`,
      decisionBoundaryChart((points) => model.forward(points), x, y, {
        title: `Training samples, weight decay ${weightDecay}`,
      }),
    );
    if (context.signal.aborted) return;
  }
  const charts = [
    ["Loss", "mean loss per sample", losses!],
    ["Accuracy", "correct, %", accuracies!],
  ] as const;
  for (const [what, yLabel, series] of charts) {
    context.picture(
      `${what.toLowerCase()}_against_decay`,
      lineChart({
        title: `${what} against the weight decay`,
        xLabel: "weight decay (at the far left: none)",
        xScale: "log",
        xTicks: config.decays.filter((decay) => decay > 0),
        yLabel,
        series,
      }),
    );
  }
}

/** `deno task train l2_regularization` */
export const experiment = experimentOf({
  name: "l2_regularization",
  about: "SGD with weight decay from none to too much: train and test curves.",
  options,
  quick: { decays: [0, 0.01, 0.3], epochs: 200 },
  run,
});
