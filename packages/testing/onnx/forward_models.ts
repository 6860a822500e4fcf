/** What people write in a forward, beside layers, on inputs of any sizes. */

import * as nn from "@fdunn/nn";
import {
  arange,
  cat,
  cdist,
  einsum,
  full,
  meshgrid,
  oneHot,
  ones,
  randint,
  randn,
  stack,
  type Tensor,
  tensor,
  where,
  zeros,
} from "@fdunn/tensor";
import { Computed, type OnnxModel, words } from "./models.ts";

const ROWS = { 0: "n" };
const TABLE = { 0: "n", 1: "m" };
const PICTURES = { 0: "n", 2: "m" };

/** A function of inputs that are made for a batch of n and another size m. */
function follows(
  name: string,
  inputs: (n: number, m: number) => Tensor[],
  axes: OnnxModel["axes"],
  f: (...inputs: Tensor[]) => unknown,
): OnnxModel {
  return {
    name,
    make: () => new Computed(f),
    inputs,
    axes,
    example: [2, 4],
    others: [[1, 2], [3, 7]],
  };
}

function matrix(n: number, m: number): Tensor[] {
  return [randn([n, m])];
}

function whole(n: number, m: number): Tensor[] {
  return [randint(-5, 6, [n, m], { dtype: "int32" })];
}

function twoMasks(n: number, m: number): Tensor[] {
  return [randn([n, m]).gt(0), randn([n, m]).gt(0)];
}

function heads(n: number, m: number): Tensor[] {
  return [randn([n, 2, m, 4]), randn([n, 2, m, 4]), randn([n, 2, m, 4])];
}

/** Positions `i % 3`, as many as there are rows. */
function places(n: number): Tensor {
  return tensor(Int32Array.from({ length: n }, (_, i) => i % 3));
}

/** Convolutions that look at the past only. */
function causal(x: Tensor): Tensor {
  let y = x;
  for (const dilation of [1, 2, 4]) {
    const past = nn.pad(y, [dilation, 0]);
    const seen = nn.conv1d(past, full([2, 2, 2], 0.3), null, { dilation });
    y = seen.tanh().add(y);
  }
  return y;
}

/** Channels dealt anew between two groups. */
function shuffled(x: Tensor): Tensor {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  return x.reshape([n, 2, c / 2, h, w]).transpose(1, 2).reshape([n, c, h, w]);
}

/** The mean over as many steps as each sequence has. */
function maskedMean(x: Tensor, lengths: Tensor): Tensor {
  const steps = arange(x.shape[1]!, { dtype: "int32" });
  const mask = steps.lt(lengths.unsqueeze(1)).to("float32").unsqueeze(-1);
  return x.mul(mask).sum(1).div(mask.sum(1));
}

/** Where each pixel is, added to it. */
function withPlaces(x: Tensor): Tensor {
  const [, , h, w] = x.shape as [number, number, number, number];
  const [y, z] = meshgrid([arange(h), arange(w)]) as [Tensor, Tensor];
  return x.add(stack([z, y], 0).unsqueeze(0));
}

/** The forwards. */
export const FORWARD_MODELS: readonly OnnxModel[] = [
  follows(
    "bytes",
    (n, m) => [randint(0, 256, [n, m]).to("uint8")],
    [TABLE],
    (x) => x.to("float32").div(255).sub(0.5),
  ),
  follows("channel shuffle", (n, m) => [randn([n, 8, m, m + 1])], [{
    ...PICTURES,
    3: "w",
  }], shuffled),
  follows(
    "lengths",
    (n, m) => [randn([n, m, 3]), randint(1, m + 1, [n], { dtype: "int32" })],
    [TABLE, ROWS],
    maskedMean,
  ),
  follows("einsum", heads, [PICTURES, PICTURES, PICTURES], (q, k, v) => {
    const scores = einsum("nhqd,nhkd->nhqk", [q, k]).softmax(-1);
    return einsum("nhqk,nhkd->nqhd", [scores, v]);
  }),
  follows(
    "attention",
    heads,
    [PICTURES, PICTURES, PICTURES],
    (q, k, v) => nn.scaledDotProductAttention(q, k, v, { isCausal: true }),
  ),
  follows("moments", matrix, [TABLE], (x) => {
    const apart = x.sub(x.mean(1, { keepdim: true }));
    const parts = [x.var(1, { correction: 0 }), x.norm(2, 1), x.logsumexp(1)];
    return [apart.div(x.std(1, { keepdim: true }).add(1e-5)), ...parts];
  }),
  follows("positions from a mask", (n, m) => [words(4, n, m)], [TABLE], (x) => {
    const mask = x.ne(1).to("int32");
    return mask.cumsum(1).mul(mask).add(1);
  }),
  follows("order", (n) => [randn([n, 5])], [ROWS], (x) => [
    x.topk(2, -1),
    x.sort(1, { descending: true }),
    x.median(1),
    x.max(1),
    [x.amin(1), x.prod(1), x.min(), x.argmax()],
  ]),
  follows("places", (n, m) => [randn([n, 2, m, 3])], [PICTURES], withPlaces),
  follows("whole numbers", whole, [TABLE], (x) => [
    [x.add(1), x.remainder(3), x.floorDivide(2), x.fmod(3), x.neg().abs()],
    [x.mul(x).sub(5).clamp(-2, 9), x.eq(2).logicalOr(x.gt(3)), x.div(2)],
  ]),
  follows("truth values", twoMasks, [TABLE, TABLE], (x, y) => [
    [x.logicalAnd(y), x.logicalXor(y), x.any(1), x.all(1), x.sum(1)],
    where(x, y, x),
  ]),
  follows(
    "gather and scatter",
    (
      n,
    ) => [
      randn([n, 4]),
      tensor([[1, 3]], { dtype: "int32" }).expand([n, 2]).clone(),
    ],
    [ROWS, ROWS],
    (x, i) => [
      x.gather(1, i),
      zeros([x.shape[0]!, 5]).scatter(1, i, x.narrow(1, 0, 2)),
      x.scatterAdd(1, i, x.narrow(1, 0, 2)),
    ],
  ),
  follows(
    "indexing",
    (n) => [randn([n + 3, 4]), places(n)],
    [{ 0: "k" }, ROWS],
    (x, i) => [
      [x.index([i]), x.index([i, 0]), x.index(["...", i]), x.take(i)],
      [x.indexSelect(0, i), x.indexAdd(0, i, x.indexSelect(0, i))],
    ],
  ),
  follows("patches", (n) => [randn([n, 2, 7, 7])], [ROWS], (x) => {
    const windows = x.unfold(2, 3, 2).unfold(3, 3, 2);
    return windows.permute([0, 2, 3, 1, 4, 5]).flatten(3).sum(-1);
  }),
  follows(
    "causal convolutions",
    (n, m) => [randn([n, 2, m])],
    [PICTURES],
    causal,
  ),
  follows(
    "turned",
    matrix,
    [TABLE],
    (x) => [x.flip([0, 1]), x.roll(1, 1), x.rot90(), x.t()],
  ),
  follows("repeated", matrix, [TABLE], (x) => [
    x.repeat([2, 3]).add(x.tile([2, 3])).reshape([2, -1]),
    x.repeatInterleave(3, 0),
    x.sum().reshape([1, 1]).expand([x.shape[0]!, 2]),
  ]),
  follows(
    "classes",
    (n, m) => [words(5, n, m)],
    [TABLE],
    (x) => oneHot(x, 5, "float32").matmul(ones([5, 2])),
  ),
  follows("products", (n, m) => [randn([n]), randn([m])], [{ 0: "n" }, {
    0: "m",
  }], (x, y) => [
    [x.outer(y), x.dot(x), cdist(x.unsqueeze(1), y.unsqueeze(1))],
  ]),
  follows("parts", (n) => [randn([n, 4])], [ROWS], (x) => {
    const [a, b] = x.split([1, 3], 1) as [Tensor, Tensor];
    return cat([b, a, b.mul(a)], 1).unbind(1).reduce((p, q) => p.add(q));
  }),
  follows("shares", matrix, [TABLE], (x) => [
    [x.softmax(0), x.logSoftmax(1), x.softmax(-1).log().neg().sum()],
  ]),
  follows(
    "losses",
    (n, m) => [randn([n, m]), randn([n, m])],
    [TABLE, TABLE],
    (x, y) => [
      nn.mseLoss(x, y),
      nn.huberLoss(x, y),
      nn.klDiv(x.logSoftmax(1), y.softmax(1)),
      nn.binaryCrossEntropyWithLogits(x, y.sigmoid()),
    ],
  ),
  follows("normalisation by functions", (n, m) => [randn([n, 4, m])], [
    PICTURES,
  ], (x) => [
    nn.instanceNorm(x.repeat([1, 1, 2])),
    nn.groupNorm(x, 2),
    nn.layerNorm(x.transpose(1, 2), [4]),
    nn.rmsNorm(x.transpose(1, 2), [4]),
  ]),
  {
    ...follows(
      "float64",
      (n) => [randn([n, 3]).to("float64")],
      [ROWS],
      (x) => x,
    ),
    make: () =>
      new nn.Sequential(
        new nn.Linear(3, 4),
        new nn.LayerNorm(4),
        new nn.Tanh(),
        new nn.Linear(4, 2),
      ).to("float64"),
  },
];
