/** Whole networks as people write them. */

import * as nn from "@fdunn/nn";
import {
  arange,
  cat,
  eye,
  full,
  fullLike,
  linspace,
  oneHot,
  ones,
  randn,
  type Tensor,
  tensor,
  where,
  zeros,
} from "@fdunn/tensor";
import { batched, Computed, type OnnxModel, sized, words } from "./models.ts";

class ResidualBlock extends nn.Module<[Tensor]> {
  first: nn.Conv2d;
  norm1: nn.BatchNorm2d;
  second: nn.Conv2d;
  norm2: nn.BatchNorm2d;
  shortcut: nn.Sequential | null;

  constructor(inputs: number, outputs: number, stride: number) {
    super();
    const bias = false;
    this.first = new nn.Conv2d(inputs, outputs, 3, {
      stride,
      padding: 1,
      bias,
    });
    this.norm1 = new nn.BatchNorm2d(outputs);
    this.second = new nn.Conv2d(outputs, outputs, 3, { padding: 1, bias });
    this.norm2 = new nn.BatchNorm2d(outputs);
    this.shortcut = stride === 1 && inputs === outputs
      ? null
      : new nn.Sequential(
        new nn.Conv2d(inputs, outputs, 1, { stride, bias }),
        new nn.BatchNorm2d(outputs),
      );
  }

  forward(x: Tensor): Tensor {
    const y = this.norm1.forward(this.first.forward(x)).relu();
    const z = this.norm2.forward(this.second.forward(y));
    return z.add(this.shortcut?.forward(x) ?? x).relu();
  }
}

/** Down and up again, with what was there at each size beside it. */
class UNet extends nn.Module<[Tensor]> {
  down = new nn.ModuleList([
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    new nn.Conv2d(4, 8, 3, { padding: 1 }),
  ]);
  pool = new nn.MaxPool2d(2);
  up = new nn.ConvTranspose2d(8, 4, 2, { stride: 2 });
  last = new nn.Conv2d(8, 1, 1);

  forward(x: Tensor): Tensor {
    const [first, second] = this.down;
    const fine = first!.forward(x); // at the size of x
    const coarse = second!.forward(this.pool.forward(fine.relu()));
    return this.last.forward(cat([fine, this.up.forward(coarse.relu())], 1))
      .sigmoid();
  }
}

class CharLstm
  extends nn.Module<[Tensor, [Tensor, Tensor]?], [Tensor, Tensor]> {
  embedding = new nn.Embedding(20, 6);
  lstm = new nn.LSTM(6, 8, { numLayers: 2, batchFirst: true });
  head = new nn.Linear(8, 20);

  forward(codes: Tensor, state?: [Tensor, Tensor]): [Tensor, Tensor] {
    const [y, [h]] = this.lstm.forward(this.embedding.forward(codes), state);
    return [this.head.forward(y), h];
  }
}

/** GPT with positions, causal attention by hand, and one table for both ends. */
class Gpt extends nn.Module<[Tensor]> {
  tokens = new nn.Embedding(17, 8);
  places = new nn.Embedding(12, 8);
  norm = new nn.LayerNorm(8);
  attention = new nn.Linear(8, 24);
  projection = new nn.Linear(8, 8);
  mlp = new nn.Sequential(
    new nn.LayerNorm(8),
    new nn.Linear(8, 32),
    new nn.GELU(),
    new nn.Linear(32, 8),
    new nn.Dropout(0.1),
  );

  forward(codes: Tensor): Tensor {
    const [n, t] = codes.shape as [number, number];
    const at = arange(t, { dtype: "int32" });
    let x = this.tokens.forward(codes).add(this.places.forward(at)); // [N, T, 8]
    const [q, k, v] = this.attention.forward(this.norm.forward(x)).chunk(3, 2)
      .map((part) => part.reshape([n, t, 2, 4]).transpose(1, 2)) as [
        Tensor,
        Tensor,
        Tensor,
      ];
    const scores = q.matmul(k.transpose(-2, -1)).div(Math.sqrt(4)); // [N, 2, T, T]
    const later = full([t, t], 1).triu(1).to("bool");
    const weights = scores.maskedFill(later, -Infinity).softmax(-1);
    const y = weights.matmul(v).transpose(1, 2).reshape([n, t, 8]);
    x = x.add(this.projection.forward(y));
    x = x.add(this.mlp.forward(x));
    return x.matmul(this.tokens.weight.t()); // [N, T, 17]
  }
}

/** Views, joins, choices, indexing: nothing that is a layer. */
class Handmade
  extends nn.Module<[Tensor, Tensor], { scores: Tensor; best: Tensor }> {
  weight = new nn.Parameter(randn([6, 4]));
  scale = this.registerBuffer("scale", tensor([0.5, 1, 2, 4]));

  forward(x: Tensor, mask: Tensor) {
    const n = x.shape[0]!;
    const folded = x.reshape([n, 2, 3]).transpose(1, 2).flatten(1); // a view that is copied
    const both = cat([folded, x.slice(1, 0, 6, 2), zeros([n, 3])], 1); // [n, 12]
    const halves = both.unflatten(1, [2, 6]).sum(1);
    const y = halves.matmul(this.weight).mul(this.scale);
    const kept = where(mask, y, y.clamp(-1, 1).neg());
    const rows = kept.index([null, tensor([3, 0, 0], { dtype: "int32" })]);
    const gates = oneHot(kept.argmax(1), 4, "float32");
    const scores = rows.pow(2).mean(1, { keepdim: true }).sqrt().add(gates)
      .expand([n, 4]);
    return { scores: scores.flip(1), best: kept.max(1).indices };
  }
}

/** A recurrence written out, by a cell. */
class Unrolled extends nn.Module<[Tensor]> {
  cell = new nn.GRUCell(3, 5);
  forward(x: Tensor): Tensor {
    let h = zeros([x.shape[1]!, 5]);
    for (const step of x.unbind(0)) h = this.cell.forward(step, h);
    return h;
  }
}

/** Parts by name, and tensors that forward makes. */
class Heads extends nn.Module<[Tensor]> {
  heads = new nn.ModuleDict({
    left: new nn.Linear(3, 3),
    right: new nn.Linear(3, 3, { bias: false }),
  });
  scales = new nn.ParameterDict({ left: ones([3]), right: full([3], 0.5) });

  forward(x: Tensor): Tensor {
    const parts = this.heads.keys().map((name) => {
      const y = this.heads.get(name).forward(x);
      return y.mul(this.scales.get(name));
    });
    const ramp = linspace(0, 1, 3).add(eye(3).sum(0));
    const kept = x.gt(x.zerosLike()).to("float32").sub(x.scalarLike(0.25));
    return parts[0]!.add(parts[1]!).mul(ramp).add(kept)
      .sub(x.onesLike()).mul(fullLike(x, 2));
  }
}

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
