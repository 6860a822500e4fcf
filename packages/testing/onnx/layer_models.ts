/** Layers with awkward options, and sizes that are known late. */

import * as nn from "@fdunn/nn";
import { randn, tensor } from "@fdunn/tensor";
import { batched, type OnnxModel, sized, words } from "./models.ts";

const recurrent: OnnxModel[] = [];
for (const [name, Layer] of Object.entries({ GRU: nn.GRU, LSTM: nn.LSTM })) {
  for (const bidirectional of [false, true]) {
    for (const batchFirst of [false, true]) {
      const options = { numLayers: 2, bidirectional, batchFirst, dropout: 0.3 };
      recurrent.push(sized(
        `${name} ${JSON.stringify(options)}`,
        () => new Layer(3, 5, options),
        (n, m) => batchFirst ? [n, m, 3] : [m, n, 3],
        ...[4, 7, 1] as const,
      ));
    }
  }
}
for (const nonlinearity of ["tanh", "relu"] as const) {
  for (const bidirectional of [false, true]) {
    const options = { nonlinearity, bidirectional, bias: bidirectional };
    recurrent.push(sized(
      `RNN ${JSON.stringify(options)}`,
      () => new nn.RNN(3, 4, options),
      (n, m) => [m, n, 3],
      ...[3, 6, 1] as const,
    ));
  }
}

const upsampled: OnnxModel[] = [
  ...[
    { scaleFactor: 2 },
    { scaleFactor: [1.5, 3], mode: "nearest-exact" },
    { size: [7, 9], mode: "bilinear" },
    { scaleFactor: 2, mode: "bilinear", alignCorners: true },
    { scaleFactor: 2, mode: "bicubic" },
    { size: [5, 5], mode: "bicubic", alignCorners: true },
    { size: [2, 3], mode: "area" },
  ] as const,
].map((options) =>
  batched(
    `Upsample ${JSON.stringify(options)}`,
    () => new nn.Upsample(options),
    ...[3, 4, 6],
  )
);

/** The layers. */
export const LAYER_MODELS: readonly OnnxModel[] = [
  batched(
    "Linear without a bias",
    () => new nn.Linear(4, 3, { bias: false }),
    4,
  ),
  batched("Linear over three axes", () => new nn.Linear(4, 3), 5, 2, 4),
  {
    name: "Bilinear",
    make: () => new nn.Bilinear(3, 4, 2),
    inputs: (n) => [randn([n, 3]), randn([n, 4])],
    axes: [{ 0: "n" }, { 0: "n" }],
    example: [1, 0],
    others: [[2, 0], [5, 0]],
  },
  sized(
    "Conv1d with stride, dilation and groups",
    () =>
      new nn.Conv1d(4, 6, 3, { stride: 2, padding: 2, dilation: 2, groups: 2 }),
    (n, m) => [n, 4, m],
    ...[17, 18, 5],
  ),
  sized(
    "Conv2d with unequal sides",
    () =>
      new nn.Conv2d(4, 8, [3, 2], {
        ...{ stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 4 },
        bias: false,
      }),
    (n, m) => [n, 4, m, 7],
    ...[9, 12, 3],
  ),
  batched(
    "Conv3d with groups",
    () => new nn.Conv3d(4, 4, [2, 3, 1], { padding: [1, 1, 0], groups: 2 }),
    ...[4, 5, 6, 3],
  ),
  sized(
    "ConvTranspose1d with outputPadding",
    () =>
      new nn.ConvTranspose1d(4, 6, 3, {
        ...{ stride: 3, padding: 1, outputPadding: 2, groups: 2 },
      }),
    (n, m) => [n, 4, m],
    ...[5, 9, 1],
  ),
  sized(
    "ConvTranspose2d with dilation",
    () =>
      new nn.ConvTranspose2d(4, 2, [3, 2], {
        ...{ stride: [2, 3], padding: [1, 0], outputPadding: [1, 2] },
        ...{ dilation: [2, 1], groups: 2 },
      }),
    (n, m) => [n, 4, m, 4],
    ...[5, 8, 1],
  ),
  ...[{ ceilMode: true, padding: 1 }, { ceilMode: true, stride: 3 }].flatMap(
    (options) => [
      sized(
        `MaxPool1d ${JSON.stringify(options)}`,
        () => new nn.MaxPool1d(2, options),
        (n, m) => [n, 3, m],
        ...[9, 10, 11],
      ),
      batched(
        `AvgPool1d ${JSON.stringify(options)}`,
        () => new nn.AvgPool1d(2, options),
        ...[3, 10],
      ),
      batched(
        `MaxPool2d ${JSON.stringify(options)}`,
        () => new nn.MaxPool2d([3, 2], options),
        ...[3, 9, 10],
      ),
      batched(
        `AvgPool2d ${JSON.stringify(options)}`,
        () => new nn.AvgPool2d([3, 2], options),
        ...[3, 9, 10],
      ),
      batched(
        `AvgPool2d ${JSON.stringify(options)} without the padding`,
        () => new nn.AvgPool2d(3, { ...options, countIncludePad: false }),
        ...[3, 9, 10],
      ),
    ],
  ),
  batched(
    "MaxPool2d dilated",
    () => new nn.MaxPool2d(2, { dilation: 2 }),
    2,
    7,
    8,
  ),
  batched(
    "AdaptiveAvgPool2d that divides",
    () => new nn.AdaptiveAvgPool2d([2, null]),
    2,
    6,
    5,
  ),
  batched(
    "AdaptiveAvgPool2d that does not",
    () => new nn.AdaptiveAvgPool2d([3, 4]),
    2,
    7,
    6,
  ),
  batched("AdaptiveMaxPool2d", () => new nn.AdaptiveMaxPool2d([3, 4]), 2, 7, 6),
  batched("AdaptiveAvgPool1d", () => new nn.AdaptiveAvgPool1d(3), 2, 7),
  sized(
    "GlobalAvgPool2d",
    () => new nn.GlobalAvgPool2d(),
    (n, m) => [n, 2, m, 5],
    4,
    9,
  ),
  sized(
    "GlobalMaxPool1d",
    () => new nn.GlobalMaxPool1d(),
    (n, m) => [n, 2, m],
    4,
    9,
  ),
  batched("BatchNorm1d of rows", () => new nn.BatchNorm1d(4), 4),
  sized(
    "BatchNorm1d",
    () => new nn.BatchNorm1d(4, { eps: 1e-3 }),
    (n, m) => [n, 4, m],
    3,
    6,
  ),
  batched(
    "BatchNorm2d, not affine",
    () => new nn.BatchNorm2d(3, { affine: false }),
    3,
    4,
    5,
  ),
  batched(
    "BatchNorm3d, not affine",
    () => new nn.BatchNorm3d(3, { affine: false }),
    3,
    4,
    5,
    2,
  ),
  batched(
    "BatchNorm2d of the batch's moments",
    () => new nn.BatchNorm2d(3, { trackRunningStats: false }),
    3,
    4,
    5,
  ),
  batched("LayerNorm of two axes", () => new nn.LayerNorm([3, 4]), 2, 3, 4),
  batched(
    "LayerNorm, not affine",
    () => new nn.LayerNorm(4, { elementwiseAffine: false }),
    3,
    4,
  ),
  batched(
    "LayerNorm without a bias",
    () => new nn.LayerNorm(4, { bias: false, eps: 1e-3 }),
    3,
    4,
  ),
  batched("GroupNorm", () => new nn.GroupNorm(2, 6), 6, 4, 5),
  batched(
    "GroupNorm, not affine",
    () => new nn.GroupNorm(3, 6, { affine: false }),
    6,
    5,
  ),
  batched("GroupNorm of rows", () => new nn.GroupNorm(3, 6), 6),
  batched("RMSNorm", () => new nn.RMSNorm(4), 3, 4),
  sized(
    "InstanceNorm1d",
    () => new nn.InstanceNorm1d(3),
    (n, m) => [n, 3, m],
    4,
    7,
  ),
  batched(
    "InstanceNorm2d, affine",
    () => new nn.InstanceNorm2d(3, { affine: true }),
    3,
    4,
    5,
  ),
  batched(
    "InstanceNorm3d with running moments",
    () => new nn.InstanceNorm3d(3, { affine: true, trackRunningStats: true }),
    3,
    2,
    4,
    5,
  ),
  batched(
    "InstanceNorm2d with running moments, not affine",
    () => new nn.InstanceNorm2d(3, { trackRunningStats: true }),
    3,
    4,
    5,
  ),
  ...Object.entries({
    ReflectionPad2d: nn.ReflectionPad2d,
    ReplicationPad2d: nn.ReplicationPad2d,
    CircularPad2d: nn.CircularPad2d,
    ZeroPad2d: nn.ZeroPad2d,
  }).map(([name, Pad]) =>
    sized(name, () => new Pad([1, 2, 3, 0]), (n, m) => [n, 2, m, 5], 6, 4, 9)
  ),
  batched(
    "ReflectionPad1d that crops",
    () => new nn.ReflectionPad1d([-1, 2]),
    2,
    6,
  ),
  batched("ConstantPad3d", () => new nn.ConstantPad3d(1, -2.5), 2, 3, 2, 3),
  ...upsampled,
  batched(
    "Upsample of sequences",
    () => new nn.Upsample({ scaleFactor: 2.5, mode: "linear" }),
    2,
    6,
  ),
  batched(
    "Upsample of volumes",
    () => new nn.Upsample({ size: [3, 5, 4], mode: "trilinear" }),
    2,
    2,
    3,
    4,
  ),
  sized(
    "Upsample of any picture",
    () => new nn.Upsample({ scaleFactor: 2, mode: "bilinear" }),
    (n, m) => [n, 2, m, 4],
    3,
    8,
  ),
  batched("PixelShuffle", () => new nn.PixelShuffle(2), 12, 3, 4),
  batched("PixelUnshuffle", () => new nn.PixelUnshuffle(2), 3, 4, 6),
  batched(
    "Unfold",
    () =>
      new nn.Unfold([2, 3], { padding: 1, stride: [2, 1], dilation: [1, 2] }),
    3,
    6,
    7,
  ),
  batched(
    "Fold",
    () => new nn.Fold([6, 7], [2, 3], { padding: 1, stride: [2, 1] }),
    12,
    28,
  ),
  batched("PReLU of channels", () => new nn.PReLU(3), 3, 4, 5),
  batched("PReLU of rows", () => new nn.PReLU(3), 3),
  batched("Softplus, steep", () => new nn.Softplus(2, 3), 4),
  batched("GELU by tanh", () => new nn.GELU({ approximate: "tanh" }), 4),
  batched(
    "Dropout disappears",
    () =>
      new nn.Sequential(
        new nn.Dropout(0.9),
        new nn.Dropout2d(0.9),
        new nn.AlphaDropout(0.5),
      ),
    3,
    4,
    4,
  ),
  ...recurrent,
  ...Object.entries({
    RNNCell: nn.RNNCell,
    LSTMCell: nn.LSTMCell,
    GRUCell: nn.GRUCell,
  })
    .map(([name, Cell]) => batched(name, () => new Cell(3, 4), 3)),
  {
    name: "LSTM from states",
    make: () => new nn.LSTM(3, 4, { numLayers: 2 }),
    inputs: (n, m) => [randn([m, n, 3]), [randn([2, n, 4]), randn([2, n, 4])]],
    axes: [{ 0: "m", 1: "n" }, { 1: "n" }, { 1: "n" }],
    example: [2, 3],
    others: [[1, 1], [5, 6]],
  },
  {
    name: "GRU from states, in both directions",
    make: () => new nn.GRU(3, 4, { bidirectional: true, bias: false }),
    inputs: (n, m) => [randn([m, n, 3]), randn([2, n, 4])],
    axes: [{ 0: "m", 1: "n" }, { 1: "n" }],
    example: [2, 3],
    others: [[1, 1], [5, 6]],
  },
  {
    name: "Embedding",
    make: () => new nn.Embedding(7, 3, { paddingIdx: 2 }),
    inputs: (n, m) => [words(7, n, m)],
    axes: [{ 0: "n", 1: "m" }],
    example: [2, 3],
    others: [[1, 1], [4, 5]],
  },
  ...(["sum", "mean", "max"] as const).map((mode): OnnxModel => ({
    name: `EmbeddingBag, ${mode}`,
    make: () => new nn.EmbeddingBag(7, 3, { mode }),
    inputs: (n, m) => [words(7, n, m)],
    axes: [{ 0: "n", 1: "m" }],
    example: [2, 3],
    others: [[1, 1], [4, 5]],
  })),
  ...Object.entries({
    CrossEntropyLoss: nn.CrossEntropyLoss,
    NLLLoss: nn.NLLLoss,
  })
    .flatMap(([name, Loss]) =>
      ([{}, { reduction: "sum" }, { ignoreIndex: 1 }, {
        weight: tensor([1, 2, 0.5]),
      }, { reduction: "none", ignoreIndex: 0 }] as const)
        .map((options, i): OnnxModel => ({
          name: `${name} ${i}`,
          make: () => new Loss(options),
          inputs: (n) => [randn([n, 3, 4]), words(3, n, 4)],
          axes: [{ 0: "n" }, { 0: "n" }],
          example: [3, 0],
          others: [[2, 0], [6, 0]],
        }))
    ),
];
