/**
 * The second source's MLP, 2-20-2 with batch 1: a step that is all overhead.
 * The parts are timed on their own beside the whole.
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
