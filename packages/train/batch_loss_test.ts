import { manualSeed, type Tensor, tensor } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { DataLoader, TensorDataset } from "@fdunn/data";
import { Adam, SGD } from "@fdunn/optim";
import {
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertRejects,
} from "@std/assert";
import {
  Accuracy,
  type Callback,
  Doctor,
  evaluate,
  findBatchSize,
  findLearningRate,
  MeanSquaredError,
  Trainer,
} from "./mod.ts";

/** A model of two inputs, which adds what it makes of them. */
class Two extends nn.Module<[Tensor, Tensor]> {
  left = new nn.Linear(2, 4);
  right = new nn.Linear(1, 4);
  out = new nn.Linear(4, 1);
  forward(a: Tensor, b: Tensor): Tensor {
    const hidden = this.left.forward(a).add(this.right.forward(b)).tanh();
    return this.out.forward(hidden).squeeze(1);
  }
}

type Points = {
  a: Tensor;
  b: Tensor;
  sum: Tensor;
};

/** Items that are objects: 20 points and the sums of their numbers. */
function points(batchSize = 4) {
  const items = Array.from({ length: 20 }, (_, i) => {
    const [x, y, z] = [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i + 1)];
    return { a: tensor([x, y]), b: tensor([z]), sum: tensor(x + y + z) };
  });
  const dataset = { length: 20, get: (i: number) => items[i]! };
  return new DataLoader(dataset, { batchSize });
}

function setup() {
  manualSeed(0);
  const model = new Two();
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  const loss = ({ a, b, sum }: Points) => {
    const output = model.forward(a, b);
    return { loss: nn.mseLoss(output, sum), output, target: sum };
  };
  return { model, optimizer, loss };
}

Deno.test("a function as loss trains a model of several inputs on objects", async () => {
  const { model, optimizer, loss } = setup();
  const modes: boolean[] = [];
  const seen: number[][] = [];
  const said: string[] = [];
  const trainer = new Trainer(model, {
    optimizer,
    loss: (batch: Points) => {
      modes.push(model.training);
      return loss(batch);
    },
    epochs: 12,
    metrics: { mse: new MeanSquaredError() },
    trainMetrics: { mse: new MeanSquaredError() },
    numSanityValSteps: 0,
    callbacks: [
      { onEvaluationBatch: (_t, _b, output) => seen.push([...output.shape]) },
      new Doctor({ sink: (message) => said.push(message) }),
    ],
  });
  const history = await trainer.fit(points(), points());
  const [first, last] = [history[0]!, history.at(-1)!];
  assertLess(last.validLoss!, first.validLoss! / 4);
  assertAlmostEquals(last.validLoss!, last.validMse as number, 1e-6);
  assertAlmostEquals(last.trainLoss, last.trainMse as number, 1e-6);
  assertEquals(last.validAccuracy, null);
  assertEquals(seen[0], [4]);
  assertEquals(said, []);
  const epoch = [...Array(5).fill(true), ...Array(5).fill(false)];
  assertEquals(modes.slice(0, 10), epoch);
});

Deno.test("it trains as the module does, to the bit", async () => {
  const x = tensor([[0, 1], [1, 0], [1, 1], [0, 0], [0.5, 0.2]]);
  const y = tensor(new Int32Array([0, 1, 1, 0, 1]));
  const fit = async (own: boolean) => {
    manualSeed(1);
    const model = new nn.Linear(2, 2);
    const loss = new nn.CrossEntropyLoss();
    const trainer = new Trainer(model, {
      optimizer: new SGD(model.parameters(), { lr: 0.3 }),
      loss: !own ? loss : ([x, target]: readonly [Tensor, Tensor]) => {
        const output = model.forward(x);
        return { loss: loss.forward(output, target), output, target };
      },
      accumulateGradBatches: 2,
      trainMetrics: { accuracy: new Accuracy() },
      epochs: 3,
    });
    const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 2 });
    const history = await trainer.fit(loader, loader);
    const figures = history.map((r) => [r.trainLoss, r.validLoss]);
    const accuracies = history.map((r) => [r.trainAccuracy, r.validAccuracy]);
    return [figures, accuracies, model.weight.toArray()];
  };
  assertEquals(await fit(true), await fit(false));
});

Deno.test("a loss alone leaves out accuracy, and metrics ask for more", async () => {
  const { model, optimizer, loss } = setup();
  const scalar = (batch: Points) => loss(batch).loss;
  const seen: Callback = {
    onEvaluationBatch: () => {
      throw new Error("there is no output to tell of");
    },
  };
  const callbacks = [seen];
  const trainer = new Trainer(model, {
    optimizer,
    loss: scalar,
    epochs: 1,
    callbacks,
  });
  const [record] = await trainer.fit(points(), points());
  const { loss: alone, accuracy } = await evaluate(model, scalar, points());
  assertEquals([record!.validLoss, record!.validAccuracy], [alone, accuracy]);
  await assertRejects(
    () =>
      evaluate(model, scalar, points(), {
        metrics: { mse: new MeanSquaredError() },
      }),
    TypeError,
    "must give { loss, output, target }",
  );
});

Deno.test("means count samples: the first tensor's, or those that are said", async () => {
  const { model } = setup();
  // Batches of 16 and 4.
  const size = (batch: Points) => tensor(batch.a.shape[0]!);
  const weighted = await evaluate(model, size, points(16));
  assertAlmostEquals(weighted.loss, (16 * 16 + 4 * 4) / 20, 1e-6);
  const equal = await evaluate(
    model,
    (batch: Points) => ({ loss: size(batch), samples: 1 }),
    points(16),
  );
  assertAlmostEquals(equal.loss, (16 + 4) / 2, 1e-6);
  await assertRejects(
    () => evaluate(model, () => tensor(1), [{ name: "no tensor" }]),
    TypeError,
    "must say how many samples there are",
  );
});

Deno.test("the finders take it, too", async () => {
  const trial = setup();
  const before = trial.model.out.weight.toArray();
  const found = await findLearningRate(trial, points(), { numTraining: 20 });
  assertEquals(found.lrs.length, 20);
  const { largest } = await findBatchSize(trial, points);
  assertEquals(largest, 16);
  assertEquals(trial.model.out.weight.toArray(), before);
});
