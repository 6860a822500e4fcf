/** The doctor beside training loops that are written out. */

import {
  type AnyModule,
  BatchNorm1d,
  CrossEntropyLoss,
  Dropout,
  type Module,
  ReLU,
} from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { noGrad, type Tensor, zeros } from "@fdunn/tensor";
import { assertEquals } from "@std/assert";
import type { Mistake } from "./doctor.ts";
import { mlp, points, quiet } from "./doctor_setup_test.ts";

/** A model's weights as they are now. */
const cloneOf = (model: Module) =>
  Object.fromEntries(
    Object.entries(model.stateDict()).map(([name, t]) => [name, t.clone()]),
  );

/** What a doctor finds in an own loop, of which this is one step. */
function findingsOf(
  model: AnyModule & Module,
  step: (
    optimizer: SGD,
    criterion: CrossEntropyLoss,
    x: Tensor,
    y: Tensor,
    i: number,
  ) => void,
  steps = 20,
): Mistake[] {
  const doctor = quiet();
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const criterion = new CrossEntropyLoss();
  const stop = doctor.watch({ model, optimizer, loss: criterion });
  const [x, y] = points();
  for (let i = 0; i < steps; i++) step(optimizer, criterion, x, y, i);
  stop();
  return doctor.findings.map(({ mistake }) => mistake);
}

/** A step as it should be. */
const properly =
  (model: Module): Parameters<typeof findingsOf>[1] =>
  (optimizer, criterion, x, y) => {
    optimizer.zeroGrad();
    criterion.forward(model.forward(x) as Tensor, y).backward();
    optimizer.step();
  };

Deno.test("the doctor notices inputs that are not finite", () => {
  const model = mlp(new ReLU());
  const found = findingsOf(model, (_, __, x) => {
    model.forward(x.div(zeros([64, 2])));
  }, 1);
  assertEquals(found, ["unscaled-inputs"]);
});

Deno.test("the doctor notices a forgotten zeroGrad()", () => {
  const model = mlp(new ReLU());
  const found = findingsOf(model, (optimizer, criterion, x, y) => {
    criterion.forward(model.forward(x), y).backward();
    optimizer.step();
  });
  assertEquals(found, ["missing-zero-grad"]);
});

Deno.test("the doctor accepts every sound order of zeroGrad()", () => {
  const model = mlp(new ReLU());
  const sound: Parameters<typeof findingsOf>[1][] = [
    (optimizer, criterion, x, y) => {
      const value = criterion.forward(model.forward(x), y);
      optimizer.zeroGrad();
      value.backward();
      optimizer.step();
    },
    (optimizer, criterion, x, y) => {
      criterion.forward(model.forward(x), y).backward();
      optimizer.step();
      optimizer.zeroGrad();
    },
    (optimizer, criterion, x, y, i) => { // accumulation over four batches
      criterion.forward(model.forward(x), y).div(4).backward();
      if (i % 4 < 3) return;
      optimizer.step();
      optimizer.zeroGrad();
    },
    (optimizer, criterion, x, y) => { // zeros in place of null
      for (const p of model.parameters()) p.grad?.zero_();
      criterion.forward(model.forward(x), y).backward();
      optimizer.step();
    },
  ];
  const start = cloneOf(model);
  for (const step of sound) {
    model.loadStateDict(start); // so that no training continues another
    assertEquals(findingsOf(model, step), []);
  }
});

Deno.test("the doctor notices a forgotten eval(), with and without noGrad()", () => {
  for (const layer of [() => new Dropout(0.5), () => new BatchNorm1d(16)]) {
    for (const within of [noGrad, <T>(f: () => T) => f()]) {
      const model = mlp(layer(), new ReLU());
      const step = properly(model);
      const found = findingsOf(model, (optimizer, criterion, x, y, i) => {
        step(optimizer, criterion, x, y, i);
        if (i !== 19) return; // the evaluation after the only epoch
        within(() => {
          for (let k = 0; k < 3; k++) criterion.forward(model.forward(x), y);
        });
      });
      assertEquals(found, ["missing-eval"]);
    }
  }
});

Deno.test("the doctor notices a forgotten train()", () => {
  const model = mlp(new ReLU(), new Dropout(0.5));
  const step = properly(model);
  const found = findingsOf(model, (optimizer, criterion, x, y, i) => {
    step(optimizer, criterion, x, y, i);
    if (i !== 9) return;
    model.eval();
    noGrad(() => criterion.forward(model.forward(x), y));
  });
  assertEquals(found, ["missing-train"]);
});

Deno.test("the doctor does not mind the mode of what has none, nor one that is right", () => {
  const plain = mlp(new ReLU());
  plain.eval();
  assertEquals(findingsOf(plain, properly(plain)), []);
  const model = mlp(new Dropout(0.5), new ReLU());
  const step = properly(model);
  const found = findingsOf(model, (optimizer, criterion, x, y, i) => {
    step(optimizer, criterion, x, y, i);
    if (i % 5 < 4) return;
    model.eval();
    for (let k = 0; k < 3; k++) criterion.forward(model.forward(x), y);
    model.train();
  });
  assertEquals(found, []);
});
