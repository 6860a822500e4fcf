/** jax-js on its wasm backend; every step is one jitted function. */

import { threads } from "./jax_threads.ts"; // must come first
import {
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  valueAndGrad,
  vjp,
} from "@jax-js/jax";
import config from "./deno.json" with { type: "json" };
import {
  cnn,
  conv,
  LEARNING_RATE,
  matrices,
  mlp,
  oneHot,
  parseMatmul,
  pick,
  rnn,
  type Transposition,
  type Weight,
} from "./formulas.ts";
import { Cannot, type Job, report } from "./measure.ts";

// Functions own their arguments: what is used again is passed as `.ref`.

type Arrays = np.Array[];

function array(data: Float32Array, shape: number[]): np.Array {
  return np.array(data as Float32Array<ArrayBuffer>).reshape(shape);
}

function crossEntropy(logits: np.Array, y: np.Array): np.Array {
  const rows = logits.shape[0]!;
  return np.sum(nn.logSoftmax(logits).mul(y)).mul(-1 / rows);
}

/** `x wᵀ + b` */
function linear(x: np.Array, w: np.Array, b: np.Array): np.Array {
  return np.matmul(x, np.transpose(w)).add(b);
}

/** SGD on the cross entropy of `forward`; `next` gives borrowed arrays. */
function training(
  weights: Weight[],
  forward: (params: Arrays, x: np.Array) => np.Array,
  next: () => [x: np.Array, y: np.Array],
): Job {
  const lossOf = (params: Arrays, x: np.Array, y: np.Array) =>
    crossEntropy(forward(params, x), y);
  const update = jit((params: Arrays, x: np.Array, y: np.Array) => {
    const borrowed = params.map((param) => param.ref);
    const [loss, grads] = valueAndGrad(lossOf)(borrowed, x, y);
    const updated = params.map((param, i) =>
      param.sub((grads as Arrays)[i]!.mul(LEARNING_RATE))
    );
    return [loss, updated] as [np.Array, Arrays];
  });
  let params = weights.map(({ data, shape }) => array(data, shape));
  let loss: np.Array | undefined;
  return {
    step() {
      const [x, y] = next();
      loss?.dispose();
      [loss, params] = update(params, x.ref, y.ref) as [np.Array, Arrays];
    },
    values: async () => [(await loss!.ref.data())[0]!],
    settle: () => loss!.blockUntilReady(),
  };
}

/**
 * Repeats an operation. Calls are only queued, and what is disposed of before
 * it was computed never is: results are kept until they have been waited for.
 */
function repeated(
  flops: number,
  run: () => Arrays,
  valuesOf: (data: ArrayLike<number>[]) => number[],
): Job {
  let results: Arrays[] = [];
  const settle = async () => {
    const arrays = results.flat();
    await Promise.all(arrays.map((it) => it.blockUntilReady()));
    results = [];
    for (const it of arrays) it.dispose();
  };
  return {
    flops,
    step() {
      results.push(run());
    },
    async values() {
      const last = results.at(-1)!.map((it) => it.ref.data());
      const values = valuesOf(await Promise.all(last));
      await settle();
      return values;
    },
    settle,
  };
}

/** `reduceWindow` has no gradient of max; a reshape and `max` have. */
function maxPool(x: np.Array): np.Array {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  return np.max(x.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
}

function cnnJob(act: (x: np.Array) => np.Array): Job {
  const forward = (params: Arrays, x: np.Array) => {
    const [w1, b1, w2, b2, w3, b3, w4, b4] = params as [
      ...[np.Array, np.Array, np.Array, np.Array],
      ...[np.Array, np.Array, np.Array, np.Array],
    ];
    const same: [number, number][] = [[1, 1], [1, 1]];
    let h = lax.conv(x, w1, [1, 1], same).add(b1.reshape([4, 1, 1]));
    h = maxPool(act(h));
    h = lax.conv(h, w2, [1, 1], same).add(b2.reshape([8, 1, 1]));
    h = maxPool(act(h)).reshape([cnn.batch, 392]);
    return linear(act(linear(h, w3, b3)), w4, b4);
  };
  const x = array(cnn.x, [cnn.batch, 1, 28, 28]);
  const y = array(oneHot(cnn.labels, 10), [cnn.batch, 10]);
  return training(cnn.weights, forward, () => [x, y]);
}

function mlpJob(): Job {
  const forward = (params: Arrays, x: np.Array) => {
    const [w1, b1, w2, b2] = params as [np.Array, np.Array, np.Array, np.Array];
    return linear(nn.relu(linear(x, w1, b1)), w2, b2);
  };
  // A slice of one array would be compiled anew for each sample.
  const xs = mlp.x;
  const ys = oneHot(mlp.labels, 2);
  const samples = Array.from(
    { length: mlp.samples },
    (_, i): [np.Array, np.Array] => [
      array(xs.slice(2 * i, 2 * i + 2), [1, 2]),
      array(ys.slice(2 * i, 2 * i + 2), [1, 2]),
    ],
  );
  let i = 0;
  return training(mlp.weights, forward, () => {
    const sample = samples[i]!;
    i = (i + 1) % mlp.samples;
    return sample;
  });
}

function rnnJob(): Job {
  const forward = (params: Arrays, x: np.Array) => {
    const [wx, b, wh, wp, bp] = params as [
      ...[np.Array, np.Array, np.Array],
      ...[np.Array, np.Array],
    ];
    let h = np.zeros([rnn.batch, rnn.hidden]);
    for (let t = 0; t < rnn.steps; t++) {
      const input = x.ref.slice([], [t, t + 1]);
      const inner = np.matmul(h, np.transpose(wh.ref));
      h = np.tanh(linear(input, wx.ref, b.ref).add(inner));
    }
    for (const used of [x, wx, b, wh]) used.dispose();
    return linear(h, wp, bp);
  };
  const x = array(rnn.x, [rnn.batch, rnn.steps]);
  const y = array(oneHot(rnn.labels, 10), [rnn.batch, 10]);
  return training(rnn.weights, forward, () => [x, y]);
}

function matmulJob(n: number, form: Transposition): Job {
  const [a, b] = matrices(n).map((data) => array(data, [n, n])) as [
    np.Array,
    np.Array,
  ];
  const product = jit((a: np.Array, b: np.Array) =>
    np.matmul(
      form === "tn" ? np.transpose(a) : a,
      form === "nt" ? np.transpose(b) : b,
    )
  );
  return repeated(
    2 * n ** 3,
    () => [product(a.ref, b.ref) as np.Array],
    ([out]) => pick(out!, 5),
  );
}

function convJob(backward: boolean): Job {
  const x = array(conv.x, conv.xShape);
  const weight = array(conv.weight, conv.weightShape);
  const g = array(conv.g, conv.xShape);
  const convolve = (x: np.Array, weight: np.Array) =>
    lax.conv(x, weight, [1, 1], [[1, 1], [1, 1]]);
  if (!backward) {
    const forward = jit(convolve);
    return repeated(
      conv.flops,
      () => [forward(x.ref, weight.ref) as np.Array],
      ([out]) => pick(out!, 5),
    );
  }
  const gradients = jit((x: np.Array, weight: np.Array, g: np.Array) => {
    const [out, pull] = vjp(convolve, [x, weight]);
    const [dx, dw] = pull(g) as [np.Array, np.Array];
    pull.dispose();
    return [out, dx, dw];
  });
  return repeated(
    3 * conv.flops,
    () => gradients(x.ref, weight.ref, g.ref) as Arrays,
    ([, dx, dw]) => [...pick(dx!, 2), ...pick(dw!, 3)],
  );
}

await init("wasm");
defaultDevice("wasm");
const version = config.imports["@jax-js/jax"].split("@").at(-1)!;
await report("jax-js", version, threads, (workload) => {
  const product = parseMatmul(workload);
  if (product !== null) return matmulJob(product.n, product.form);
  switch (workload) {
    case "cnn":
      return cnnJob((x) => nn.relu(x));
    case "cnn-sigmoid":
      return cnnJob((x) => nn.sigmoid(x));
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
Deno.exit(); // its workers would keep the process alive
