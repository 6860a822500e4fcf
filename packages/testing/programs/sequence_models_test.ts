/** Models of sequences: they learn, share weights, freeze, and take hooks. */

import {
  grad,
  manualSeed,
  randint,
  randn,
  type Tensor,
  tensor,
} from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import * as nn from "@fdunn/nn";
import { Adam } from "@fdunn/optim";
import { assert, assertEquals } from "@std/assert";
import { MemoryWatch, testProgram } from "../program.ts";

const [WORDS, LENGTH, WIDTH] = [8, 5, 32];

/** Words to the next words: a decoder only, input and output weights tied. */
class Writer extends nn.Module {
  words = new nn.Embedding(WORDS, WIDTH);
  places = new nn.LearnedPositionalEncoding(WIDTH, {
    maxLen: 2 * LENGTH,
    batchFirst: true,
  });
  layers = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(WIDTH, 4, {
      ...{ dimFeedforward: 64, dropout: 0, batchFirst: true, normFirst: true },
    }),
    2,
    { norm: new nn.LayerNorm(WIDTH) },
  );
  head = new nn.Linear(WIDTH, WORDS, { bias: false });

  constructor() {
    super();
    nn.init.normal_(this.words.weight, 0, 0.2);
    this.head.weight = this.words.weight;
  }

  forward(indices: Tensor): Tensor {
    const x = this.places.forward(this.words.forward(indices)); // [N, L, WIDTH]
    return this.head.forward(this.layers.forward(x, { isCausal: true }));
  }
}

/** Words, then the same from the last to the first: `[N, 2 LENGTH]`. */
function reversals(n: number): Tensor {
  const rows = randint(0, WORDS, [n, LENGTH]).toArray() as number[][];
  return tensor(rows.map((row) => [...row, ...row.toReversed()]), {
    dtype: "int32",
  });
}

/** The loss of the words that can be known: the second half. */
function lossOf(model: Writer, rows: Tensor): Tensor {
  const logits = model.forward(rows.narrow(1, 0, 2 * LENGTH - 1))
    .narrow(1, LENGTH - 1, LENGTH);
  const next = rows.narrow(1, LENGTH, LENGTH);
  return nn.crossEntropy(
    logits.reshape([-1, WORDS]),
    next.contiguous().reshape([-1]),
  );
}

testProgram("a decoder-only model learns to reverse words", function* () {
  manualSeed(0);
  const model = new Writer();
  const optimizer = new Adam(model.parameters(), { lr: 3e-3 });
  const watch = new MemoryWatch();
  let loss = Infinity;
  for (let step = 0; step < 400 && loss > 0.02; step++) {
    const batch = lossOf(model, reversals(32));
    optimizer.zeroGrad();
    batch.backward();
    optimizer.step();
    yield;
    loss = Number(batch.item());
  }
  assert(loss < 0.05, `loss ${loss}`);
  watch.assertWasmGrowth(64 << 20);
  // A state, with the tied weight under both names, makes the same model.
  const copy = new Writer();
  copy.loadStateDict(model.stateDict());
  const rows = reversals(4);
  assertEquals(copy.forward(rows).toArray(), model.forward(rows).toArray());
  const names = Object.keys(model.stateDict());
  assert(names.includes("words.weight") && names.includes("head.weight"));
  assertEquals(
    model.parameters().length,
    names.length - 1,
    "the tied weight counts once",
  );
});

Deno.test("tied weights get the sum of both gradients", () => {
  const words = new nn.Embedding(3, 2);
  const head = new nn.Linear(2, 3, { bias: false });
  const indices = tensor([2, 0], { dtype: "int32" });
  const loss = () => head.forward(words.forward(indices)).square().sum();
  head.weight = new nn.Parameter(words.weight.detach().clone());
  loss().backward();
  const apart = words.weight.grad!.add(head.weight.grad!).toArray();
  words.zeroGrad();
  head.weight = words.weight;
  loss().backward();
  const together = words.weight.grad!.toArray() as number[][];
  together.flat().forEach((value, i) => {
    const expected = (apart as number[][]).flat()[i]!;
    assert(Math.abs(value - expected) < 1e-5, `${value} ${expected}`);
  });
});

Deno.test("a frozen encoder keeps its weights, and what is behind it learns", () => {
  class Reader extends nn.Module {
    encoder = new nn.GRU(3, 4, { bidirectional: true });
    out = new nn.Linear(8, 2);
    forward(x: Tensor): Tensor {
      return this.out.forward(this.encoder.forward(x)[0].select(0, -1));
    }
  }
  const model = new Reader();
  model.encoder.requiresGrad_(false);
  const before = JSON.stringify(
    model.encoder.parameters().map((p) => p.toArray()),
  );
  const optimizer = new Adam(model.parameters(), { lr: 0.1 });
  const y = model.forward(randn([5, 2, 3]));
  y.square().sum().backward();
  optimizer.step();
  assert(model.encoder.parameters().every((p) => p.grad === null));
  const after = JSON.stringify(
    model.encoder.parameters().map((p) => p.toArray()),
  );
  assertEquals(after, before);
  assert(model.out.weight.grad!.abs().sum().item() > 0);
  // A frozen layer still passes gradients on to what comes before it.
  const x = randn([5, 2, 3], { requiresGrad: true });
  model.forward(x).square().sum().backward();
  assert(x.grad!.abs().sum().item() > 0);
});

Deno.test("hooks see nested layers of a Transformer and of an LSTM, once each", () => {
  const encoder = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, dropout: 0 }),
    2,
  );
  const seen: string[] = [];
  const layer = encoder.layers[1]!;
  layer.linear1.registerForwardHook((_, [x], y) => {
    seen.push(`linear1 ${x!.shape} ${y.shape}`);
  });
  layer.self_attn.registerForwardHook((_, __, [y, weights]) => {
    seen.push(`attention ${y.shape} ${weights}`);
  });
  layer.linear2.registerFullBackwardHook((_, [gx], [gy]) => {
    seen.push(`linear2 ${gx!.shape} ${gy!.shape}`);
  });
  const x = randn([3, 1, 4], { requiresGrad: true });
  encoder.forward(x).square().sum().backward();
  assertEquals(seen, [
    "attention 3,1,4 null",
    "linear1 3,1,4 3,1,6",
    "linear2 3,1,6 3,1,4",
  ]);
  const lstm = new nn.LSTM(4, 2);
  let calls = 0;
  lstm.registerForwardHook((_, __, [states, [h, c]]) => {
    calls++;
    const doubled: [Tensor, [Tensor, Tensor]] = [states.mul(2), [h, c]];
    return doubled;
  });
  const single = randn([3, 4]); // without a batch: forward once all the same
  const [states, [h]] = lstm.forward(single);
  assertEquals(calls, 1);
  const doubled = states.select(0, -1).sub(h.squeeze(0).mul(2));
  assertEquals(doubled.abs().sum().item(), 0);
});

Deno.test("gradients of gradients go through an LSTM and a Transformer layer", () => {
  const lstm = new nn.LSTM(2, 3, { bidirectional: true, numLayers: 2 });
  const layer = new nn.TransformerEncoderLayer(6, 2, {
    ...{ dimFeedforward: 4, dropout: 0, activation: "gelu" },
  });
  const f = (x: Tensor): Tensor => {
    const [states] = lstm.to(x.dtype).forward(x);
    return layer.to(x.dtype).forward(states, { isCausal: true });
  };
  const options = { dtype: "float64", requiresGrad: true } as const;
  checkGrad((x) => f(x!), [randn([3, 2, 2], options)]);
  // A gradient penalty reaches all weights that the gradient depends on.
  const x = randn([3, 2, 2], { requiresGrad: true });
  const [gx] = grad(f(x).square().sum(), [x], { createGraph: true });
  gx!.square().sum().backward();
  const silent = lstm.namedParameters()
    .filter(([, p]) => !(p.grad !== null && p.grad.abs().sum().item() > 0));
  assertEquals(silent.map(([name]) => name), []);
});
