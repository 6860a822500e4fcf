import { DataLoader, TensorDataset } from "@fdunn/data";
import { CrossEntropyLoss, Linear } from "@fdunn/nn";
import { clipGradNorm, ReduceLROnPlateau, SGD, StepLR } from "@fdunn/optim";
import {
  cat,
  manualSeed,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "@fdunn/tensor";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { LogRow } from "./callback.ts";
import { ConfusionMatrix, F1Score } from "./metrics/class_metric.ts";
import { EarlyStopping } from "./callbacks/early_stopping.ts";
import { LearningRateMonitor } from "./callbacks/learning_rate_monitor.ts";
import { Accuracy } from "./metrics/metric.ts";
import { MeanAbsoluteError } from "./metrics/regression_metric.ts";
import { Trainer } from "./trainer.ts";
import type { TrainerOptions } from "./trainer_options.ts";

const weightOf = ({ model }: Trainer) => (model as Linear).weight;

/** A trainer of a Linear from 2 numbers to the class of the first's sign. */
function setup(
  options: Partial<TrainerOptions> = {},
  lr = 0.1,
): { trainer: Trainer; optimizer: SGD; data: TensorDataset<[Tensor, Tensor]> } {
  manualSeed(0);
  const x = randn([32, 2]);
  const data = new TensorDataset(x, x.select(1, 0).gt(0).to("int32"));
  const model = new Linear(2, 2);
  const optimizer = new SGD(model.parameters(), { lr });
  const loss = new CrossEntropyLoss();
  const trainer = new Trainer(model, {
    optimizer,
    loss,
    epochs: 2,
    ...options,
  });
  return { trainer, optimizer, data };
}

const loader = (data: TensorDataset<[Tensor, Tensor]>, batchSize = 4) =>
  new DataLoader(data, { batchSize });

function assertClose(actual: Tensor, expected: Tensor): void {
  const far = actual.detach().sub(expected.detach()).abs().amax().item();
  assert(far < 1e-6, `${far}`);
}

Deno.test("accumulated gradients make the steps of larger batches", async () => {
  for (const reduction of ["mean", "sum"] as const) {
    const loss = new CrossEntropyLoss({ reduction });
    const parts = setup({ loss, accumulateGradBatches: 4 }, 0.01);
    const large = setup({ loss }, 0.01);
    await parts.trainer.fit(loader(parts.data, 2));
    await large.trainer.fit(loader(large.data, 8));
    assertClose(weightOf(parts.trainer), weightOf(large.trainer));
    assertEquals(parts.trainer.globalStep, large.trainer.globalStep);
    assertEquals(parts.trainer.step, 16);
  }
});

Deno.test("what is left of an epoch's accumulation is a step, too", async () => {
  const calls: string[] = [];
  const { trainer, data } = setup({
    epochs: 1,
    accumulateGradBatches: 3,
    callbacks: [{
      onBackwardEnd: () => void calls.push("b"),
      onStepStart: () => void calls.push("("),
      onStep: () => void calls.push(")"),
      onBatchEnd: () => void calls.push("."),
    }],
  });
  await trainer.fit(loader(data)); // 8 batches
  assertEquals(calls.join(""), "b.b.b().b.b.b().b.b().");
  calls.length = 0;
  // Without a length nobody knows that the last batch is the last.
  await trainer.fit([...loader(data)].values());
  assertEquals(calls.join(""), "b.b.b().b.b.b().b.b.()");
});

Deno.test("gradClip limits the norm, or the values", async () => {
  const norms: number[] = [];
  const look = {
    onStepStart({ model }: Trainer): void {
      norms.push(clipGradNorm((model as Linear).parameters(), Infinity));
    },
  };
  const byNorm = setup({ gradClip: 0.01, callbacks: [look] });
  await byNorm.trainer.fit(loader(byNorm.data));
  assert(norms.every((norm) => norm < 0.010001), `${norms}`);
  const values: number[] = [];
  const byValue = setup({
    gradClip: { value: 0.001 },
    callbacks: [{
      onStepStart({ model }) {
        values.push((model as Linear).weight.grad!.abs().amax().item());
      },
    }],
  });
  await byValue.trainer.fit(loader(byValue.data));
  assert(values.every((value) => value < 0.001001), `${values}`);
  assertThrows(() => setup({ gradClip: -1 }), RangeError, "GradientClipping");
});

Deno.test("schedules follow epochs or steps, and are logged", async () => {
  const rows: LogRow[] = [];
  const rates = async (options: Partial<TrainerOptions>, optimizer: SGD) => {
    rows.length = 0;
    const { data } = setup();
    const model = new Linear(2, 2);
    optimizer.addParamGroup({ params: model.parameters() });
    const trainer = new Trainer(model, {
      optimizer,
      loss: new CrossEntropyLoss(),
      epochs: 3,
      callbacks: [
        new LearningRateMonitor(),
        { onLog: (_, row) => void rows.push(row) },
      ],
      logEveryNSteps: 4,
      ...options,
    });
    await trainer.fit(loader(data), loader(data));
    return rows.filter(({ kind }) => kind === "step")
      .map(({ values }) => values["lr/0"]);
  };
  const make = () => new SGD([zeros([1])], { lr: 1 });
  let optimizer = make();
  let scheduler = new StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
  assertEquals(
    await rates({ lrScheduler: scheduler }, optimizer),
    [1, 1, 0.5, 0.5, 0.25, 0.25],
  );
  assertEquals(rows.map((row) => [row.kind, row.epoch, row.step]).slice(0, 4), [
    ["step", 1, 4],
    ["step", 1, 8],
    ["epoch", 1, 8],
    ["step", 2, 12],
  ]);
  assert("batchLoss" in rows[0]!.values && "validLoss" in rows[2]!.values);
  optimizer = make();
  scheduler = new StepLR(optimizer, { stepSize: 4, gamma: 0.5 });
  assertEquals(
    await rates({ lrScheduler: { scheduler, interval: "step" } }, optimizer),
    [1, 0.5, 0.25, 0.125, 0.0625, 0.03125],
  );
  optimizer = make();
  const plateau = new ReduceLROnPlateau(optimizer, {
    patience: 0,
    mode: "max", // the loss falls: never better
    factor: 0.5,
  });
  assertEquals(
    await rates({ lrScheduler: [plateau] }, optimizer),
    [1, 1, 1, 1, 0.5, 0.5],
  );
  optimizer = make();
  await assertRejects(
    () =>
      rates({
        lrScheduler: {
          scheduler: new ReduceLROnPlateau(optimizer),
          monitor: "validLos",
        },
      }, optimizer),
    RangeError,
    'ReduceLROnPlateau monitors "validLos", but the training has',
  );
});

Deno.test("metrics are recorded under their own names", async () => {
  const matrix = new ConfusionMatrix(2);
  const { trainer, data } = setup({
    metrics: { f1: new F1Score(2), matrix },
    trainMetrics: { accuracy: new Accuracy() },
  });
  const history = await trainer.fit(loader(data), loader(data));
  for (const record of history) {
    assert(typeof record.validF1 === "number" && record.validF1 > 0);
    assert(typeof record.trainAccuracy === "number");
    assert(!("validMatrix" in record));
  }
  assertEquals(matrix.compute().sum().item(), 32);
  assertEquals(trainer.figure("validF1"), history.at(-1)!.validF1);
  const { metrics } = await trainer.evaluate(loader(data));
  assertEquals(Object.keys(metrics), ["f1"]);
  assertThrows(
    () => setup({ metrics: { loss: new MeanAbsoluteError() } }),
    RangeError,
    'Trainer got a metric named "loss"',
  );
});

Deno.test("EarlyStopping ends the training and restores the best weights", async () => {
  const losses = [5, 4, 3, 3.5, 3.2, 3.1, 1];
  const weights: unknown[] = [];
  const stopper = new EarlyStopping({ monitor: "mine", patience: 3 });
  const { trainer, data } = setup({
    epochs: 20,
    callbacks: [{
      onEpochEnd(trainer, { epoch }) {
        trainer.log("mine", losses[epoch - 1]!);
        weights.push(weightOf(trainer).toArray());
      },
    }, stopper],
  });
  const history = await trainer.fit(loader(data));
  assertEquals(history.length, 6);
  assertEquals([stopper.best, stopper.bestEpoch, stopper.wait], [3, 3, 3]);
  assertStringIncludes(trainer.stopReason!, "mine has not been better than 3");
  assertEquals(weightOf(trainer).toArray(), weights[2]);
});

Deno.test("EarlyStopping knows thresholds, deltas and figures that are none", () => {
  const runOf = (stopper: EarlyStopping, values: number[]) =>
    values.findIndex((value) => stopper.update(value));
  const values = [3, 2, 2.05, 1.99, 2.5, 2.5];
  assertEquals(runOf(new EarlyStopping({ patience: 2 }), values), 5);
  assertEquals(
    runOf(new EarlyStopping({ patience: 2, minDelta: 0.1 }), values),
    3,
  );
  assertEquals(
    runOf(new EarlyStopping({ mode: "max", patience: 1 }), [1, 2, 2]),
    2,
  );
  assertEquals(runOf(new EarlyStopping({ stoppingThreshold: 2.5 }), values), 1);
  assertEquals(
    runOf(new EarlyStopping({ divergenceThreshold: 10 }), [1, 11]),
    1,
  );
  assertEquals(runOf(new EarlyStopping(), [1, NaN]), 1);
  assertEquals(runOf(new EarlyStopping({ patience: 0 }), [2, 1, 1]), 2);
  assertThrows(
    () => new EarlyStopping({ mode: "least" as "min" }),
    RangeError,
    'EarlyStopping got mode "least", expected "min" or "max"',
  );
});

Deno.test("validation is tried out before the first epoch, without a trace", async () => {
  const { trainer, data } = setup();
  const wrong = new DataLoader(
    new TensorDataset(randn([4, 3]), tensor(new Int32Array(4))),
    { batchSize: 2 },
  );
  const error = await assertRejects(() => trainer.fit(loader(data), wrong));
  assertStringIncludes(
    (error as Error).message,
    "Validation was tried before the training and failed:",
  );
  assertEquals(trainer.globalStep, 0);
  const shuffled = () => new DataLoader(data, { batchSize: 4, shuffle: true });
  const weights: unknown[] = [];
  for (const numSanityValSteps of [0, 1]) {
    const again = setup({ numSanityValSteps });
    await again.trainer.fit(shuffled(), shuffled());
    weights.push(weightOf(again.trainer).toArray());
  }
  assertEquals(weights[0], weights[1]);
});

Deno.test("predict() gives the outputs of each batch, in evaluation mode", async () => {
  const { trainer, data } = setup();
  const modes: boolean[] = [];
  trainer.model.train(true);
  (trainer.model as Linear).registerForwardHook((module) => {
    modes.push(module.training);
  });
  const outputs = await trainer.predict(loader(data, 10));
  assertEquals(outputs.map((o) => o.shape[0]), [10, 10, 10, 2]);
  const [x] = data.tensors;
  const expected = (trainer.model as Linear).forward(x).detach();
  assertClose(cat(outputs), expected);
  assertEquals(modes, [false, false, false, false, true]);
  assert(outputs.every((output) => !output.requiresGrad));
  assertEquals((await trainer.predict([x.narrow(0, 0, 3)]))[0]!.shape, [3, 2]);
});

Deno.test("each batch that is evaluated or predicted is told of", async () => {
  const seen: unknown[] = [];
  const { trainer, data } = setup({
    callbacks: [{
      onEvaluationBatch: (_, [x, y], output) =>
        void seen.push(["evaluated", x.shape, y.shape, output.shape]),
      onPredictBatch: (_, batch, output) =>
        void seen.push(["predicted", "shape" in batch, output.shape]),
    }],
  });
  await trainer.evaluate(loader(data, 20));
  await trainer.predict(loader(data, 20));
  assertEquals(seen, [
    ["evaluated", [20, 2], [20], [20, 2]],
    ["evaluated", [12, 2], [12], [12, 2]],
    ["predicted", false, [20, 2]],
    ["predicted", false, [12, 2]],
  ]);
});

Deno.test("pause() holds a training until resume(), or its end", async () => {
  const { trainer, data } = setup({
    callbacks: [{ onStep: (t) => t.globalStep === 3 ? t.pause() : undefined }],
  });
  const fit = trainer.fit(loader(data));
  await new Promise((resolve) => setTimeout(resolve, 60));
  assertEquals([trainer.paused, trainer.globalStep], [true, 3]);
  (trainer.optimizer as SGD).paramGroups[0]!.lr = 0;
  const weight = weightOf(trainer).toArray();
  trainer.resume();
  await fit;
  assertEquals(trainer.globalStep, 16);
  assertEquals(weightOf(trainer).toArray(), weight);

  const stopped = setup({
    callbacks: [{ onStep: (t) => t.globalStep === 3 ? t.pause() : undefined }],
  });
  const other = stopped.trainer.fit(loader(stopped.data));
  await new Promise((resolve) => setTimeout(resolve, 30));
  stopped.trainer.stop("enough");
  await other;
  assertEquals(stopped.trainer.globalStep, 3);
  assertEquals(stopped.trainer.stopReason, "enough");
});

Deno.test("maxTime ends a training", async () => {
  const { trainer, data } = setup({ epochs: 1e6, maxTime: { seconds: 0.05 } });
  await trainer.fit(loader(data));
  assertEquals(trainer.stopReason, "maxTime of 0.05 s reached");
  assertThrows(() => setup({ maxTime: 0 }), RangeError, "maxTime 0");
  assertThrows(() => setup({ maxSteps: 0.5 }), RangeError, "maxSteps 0.5");
});
