import { assert, assertEquals, assertThrows } from "@std/assert";
import { Generator, ones, randn, type Tensor, zeros } from "@fdunn/tensor";
import * as nn from "./mod.ts";

/** Sums of the channels, which are whole, scaled, or gone. */
function channels(y: Tensor): number[] {
  const flat = y.reshape([-1, 4]).sum(1);
  return Array.from(flat.data() as Float32Array);
}

Deno.test("feature dropout zeroes whole channels and keeps their sum on average", () => {
  const forms: [
    string,
    (x: Tensor, generator: Generator) => Tensor,
    number[],
  ][] = [
    ["1d", (x, g) => nn.dropout1d(x, 0.25, { generator: g }), [500, 8, 4]],
    ["1d, one", (x, g) => nn.dropout1d(x, 0.25, { generator: g }), [4000, 4]],
    ["2d", (x, g) => nn.dropout2d(x, 0.25, { generator: g }), [500, 8, 2, 2]],
    ["2d of 3", (x, g) => nn.dropout2d(x, 0.25, { generator: g }), [500, 8, 4]],
    [
      "3d",
      (x, g) => nn.dropout3d(x, 0.25, { generator: g }),
      [500, 8, 2, 2, 1],
    ],
    ["3d, one", (x, g) => nn.dropout3d(x, 0.25, { generator: g }), [
      4000,
      2,
      2,
      1,
    ]],
  ];
  for (const [what, f, shape] of forms) {
    const sums = channels(f(ones(shape), new Generator(3)));
    const kept = sums.filter((v) => Math.abs(v - 4 / 0.75) < 1e-5).length;
    const gone = sums.filter((v) => v === 0).length;
    assertEquals(kept + gone, 4000, what);
    // Five standard deviations of a binomial count.
    assert(Math.abs(gone - 1000) < 5 * Math.sqrt(750), `${what}: ${gone}`);
    const again = channels(f(ones(shape), new Generator(3)));
    assertEquals(again, sums, what);
  }
});

Deno.test("alpha dropout keeps mean 0 and variance 1", () => {
  const training = () => ({ training: true, generator: new Generator(1) });
  const forms: [(x: Tensor) => Tensor, number][] = [
    [(x) => nn.alphaDropout(x, 0.4, training()), 0.02],
    [(x) => nn.featureAlphaDropout(x, 0.4, training()), 0.05],
  ];
  const x = randn([1000, 40, 3], { generator: new Generator(2) });
  for (const [f, tolerance] of forms) {
    const y = f(x);
    assert(Math.abs(y.mean().item()) < tolerance, `mean ${y.mean().item()}`);
    assert(Math.abs(y.var().item() - 1) < tolerance, `var ${y.var().item()}`);
    // What is dropped has one value: a (-α) + α a p.
    const a = 1 / Math.sqrt((1.7580993408473766 ** 2 * 0.4 + 1) * 0.6);
    const dropped = -1.7580993408473766 * a * 0.6;
    const share = y.sub(dropped).abs().lt(1e-6).to("float32").mean().item();
    assert(Math.abs(share - 0.4) < 0.01, `share ${share}`);
  }
});

Deno.test("alpha dropout's functions do nothing unless told to train", () => {
  const x = ones([50, 4, 2]);
  assertEquals(nn.alphaDropout(x).toArray(), x.toArray());
  assertEquals(nn.featureAlphaDropout(x).toArray(), x.toArray());
  // As layers they train until eval().
  for (const Layer of [nn.AlphaDropout, nn.FeatureAlphaDropout]) {
    assert(new Layer().forward(x).min().item() < 0);
  }
});

Deno.test("dropout's kin pass gradients where they passed values", () => {
  const x = ones([50, 4, 2, 2], { requiresGrad: true });
  const y = nn.dropout2d(x, 0.5);
  y.sum().backward();
  assertEquals(x.grad!.toArray(), y.detach().toArray());
  const z = ones([100], { requiresGrad: true });
  const out = nn.alphaDropout(z, 0.5, { training: true });
  out.sum().backward();
  const slopes = new Set(z.grad!.data() as Float32Array);
  assertEquals(slopes.size, 2);
  assert(slopes.has(0));
});

Deno.test("dropout's kin do nothing in evaluation, and everything at p 1", () => {
  const layers = [
    new nn.Dropout1d(),
    new nn.Dropout2d(),
    new nn.AlphaDropout(),
    new nn.FeatureAlphaDropout(),
  ];
  const x = ones([2, 3, 4]);
  for (const layer of layers) {
    assertEquals(layer.eval().forward(x).toArray(), x.toArray());
    assertEquals(`${layer}`, `${layer.constructor.name}(p=0.5)`);
  }
  assertEquals(new nn.Dropout1d(1).forward(x).sum().item(), 0);
  assertEquals(new nn.AlphaDropout(1).forward(x).sum().item(), 0);
  const volume = ones([1, 2, 2, 2, 2]);
  assertEquals(new nn.Dropout3d(1).forward(volume).sum().item(), 0);
});

Deno.test("dropout's kin name what came and what was expected", () => {
  const bad: [() => unknown, string][] = [
    [
      () => nn.dropout1d(zeros([2])),
      "dropout1d() got input [2], expected 2 or 3 axes",
    ],
    [
      () => nn.dropout2d(zeros([2, 2])),
      "dropout2d() got input [2, 2], expected 3 or 4 axes",
    ],
    [() => nn.dropout3d(zeros([2, 2, 2])), "dropout3d() got input [2, 2, 2]"],
    [() => nn.dropout1d(zeros([2, 2]), 2), "dropout1d() got p 2"],
    [() => nn.alphaDropout(zeros([2]), -1), "alphaDropout() got p -1"],
    [
      () => nn.featureAlphaDropout(zeros([2])),
      "featureAlphaDropout() got input [2], expected [N, C, ...]",
    ],
    [() => new nn.Dropout2d(1.5), "got p 1.5"],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
});
