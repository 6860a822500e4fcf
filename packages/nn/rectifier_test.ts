import { tensor, zeros } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { assertEquals, assertThrows } from "@std/assert";

Deno.test("rectifiers say their parameters, and have PyTorch's defaults", () => {
  const cases: [nn.AnyModule, string][] = [
    [new nn.LeakyReLU(), "LeakyReLU(negativeSlope=0.01)"],
    [new nn.LeakyReLU(0.2), "LeakyReLU(negativeSlope=0.2)"],
    [new nn.PReLU(), "PReLU(numParameters=1)"],
    [new nn.ReLU6(), "ReLU6()"],
    [new nn.Threshold(0.5, -1), "Threshold(threshold=0.5, value=-1)"],
    [new nn.ELU(), "ELU(alpha=1)"],
    [new nn.SELU(), "SELU()"],
    [new nn.CELU(), "CELU(alpha=1)"],
  ];
  for (const [layer, text] of cases) assertEquals(`${layer}`, text);
});

Deno.test("rectifiers compute as their functions do", () => {
  const x = tensor([[-2, -0.5, 0], [0.5, 6, 9]]);
  const pairs = [
    [new nn.LeakyReLU(0.2).forward(x), nn.leakyRelu(x, 0.2)],
    [new nn.ReLU6().forward(x), nn.relu6(x)],
    [new nn.Threshold(1, 3).forward(x), nn.threshold(x, 1, 3)],
    [new nn.ELU(2).forward(x), nn.elu(x, 2)],
    [new nn.SELU().forward(x), nn.selu(x)],
    [new nn.CELU(2).forward(x), nn.celu(x, 2)],
  ] as const;
  for (const [layer, f] of pairs) assertEquals(layer.toArray(), f.toArray());
});

Deno.test("PReLU learns a slope for each channel", () => {
  const layer = new nn.PReLU(3, { init: 0.5 });
  assertEquals(layer.parameters().map((p) => p.shape), [[3]]);
  const x = tensor([[[-2, 4], [-2, 4], [-6, -8]]], { requiresGrad: true });
  const y = layer.forward(x);
  assertEquals(y.toArray(), [[[-1, 4], [-1, 4], [-3, -4]]]);
  y.sum().backward();
  assertEquals(layer.weight.grad!.toArray(), [-2, -2, -14]);
  assertEquals(x.grad!.toArray(), [[[0.5, 1], [0.5, 1], [0.5, 0.5]]]);
});

Deno.test("PReLU's state goes there and back, and is reset", () => {
  const layer = new nn.PReLU(2);
  layer.loadStateDict({ weight: tensor([1, 2]) });
  const copy = new nn.PReLU(2, { dtype: "float64" });
  copy.loadStateDict(layer.stateDict());
  assertEquals(copy.weight.toArray(), [1, 2]);
  assertEquals(copy.weight.dtype, "float64");
  copy.resetParameters();
  assertEquals(copy.weight.toArray(), [0.25, 0.25]);
});

Deno.test("PReLU refuses channels that it has no slope for", () => {
  assertThrows(
    () => new nn.PReLU(3).forward(zeros([2, 4, 5])),
    RangeError,
    "prelu() got weight [3] for input [2, 4, 5], expected [1] or [4], the channels in axis 1",
  );
  assertThrows(
    () => nn.prelu(zeros([2, 4]), zeros([2, 2])),
    RangeError,
    "prelu() got weight [2, 2]",
  );
  assertThrows(() => new nn.PReLU(0), RangeError, "PReLU got numParameters 0");
});
