import { DataLoader, TensorDataset } from "@fdunn/data";
import {
  CrossEntropyLoss,
  Dropout,
  Linear,
  MSELoss,
  Sequential,
} from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import {
  manualSeed,
  memoryStats,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "@fdunn/tensor";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { Callback } from "./callback.ts";
import type { Batch } from "./trainable.ts";
import { Trainer } from "./trainer.ts";
import type { TrainerOptions } from "./trainer_options.ts";
import { DivergedError } from "./training_loop.ts";

/** Points of the plane and whether their first coordinate is positive. */
function points(n: number): TensorDataset<[Tensor, Tensor]> {
  const x = randn([n, 2]);
  return new TensorDataset(x, x.select(1, 0).gt(0).to("int32"));
}

function linearTrainer(
  options: Partial<TrainerOptions> = {},
  lr = 0.1,
): Trainer {
  const model = new Linear(2, 2);
  return new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr }),
    loss: new CrossEntropyLoss(),
    epochs: 3,
    ...options,
  });
}

const batches = (n: number, batchSize = 4) =>
  new DataLoader(points(n), { batchSize });

Deno.test("fit() learns, validates and keeps the history", async () => {
  manualSeed(0);
  const trainer = linearTrainer();
  const history = await trainer.fit(batches(400), batches(100));
  assertEquals(history.map(({ epoch, steps }) => [epoch, steps]), [
    [1, 100],
    [2, 100],
    [3, 100],
  ]);
  const last = history.at(-1)!;
  assert(last.validAccuracy! > 0.95, `${last.validAccuracy}`);
  assert(last.trainLoss < history[0]!.trainLoss);
  assert(last.validLoss! < 0.3 && last.itPerSecond > 0 && last.seconds > 0);
});

Deno.test("fit() does what the written-out loop does", async () => {
  manualSeed(3);
  const data = points(40);
  const trainer = linearTrainer({ epochs: 2 });
  const { model } = trainer;
  const twin = new Linear(2, 2);
  twin.loadStateDict((model as Linear).stateDict());
  await trainer.fit(new DataLoader(data, { batchSize: 4 }));

  const optimizer = new SGD(twin.parameters(), { lr: 0.1 });
  const criterion = new CrossEntropyLoss();
  let total = 0;
  for (let epoch = 0; epoch < 2; epoch++) {
    total = 0;
    for (const [x, y] of new DataLoader(data, { batchSize: 4 })) {
      optimizer.zeroGrad();
      const loss = criterion.forward(twin.forward(x), y);
      loss.backward();
      optimizer.step();
      total += loss.item();
    }
  }
  assertEquals(
    (model as Linear).weight.toArray(),
    twin.weight.toArray(),
  );
  assertAlmostEquals(trainer.history[1]!.trainLoss, total / 10, 1e-12);
});

Deno.test("losses are means over samples whatever the reduction and batch size", async () => {
  manualSeed(1);
  const data = points(10); // batches of 4, 4 and 2
  const loader = new DataLoader(data, { batchSize: 4 });
  const model = new Linear(2, 2);
  const expected = new CrossEntropyLoss()
    .forward(model.forward(data.tensors[0]), data.tensors[1]).item();
  for (const reduction of ["mean", "sum"] as const) {
    const trainer = new Trainer(model, {
      optimizer: new SGD(model.parameters(), { lr: 0 }),
      loss: new CrossEntropyLoss({ reduction }),
      epochs: 1,
    });
    const [record] = await trainer.fit(loader, loader);
    assertAlmostEquals(record!.trainLoss, expected, 1e-6);
    assertAlmostEquals(record!.validLoss!, expected, 1e-6);
  }
});

Deno.test("evaluate() works without gradients, in evaluation mode, and puts the mode back", async () => {
  const model = new Sequential(new Linear(2, 2), new Dropout(0.5));
  const seen: boolean[][] = [];
  model.registerForwardHook((_, __, output) => {
    seen.push([model.training, output.requiresGrad]);
  });
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss: new CrossEntropyLoss(),
  });
  const first = await trainer.evaluate(batches(8, 8));
  assertEquals(seen, [[false, false]]);
  assertEquals(model.training, true);
  assert(first.loss > 0 && first.accuracy! >= 0);
  model.eval();
  await trainer.evaluate(batches(8, 8));
  assertEquals(model.training, false);
});

Deno.test("evaluate() has no accuracy where targets are no classes", async () => {
  const model = new Linear(2, 1);
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss: new MSELoss(),
  });
  const data = new TensorDataset(randn([6, 2]), randn([6, 1]));
  const { loss, accuracy } = await trainer.evaluate(
    new DataLoader(data, { batchSize: 4 }),
  );
  assertEquals(accuracy, null);
  assert(Number.isFinite(loss));
});

Deno.test("evaluate() leaves no memory behind", async () => {
  const trainer = linearTrainer();
  const data: Batch[] = [...batches(4000, 1000)].map(([x, y]) => [x, y]);
  await trainer.evaluate(data);
  const before = memoryStats().liveBytes;
  for (let i = 0; i < 50; i++) await trainer.evaluate(data);
  const grown = memoryStats().liveBytes - before;
  assert(grown <= 0, `${grown} bytes more live after 50 evaluations`);
});

Deno.test("stop() ends after the current step", async () => {
  const trainer = linearTrainer({
    callbacks: [{ onStep: (t) => t.step === 3 && t.stop() }],
  } as Partial<TrainerOptions>);
  const history = await trainer.fit(batches(40), batches(8));
  assertEquals(history.length, 1);
  const [record] = history;
  assertEquals(record!.steps, 3);
  assertEquals(record!.interrupted, true);
  assertEquals(record!.validLoss, null);
  assert(trainer.stopped);
});

Deno.test("stop() with an epoch's last step leaves a validated epoch", async () => {
  const trainer = linearTrainer({
    callbacks: [{
      onStep(t) {
        if (t.step === 10) t.stop();
      },
    }],
  });
  const history = await trainer.fit(batches(40), batches(8));
  assertEquals(history.length, 1);
  assertEquals(history[0]!.interrupted, undefined);
  assert(history[0]!.validAccuracy !== null);
});

Deno.test("an AbortSignal ends a training that has no awaits of its own", async () => {
  const controller = new AbortController();
  const trainer = linearTrainer({
    epochs: 1_000_000,
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 30);
  await trainer.fit(batches(4000));
  assert(trainer.stopped);
  const late = linearTrainer({ signal: controller.signal });
  assertEquals(await late.fit(batches(40)), []);
});

Deno.test("callbacks are called in order", async () => {
  const calls: string[] = [];
  const note = (name: string) => () => void calls.push(name);
  const callback: Callback = {
    onFitStart: note("fit"),
    onEpochStart: note("epoch"),
    onBatchStart: (trainer, [x, y]) => {
      assertEquals([x.shape, y.shape], [[4, 2], [4]]);
      calls.push(`batch ${trainer.step}`);
    },
    onBackwardStart: (trainer, loss) => {
      assert(loss.requiresGrad);
      assertEquals((trainer.model as Linear).weight.grad, null);
      calls.push("backward");
    },
    onBackwardEnd: (trainer) => {
      assert((trainer.model as Linear).weight.grad !== null);
      calls.push("gradients");
    },
    onStep: note("step"),
    onEvaluationStart: (trainer) => {
      assertEquals(trainer.model.training, false);
      calls.push("evaluation");
    },
    onEvaluationEnd: (trainer, { loss }) => {
      assertEquals(trainer.model.training, true);
      assert(loss > 0);
      calls.push("evaluated");
    },
    onEpochEnd: (trainer, record) => {
      assertEquals(trainer.history.at(-1), record);
      calls.push("epoch end");
    },
    onFitEnd: async () => {
      await Promise.resolve();
      calls.push("fit end");
    },
  };
  const trainer = linearTrainer({ epochs: 2, callbacks: [callback] });
  await trainer.fit(batches(8), batches(8));
  const step = ["backward", "gradients", "step"];
  const epoch = [
    ...["epoch", "batch 0", ...step, "batch 1", ...step],
    ...["evaluation", "evaluated", "epoch end"],
  ];
  assertEquals(calls, ["fit", ...epoch, ...epoch, "fit end"]);
});

Deno.test("a callback changes gradients before the step", async () => {
  const trainer = linearTrainer({
    callbacks: [{
      onBackwardEnd: ({ model }) => {
        for (const p of (model as Linear).parameters()) p.grad = null;
      },
    }],
  });
  const weight = (trainer.model as Linear).weight.toArray();
  await trainer.fit(batches(8));
  assertEquals((trainer.model as Linear).weight.toArray(), weight);
});

Deno.test("fit() continues where it ended", async () => {
  const trainer = linearTrainer({ epochs: 2 });
  await trainer.fit(batches(8));
  await trainer.fit(batches(8));
  assertEquals(trainer.history.map((r) => r.epoch), [1, 2, 3, 4]);
});

Deno.test("fit() takes batches from arrays and asynchronous generators", async () => {
  async function* generate(): AsyncGenerator<Batch> {
    for (const [x, y] of batches(12)) {
      await Promise.resolve();
      yield [x, y];
    }
  }
  const trainer = linearTrainer({ epochs: 1 });
  assertEquals((await trainer.fit(generate()))[0]!.steps, 3);
  const list: Batch[] = [...batches(12)].map(([x, y]) => [x, y]);
  assertEquals((await trainer.fit(list))[1]!.steps, 3);
});

Deno.test("fit() closes a generator that it leaves early", async () => {
  let closed = false;
  function* generate(): Generator<Batch> {
    try {
      for (;;) yield [zeros([1, 2]), tensor(new Int32Array([0]))];
    } finally {
      closed = true;
    }
  }
  const trainer = linearTrainer({
    callbacks: [{ onStep: (t) => t.stop() }],
  });
  await trainer.fit(generate());
  assert(closed);
});

Deno.test("fit() throws before the step when the loss is no longer finite", async () => {
  const ended: boolean[] = [];
  const trainer = linearTrainer({
    callbacks: [{ onFitEnd: () => void ended.push(true) }],
  });
  const weight = (trainer.model as Linear).weight.toArray();
  const bad: Batch[] = [[tensor([[Infinity, 0]]), tensor(new Int32Array([0]))]];
  const error = await assertRejects(() => trainer.fit(bad), DivergedError);
  assertStringIncludes(error.message, "became NaN in epoch 1, step 1");
  assertEquals((trainer.model as Linear).weight.toArray(), weight);
  assertEquals(ended, [true]);
});

Deno.test("mistakes are sentences", async () => {
  assertThrows(
    () => linearTrainer({ epochs: 0 }),
    RangeError,
    "Trainer got epochs 0, expected a whole number of at least 1",
  );
  assertThrows(
    () => linearTrainer({ loss: new CrossEntropyLoss({ reduction: "none" }) }),
    RangeError,
    'Trainer got a loss with reduction "none"',
  );
  const trainer = linearTrainer();
  await assertRejects(
    () => trainer.fit([]),
    Error,
    "The training data has no batches",
  );
  await assertRejects(
    () => trainer.evaluate([]),
    Error,
    "The data to evaluate the model on has no batches",
  );
  const running = trainer.fit(batches(8));
  await assertRejects(() => trainer.fit([]), Error, "already running");
  await running;
});
