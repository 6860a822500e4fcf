/**
 * What a step costs: four tiny parameters, and those of the MNIST CNN. Adam is
 * each group's baseline. One kernel call for all parameters are SGD to LAMB;
 * Adafactor, Muon and SOAP are made of tensor operations, and the last two of
 * products of matrices.
 */

import { manualSeed, randn, type Tensor } from "@fdunn/tensor";
import * as optim from "@fdunn/optim";
import { SOAP } from "@fdunn/optim/second_order";

manualSeed(0);

const MODELS: Record<string, number[][]> = {
  "mlp 2-20-2": [[20, 2], [20], [2, 20], [2]],
  "mnist cnn": [
    ...[[4, 1, 3, 3], [4], [8, 4, 3, 3], [8]],
    ...[[100, 392], [100], [10, 100], [10]],
  ],
};

const lr = 1e-9;
const OPTIMIZERS: Record<string, (p: Tensor[]) => { step(): null }> = {
  Adam: (p) => new optim.Adam(p, { lr }),
  SGD: (p) => new optim.SGD(p, { lr }),
  "SGD momentum": (p) => new optim.SGD(p, { lr, momentum: 0.9 }),
  AdamW: (p) => new optim.AdamW(p, { lr }),
  "Adam amsgrad": (p) => new optim.Adam(p, { lr, amsgrad: true }),
  RMSprop: (p) => new optim.RMSprop(p, { lr }),
  NAdam: (p) => new optim.NAdam(p, { lr }),
  RAdam: (p) => new optim.RAdam(p, { lr }),
  Adamax: (p) => new optim.Adamax(p, { lr }),
  Adagrad: (p) => new optim.Adagrad(p, { lr }),
  Adadelta: (p) => new optim.Adadelta(p, { lr }),
  Lion: (p) => new optim.Lion(p, { lr }),
  LAMB: (p) => new optim.LAMB(p, { lr }),
  Adafactor: (p) => new optim.Adafactor(p, { lr }),
  Muon: (p) => new optim.Muon(p.filter(({ ndim }) => ndim === 2), { lr }),
  SOAP: (p) => new SOAP(p, { lr }),
};

for (const [model, shapes] of Object.entries(MODELS)) {
  const group = `step, ${model}`;
  const params = shapes.map((shape) => randn(shape, { requiresGrad: true }));
  for (const p of params) p.grad = randn(p.shape);
  for (const [name, make] of Object.entries(OPTIMIZERS)) {
    const optimizer = make(params);
    const baseline = name === "Adam";
    Deno.bench(`${model}: ${name}`, { group, baseline }, () => {
      optimizer.step();
    });
  }
  const gradients: Tensor[] = params.map((p) => p.grad!);
  const sgd = new optim.SGD(params, { lr });
  Deno.bench(`${model}: zeroGrad and SGD`, { group }, () => {
    sgd.zeroGrad();
    for (let i = 0; i < params.length; i++) params[i]!.grad = gradients[i]!;
    sgd.step();
  });
}
