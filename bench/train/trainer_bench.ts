/** An epoch by the Trainer beside the same loop written out. */

import { DataLoader, TensorDataset } from "@fdunn/data";
import { manualSeed, randint, randn, type Tensor } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { type Callback, Trainer } from "@fdunn/train";

manualSeed(0);
const SAMPLES = 1024;

/** A model and what trains it. */
interface Setup {
  model: nn.Sequential;
  optimizer: SGD;
  loader: DataLoader<[Tensor, Tensor]>;
}

const MODELS: Record<string, () => Setup> = {
  "MLP 2-20-2, batches of 1": () =>
    setup(
      new nn.Sequential(
        new nn.Linear(2, 20),
        new nn.ReLU(),
        new nn.Linear(20, 2),
      ),
      [2],
      1,
    ),
  "CNN 1-4-8, batches of 16": () =>
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
      [1, 28, 28],
      16,
    ),
};

function setup(
  model: nn.Sequential,
  shape: number[],
  batchSize: number,
): Setup {
  const data = new TensorDataset(
    randn([SAMPLES, ...shape]),
    randint(0, 2, [SAMPLES]),
  );
  return {
    model,
    optimizer: new SGD(model.parameters(), { lr: 1e-6 }),
    loader: new DataLoader(data, { batchSize }),
  };
}

const criterion = new nn.CrossEntropyLoss();
/** Asks for nothing. */
const silent: Callback = {};

for (const [name, make] of Object.entries(MODELS)) {
  const group = `an epoch of ${SAMPLES} samples, ${name}`;
  const { model, optimizer, loader } = make();
  Deno.bench(`the loop alone, ${group}`, { group, baseline: true }, () => {
    for (const [x, y] of loader) {
      optimizer.zeroGrad();
      criterion.forward(model.forward(x), y).backward();
      optimizer.step();
    }
  });
  const trained = make();
  const trainer = new Trainer(trained.model, {
    optimizer: trained.optimizer,
    loss: criterion,
    epochs: 1,
    callbacks: [silent],
  });
  Deno.bench(`Trainer, ${group}`, { group }, async () => {
    await trainer.fit(trained.loader);
  });
}
