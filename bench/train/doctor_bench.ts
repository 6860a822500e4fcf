/** What the Doctor costs: the same Trainer with and without it. */

import { DataLoader, TensorDataset } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed, randint, randn } from "@fdunn/tensor";
import { type Callback, Doctor, Trainer } from "@fdunn/train";

manualSeed(0);
const SAMPLES = 4096;

const MODELS: Record<string, () => [nn.Sequential, number[], number]> = {
  "MLP 2-20-2, batches of 1": () => [
    new nn.Sequential(
      new nn.Linear(2, 20),
      new nn.ReLU(),
      new nn.Linear(20, 2),
    ),
    [2],
    1,
  ],
  "CNN 1-4-8, batches of 16": () => [
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
  ],
};

for (const [name, make] of Object.entries(MODELS)) {
  const group = `an epoch of ${SAMPLES} samples, ${name}`;
  const [model, shape, batchSize] = make();
  const data = new TensorDataset(
    randn([SAMPLES, ...shape]),
    randint(0, 2, [SAMPLES]),
  );
  const loader = new DataLoader(data, { batchSize });
  const doctor = new Doctor({ sink: () => {} });
  // One Trainer for both: where a model's bytes lie matters more than this.
  let watched = false;
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 1e-6 }),
    loss: new nn.CrossEntropyLoss(),
    epochs: 1,
    callbacks: [{
      onFitStart: (trainer) => watched && doctor.onFitStart(trainer),
      onFitEnd: () => doctor.onFitEnd(),
    } as Callback],
  });
  for (const on of [false, true]) {
    const title = `${on ? "with a Doctor" : "without"}, ${group}`;
    Deno.bench(title, { group, baseline: !on }, async () => {
      watched = on;
      await trainer.fit(loader);
    });
  }
}
