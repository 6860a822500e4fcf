import {
  manualSeed,
  ones,
  randn,
  type Tensor,
  tensor,
  where,
  zeros,
} from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import { MultiheadAttention, scaledDotProductAttention } from "@fdunn/nn";
import { assert, assertEquals, assertThrows } from "@std/assert";

const near = (a: Tensor, b: Tensor, tolerance = 1e-6) => {
  assertEquals(a.shape, b.shape);
  const difference = a.sub(b).abs().amax().item();
  assert(difference < tolerance, `${difference}`);
};

Deno.test("scaledDotProductAttention() broadcasts leading sizes", () => {
  const [q, k, v] = [randn([2, 3, 4, 5]), randn([3, 6, 5]), randn([6, 2])];
  const y = scaledDotProductAttention(q, k, v);
  assertEquals(y.shape, [2, 3, 4, 2]);
  const one = scaledDotProductAttention(
    q.select(0, 1).select(0, 2),
    k.select(0, 2),
    v,
  );
  near(y.select(0, 1).select(0, 2), one);
});

Deno.test("scaledDotProductAttention() gives zeros, not NaN, to a blind query", () => {
  const x = randn([3, 4], { requiresGrad: true });
  const open = tensor([[1, 1, 0], [0, 0, 0], [1, 0, 0]]).to("bool");
  for (const attnMask of [open, where(open, 0, -Infinity)]) {
    const y = scaledDotProductAttention(x, x, x, { attnMask });
    assertEquals(y.select(0, 1).toArray(), [0, 0, 0, 0]);
    near(y.select(0, 2), x.select(0, 0).detach());
    y.sum().backward();
    assert(x.grad!.abs().sum().item() > 0); // NaN is not larger
    x.grad = null;
  }
});

Deno.test("scaledDotProductAttention() drops weights, and scales", () => {
  manualSeed(1);
  const value = ones([50, 1]);
  const x = zeros([20, 4]);
  const y = scaledDotProductAttention(x, zeros([50, 4]), value, {
    dropoutP: 0.5,
  });
  const mean = y.mean().item();
  assert(Math.abs(mean - 1) < 0.2 && y.var().item() > 0, `${mean}`);
  const [q, k, v] = [randn([2, 3]), randn([4, 3]), randn([4, 1])];
  near(
    scaledDotProductAttention(q, k, v, { scale: 0 }),
    v.mean(0).expand([2, 1]),
  );
});

Deno.test("attention's gradients are right in first and second order", () => {
  const make = (...shape: number[]) =>
    randn(shape, { dtype: "float64", requiresGrad: true });
  checkGrad(
    (q, k, v) => scaledDotProductAttention(q!, k!, v!, { isCausal: true }),
    [make(2, 3, 4), make(2, 3, 4), make(2, 3, 2)],
  );
  checkGrad(
    (q, k, v, attnMask) =>
      scaledDotProductAttention(q!, k!, v!, { attnMask: attnMask! }).square(),
    [make(2, 3), make(4, 3), make(4, 2), make(2, 4)],
  );
  const blind = tensor([[1, 0], [0, 0]]).to("bool");
  checkGrad(
    (x) => scaledDotProductAttention(x!, x!, x!, { attnMask: blind }).square(),
    [make(2, 3)],
  );
  const layer = new MultiheadAttention(4, 2, { dtype: "float64" });
  checkGrad(
    (x, y) =>
      layer.to(x!.dtype).forward(x!, y!, y!, { isCausal: true })[0].square(),
    [make(3, 1, 4), make(2, 1, 4)],
  );
});

Deno.test("scaledDotProductAttention() refuses with a sentence", () => {
  const x = ones([2, 3]);
  assertThrows(
    () => scaledDotProductAttention(x, ones([2, 4]), x),
    RangeError,
    "got query [2, 3], key [2, 4] and value [2, 3], expected [..., L, E], [..., S, E] and [..., S, V]",
  );
  assertThrows(() => scaledDotProductAttention(ones([3]), x, x), RangeError);
  assertThrows(
    () => scaledDotProductAttention(x, x, ones([3, 1])),
    RangeError,
    "value [3, 1]",
  );
  assertThrows(
    () =>
      scaledDotProductAttention(x, x, x, {
        attnMask: zeros([2, 2]),
        isCausal: true,
      }),
    RangeError,
    "attnMask and isCausal",
  );
  assertThrows(
    () =>
      scaledDotProductAttention(x, x, x, {
        attnMask: zeros([2, 2], { dtype: "int32" }),
      }),
    TypeError,
    "a mask of int32, expected bool or float32",
  );
});

Deno.test("MultiheadAttention attends alike however its inputs come", () => {
  const layer = new MultiheadAttention(6, 3);
  const turned = new MultiheadAttention(6, 3, { batchFirst: true });
  turned.loadStateDict(layer.stateDict());
  const x = randn([4, 2, 6]);
  const [y, weights] = layer.forward(x, x, x);
  assertEquals([y.shape, weights!.shape], [[4, 2, 6], [2, 4, 4]]);
  near(weights!.sum(-1), ones([2, 4]));
  const copy = x.clone(); // other tensors take the way of three products
  near(layer.forward(x, copy, copy.clone())[0], y);
  const first = x.transpose(0, 1);
  near(turned.forward(first, first, first)[0].transpose(0, 1), y);
  const one = x.select(1, 1);
  const [single, own] = layer.forward(one, one, one);
  near(single, y.select(1, 1));
  near(own!, weights!.select(0, 1));
  const [, heads] = layer.forward(x, x, x, { averageAttnWeights: false });
  assertEquals(heads!.shape, [2, 3, 4, 4]);
  near(heads!.mean(1), weights!);
  assertEquals(layer.forward(x, x, x, { needWeights: false })[1], null);
});

Deno.test("MultiheadAttention's masks hide what they say", () => {
  const layer = new MultiheadAttention(4, 2, { batchFirst: true });
  const x = randn([2, 3, 4]);
  const later = tensor([[0, 1, 1], [0, 0, 1], [0, 0, 0]]).to("bool");
  const [y, weights] = layer.forward(x, x, x, { attnMask: later });
  const [causal] = layer.forward(x, x, x, { isCausal: true });
  near(y, causal);
  assertEquals(where(later, weights!, 0).abs().sum().item(), 0);
  const changed = x.clone();
  changed.select(1, 2).fill_(9);
  const [other] = layer.forward(changed, changed, changed, { isCausal: true });
  near(other.narrow(1, 0, 2), y.narrow(1, 0, 2));
  const pad = tensor([[0, 0, 1], [0, 0, 0]]).to("bool");
  const [padded, some] = layer.forward(x, x, x, { keyPaddingMask: pad });
  assertEquals(some!.select(0, 0).select(1, 2).toArray(), [0, 0, 0]);
  const short = x.select(0, 0).narrow(0, 0, 2);
  near(
    padded.select(0, 0).narrow(0, 0, 2),
    layer.forward(short, short, short)[0],
  );
});

Deno.test("MultiheadAttention has PyTorch's names and first values", () => {
  const layer = new MultiheadAttention(8, 2, { addBiasKv: true });
  assertEquals(Object.keys(layer.stateDict()), [
    "in_proj_weight",
    "in_proj_bias",
    "bias_k",
    "bias_v",
    "out_proj.weight",
    "out_proj.bias",
  ]);
  const bound = Math.sqrt(6 / (3 * 8 + 8));
  const largest = layer.in_proj_weight!.abs().amax().item();
  assert(largest <= bound && largest > 0.9 * bound, `${largest}`);
  assertEquals(layer.in_proj_bias!.abs().sum().item(), 0);
  assertEquals(layer.out_proj.bias!.abs().sum().item(), 0);
  const wide = new MultiheadAttention(8, 2, { kdim: 3, bias: false });
  assertEquals(
    Object.entries(wide.stateDict()).map(([name, x]) => [name, x.shape]),
    [
      ["q_proj_weight", [8, 8]],
      ["k_proj_weight", [8, 3]],
      ["v_proj_weight", [8, 8]],
      ["out_proj.weight", [8, 8]],
    ],
  );
  assertEquals(
    `${new MultiheadAttention(8, 2, { dropout: 0.1, batchFirst: true })}`
      .split("\n")[1],
    "  8, 2, dropout=0.1, batchFirst=true",
  );
});

Deno.test("MultiheadAttention drops weights while training only", () => {
  const layer = new MultiheadAttention(4, 2, { dropout: 0.9 });
  const x = randn([6, 1, 4]);
  const [, weights] = layer.forward(x, x, x);
  assert(weights!.sub(1 / 6).abs().amax().item() > 0.1);
  assertEquals(
    layer.eval().forward(x, x, x)[0].toArray(),
    layer.forward(x, x, x)[0].toArray(),
  );
});

Deno.test("MultiheadAttention refuses with a sentence", () => {
  assertThrows(
    () => new MultiheadAttention(5, 2),
    RangeError,
    "embedDim 5, expected a multiple of numHeads 2",
  );
  assertThrows(
    () => new MultiheadAttention(4, 2, { dropout: 1.5 }),
    RangeError,
    "dropout 1.5",
  );
  const layer = new MultiheadAttention(4, 2);
  const x = ones([3, 2, 4]);
  assertThrows(
    () => layer.forward(x, ones([3, 1, 4]), x),
    RangeError,
    "MultiheadAttention got query [3, 2, 4], key [3, 1, 4] and value [3, 2, 4], expected [L, N, 4], [S, N, 4] and [S, N, 4], or all without N",
  );
  assertThrows(
    () => layer.forward(x, x, x, { attnMask: zeros([2, 2]) }),
    RangeError,
    "attnMask [2, 2], expected [3, 3]",
  );
  assertThrows(
    () => layer.forward(x, x, x, { attnMask: zeros([2, 3, 3]) }),
    RangeError,
    "attnMask [2, 3, 3], expected [4, 3, 3]",
  );
  assertThrows(
    () => layer.forward(x, x, x, { keyPaddingMask: zeros([3, 2]) }),
    RangeError,
    "keyPaddingMask [3, 2], expected [2, 3]",
  );
});
