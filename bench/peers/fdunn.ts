/** fdunn itself, as its README writes a loop; runs with the root's config. */

import {
  conv2d,
  getNumThreads,
  noGrad,
  setNumThreads,
  type Tensor,
  tensor,
} from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { Adam, SGD } from "@fdunn/optim";
import {
  cnn,
  conv,
  LEARNING_RATE,
  matrices,
  mlp,
  parseMatmul,
  pick,
  rnn,
  type Transposition,
  vgg,
  type Weight,
} from "./formulas.ts";
import { Cannot, type Job, report, threadsAsked } from "./measure.ts";

/** A training loop's step on whatever `next` returns. */
function training(
  weights: Tensor[],
  forward: (x: Tensor) => Tensor,
  next: () => [x: Tensor, y: Tensor],
  optimizer: SGD | Adam = new SGD(weights, { lr: LEARNING_RATE }),
): Job {
  const criterion = new nn.CrossEntropyLoss();
  let loss: Tensor;
  return {
    step() {
      const [x, y] = next();
      optimizer.zeroGrad();
      loss = criterion.forward(forward(x), y);
      loss.backward();
      optimizer.step();
    },
    values: () => [loss.item()],
  };
}

/** Gives parameters the common initial weights. */
function setWeights(parameters: Tensor[], weights: Weight[]): void {
  noGrad(() => {
    weights.forEach(({ data, shape }, i) =>
      parameters[i]!.copy_(tensor(data, { shape }))
    );
  });
}

/** The model with the common initial weights. */
function withWeights(model: nn.Sequential, weights: Weight[]): nn.Sequential {
  setWeights(model.parameters(), weights);
  return model;
}

function cnnJob(act: () => nn.ReLU | nn.Sigmoid): Job {
  const model = withWeights(
    new nn.Sequential(
      new nn.Conv2d(1, 4, 3, { padding: 1 }),
      act(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(4, 8, 3, { padding: 1 }),
      act(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(392, 100),
      act(),
      new nn.Linear(100, 10),
    ),
    cnn.weights,
  );
  const x = tensor(cnn.x, { shape: [cnn.batch, 1, 28, 28] });
  const y = tensor(cnn.labels);
  return training(
    [...model.parameters()],
    (x) => model.forward(x),
    () => [x, y],
  );
}

function mlpJob(): Job {
  const model = withWeights(
    new nn.Sequential(
      new nn.Linear(2, 20),
      new nn.ReLU(),
      new nn.Linear(20, 2),
    ),
    mlp.weights,
  );
  const xs = tensor(mlp.x, { shape: [mlp.samples, 2] });
  const ys = tensor(mlp.labels);
  let i = 0;
  return training([...model.parameters()], (x) => model.forward(x), () => {
    const at = i;
    i = (i + 1) % mlp.samples;
    return [xs.narrow(0, at, 1), ys.narrow(0, at, 1)];
  });
}

function rnnJob(): Job {
  const layer = new nn.RNN(1, rnn.hidden, { batchFirst: true });
  const head = new nn.Linear(rnn.hidden, rnn.classes);
  const parameters = [...layer.parameters(), ...head.parameters()];
  setWeights(parameters, rnn.weights);
  const x = tensor(rnn.x, { shape: [rnn.batch, rnn.steps, 1] });
  const y = tensor(rnn.labels);
  const forward = (x: Tensor) => {
    const [, last] = layer.forward(x);
    return head.forward(last.select(0, 0));
  };
  return training(parameters, forward, () => [x, y]);
}

function vggJob(): Job {
  const layers: nn.Module<[Tensor]>[] = [];
  let channels = 3;
  for (const out of vgg.layers) {
    if (out === 0) {
      layers.push(new nn.MaxPool2d(3, { stride: 2, padding: 1 }));
      continue;
    }
    layers.push(
      new nn.Conv2d(channels, out, 3, { padding: 1 }),
      new nn.BatchNorm2d(out),
      new nn.ReLU(),
    );
    channels = out;
  }
  layers.push(new nn.Flatten(), new nn.Linear(vgg.features, 10));
  const weighted = layers.filter((layer) =>
    layer instanceof nn.Conv2d || layer instanceof nn.Linear
  );
  setWeights(weighted.flatMap((layer) => layer.parameters()), vgg.weights);
  const model = new nn.Sequential(...layers);
  const x = tensor(vgg.x, { shape: [vgg.batch, 3, 32, 32] });
  const y = tensor(vgg.labels);
  const adam = new Adam(model.parameters(), { lr: vgg.learningRate });
  return training([], (x) => model.forward(x), () => [x, y], adam);
}

function matmulJob(n: number, form: Transposition): Job {
  const [a, b] = matrices(n).map((data) => tensor(data, { shape: [n, n] })) as [
    Tensor,
    Tensor,
  ];
  const left = form === "tn" ? a.t() : a;
  const right = form === "nt" ? b.t() : b;
  let out: Tensor | undefined;
  return {
    flops: 2 * n ** 3,
    step() {
      out?.dispose();
      out = left.matmul(right);
    },
    values: () => pick(out!.data() as Float32Array, 5),
  };
}

function convJob(backward: boolean): Job {
  const options = { requiresGrad: backward };
  const x = tensor(conv.x, { shape: conv.xShape, ...options });
  const weight = tensor(conv.weight, { shape: conv.weightShape, ...options });
  const g = tensor(conv.g, { shape: conv.xShape });
  let out: Tensor | undefined;
  if (!backward) {
    return {
      flops: conv.flops,
      step() {
        out?.dispose();
        out = conv2d(x, weight, null, { padding: 1 });
      },
      values: () => pick(out!.data() as Float32Array, 5),
    };
  }
  return {
    flops: 3 * conv.flops,
    step() {
      x.grad = null;
      weight.grad = null;
      conv2d(x, weight, null, { padding: 1 }).backward(g);
    },
    values: () => [
      ...pick(x.grad!.data() as Float32Array, 2),
      ...pick(weight.grad!.data() as Float32Array, 3),
    ],
  };
}

const config = new URL("../../packages/tensor/deno.json", import.meta.url);
const { version } = JSON.parse(Deno.readTextFileSync(config));
setNumThreads(threadsAsked());
await report("fdunn", version, getNumThreads(), (workload) => {
  const product = parseMatmul(workload);
  if (product !== null) return matmulJob(product.n, product.form);
  switch (workload) {
    case "cnn":
      return cnnJob(() => new nn.ReLU());
    case "cnn-sigmoid":
      return cnnJob(() => new nn.Sigmoid());
    case "mlp":
      return mlpJob();
    case "rnn":
      return rnnJob();
    case "vgg":
      return vggJob();
    case "conv-forward":
      return convJob(false);
    case "conv-training":
      return convJob(true);
  }
  throw new Cannot(`no workload ${workload}`);
});
