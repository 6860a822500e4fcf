/** What a step costs: four tiny parameters, and those of the MNIST CNN. */

import { manualSeed, randn, type Tensor } from "@fdunn/tensor";
import { Adam, AdamW, RMSprop, SGD } from "@fdunn/optim";

manualSeed(0);

const MODELS: Record<string, number[][]> = {
  "mlp 2-20-2": [[20, 2], [20], [2, 20], [2]],
  "mnist cnn": [
    ...[[4, 1, 3, 3], [4], [8, 4, 3, 3], [8]],
    ...[[100, 392], [100], [10, 100], [10]],
  ],
};

for (const [model, shapes] of Object.entries(MODELS)) {
  const params = shapes.map((shape) => randn(shape, { requiresGrad: true }));
  for (const p of params) p.grad = randn(p.shape);
  const optimizers: Record<string, { step(): null }> = {
    SGD: new SGD(params, { lr: 1e-9 }),
    "SGD momentum": new SGD(params, { lr: 1e-9, momentum: 0.9 }),
    Adam: new Adam(params, { lr: 1e-9 }),
    AdamW: new AdamW(params, { lr: 1e-9 }),
    RMSprop: new RMSprop(params, { lr: 1e-9 }),
  };
  for (const [name, optimizer] of Object.entries(optimizers)) {
    Deno.bench(`${model}: ${name}`, { group: `step, ${model}` }, () => {
      optimizer.step();
    });
  }
  const gradients: Tensor[] = params.map((p) => p.grad!);
  const sgd = optimizers.SGD as SGD;
  Deno.bench(`${model}: zeroGrad and SGD`, { group: `step, ${model}` }, () => {
    sgd.zeroGrad();
    for (let i = 0; i < params.length; i++) params[i]!.grad = gradients[i]!;
    sgd.step();
  });
}
