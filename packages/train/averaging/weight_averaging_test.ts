import { DataLoader, TensorDataset } from "@fdunn/data";
import {
  BatchNorm1d,
  CrossEntropyLoss,
  Linear,
  MSELoss,
  Sequential,
} from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed, randint, randn, type Tensor } from "@fdunn/tensor";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Trainer } from "../trainer.ts";
import {
  EMAWeightAveraging,
  StochasticWeightAveraging,
} from "./weight_averaging.ts";

const weightOf = ({ model }: Trainer) => (model as Linear).weight;

function assertClose(actual: Tensor, expected: Tensor): void {
  const far = actual.detach().sub(expected.detach()).abs().amax().item();
  assert(far < 1e-6, `${far}`);
}

Deno.test("EMAWeightAveraging is evaluated, and what the model ends with", async () => {
  const ema = new EMAWeightAveraging({ decay: 0.5 });
  let expected: Tensor | null = null;
  manualSeed(0);
  const data = new TensorDataset(randn([32, 2]), randint(0, 2, [32]));
  const model = new Linear(2, 2);
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss: new CrossEntropyLoss(),
    epochs: 2,
    callbacks: [{
      onStep(trainer) {
        const weight = weightOf(trainer).detach().clone();
        expected = expected === null
          ? weight
          : expected.mul(0.5).add(weight.mul(0.5));
      },
      onEvaluationEnd(trainer) {
        // Its own weights are back only behind the averaging.
        assertClose(weightOf(trainer), expected!);
      },
    }, ema],
  });
  await trainer.fit(
    new DataLoader(data, { batchSize: 4 }),
    new DataLoader(data, { batchSize: 4 }),
  );
  assertClose(weightOf(trainer), expected!);
  const { loss } = await trainer.evaluate(
    new DataLoader(data, { batchSize: 4 }),
  );
  assertAlmostEquals(loss, trainer.history.at(-1)!.validLoss!, 1e-9);
  assertEquals(ema.averaged!.numAveraged, 16);
});

Deno.test("StochasticWeightAveraging averages the last epochs and fits the batch norms", async () => {
  manualSeed(1);
  const x = randn([32, 2]);
  const data = new TensorDataset(x, x.mul(3));
  const model = new Sequential(new BatchNorm1d(2), new Linear(2, 2));
  const weights: Tensor[] = [];
  const rates: number[] = [];
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const trainer = new Trainer(model, {
    optimizer,
    loss: new MSELoss(),
    epochs: 10,
    callbacks: [{
      onEpochEnd() {
        weights.push(model.parameters()[2]!.detach().clone());
        rates.push(optimizer.paramGroups[0]!.lr);
      },
    }, new StochasticWeightAveraging({ swaLrs: 0.05, annealingEpochs: 2 })],
  });
  await trainer.fit(new DataLoader(data, { batchSize: 8 }));
  const last = weights.slice(8);
  assertClose(
    model.parameters()[2]!,
    last[0]!.add(last[1]!).div(2),
  );
  assertEquals(rates.slice(0, 9), Array(9).fill(0.1));
  assertAlmostEquals(rates[9]!, 0.075);
  const norm = model.modules().find((m) => m instanceof BatchNorm1d)!;
  // The mean of the batches' means is that of the data.
  assertClose(norm.runningMean!, x.mean(0));
});
