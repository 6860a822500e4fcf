import { DataLoader, TensorDataset } from "@fdunn/data";
import { BatchNorm1d, CrossEntropyLoss, Linear, Sequential } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed, rand, randn, type Tensor, tensor } from "@fdunn/tensor";
import { assertEquals } from "@std/assert";
import { predictionsOf } from "./dashboard/predictions.ts";
import { findLearningRate } from "./finders/learning_rate_finder.ts";
import { randomState } from "./checkpoints/random_state.ts";
import { Trainer } from "./trainer.ts";

/** A model whose batch norm is frozen, as for fine-tuning. */
function frozen() {
  manualSeed(0);
  const norm = new BatchNorm1d(2);
  const model = new Sequential(norm, new Linear(2, 2));
  norm.eval();
  const x = randn([16, 2]).add(5);
  const data = new TensorDataset(x, tensor(new Int32Array(16)));
  const loader = new DataLoader(data, { batchSize: 8 });
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const loss = new CrossEntropyLoss();
  const trainer = new Trainer(model, { optimizer, loss, epochs: 2 });
  const state = () => [
    ...[model.training, norm.training],
    norm.runningMean!.toArray(),
  ];
  return { model, optimizer, loss, loader, trainer, state };
}

Deno.test("a module that was frozen by eval() stays so", async () => {
  const { model, optimizer, loss, loader, trainer, state } = frozen();
  const before = [true, false, [0, 0]];
  await trainer.fit(loader, loader);
  assertEquals(state(), before);
  await trainer.evaluate(loader);
  await trainer.predict(loader);
  assertEquals(state(), before);
  predictionsOf(model, { inputs: randn([2, 2]) });
  assertEquals(state(), before);
  await findLearningRate({ model, optimizer, loss }, loader);
  assertEquals(state(), before);
});

Deno.test("fit() trains a model that is in evaluation mode as a whole", async () => {
  const { model, loader, trainer, state } = frozen();
  model.eval();
  await trainer.fit(loader);
  assertEquals(state().slice(0, 2), [true, true]);
});

Deno.test("predictions for the dashboard leave the random streams alone", () => {
  const model = {
    training: true,
    train: () => {},
    forward: (input: Tensor) => input.add(rand(input.shape)),
  };
  const before = randomState();
  assertEquals(predictionsOf(model, { inputs: tensor([[1, 2]]) }).length, 1);
  assertEquals(randomState(), before);
});
