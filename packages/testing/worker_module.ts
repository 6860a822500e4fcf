/**
 * A training that the tests run in workers and outside of them.
 *
 * @module
 */
import { DataLoader, TensorDataset } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { Adam } from "@fdunn/optim";
import {
  manualSeed,
  randint,
  randn,
  setDeterministic,
  type Tensor,
} from "@fdunn/tensor";
import { serveTraining, Trainer, type WorkerJob } from "@fdunn/train";

/** What the training is told. */
export interface Config {
  /** How many epochs to train. */
  epochs: number;
  /** Pictures in a batch. */
  batchSize: number;
  /** Fails before the first epoch. */
  fails?: boolean;
}

class CNN extends nn.Module {
  conv1: nn.Conv2d = new nn.Conv2d(1, 8, 3, { padding: 1 });
  conv2: nn.Conv2d = new nn.Conv2d(8, 16, 3, { padding: 1 });
  drop: nn.Dropout = new nn.Dropout(0.1);
  fc: nn.Linear = new nn.Linear(16 * 49, 10);

  override forward(x: Tensor): Tensor {
    x = nn.maxPool2d(this.conv1.forward(x).relu(), 2); // [N, 8, 14, 14]
    x = nn.maxPool2d(this.conv2.forward(x).relu(), 2); // [N, 16, 7, 7]
    return this.fc.forward(this.drop.forward(x.flatten(1)));
  }
}

/** Trains a CNN on noise. */
export async function trainNoise(
  { config, signal, callbacks }: WorkerJob<Config>,
): Promise<nn.Module> {
  if (config.fails) throw new RangeError("this training fails");
  setDeterministic(true);
  manualSeed(0);
  const pictures = randn([640, 1, 28, 28]);
  const data = new TensorDataset(pictures, randint(0, 10, [640]));
  const model = new CNN();
  const trainer = new Trainer(model, {
    optimizer: new Adam(model.parameters()),
    loss: new nn.CrossEntropyLoss(),
    epochs: config.epochs,
    callbacks,
    signal,
  });
  const { batchSize } = config;
  await trainer.fit(new DataLoader(data, { batchSize, shuffle: true }));
  return model;
}

const { WorkerGlobalScope, process } = globalThis as {
  WorkerGlobalScope?: unknown;
  process?: { getBuiltinModule(name: string): { isMainThread: boolean } };
};
const inNodeWorker =
  process?.getBuiltinModule("node:worker_threads").isMainThread === false;
if (WorkerGlobalScope !== undefined || inNodeWorker) serveTraining(trainNoise);
