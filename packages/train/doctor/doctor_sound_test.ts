/** Trainings without a mistake, of which the doctor has nothing to say. */

import { DataLoader, makeCircles, makeMoons, TensorDataset } from "@fdunn/data";
import {
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  CrossEntropyLoss,
  Dropout,
  Flatten,
  init,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  RNN,
  Sequential,
  Sigmoid,
} from "@fdunn/nn";
import { Adam, clipGradNorm, type Optimizer, SGD, StepLR } from "@fdunn/optim";
import {
  manualSeed,
  noGrad,
  randint,
  randn,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { assert, assertEquals } from "@std/assert";
import type { Callback } from "../callback.ts";
import { Doctor } from "./doctor.ts";
import { Trainer } from "../trainer.ts";

/** Pictures `[n, 1, 12, 12]` in [0, 1], and which of four quarters is lit. */
function pictures(n: number): TensorDataset<[Tensor, Tensor]> {
  const quarters = zeros([4, 1, 12, 12]);
  for (let c = 0; c < 4; c++) {
    const own = quarters.narrow(0, c, 1);
    own.narrow(2, 6 * (c >> 1), 6).narrow(3, 6 * (c & 1), 6).fill_(2);
  }
  const classes = randint(0, 4, [n]);
  const noisy = quarters.indexSelect(0, classes).add(randn([n, 1, 12, 12]));
  return new TensorDataset(noisy.sigmoid(), classes);
}

/** The seed CNN, smaller. */
function cnn(act: () => Module<[Tensor]>, norm: boolean): Sequential {
  const model = new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    ...norm ? [new BatchNorm2d(4)] : [],
    act(),
    new MaxPool2d(2),
    new Conv2d(4, 8, 3, { padding: 1 }),
    act(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(72, 50),
    act(),
    ...norm ? [new Dropout(0.5)] : [],
    new Linear(50, 4),
  );
  for (const [name, parameter] of model.namedParameters()) {
    if (name.endsWith("weight") && parameter.ndim > 1) {
      init.kaimingNormal_(parameter);
    }
  }
  return model;
}

/** Trains with a doctor; returns the accuracy and what it said. */
async function train(
  model: Sequential,
  optimizer: Optimizer,
  reduction: "mean" | "sum",
  callbacks: Callback[] = [],
): Promise<[accuracy: number, said: string[]]> {
  const said: string[] = [];
  const doctor = new Doctor({ sink: (m) => said.push(m), patience: 300 });
  const loader = new DataLoader(pictures(1600), {
    batchSize: 8,
    shuffle: true,
  });
  const trainer = new Trainer(model, {
    optimizer,
    loss: new CrossEntropyLoss({ reduction }),
    epochs: 4,
    callbacks: [doctor, ...callbacks],
  });
  const history = await trainer.fit(loader, loader);
  return [history.at(-1)!.validAccuracy!, said];
}

Deno.test("the doctor is content with a sigmoid CNN that learns", async () => {
  manualSeed(0);
  const model = cnn(() => new Sigmoid(), false);
  const optimizer = new SGD(model.parameters(), { lr: 0.03 });
  const [accuracy, said] = await train(model, optimizer, "sum");
  assertEquals(said, []);
  assert(accuracy > 0.8, `${accuracy}`);
});

Deno.test("the doctor is content with a ReLU CNN, by SGD and by Adam", async () => {
  manualSeed(1);
  for (const adam of [false, true]) {
    const model = cnn(() => new ReLU(), false);
    const optimizer = adam
      ? new Adam(model.parameters(), { lr: 0.001 })
      : new SGD(model.parameters(), { lr: 0.05, momentum: 0.5 });
    const schedule = new StepLR(optimizer, { stepSize: 2, gamma: 0.5 });
    const step: Callback = { onEpochEnd: () => schedule.step() };
    const [accuracy, said] = await train(model, optimizer, "mean", [step]);
    assertEquals(said, []);
    assert(accuracy > 0.8, `${accuracy}`);
  }
});

Deno.test("the doctor is content with batch norm, dropout and clipping", async () => {
  manualSeed(2);
  const model = cnn(() => new ReLU(), true);
  const optimizer = new Adam(model.parameters(), { lr: 0.002 });
  const clip: Callback = {
    onBackwardEnd: () => void clipGradNorm(model.parameters(), 1),
  };
  const [accuracy, said] = await train(model, optimizer, "mean", [clip]);
  assertEquals(said, []);
  assert(accuracy > 0.8, `${accuracy}`);
});

Deno.test("the doctor is content with circles, one sample a step", async () => {
  const [x, y] = makeCircles(1000, { noise: 0.1, randomState: 0 });
  for (const seed of [0, 1, 2]) {
    manualSeed(seed);
    const model = new Sequential(
      new Linear(2, 20),
      new ReLU(),
      new Linear(20, 2),
    );
    const said: string[] = [];
    const trainer = new Trainer(model, {
      optimizer: new SGD(model.parameters(), { lr: 0.01 }),
      loss: new CrossEntropyLoss(),
      epochs: 40,
      callbacks: [new Doctor({ sink: (m) => said.push(m) })],
    });
    await trainer.fit(
      new DataLoader(new TensorDataset(x, y), { batchSize: 1, shuffle: true }),
    );
    assertEquals(said, []);
  }
});

Deno.test("the doctor is content with an own loop that accumulates and evaluates", () => {
  manualSeed(3);
  const said: string[] = [];
  const doctor = new Doctor({ sink: (m) => said.push(m), patience: 100 });
  const [x, y] = makeMoons(200, { noise: 0.1, randomState: 0 });
  const model = new Sequential(
    new Linear(2, 20),
    new BatchNorm1d(20),
    new ReLU(),
    new Dropout(0.1),
    new Linear(20, 2),
  );
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const criterion = new CrossEntropyLoss();
  const stop = doctor.watch({ model, optimizer, loss: criterion });
  const loader = new DataLoader(new TensorDataset(x, y), {
    batchSize: 10,
    shuffle: true,
  });
  let accuracy = 0;
  for (let epoch = 0; epoch < 60; epoch++) {
    model.train();
    let batch = 0;
    optimizer.zeroGrad();
    for (const [input, target] of loader) {
      criterion.forward(model.forward(input), target).div(4).backward();
      if (++batch % 4 > 0) continue;
      optimizer.step();
      optimizer.zeroGrad();
    }
    model.eval();
    accuracy = noGrad(() => {
      const output = model.forward(x);
      criterion.forward(output, y);
      return output.argmax(1).eq(y).to("float32").mean().item();
    });
  }
  stop();
  assertEquals(said, []);
  assert(accuracy > 0.85, `${accuracy}`);
});

for (const nonlinearity of ["tanh", "relu"] as const) {
  Deno.test(`the doctor is content with a recurrent network of ${nonlinearity}`, () => {
    manualSeed(4);
    class Last extends Module<[Tensor]> {
      rnn = new RNN(1, 16, {
        batchFirst: true,
        numLayers: 2,
        dropout: 0.1,
        nonlinearity,
      });
      out = new Linear(16, 10);
      forward(x: Tensor): Tensor {
        const [all] = this.rnn.forward(x);
        return this.out.forward(all.select(1, -1));
      }
    }
    const said: string[] = [];
    const doctor = new Doctor({ sink: (m) => said.push(m), patience: 500 });
    const model = new Last();
    const optimizer = new Adam(model.parameters(), { lr: 0.003 });
    const criterion = new CrossEntropyLoss();
    const stop = doctor.watch({ model, optimizer, loss: criterion });
    const digits = randint(0, 10, [320, 4]);
    for (let i = 0; i < 600; i++) {
      const batch = digits.narrow(0, (i % 10) * 32, 32);
      optimizer.zeroGrad();
      const input = batch.to("float32").unsqueeze(2);
      criterion.forward(model.forward(input), batch.select(1, 0)).backward();
      optimizer.step();
    }
    stop();
    assertEquals(said, []);
  });
}
