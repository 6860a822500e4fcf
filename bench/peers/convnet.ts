/** convnetjs 0.3.0 (2014): plain JavaScript, one sample at a time. */

import convnetjs from "convnetjs";
import config from "./deno.json" with { type: "json" };
import {
  cnn,
  conv,
  LEARNING_RATE,
  mlp,
  permute,
  pick,
  type Weight,
} from "./formulas.ts";
import { Cannot, type Job, report } from "./measure.ts";

/** Its volumes: `w` values and `dw` gradients, depth innermost. */
interface Vol {
  w: Float64Array;
  dw: Float64Array;
}

/** A linear layer's rows are `filters`, too. */
interface Layer {
  filters?: Vol[];
  biases?: Vol;
}

function volume(width: number, height: number, depth: number): Vol {
  return new convnetjs.Vol(width, height, depth, 0);
}

/** Gives every layer its weights; `depthLast` permutes one filter of each. */
function setWeights(
  layers: Layer[],
  weights: Weight[],
  depthLast: (filter: Float32Array, layer: number) => Float32Array,
): void {
  let next = 0;
  for (const { filters, biases } of layers) {
    if (!filters || !biases) continue;
    const layer = next / 2;
    const weight = weights[next++]!.data;
    const size = weight.length / filters.length;
    filters.forEach((filter, i) =>
      filter.w.set(depthLast(weight.slice(i * size, (i + 1) * size), layer))
    );
    biases.w.set(weights[next++]!.data);
  }
}

// deno-lint-ignore no-explicit-any -- the package has no types
function trainer(net: any, batch: number): any {
  return new convnetjs.Trainer(net, {
    method: "sgd",
    learning_rate: LEARNING_RATE,
    momentum: 0,
    batch_size: batch,
  });
}

function cnnJob(activation: "relu" | "sigmoid"): Job {
  const net = new convnetjs.Net();
  const filters = { type: "conv", sx: 3, pad: 1, stride: 1, activation };
  net.makeLayers([
    { type: "input", out_sx: 28, out_sy: 28, out_depth: 1 },
    { ...filters, filters: 4 },
    { type: "pool", sx: 2, stride: 2 },
    { ...filters, filters: 8 },
    { type: "pool", sx: 2, stride: 2 },
    { type: "fc", num_neurons: 100, activation },
    { type: "softmax", num_classes: 10 },
  ]);
  // [depth, height, width] of a filter in each layer.
  const shapes = [[1, 3, 3], [4, 3, 3], [8, 7, 7], [100, 1, 1]];
  setWeights(
    net.layers,
    cnn.weights,
    (filter, layer) => permute(filter, shapes[layer]!, [1, 2, 0]),
  );
  const train = trainer(net, cnn.batch);
  const { x, labels } = cnn;
  const pictures = Array.from({ length: cnn.batch }, (_, i) => {
    const picture = volume(28, 28, 1);
    picture.w.set(x.subarray(i * 784, (i + 1) * 784));
    return picture;
  });
  let loss = 0;
  return {
    step() {
      loss = 0;
      for (const [i, picture] of pictures.entries()) {
        loss += train.train(picture, labels[i]).loss / cnn.batch;
      }
    },
    values: () => [loss],
  };
}

function mlpJob(): Job {
  const net = new convnetjs.Net();
  net.makeLayers([
    { type: "input", out_sx: 1, out_sy: 1, out_depth: 2 },
    { type: "fc", num_neurons: 20, activation: "relu" },
    { type: "softmax", num_classes: 2 },
  ]);
  setWeights(net.layers, mlp.weights, (filter) => filter);
  const train = trainer(net, 1);
  const { x, labels } = mlp;
  const points = Array.from({ length: mlp.samples }, (_, i) => {
    const point = volume(1, 1, 2);
    point.w.set(x.subarray(2 * i, 2 * i + 2));
    return point;
  });
  let i = 0;
  let loss = 0;
  return {
    step() {
      loss = train.train(points[i], labels[i]).loss;
      i = (i + 1) % mlp.samples;
    },
    values: () => [loss],
  };
}

function convJob(backward: boolean): Job {
  const [n, c, h, w] = conv.xShape;
  const layer = new convnetjs.ConvLayer({
    ...{ in_sx: w, in_sy: h, in_depth: c },
    ...{ sx: 3, pad: 1, stride: 1, filters: c },
  });
  const filters: Vol[] = layer.filters;
  const { weight } = conv;
  filters.forEach((filter, i) =>
    filter.w.set(permute(
      weight.subarray(i * c * 9, (i + 1) * c * 9),
      [c, 3, 3],
      [1, 2, 0],
    ))
  );
  const volumes = (data: Float32Array) =>
    Array.from({ length: n }, (_, i) => {
      const v = volume(w, h, c);
      const sample = data.subarray(i * c * h * w, (i + 1) * c * h * w);
      v.w.set(permute(sample, [c, h, w], [1, 2, 0]));
      return v;
    });
  const [xs, gs] = [volumes(conv.x), volumes(conv.g)];
  const nchw = (samples: Float64Array[]) =>
    samples.flatMap((data) => [...permute(data, [h, w, c], [2, 0, 1])]);
  let outs: Vol[] = [];
  return {
    flops: (backward ? 3 : 1) * conv.flops,
    step() {
      for (const filter of filters) filter.dw.fill(0);
      outs = xs.map((x, i) => {
        const out = layer.forward(x, true);
        if (!backward) return out;
        out.dw.set(gs[i]!.w);
        layer.backward();
        return out;
      });
    },
    values: () =>
      backward
        ? [
          ...pick(nchw(xs.map((x) => x.dw)), 2),
          ...pick(
            filters.flatMap(({ dw }) => [...permute(dw, [3, 3, c], [2, 0, 1])]),
            3,
          ),
        ]
        : pick(nchw(outs.map((out) => out.w)), 5),
  };
}

const version = config.imports.convnetjs.split("@").at(-1)!;
await report("convnetjs", version, 1, (workload) => {
  switch (workload) {
    case "cnn":
      return cnnJob("relu");
    case "cnn-sigmoid":
      return cnnJob("sigmoid");
    case "mlp":
      return mlpJob();
    case "conv-forward":
      return convJob(false);
    case "conv-training":
      return convJob(true);
    case "rnn":
      throw new Cannot("no recurrent layer");
    case "vgg":
      throw new Cannot("no batch normalisation");
  }
  throw new Cannot("no matrix product");
});
