/** Whole networks, with sizes that are known late. */

import * as nn from "@fdunn/nn";
import { arange, randn } from "@fdunn/tensor";
import { batched, Computed, type OnnxModel, sized, words } from "./models.ts";
import {
  CharLstm,
  Gpt,
  Handmade,
  Heads,
  ResidualBlock,
  Topics,
  UNet,
  Unrolled,
} from "./networks.ts";

const vgg = () =>
  new nn.Sequential(
    ...[[3, 8], [8, 16], [16, 16]].flatMap(([from, to]) => [
      new nn.Conv2d(from!, to!, 3, { padding: 1 }),
      new nn.BatchNorm2d(to!),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
    ]),
    new nn.Flatten(),
    new nn.Linear(16, 32),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(32, 10),
  );

/** The networks. */
export const NETWORK_MODELS: readonly OnnxModel[] = [
  batched(
    "MLP",
    () =>
      new nn.Sequential(
        new nn.Linear(2, 20),
        new nn.ReLU(),
        new nn.Linear(20, 2),
      ),
    2,
  ),
  batched(
    "the CNN of MNIST",
    () =>
      new nn.Sequential(
        new nn.Conv2d(1, 4, 3, { padding: 1 }),
        new nn.Sigmoid(),
        new nn.MaxPool2d(2),
        new nn.Conv2d(4, 8, 3, { padding: 1 }),
        new nn.Sigmoid(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Linear(392, 100),
        new nn.Sigmoid(),
        new nn.Linear(100, 10),
      ),
    1,
    28,
    28,
  ),
  batched("VGG-like", vgg, 3, 8, 8),
  sized(
    "ResNet",
    () =>
      new nn.Sequential(
        new nn.Conv2d(3, 8, 3, { padding: 1 }),
        new ResidualBlock(8, 8, 1),
        new ResidualBlock(8, 16, 2),
        new nn.GlobalAvgPool2d(),
        new nn.Flatten(),
        new nn.Linear(16, 5),
        new nn.LogSoftmax(1),
      ),
    (n, m) => [n, 3, m, 8],
    8,
    6,
    11,
  ),
  {
    ...sized("U-Net", () => new UNet(), (n, m) => [n, 1, m, 4], 6, 8, 12),
    shows: ["ModuleList"],
  },
  sized(
    "topics of sequences",
    () => new Topics(),
    (n, m) => [n, m, 3],
    4,
    1,
    9,
  ),
  {
    name: "pictures of any height and width",
    make: () =>
      new nn.Sequential(
        new nn.Conv2d(1, 2, 3, { stride: 2, padding: 1 }),
        new nn.InstanceNorm2d(2, { affine: true }),
        new nn.Upsample({ scaleFactor: 2, mode: "bilinear" }),
        new nn.ReflectionPad2d(1),
        new nn.AvgPool2d(2, { ceilMode: true }),
        new nn.Flatten(2),
      ),
    inputs: (n, m) => [randn([n, 1, m, m + 3])],
    axes: [{ 0: "n", 2: "m", 3: "k" }],
    example: [1, 6],
    others: [[2, 8], [3, 5]],
  },
  {
    name: "characters by LSTM",
    make: () => new CharLstm(),
    inputs: (n, m) => [words(20, n, m)],
    axes: [{ 0: "n", 1: "m" }],
    example: [2, 5],
    others: [[1, 1], [3, 9]],
  },
  {
    name: "characters by LSTM, from states",
    make: () => new CharLstm(),
    inputs: (n, m) => [words(20, n, m), [randn([2, n, 8]), randn([2, n, 8])]],
    axes: [{ 0: "n", 1: "m" }, { 1: "n" }, { 1: "n" }],
    example: [2, 5],
    others: [[1, 1], [3, 9]],
  },
  {
    name: "GPT with one table for both ends",
    shows: ["arange", "full"],
    make: () => new Gpt(),
    inputs: (n, m) => [words(17, n, m)],
    axes: [{ 0: "n", 1: "m" }],
    example: [2, 12],
    others: [[1, 1], [3, 7], [2, 12]],
  },
  ...[true, false].map((causal): OnnxModel => ({
    name: `Transformer encoder, ${
      causal ? "causal" : "with a mask of padding"
    }`,
    shows: ["SinusoidalPositionalEncoding", "LearnedPositionalEncoding"],
    make: () => {
      const layer = new nn.TransformerEncoderLayer(8, 2, {
        ...{ dimFeedforward: 16, batchFirst: true, normFirst: causal },
      });
      const Place = causal
        ? nn.LearnedPositionalEncoding
        : nn.SinusoidalPositionalEncoding;
      const place = new Place(8, { maxLen: 10, batchFirst: true });
      const encoder = new nn.TransformerEncoder(layer, 2);
      const parts = new nn.ModuleList([place, encoder]);
      const whole = new Computed((x, padding) => {
        const y = place.forward(x!);
        return causal
          ? encoder.forward(y, { isCausal: true })
          : encoder.forward(y, { srcKeyPaddingMask: padding! });
      });
      return Object.assign(whole, { parts });
    },
    inputs: (n, m) => [
      randn([n, m, 8]),
      ...causal
        ? []
        : [arange(m).gt(m - 2).unsqueeze(0).expand([n, m]).clone()],
    ],
    axes: [{ 0: "n", 1: "m" }, ...causal ? [] : [{ 0: "n", 1: "m" } as const]],
    example: [2, 5],
    others: [[1, 3], [3, 10]],
  })),
  {
    name: "Transformer",
    make: () =>
      new nn.Transformer({
        dModel: 8,
        nhead: 2,
        numEncoderLayers: 1,
        numDecoderLayers: 2,
        dimFeedforward: 12,
      }),
    inputs: (n, m) => [randn([5, n, 8]), randn([m, n, 8])],
    axes: [{ 1: "n" }, { 0: "m", 1: "n" }],
    example: [2, 3],
    others: [[1, 2], [4, 6]],
  },
  {
    name: "attention where some may look at nothing",
    make: () => new nn.MultiheadAttention(8, 2, { batchFirst: true }),
    inputs: (n, m) => {
      const x = randn([n, m, 8]);
      // The last of three and more has no keys.
      const none = arange(n).gt(1).unsqueeze(1).expand([n, m]).clone();
      return [x, x, x, { keyPaddingMask: none }];
    },
    axes: [0, 1, 2, 3].map(() => ({ 0: "n", 1: "m" })),
    example: [2, 3],
    others: [[3, 3], [4, 5]],
  },
  {
    name: "a module of one's own",
    shows: ["oneHot", "zeros", "tensor"],
    make: () => new Handmade(),
    inputs: (n) => [randn([n, 6]), randn([n, 4]).gt(0)],
    axes: [{ 0: "n" }, { 0: "n" }],
    example: [3, 0],
    others: [[1, 0], [2, 0], [7, 0]],
  },
  {
    ...batched("parts by name, tensors that are made", () => new Heads(), 3),
    shows: [
      ...["ModuleDict", "ParameterDict", "eye", "fullLike", "linspace", "ones"],
      ...["onesLike", "scalarLike", "to", "zerosLike"],
    ],
  },
  {
    name: "a cell, step by step",
    make: () => new Unrolled(),
    inputs: (n) => [randn([4, n, 3])],
    axes: [{ 1: "n" }],
    example: [2, 0],
    others: [[1, 0], [6, 0]],
  },
  {
    name: "rotary embedding",
    shows: ["rotaryEmbedding"],
    make: () => new Computed((x) => nn.rotaryEmbedding(x!)),
    inputs: (n, m) => [randn([n, m, 6])],
    axes: [{ 0: "n", 1: "m" }],
    example: [2, 4],
    others: [[1, 1], [3, 9]],
  },
  {
    name: "functions that are layers elsewhere",
    make: () => {
      const w = new nn.ParameterList([
        randn([6, 4, 3]),
        randn([4, 6, 2, 2, 2]),
      ]);
      const f = new Computed((x) => {
        const n = x!.shape[0]!;
        const [first, second] = w;
        const rows = nn.conv1d(x!, first!, null, { padding: 1 });
        const y = nn.layerNorm(rows, [8]).add(nn.groupNorm(rows, 3));
        const z = nn.instanceNorm(y).add(
          nn.pad(rows, [2, 1], { mode: "reflect" }).narrow(2, 1, 8),
        );
        const volume = nn.conv3d(z.reshape([n, 6, 2, 2, 2]), second!, null, {
          padding: 1,
        });
        return nn.interpolate(volume.flatten(2), {
          scaleFactor: 1.5,
          mode: "linear",
        });
      });
      return Object.assign(f, { w });
    },
    shows: ["ParameterList"],
    inputs: (n) => [randn([n, 4, 8])],
    axes: [{ 0: "n" }],
    example: [2, 0],
    others: [[1, 0], [3, 0]],
  },
];
