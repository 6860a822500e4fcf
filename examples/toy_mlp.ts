/**
 * A small MLP on scikit-learn's toy data, one sample a step: each step is all
 * overhead, and PyTorch takes four times as long for it as numpy by hand.
 *
 *     deno task train toy_mlp
 *
 * @module
 */

import {
  DataLoader,
  makeCircles,
  makeClassification,
  makeMoons,
  TensorDataset,
  trainTestSplit,
} from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed } from "@fdunn/tensor";
import { decisionBoundaryChart, Trainer } from "@fdunn/train";
import { type Context, experimentOf } from "./experiment.ts";
import {
  choice,
  type ConfigOf,
  count,
  list,
  notNegative,
  positive,
} from "./option.ts";

const TASKS = ["moons", "circles", "classification"] as const;

/** The second report's run by default. */
const options = {
  tasks: list(TASKS, choice("moons", TASKS, "data sets")),
  epochs: count(1500, "times through the training samples"),
  batchSize: count(1, "samples in a step"),
  lr: positive(0.01, "learning rate"),
  hidden: count(20, "hidden units"),
  samples: count(1000, "samples, of which a fifth is for testing", 10),
  noise: notNegative(0.1, "deviation of the noise of moons and circles"),
};
type ToyConfig = ConfigOf<typeof options>;

/** Features `[N, 2]` and classes `[N]`, equal to scikit-learn's. */
function makeData(task: typeof TASKS[number], config: ToyConfig) {
  const { samples, noise, seed } = config;
  if (task === "classification") {
    return makeClassification(samples, {
      nFeatures: 2,
      nInformative: 2,
      nRedundant: 0,
      nClustersPerClass: 1,
      randomState: 42,
    });
  }
  // The report gave no seed here. It must not be the split's 42: noise and
  // split would come of the same random numbers, and of the circles' test
  // samples even the best circle would tell only 74.5 % apart, not 86 %.
  const make = task === "moons" ? makeMoons : makeCircles;
  return make(samples, { noise, randomState: seed });
}

async function run(config: ToyConfig, context: Context): Promise<void> {
  const { batchSize, epochs, hidden, lr, seed } = config;
  for (const task of config.tasks) {
    manualSeed(seed);
    const [x, y] = makeData(task, config);
    const [xTrain, xTest, yTrain, yTest] = trainTestSplit([x, y], {
      testSize: 0.2,
      randomState: 42,
    });
    const train = new TensorDataset(xTrain, yTrain);
    const test = new TensorDataset(xTest, yTest);
    const model = new nn.Sequential(
      new nn.Linear(2, hidden),
      new nn.ReLU(),
      new nn.Linear(hidden, 2),
    );
    const trainer = new Trainer(model, {
      optimizer: new SGD(model.parameters(), { lr }),
      loss: new nn.CrossEntropyLoss(),
      epochs,
      callbacks: await context.watch(model, { part: task, every: 10 }),
      signal: context.signal,
    });
    await trainer.fit(
      new DataLoader(train, { batchSize, shuffle: true }),
      new DataLoader(test, { batchSize: test.length }),
    );
    context.picture(
      `boundary_${task}`,
      decisionBoundaryChart((points) => model.forward(points), xTest, yTest, {
        title: `What the net says of ${task}, and the test samples`,
      }),
    );
    if (context.signal.aborted) return;
  }
}

/** `deno task train toy_mlp` */
export const experiment = experimentOf({
  name: "toy_mlp",
  about:
    "An MLP 2-20-2 on moons, circles and classification, one sample a step.",
  options,
  quick: { epochs: 150 },
  run,
});
