/** fdunn itself, as its README writes a loop; runs with the root's config. */

import {
  conv2d,
  getNumThreads,
  linear,
  setNumThreads,
  type Tensor,
  tensor,
  zeros,
} from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
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
  type Weight,
} from "./formulas.ts";
import { Cannot, type Job, report, threadsAsked } from "./measure.ts";

/** A training loop's step on whatever `next` returns. */
function training(
  weights: Tensor[],
  forward: (x: Tensor) => Tensor,
  next: () => [x: Tensor, y: Tensor],
): Job {
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new SGD(weights, { lr: LEARNING_RATE });
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

function parameters(weights: Weight[]): Tensor[] {
  return weights.map(({ data, shape }) =>
    tensor(data, { shape, requiresGrad: true })
  );
}

/** The model with the common initial weights. */
function withWeights(model: nn.Sequential, weights: Weight[]): nn.Sequential {
  const names = [...model.namedParameters()].map(([name]) => name);
  model.loadStateDict(
    Object.fromEntries(
      weights.map(({ data, shape }, i) => [names[i]!, tensor(data, { shape })]),
    ),
  );
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
  const weights = parameters(rnn.weights);
  const [wx, b, wh, wp, bp] = weights as [
    ...[Tensor, Tensor, Tensor],
    ...[Tensor, Tensor],
  ];
  const x = tensor(rnn.x, { shape: [rnn.batch, rnn.steps] });
  const y = tensor(rnn.labels);
  const start = zeros([rnn.batch, rnn.hidden]);
  const forward = (x: Tensor) => {
    let h = start;
    for (let t = 0; t < rnn.steps; t++) {
      h = linear(x.narrow(1, t, 1), wx, b).add(linear(h, wh)).tanh();
    }
    return linear(h, wp, bp);
  };
  return training(weights, forward, () => [x, y]);
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
    case "conv-forward":
      return convJob(false);
    case "conv-training":
      return convJob(true);
  }
  throw new Cannot(`no workload ${workload}`);
});
