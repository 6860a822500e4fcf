import { manualSeed, randn, type Tensor, tensor } from "@fdunn/tensor";
import {
  LayerNorm,
  Transformer,
  type TransformerActivation,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "@fdunn/nn";
import { assert, assertEquals, assertThrows } from "@std/assert";

const SMALL: TransformerLayerOptions = { dimFeedforward: 6, dropout: 0 };

const near = (a: Tensor, b: Tensor, tolerance = 1e-5) => {
  assertEquals(a.shape, b.shape);
  const difference = a.sub(b).abs().amax().item();
  assert(difference < tolerance, `${difference}`);
};

Deno.test("a causal encoder's positions do not see what comes later", () => {
  const layer = new TransformerEncoderLayer(4, 2, SMALL);
  const encoder = new TransformerEncoder(layer, 2, { norm: new LayerNorm(4) });
  const x = randn([5, 2, 4]);
  const mask = Transformer.generateSquareSubsequentMask(5);
  const y = encoder.forward(x, { isCausal: true });
  near(encoder.forward(x, { mask }), y);
  near(
    encoder.forward(x.narrow(0, 0, 3), { isCausal: true }),
    y.narrow(0, 0, 3),
  );
  const free = encoder.forward(x);
  assert(free.sub(y).narrow(0, 0, 4).abs().amax().item() > 1e-3);
});

Deno.test("padding changes nothing for the positions that are not", () => {
  const options = { ...SMALL, batchFirst: true };
  const model = new Transformer({
    ...options,
    ...{ dModel: 4, nhead: 2, numEncoderLayers: 2, numDecoderLayers: 1 },
  });
  const [src, tgt] = [randn([2, 5, 4]), randn([2, 3, 4])];
  const pad = tensor([[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]]).to("bool");
  const y = model.forward(src, tgt, {
    srcKeyPaddingMask: pad,
    memoryKeyPaddingMask: pad,
  });
  const short = src.select(0, 0).narrow(0, 0, 3);
  near(y.select(0, 0), model.forward(short, tgt.select(0, 0)));
});

Deno.test("stacks copy their layer: equal at first, then for themselves", () => {
  const layer = new TransformerDecoderLayer(4, 2, {
    ...SMALL,
    normFirst: true,
  });
  const decoder = new TransformerDecoder(layer, 2);
  const [first, second] = [...decoder.layers];
  assertEquals(first!.normFirst, true);
  assertEquals(
    first!.linear1.weight.toArray(),
    second!.linear1.weight.toArray(),
  );
  assert(first!.linear1.weight !== second!.linear1.weight);
  assert(first !== layer);
  const names = Object.keys(decoder.stateDict());
  assertEquals(names.length, 2 * Object.keys(layer.stateDict()).length);
  assert(names.includes("layers.1.multihead_attn.out_proj.bias"));
  const drawn = new Transformer({ ...SMALL, dModel: 4, nhead: 2 });
  assertEquals(drawn.encoder.layers.length, 6);
  const weights = [0, 1].map((i) =>
    drawn.encoder.layers[i]!.linear1.weight.toArray()
  );
  assert(`${weights[0]}` !== `${weights[1]}`);
});

Deno.test("a state goes from one Transformer to another", () => {
  const options = { ...SMALL, dModel: 4, nhead: 2, numEncoderLayers: 1 };
  const [a, b] = [0, 1].map(() => new Transformer(options));
  const [src, tgt] = [randn([3, 1, 4]), randn([2, 1, 4])];
  const expected = a!.forward(src, tgt).toArray();
  assert(`${b!.forward(src, tgt).toArray()}` !== `${expected}`);
  b!.loadStateDict(a!.stateDict());
  assertEquals(b!.forward(src, tgt).toArray(), expected);
});

Deno.test("a Transformer's activation is relu, gelu or one's own", () => {
  const relu = new TransformerEncoderLayer(4, 2, SMALL);
  const x = randn([3, 1, 4]);
  const like = (
    activation: TransformerActivation,
  ) => {
    const layer = new TransformerEncoderLayer(4, 2, { ...SMALL, activation });
    layer.loadStateDict(relu.stateDict());
    return layer.forward(x);
  };
  near(like((x) => x.relu()), relu.forward(x));
  assert(like("gelu").sub(relu.forward(x)).abs().amax().item() > 1e-4);
});

Deno.test("a Transformer drops while training only", () => {
  manualSeed(3);
  const layer = new TransformerEncoderLayer(4, 2, { dimFeedforward: 6 });
  const x = randn([3, 1, 4]);
  assert(layer.forward(x).sub(layer.forward(x)).abs().amax().item() > 0);
  layer.eval();
  near(layer.forward(x), layer.forward(x));
});

Deno.test("Transformers refuse with a sentence", () => {
  assertThrows(
    () => new TransformerEncoderLayer(4, 2, { activation: "tanh" as "relu" }),
    RangeError,
    'TransformerEncoderLayer got activation "tanh"',
  );
  assertThrows(() => new TransformerEncoderLayer(5, 2), RangeError, "multiple");
  assertThrows(
    () => new TransformerEncoder(new TransformerEncoderLayer(4, 2, SMALL), 0),
    RangeError,
    "TransformerEncoder got numLayers 0",
  );
  const layer = new TransformerDecoderLayer(4, 2, SMALL);
  assertThrows(
    () => layer.forward(randn([2, 1, 4]), randn([2, 2, 4])),
    RangeError,
    "MultiheadAttention got query [2, 1, 4], key [2, 2, 4]",
  );
});
