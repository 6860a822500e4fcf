/** What the benchmarks of the Trainer train: the smallest nets there are. */

import { DataLoader, TensorDataset } from "@fdunn/data";
import { manualSeed, randint, randn, type Tensor } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { SGD } from "@fdunn/optim";

manualSeed(0);

/** A model and what trains it. */
export interface Setup {
  /** What learns. */
  model: nn.Sequential;
  /** What changes it. */
  optimizer: SGD;
  /** Batches of noise. */
  loader: DataLoader<[Tensor, Tensor]>;
}

/** Each with so many samples. */
export const SETUPS: Record<string, (samples: number) => Setup> = {
  "MLP 2-20-2, batches of 1": (samples) =>
    setup(
      new nn.Sequential(
        new nn.Linear(2, 20),
        new nn.ReLU(),
        new nn.Linear(20, 2),
      ),
      [samples, 2],
      1,
    ),
  "CNN 1-4-8, batches of 16": (samples) =>
    setup(
      new nn.Sequential(
        new nn.Conv2d(1, 4, 3, { padding: 1 }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Conv2d(4, 8, 3, { padding: 1 }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Linear(392, 100),
        new nn.ReLU(),
        new nn.Linear(100, 10),
      ),
      [samples, 1, 28, 28],
      16,
    ),
};

function setup(
  model: nn.Sequential,
  shape: number[],
  batchSize: number,
): Setup {
  const data = new TensorDataset(randn(shape), randint(0, 2, [shape[0]!]));
  return {
    model,
    optimizer: new SGD(model.parameters(), { lr: 1e-6 }),
    loader: new DataLoader(data, { batchSize }),
  };
}

/** The loss of all of them. */
export const criterion: nn.CrossEntropyLoss = new nn.CrossEntropyLoss();

/** An epoch by the loop that one would write. */
export function trainByHand({ model, optimizer, loader }: Setup): void {
  for (const [x, y] of loader) {
    optimizer.zeroGrad();
    criterion.forward(model.forward(x), y).backward();
    optimizer.step();
  }
}
