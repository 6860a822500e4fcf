import { DataLoader, TensorDataset } from "@fdunn/data";
import { BatchNorm1d, Linear, MSELoss, Sequential } from "@fdunn/nn";
import { Adam, SGD } from "@fdunn/optim";
import { Generator, manualSeed, randn, type Tensor } from "@fdunn/tensor";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { findBatchSize } from "./batch_size_finder.ts";
import { hashWeights } from "../checkpoints/checkpoint.ts";
import { findLearningRate, LearningRateFound } from "./learning_rate_finder.ts";

function setup(samples = 40) {
  manualSeed(2);
  const x = randn([samples, 3]);
  const data = new TensorDataset(x, x.mul(2));
  const model = new Sequential(new Linear(3, 3), new BatchNorm1d(3));
  const optimizer = new Adam(model.parameters(), { lr: 0.1 });
  const trial = { model, optimizer, loss: new MSELoss() };
  const loader = new DataLoader(data, {
    batchSize: 8,
    shuffle: true,
    generator: new Generator(4),
  });
  return { trial, data, loader };
}

/** All that a search could leave behind. */
async function traceOf({ trial, loader }: ReturnType<typeof setup>) {
  const { optimizer, model } = trial;
  const states = optimizer.stateDict();
  const moments = Object.values(states.state).map((s) =>
    (s.expAvg as Tensor).toArray()
  );
  return JSON.stringify([
    await hashWeights(model),
    moments,
    states.paramGroups,
    loader.state(),
    model.parameters().map((p) => p.grad === null),
    model.training,
  ]);
}

Deno.test("findLearningRate() walks through the rates and leaves no trace", async () => {
  const parts = setup();
  const { trial, loader } = parts;
  for (const [x, y] of loader) {
    trial.optimizer.zeroGrad();
    trial.loss.forward(trial.model.forward(x), y).backward();
    trial.optimizer.step();
  }
  trial.optimizer.zeroGrad();
  trial.model.eval();
  const before = await traceOf(parts);
  const found = await findLearningRate(trial, loader, {
    minLr: 1e-6,
    maxLr: 1,
    numTraining: 30,
    earlyStopThreshold: null,
  });
  assertEquals(found.lrs.length, 30);
  assertEquals(found.lrs[0], 1e-6);
  assert(Math.abs(found.lrs[29]! - 1) < 1e-12);
  const ratio = found.lrs[1]! / found.lrs[0]!;
  for (let i = 1; i < 30; i++) {
    assert(Math.abs(found.lrs[i]! / found.lrs[i - 1]! / ratio - 1) < 1e-9);
  }
  assertEquals(await traceOf(parts), before);
  assertStringIncludes(found.chart(), "Loss by learning rate");
});

Deno.test("findLearningRate() stops where the loss diverges", async () => {
  const { trial: { loss }, data } = setup();
  const model = new Linear(3, 3);
  const trial = {
    model,
    optimizer: new SGD(model.parameters(), { lr: 1 }),
    loss,
  };
  const found = await findLearningRate(
    trial,
    new DataLoader(data, { batchSize: 8 }),
    { minLr: 1e-3, maxLr: 1000 },
  );
  assert(found.lrs.length < 100);
  assert(found.suggestion()! < 10);
});

Deno.test("LearningRateFound suggests as numpy.gradient() does", () => {
  const losses = [9, 9, 9, 8, 6, 3, 2, 2, 5];
  const found = new LearningRateFound(losses.map((_, i) => 10 ** i), losses);
  assertEquals(found.suggestion(0, 0), 10 ** 4); // slopes 0 0 -.5 -1.5 -2.5 -2
  assertEquals(found.suggestion(5, 0), 10 ** 5); // at an end: 2 - 3
  assertEquals(new LearningRateFound([1, 2], [1, 2]).suggestion(0, 0), null);
});

Deno.test("findBatchSize() doubles until the data end, and knows the fastest", async () => {
  const parts = setup(100);
  const before = await traceOf(parts);
  const seen: number[] = [];
  const found = await findBatchSize(parts.trial, (batchSize) => {
    seen.push(batchSize);
    return new DataLoader(parts.data, { batchSize });
  }, { initVal: 4 });
  assertEquals(seen, [4, 8, 16, 32, 64, 128]);
  assertEquals(found.trials.map((t) => t.batchSize), [4, 8, 16, 32, 64]);
  assertEquals(found.largest, 64);
  const speeds = found.trials.map((t) => t.samplesPerSecond);
  assertEquals(
    speeds[found.trials.findIndex((t) => t.batchSize === found.fastest)],
    Math.max(...speeds),
  );
  assertEquals(await traceOf(parts), before);
});

Deno.test("findBatchSize() ends at the limit of memory, and searches below it", async () => {
  const model = new Linear(10, 20_000); // 80 KB for each sample
  const trial = {
    model,
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss: { forward: (output: Tensor) => output.mean() },
  };
  const data = new TensorDataset(randn([3000, 10]), randn([3000, 1]));
  const make = (batchSize: number) => new DataLoader(data, { batchSize });
  const options = { initVal: 50, stepsPerTrial: 1, maxBytes: 60e6 };
  const power = await findBatchSize(trial, make, options);
  const failed = power.trials.at(-1)!;
  assert(!failed.fits && failed.bytes > 60e6);
  assertEquals(power.largest * 2, failed.batchSize);
  const exact = await findBatchSize(trial, make, {
    ...options,
    mode: "binsearch",
    maxTrials: 8,
  });
  assert(exact.largest >= power.largest);
  assert(exact.largest < failed.batchSize);
  await assertRejects(
    () => findBatchSize(trial, make, { maxBytes: 1 }),
    RangeError,
    "not even batches of 2 fit into 1 bytes",
  );
});

Deno.test("the finders say what they got", async () => {
  const { trial, loader } = setup();
  await assertRejects(
    () => findLearningRate(trial, loader, { minLr: 1, maxLr: 0.1 }),
    RangeError,
    "findLearningRate() got minLr 1 and maxLr 0.1, expected 0 < minLr < maxLr",
  );
  await assertRejects(
    () => findLearningRate(trial, []),
    Error,
    "has no batches",
  );
  await assertRejects(
    () => findBatchSize(trial, () => loader, { initVal: 0 }),
    RangeError,
    "findBatchSize() got initVal 0",
  );
});
