import { assert, assertEquals, assertThrows } from "@std/assert";
import { randn, zeros } from "@fdunn/tensor";
import { Conv3d, ConvTranspose1d } from "./mod.ts";

Deno.test("Conv3d has PyTorch's shapes, bounds and text", () => {
  const layer = new Conv3d(2, 4, [1, 3, 2], { padding: [0, 1, 0], groups: 2 });
  assertEquals(layer.weight.shape, [4, 1, 1, 3, 2]);
  assert(layer.weight.abs().max().item() <= 1 / Math.sqrt(6));
  assertEquals(layer.forward(randn([2, 2, 3, 4, 5])).shape, [2, 4, 3, 4, 4]);
  assertEquals(layer.forward(randn([2, 3, 4, 5])).shape, [4, 3, 4, 4]);
  assertEquals(
    `${layer}`,
    "Conv3d(2, 4, kernelSize=[1, 3, 2], stride=[1, 1, 1], padding=[0, 1, 0], groups=2)",
  );
  layer.forward(randn([1, 2, 1, 3, 2])).sum().backward();
  assertEquals(layer.weight.grad!.shape, layer.weight.shape);
  assertThrows(
    () => new Conv3d(2, 4, 3, { stride: [1, 0, 1] }),
    RangeError,
    "Conv3d got stride 0",
  );
  assertThrows(() => new Conv3d(3, 4, 1, { groups: 2 }), RangeError, "groups");
});

Deno.test("ConvTranspose1d has PyTorch's shapes, bounds and text", () => {
  const layer = new ConvTranspose1d(4, 6, 3, {
    stride: 2,
    outputPadding: 1,
    groups: 2,
    bias: false,
  });
  assertEquals(layer.weight.shape, [4, 3, 3]);
  assert(layer.weight.abs().max().item() <= 1 / 3);
  assertEquals(layer.forward(zeros([2, 4, 5])).shape, [2, 6, 12]);
  assertEquals(
    `${layer}`,
    "ConvTranspose1d(4, 6, kernelSize=3, stride=2, outputPadding=1, groups=2, bias=false)",
  );
  const [a, b] = [new ConvTranspose1d(1, 2, 2), new ConvTranspose1d(1, 2, 2)];
  b.loadStateDict(a.stateDict());
  const x = randn([1, 1, 3]);
  assertEquals(b.forward(x).toArray(), a.forward(x).toArray());
  assertThrows(
    () => new ConvTranspose1d(1, 1, 0),
    RangeError,
    "ConvTranspose1d got kernelSize 0",
  );
});
