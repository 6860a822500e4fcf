/**
 * The second source's MLP, 2-20-2 with batch 1: a step that is all overhead.
 * The parts are timed on their own beside the whole, and beside the same
 * arithmetic in plain loops.
 */

import { manualSeed, randint, randn, type Tensor } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { SGD } from "@fdunn/optim";

manualSeed(0);
const SAMPLES = 1000;
const xs = randn([SAMPLES, 2]);
const ys = randint(0, 2, [SAMPLES]);
const model = new nn.Sequential(
  new nn.Linear(2, 20),
  new nn.ReLU(),
  new nn.Linear(20, 2),
);
const criterion = new nn.CrossEntropyLoss();
const optimizer = new SGD(model.parameters(), { lr: 0.01 });

let i = 0;

const HIDDEN = 20;
const points = xs.data() as Float32Array;
const classes = ys.data() as Int32Array;
const [w1, b1, w2, b2] = model.parameters().map((p) =>
  p.data() as Float32Array
) as [Float32Array, Float32Array, Float32Array, Float32Array];
const hidden = new Float32Array(HIDDEN);

/** The same step by hand, without a tensor. */
function plainStep(): void {
  const [x0, x1, y] = [points[2 * i]!, points[2 * i + 1]!, classes[i]!];
  i = (i + 1) % SAMPLES;
  let [z0, z1] = [b2[0]!, b2[1]!];
  for (let j = 0; j < HIDDEN; j++) {
    const sum = w1[2 * j]! * x0 + w1[2 * j + 1]! * x1 + b1[j]!;
    const h = hidden[j] = sum > 0 ? sum : 0;
    z0 += w2[j]! * h;
    z1 += w2[HIDDEN + j]! * h;
  }
  const p1 = 1 / (1 + Math.exp(z0 - z1));
  const [g0, g1] = [0.01 * (y === 0 ? -p1 : 1 - p1), 0.01 * (p1 - y)];
  for (let j = 0; j < HIDDEN; j++) {
    const h = hidden[j]!;
    const g = h > 0 ? w2[j]! * g0 + w2[HIDDEN + j]! * g1 : 0;
    w2[j]! -= g0 * h;
    w2[HIDDEN + j]! -= g1 * h;
    w1[2 * j]! -= g * x0;
    w1[2 * j + 1]! -= g * x1;
    b1[j]! -= g;
  }
  b2[0]! -= g0;
  b2[1]! -= g1;
}

/** One step on the next sample, as README writes it. */
function step(): void {
  const x = xs.narrow(0, i, 1);
  const y = ys.narrow(0, i, 1);
  i = (i + 1) % SAMPLES;
  optimizer.zeroGrad();
  const loss = criterion.forward(model.forward(x), y);
  loss.backward();
  optimizer.step();
}

function forward(): Tensor {
  const x = xs.narrow(0, i, 1);
  const y = ys.narrow(0, i, 1);
  i = (i + 1) % SAMPLES;
  return criterion.forward(model.forward(x), y);
}

// V8 optimizes after thousands of calls: let it, before anything is timed.
for (let n = 0; n < 20_000; n++) step();

Deno.bench("mlp 2-20-2, batch 1: plain loops", {
  group: "mlp step",
  baseline: true,
}, plainStep);

Deno.bench("mlp 2-20-2, batch 1: step", { group: "mlp step" }, step);

Deno.bench("mlp 2-20-2, batch 1: step without the optimizer", {
  group: "mlp step",
}, () => {
  optimizer.zeroGrad();
  forward().backward();
});

Deno.bench("mlp 2-20-2, batch 1: optimizer.step() alone", {
  group: "mlp step",
}, () => {
  optimizer.step();
});
