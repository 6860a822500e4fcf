/**
 * Layers forward and backward, at the shapes of the models in examples/, beside
 * a plain loop that reads and writes as many numbers as the input has.
 */

import {
  manualSeed,
  randint,
  randn,
  setNumThreads,
  type Tensor,
} from "@fdunn/tensor";
import * as nn from "@fdunn/nn";

manualSeed(0);
setNumThreads(1); // as the baselines

function plainLoop(group: string, size: number): void {
  const [from, to] = [new Float32Array(size).fill(1), new Float32Array(size)];
  Deno.bench(`${group}: a plain loop`, { group, baseline: true }, () => {
    for (let i = 0; i < size; i++) to[i] = from[i]! * 0.5 + to[i]!;
  });
}

/** Times forward with backward. */
function layer(name: string, module: nn.Module<[Tensor]>, input: Tensor): void {
  const x = input.requiresGrad_();
  const parameters = module.parameters();
  const seed = randn(module.forward(x).shape);
  plainLoop(name, x.size);
  Deno.bench(`${name}: forward and backward`, { group: name }, () => {
    module.forward(x).backward(seed);
    x.grad = null;
    for (const parameter of parameters) parameter.grad = null;
  });
}

layer("Linear 392-100, batch 16", new nn.Linear(392, 100), randn([16, 392]));
layer("Linear 2-20, batch 1", new nn.Linear(2, 20), randn([1, 2]));
layer(
  "Conv2d 4-8 3x3 on 14x14, batch 16",
  new nn.Conv2d(4, 8, 3, { padding: 1 }),
  randn([16, 4, 14, 14]),
);
layer(
  "MaxPool2d 2 on 28x28, batch 16",
  new nn.MaxPool2d(2),
  randn([16, 4, 28, 28]),
);
layer(
  "AvgPool2d 2 on 28x28, batch 16",
  new nn.AvgPool2d(2),
  randn([16, 4, 28, 28]),
);
layer(
  "AdaptiveAvgPool2d 1 on 7x7, batch 16",
  new nn.AdaptiveAvgPool2d(1),
  randn([16, 512, 7, 7]),
);
layer(
  "ConvTranspose2d 16-8 4x4 stride 2 on 7x7, batch 16",
  new nn.ConvTranspose2d(16, 8, 4, { stride: 2, padding: 1 }),
  randn([16, 16, 7, 7]),
);
layer(
  "BatchNorm2d 64 on 28x28, batch 16",
  new nn.BatchNorm2d(64),
  randn([16, 64, 28, 28]),
);
layer(
  "BatchNorm2d 64 on 32x32, batch 32",
  new nn.BatchNorm2d(64),
  randn([32, 64, 32, 32]),
);
layer(
  "MaxPool2d 3/2/1 on 32x32, 64 channels, batch 32",
  new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
  randn([32, 64, 32, 32]),
);
layer("LayerNorm 256, batch 64", new nn.LayerNorm(256), randn([64, 256]));
layer(
  "RNNCell 128-128, batch 32",
  new nn.RNNCell(128, 128),
  randn([32, 128]),
);
layer("Sigmoid, 16x4x28x28", new nn.Sigmoid(), randn([16, 4, 28, 28]));
layer("ReLU, 16x4x28x28", new nn.ReLU(), randn([16, 4, 28, 28]));
layer("Dropout 0.5, 16x392", new nn.Dropout(), randn([16, 392]));

const logits = randn([16, 10], { requiresGrad: true });
const labels = randint(0, 10, [16]);
const criterion = new nn.CrossEntropyLoss();
const name = "CrossEntropyLoss, 16x10";
plainLoop(name, logits.size);
Deno.bench(`${name}: forward and backward`, { group: name }, () => {
  criterion.forward(logits, labels).backward();
  logits.grad = null;
});
