/**
 * Work that threads share has the bits of the whole, wherever it is cut: every
 * family of kernels, forward and backward, and whole trainings, in both builds.
 */

import {
  adaptiveAvgPool2d,
  avgPool2d,
  conv2d,
  convTranspose2d,
  Generator,
  linear,
  manualSeed,
  maxPool2d,
  randint,
  randn,
  setDeterministic,
  type Shape,
  type Tensor,
} from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import * as optim from "@fdunn/optim";
import { assert, assertEquals } from "@std/assert";
import { type Cuts, inParts, type Parts } from "./cut_kernels.ts";
import { makeZoo } from "./zoo.ts";

/** Two to four threads, and parts of every length that a kernel takes. */
const PARTS: Record<string, Parts> = {
  "2 parts": (most) => Math.min(2, most),
  "3 parts": (most) => Math.min(3, most),
  "4 parts": (most) => Math.min(4, most),
  "as many parts as there can be": (most) => most,
};

/** The kernels that were cut in any of the tests above the last one. */
const cuts: Cuts = new Map();

/** What `f` computes must have the same bits however its kernels are cut. */
function sameBits(name: string, f: () => Tensor[]): void {
  Deno.test(`${name} in parts is the whole, to the bit`, () => {
    try {
      for (const deterministic of [false, true]) {
        setDeterministic(deterministic);
        const whole = bits(f());
        for (const [parts, count] of Object.entries(PARTS)) {
          bits(inParts(count, cuts, f)).forEach((words, i) => {
            // assertEquals() takes seconds for a million words.
            const at = words.findIndex((word, k) => word !== whole[i]![k]);
            assertEquals(at, -1, `result ${i} in ${parts}`);
          });
        }
      }
    } finally {
      setDeterministic(false);
    }
  });
}

function bits(tensors: Tensor[]): Uint32Array[] {
  return tensors.map((t) => {
    assertEquals(t.dtype === "float32" || t.dtype === "int32", true);
    return new Uint32Array(t.data().buffer);
  });
}

function values(seed: number, ...shape: number[]): Tensor {
  return randn(shape, { generator: new Generator(seed) });
}

function leaf(seed: number, ...shape: number[]): Tensor {
  return values(seed, ...shape).requiresGrad_();
}

/** The result of `f`, and the gradients of the leaves from a random one. */
function both(leaves: readonly Tensor[], f: () => Tensor): Tensor[] {
  for (const x of leaves) x.grad = null;
  const y = f();
  y.backward(values(99, ...y.shape));
  return [y.detach().clone(), ...leaves.map((x) => x.grad!)];
}

/** A layer's result and gradients; its buffers are those of before. */
function ofLayer(layer: nn.Module<[Tensor], Tensor>, x: Tensor): Tensor[] {
  const before = Object.entries(layer.stateDict())
    .map(([name, t]): [string, Tensor] => [name, t.detach().clone()]);
  const results = both(
    [x, ...layer.parameters()],
    () => layer.forward(x),
  );
  layer.loadStateDict(Object.fromEntries(before));
  return results;
}

for (const [m, k, n] of [[131, 77, 5], [66, 9, 257], [193, 130, 200]]) {
  const [a, b] = [leaf(1, m!, k!), leaf(2, k!, n!)];
  const [at, bt] = [leaf(3, k!, m!), leaf(4, n!, k!)];
  sameBits(`a product ${m}x${k}x${n}, any transposed,`, () => [
    ...both([a, b], () => a.matmul(b)),
    ...both([a, bt], () => a.matmul(bt.t())),
    ...both([at, b], () => at.t().matmul(b)),
    ...both([at, bt], () => at.t().matmul(bt.t())),
  ]);
  const bias = leaf(5, n!);
  sameBits(
    `linear ${m}x${k}x${n}`,
    () => both([a, bt, bias], () => linear(a, bt, bias)),
  );
}

{
  const [a, b, one] = [leaf(1, 7, 33, 20), leaf(2, 7, 20, 35), leaf(3, 20, 35)];
  sameBits("a batch of products", () => [
    ...both([a, b], () => a.matmul(b)),
    ...both([a, one], () => a.matmul(one)),
  ]);
}

const CONVOLUTIONS: [x: Shape, weight: Shape, options: object][] = [
  [[9, 3, 13, 11], [20, 3, 3, 3], { padding: 1 }],
  [[5, 33, 9, 10], [34, 33, 3, 3], { padding: 1 }],
  [[7, 16, 2, 2], [24, 16, 3, 3], { padding: 1 }],
  [[6, 5, 17, 16], [13, 5, 5, 3], { stride: 2, padding: [2, 1] }],
  [[4, 12, 11, 11], [18, 6, 3, 3], { groups: 2, dilation: 2 }],
  [[5, 14, 12, 13], [14, 1, 3, 3], { groups: 14, padding: 1 }],
  [[8, 18, 7, 7], [35, 18, 1, 1], {}],
];
for (const [x, w, options] of CONVOLUTIONS) {
  const [input, weight] = [leaf(1, ...x), leaf(2, ...w)];
  const bias = leaf(3, w[0]!);
  sameBits(
    `conv2d of [${x}] by [${w}] ${JSON.stringify(options)}`,
    () =>
      both(
        [input, weight, bias],
        () => conv2d(input, weight, bias, options),
      ),
  );
}

{
  const [x, w, b] = [leaf(1, 5, 4, 14, 14), leaf(2, 9, 4, 3, 3), leaf(3, 9)];
  sameBits("a convolution whose gradient pooling picked", () =>
    both(
      [x, w, b],
      () => maxPool2d(conv2d(x, w, b, { padding: 1 }).relu(), 2),
    ));
  const [t, wt] = [leaf(4, 6, 7, 9, 8), leaf(5, 7, 10, 4, 4)];
  sameBits(
    "convTranspose2d",
    () => both([t, wt], () => convTranspose2d(t, wt, null, { stride: 2 })),
  );
  sameBits("pooling", () => [
    ...both([x], () => maxPool2d(x, 3, { stride: 2, padding: 1 })),
    ...both([x], () => avgPool2d(x, 3, { stride: 1, padding: 1 })),
    ...both([x], () => adaptiveAvgPool2d(x, 3)),
    ...both([x], () => nn.interpolate(x, { size: [9, 21], mode: "bilinear" })),
  ]);
}

const LAYERS: Record<string, [nn.Module<[Tensor], Tensor>, Tensor]> = {
  "BatchNorm2d": [new nn.BatchNorm2d(37), leaf(1, 5, 37, 6, 7)],
  "BatchNorm1d": [new nn.BatchNorm1d(131), leaf(1, 40, 131)],
  "GroupNorm": [new nn.GroupNorm(3, 36), leaf(1, 7, 36, 5, 5)],
  "LayerNorm": [new nn.LayerNorm([36, 5]), leaf(1, 70, 36, 5)],
  "InstanceNorm2d": [
    new nn.InstanceNorm2d(20, { affine: true }),
    leaf(1, 6, 20, 5, 9),
  ],
  "Softmax": [new nn.Softmax(1), leaf(1, 130, 33)],
};
for (const [name, [layer, x]] of Object.entries(LAYERS)) {
  sameBits(name, () => ofLayer(layer, x));
}

{
  const x = leaf(1, 6, 37, 21);
  const layers = [
    new nn.RNN(21, 18, { bidirectional: true }),
    new nn.LSTM(21, 18, { numLayers: 2 }),
    new nn.GRU(21, 18, { bidirectional: true }),
  ];
  for (const layer of layers) {
    sameBits(
      layer.constructor.name,
      () => both([x, ...layer.parameters()], () => layer.forward(x)[0]),
    );
  }
}

{
  // From here on elementwise work is for threads.
  const size = (1 << 20) + 13;
  const [a, b] = [leaf(1, size), leaf(2, size)];
  sameBits("elementwise work", () => [
    ...both([a, b], () => a.tanh().mul(b).add(a.sigmoid()).sub(b.relu())),
    ...both([a], () => nn.gelu(a).add(nn.leakyRelu(a)).clamp(-1, 1)),
    a.lt(b).to("float32"),
  ]);
  sameBits("dropout and random numbers", () => {
    manualSeed(7);
    return [...both([a], () => nn.dropout(a, 0.3)), randn([size])];
  });
}

{
  const x = leaf(1, 70, 33, 20);
  const ids = randint(0, 70, [9, 11], { generator: new Generator(2) });
  sameBits("reductions, orders and rows", () => [
    ...both([x], () => x.sum(1)),
    ...both([x], () => x.amax([0, 2])),
    ...both([x], () => x.logsumexp(2)),
    ...both([x], () => x.sort(1).values),
    ...both([x], () => x.indexSelect(0, ids.reshape([-1]))),
    x.argmax(2),
    x.cumsum(0),
  ]);
}

const OPTIMIZERS: Record<string, (p: Tensor[]) => { step(): unknown }> = {
  "SGD": (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true }),
  "Adam": (p) => new optim.Adam(p, { weightDecay: 0.1, amsgrad: true }),
  "RMSprop": (p) => new optim.RMSprop(p, { momentum: 0.5, centered: true }),
  "LAMB": (p) => new optim.LAMB(p),
};
for (const [name, make] of Object.entries(OPTIMIZERS)) {
  // Enough elements for threads, and a tensor with fewer than there are shares.
  const shapes = [[400, 331], [3], [1, 77]];
  sameBits(name, () => {
    const params = shapes.map((shape, i) => leaf(i, ...shape));
    const optimizer = make(params);
    for (let step = 0; step < 3; step++) {
      params.forEach((p, i) => p.grad = values(10 * step + i, ...p.shape));
      optimizer.step();
    }
    return params.map((p) => p.detach().clone());
  });
}

const inputs: Record<string, () => Tensor> = {
  pictures: () => values(1, 6, 3, 8, 8),
  sequences: () => values(1, 9, 4, 7),
  words: () => randint(0, 11, [7, 5], { generator: new Generator(1) }),
};
for (const [name, make] of Object.entries(inputs)) {
  sameBits(`a training of the model of ${name}`, () => {
    manualSeed(5);
    const model = makeZoo()[name]!;
    const optimizer = new optim.AdamW(model.parameters(), { lr: 0.01 });
    for (let step = 0; step < 4; step++) {
      optimizer.zeroGrad();
      model.forward(make()).square().mean().backward();
      optim.clipGradNorm(model.parameters(), 1);
      optimizer.step();
    }
    return model.parameters().map((p) => p.detach().clone());
  });
}

Deno.test("the tests above cut every kernel that threads share", () => {
  for (
    const kernel of [
      ...["matmul", "linear", "conv2d", "conv2d_grad_input"],
      ...["conv2d_grad_weight", "conv2d_sparse_grad_input"],
      ...["conv2d_sparse_grad_weight", "max_pool2d", "max_pool2d_backward"],
      ...["avg_pool2d", "avg_pool2d_backward", "batch_norm"],
      ...["batch_norm_backward", "resample", "resample_backward", "rnn"],
      ...["rnn_backward", "lstm", "lstm_backward", "gru", "gru_backward"],
      ...["sgd", "adaptive", "add", "relu", "tanh", "gelu", "lt"],
    ]
  ) assert((cuts.get(kernel) ?? 0) > 0, `${kernel} never ran in parts`);
});
