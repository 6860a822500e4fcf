/**
 * What a step costs: four tiny parameters, and those of the MNIST CNN, beside
 * Adam in plain loops. One kernel call for all parameters are SGD to LAMB;
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

/** Adam's step on arrays, bias corrections and all. */
function plainAdam(sizes: number[]): () => void {
  const arrays = sizes.map((size) =>
    [0, 1, 0, 0].map((value) => new Float32Array(size).fill(value))
  );
  let t = 0;
  return () => {
    t++;
    const [first, second] = [1 - 0.9 ** t, 1 - 0.999 ** t];
    for (const [p, g, m, v] of arrays as Float32Array[][]) {
      for (let i = 0; i < p!.length; i++) {
        m![i] = 0.9 * m![i]! + 0.1 * g![i]!;
        v![i] = 0.999 * v![i]! + 0.001 * g![i]! * g![i]!;
        p![i]! -= lr * (m![i]! / first) / (Math.sqrt(v![i]! / second) + 1e-8);
      }
    }
  };
}

for (const [model, shapes] of Object.entries(MODELS)) {
  const group = `step, ${model}`;
  const params = shapes.map((shape) => randn(shape, { requiresGrad: true }));
  for (const p of params) p.grad = randn(p.shape);
  Deno.bench(
    `${model}: Adam in plain loops`,
    { group, baseline: true },
    plainAdam(params.map((p) => p.size)),
  );
  for (const [name, make] of Object.entries(OPTIMIZERS)) {
    const optimizer = make(params);
    Deno.bench(`${model}: ${name}`, { group }, () => {
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
