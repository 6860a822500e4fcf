/** TensorFlow.js; its first argument is the backend, wasm or cpu. */

import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import {
  cnn,
  conv,
  LEARNING_RATE,
  matrices,
  mlp,
  oneHot,
  parseMatmul,
  permute,
  pick,
  rnn,
  type Transposition,
} from "./formulas.ts";
import { Cannot, type Job, report } from "./measure.ts";

/** A step of its optimizer on the loss that `forward` computes. */
function training(
  forward: () => tf.Tensor2D,
  labels: () => tf.Tensor,
): Job {
  const optimizer = tf.train.sgd(LEARNING_RATE);
  let loss: tf.Scalar | undefined;
  return {
    step() {
      loss?.dispose();
      loss = optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(labels(), forward()) as tf.Scalar,
        true,
      )!;
    },
    values: () => [loss!.dataSync()[0]!],
  };
}

/** The transposed weight of a linear layer, as a variable. */
function transposed(data: Float32Array, out: number, inputs: number) {
  return tf.variable(
    tf.tensor2d(permute(data, [out, inputs], [1, 0]), [inputs, out]),
  );
}

function cnnJob(act: "relu" | "sigmoid"): Job {
  const [w1, b1, w2, b2, w3, b3, w4, b4] = cnn.weights.map((w) => w.data) as [
    ...[Float32Array, Float32Array, Float32Array, Float32Array],
    ...[Float32Array, Float32Array, Float32Array, Float32Array],
  ];
  const bias = (data: Float32Array) => tf.variable(tf.tensor1d(data));
  const filter = (data: Float32Array, o: number, c: number) =>
    tf.variable(
      tf.tensor4d(permute(data, [o, c, 3, 3], [2, 3, 1, 0]), [3, 3, c, o]),
    );
  const v1 = filter(w1, 4, 1);
  const v2 = filter(w2, 8, 4);
  // Pictures are NHWC here, and so is what fc1 sees.
  const v3 = tf.variable(
    tf.tensor2d(permute(w3, [100, 8, 7, 7], [2, 3, 1, 0]), [392, 100]),
  );
  const v4 = transposed(w4, 10, 100);
  const [c1, c2, c3, c4] = [bias(b1), bias(b2), bias(b3), bias(b4)];
  const x = tf.tensor4d(cnn.x, [cnn.batch, 28, 28, 1]);
  const y = tf.tensor2d(oneHot(cnn.labels, 10), [cnn.batch, 10]);
  return training(() => {
    let h: tf.Tensor4D = tf.conv2d(x, v1 as tf.Tensor4D, 1, "same").add(c1);
    h = tf.maxPool(tf[act](h), 2, 2, "valid");
    h = tf.conv2d(h, v2 as tf.Tensor4D, 1, "same").add(c2);
    h = tf.maxPool(tf[act](h), 2, 2, "valid");
    const flat = tf.reshape(h, [cnn.batch, 392]);
    const hidden = tf[act](tf.matMul(flat, v3).add(c3));
    return tf.matMul(hidden, v4).add(c4);
  }, () => y);
}

function mlpJob(): Job {
  const [w1, b1, w2, b2] = mlp.weights.map((w) => w.data) as [
    ...[Float32Array, Float32Array],
    ...[Float32Array, Float32Array],
  ];
  const [v1, v2] = [transposed(w1, 20, 2), transposed(w2, 2, 20)];
  const c1 = tf.variable(tf.tensor1d(b1));
  const c2 = tf.variable(tf.tensor1d(b2));
  const xs = tf.tensor2d(mlp.x, [mlp.samples, 2]);
  const ys = tf.tensor2d(oneHot(mlp.labels, 2), [mlp.samples, 2]);
  let i = 0;
  const job = training(() => {
    const x = tf.slice(xs, [i, 0], [1, 2]);
    const hidden = tf.relu(tf.matMul(x, v1).add(c1));
    return tf.matMul(hidden, v2).add(c2);
  }, () => tf.slice(ys, [i, 0], [1, 2]));
  return {
    step() {
      job.step();
      i = (i + 1) % mlp.samples;
    },
    values: () => job.values(),
  };
}

function rnnJob(): Job {
  const [wx, wh, bx, bh, wp, bp] = rnn.weights.map((w) => w.data) as [
    ...[Float32Array, Float32Array, Float32Array],
    ...[Float32Array, Float32Array, Float32Array],
  ];
  const [vx, vh] = [transposed(wx, 128, 1), transposed(wh, 128, 128)];
  const vp = transposed(wp, 10, 128);
  const [cx, ch, cp] = [bx, bh, bp].map((b) => tf.variable(tf.tensor1d(b))) as [
    ...[tf.Variable, tf.Variable, tf.Variable],
  ];
  const x = tf.tensor2d(rnn.x, [rnn.batch, rnn.steps]);
  const y = tf.tensor2d(oneHot(rnn.labels, 10), [rnn.batch, 10]);
  const start = tf.zeros<tf.Rank.R2>([rnn.batch, rnn.hidden]);
  return training(() => {
    let h = start;
    for (let t = 0; t < rnn.steps; t++) {
      const input = tf.slice(x, [0, t], [rnn.batch, 1]);
      const inner = tf.matMul(h, vh).add(ch);
      h = tf.tanh(tf.matMul(input, vx).add(cx).add(inner));
    }
    return tf.matMul(h, vp).add(cp);
  }, () => y);
}

function matmulJob(n: number, form: Transposition): Job {
  const [a, b] = matrices(n).map((data) => tf.tensor2d(data, [n, n])) as [
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  let out: tf.Tensor2D | undefined;
  return {
    flops: 2 * n ** 3,
    step() {
      out?.dispose();
      out = tf.matMul(a, b, form === "tn", form === "nt");
    },
    values: () => pick(out!.dataSync(), 5),
  };
}

function convJob(backward: boolean): Job {
  const [n, c, h, w] = conv.xShape;
  const nhwc = (data: Float32Array) =>
    tf.tensor4d(permute(data, [n, c, h, w], [0, 2, 3, 1]), [n, h, w, c]);
  const nchw = (x: tf.Tensor) =>
    permute(x.dataSync(), [n, h, w, c], [0, 3, 1, 2]);
  const [x, g] = [nhwc(conv.x), nhwc(conv.g)];
  const filter = permute(conv.weight, conv.weightShape, [2, 3, 1, 0]);
  const weight = tf.tensor4d(filter, [3, 3, c, c]);
  let results: tf.Tensor[] = [];
  if (!backward) {
    return {
      flops: conv.flops,
      step() {
        tf.dispose(results);
        results = [tf.conv2d(x, weight, 1, "same")];
      },
      values: () => pick(nchw(results[0]!), 5),
    };
  }
  const gradients = tf.grads((x, weight) =>
    tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, 1, "same")
  );
  return {
    flops: 3 * conv.flops,
    step() {
      tf.dispose(results);
      results = gradients([x, weight], g);
    },
    values: () => [
      ...pick(nchw(results[0]!), 2),
      ...pick(permute(results[1]!.dataSync(), [3, 3, c, c], [3, 2, 0, 1]), 3),
    ],
  };
}

const [backend] = Deno.args as [string];
tf.env().set("PROD", true); // no warnings
await tf.setBackend(backend);
// Its threads need a browser: the package for Node has no worker.
await report(`tfjs ${backend}`, tf.version_core, 1, (workload) => {
  const product = parseMatmul(workload);
  if (product !== null) return matmulJob(product.n, product.form);
  switch (workload) {
    case "cnn":
      return cnnJob("relu");
    case "cnn-sigmoid":
      return cnnJob("sigmoid");
    case "mlp":
      return mlpJob();
    case "rnn":
      return rnnJob();
    case "vgg":
      throw new Cannot(
        backend === "wasm"
          ? "has no gradient of a convolution's filter (see the CNN)"
          : "would take minutes for a step (see the CNN)",
      );
    case "conv-forward":
      return convJob(false);
    case "conv-training":
      return convJob(true);
  }
  throw new Cannot(`no workload ${workload}`);
});
