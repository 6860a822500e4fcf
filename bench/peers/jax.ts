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
  vgg,
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

/** One step's parameters, and what the optimizer keeps. */
type State = [params: Arrays, means: Arrays, squares: Arrays];

/** A step of Adam, the `t`-th, with the rest of its options as by default. */
function adam([params, means, squares]: State, grads: Arrays, rate: number) {
  return (t: np.Array): State => {
    const bias = (beta: number) =>
      np.exp(t.ref.mul(Math.log(beta))).mul(-1).add(1);
    const [bias1, bias2] = [bias(0.9), bias(0.999)];
    t.dispose();
    const next: State = [[], [], []];
    grads.forEach((grad, i) => {
      const m = means[i]!.mul(0.9).add(grad.ref.mul(0.1));
      const v = squares[i]!.mul(0.999).add(np.square(grad).mul(0.001));
      const root = np.sqrt(v.ref.div(bias2.ref)).add(1e-8);
      const step = m.ref.div(bias1.ref).div(root).mul(rate);
      next[0].push(params[i]!.sub(step));
      next[1].push(m);
      next[2].push(v);
    });
    bias1.dispose();
    bias2.dispose();
    return next;
  };
}

/**
 * SGD on the cross entropy of `forward`, or Adam with a rate; `next` gives
 * borrowed arrays.
 */
function training(
  weights: Weight[],
  forward: (params: Arrays, x: np.Array) => np.Array,
  next: () => [x: np.Array, y: np.Array],
  rate?: number,
): Job {
  const lossOf = (params: Arrays, x: np.Array, y: np.Array) =>
    crossEntropy(forward(params, x), y);
  const update = jit(
    (state: State, t: np.Array, x: np.Array, y: np.Array) => {
      const [params] = state;
      const borrowed = params.map((param) => param.ref);
      const [loss, found] = valueAndGrad(lossOf)(borrowed, x, y);
      const grads = found as Arrays;
      if (rate !== undefined) return [loss, adam(state, grads, rate)(t)];
      t.dispose();
      const updated = params.map((param, i) =>
        param.sub(grads[i]!.mul(LEARNING_RATE))
      );
      return [loss, [updated, [], []]] as [np.Array, State];
    },
  );
  const zeros = rate === undefined ? [] : weights;
  let state: State = [
    weights.map(({ data, shape }) => array(data, shape)),
    zeros.map(({ shape }) => np.zeros(shape)),
    zeros.map(({ shape }) => np.zeros(shape)),
  ];
  let loss: np.Array | undefined;
  let steps = 0;
  return {
    step() {
      const [x, y] = next();
      loss?.dispose();
      const t = array(new Float32Array([++steps]), []);
      [loss, state] = update(state, t, x.ref, y.ref) as [np.Array, State];
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
    const [wx, wh, bx, bh, wp, bp] = params as [
      ...[np.Array, np.Array, np.Array],
      ...[np.Array, np.Array, np.Array],
    ];
    let h = np.zeros([rnn.batch, rnn.hidden]);
    for (let t = 0; t < rnn.steps; t++) {
      const input = x.ref.slice([], [t, t + 1]);
      const inner = linear(h, wh.ref, bh.ref);
      h = np.tanh(linear(input, wx.ref, bx.ref).add(inner));
    }
    for (const used of [x, wx, wh, bx, bh]) used.dispose();
    return linear(h, wp, bp);
  };
  const x = array(rnn.x, [rnn.batch, rnn.steps]);
  const y = array(oneHot(rnn.labels, 10), [rnn.batch, 10]);
  return training(rnn.weights, forward, () => [x, y]);
}

/** Over all but channels. */
function batchNorm(x: np.Array, w: np.Array, b: np.Array): np.Array {
  const channel = [1, x.shape[1]!, 1, 1];
  const mean = np.mean(x.ref, [0, 2, 3]).reshape(channel);
  const centred = x.sub(mean);
  const variance = np.mean(np.square(centred.ref), [0, 2, 3]).reshape(channel);
  const scale = w.reshape(channel).div(np.sqrt(variance.add(1e-5)));
  return centred.mul(scale).add(b.reshape(channel));
}

/**
 * Windows of 3, 2 apart, along an axis of even size with padding before it:
 * zeros, which never win behind a ReLU.
 */
function pairwise(x: np.Array, axis: 2 | 3): np.Array {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [before, pairs, behind] = axis === 2 ? [h, h / 2, w] : [w, w / 2, 1];
  const rows = axis === 2 ? n * c : n * c * h;
  const halves = x.reshape([rows, pairs, 2, behind]);
  const even = halves.ref.slice([], [], 0, []);
  const odd = halves.slice([], [], 1, []);
  const padded = np.pad(odd.ref, [[0, 0], [1, 0], [0, 0]]);
  const shifted = padded.slice([], [0, pairs], []);
  const best = np.maximum(np.maximum(shifted, even), odd);
  const shape = axis === 2 ? [n, c, before / 2, w] : [n, c, h, before / 2];
  return best.reshape(shape);
}

function vggJob(): Job {
  const shapes: Weight[] = [];
  const common = vgg.weights;
  for (let i = 0; i + 2 < common.length; i += 2) {
    const size = common[i + 1]!.shape[0]!;
    shapes.push(
      ...[common[i]!, common[i + 1]!],
      { data: new Float32Array(size).fill(1), shape: [size] },
      { data: new Float32Array(size), shape: [size] },
    );
  }
  shapes.push(...common.slice(-2));
  const forward = (params: Arrays, x: np.Array) => {
    let next = 0;
    for (const out of vgg.layers) {
      if (out === 0) {
        x = pairwise(pairwise(x, 2), 3);
        continue;
      }
      const [w, b, scale, offset] = params.slice(next, next += 4) as [
        ...[np.Array, np.Array, np.Array, np.Array],
      ];
      x = lax.conv(x, w, [1, 1], [[1, 1], [1, 1]]);
      x = nn.relu(batchNorm(x.add(b.reshape([out, 1, 1])), scale, offset));
    }
    return linear(
      x.reshape([vgg.batch, vgg.features]),
      params[next]!,
      params[next + 1]!,
    );
  };
  const x = array(vgg.x, [vgg.batch, 3, 32, 32]);
  const y = array(oneHot(vgg.labels, 10), [vgg.batch, 10]);
  return training(shapes, forward, () => [x, y], vgg.learningRate);
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
    case "vgg":
      return vggJob();
    case "conv-forward":
      return convJob(false);
    case "conv-training":
      return convJob(true);
  }
  throw new Cannot(`no workload ${workload}`);
});
Deno.exit(); // its workers would keep the process alive
