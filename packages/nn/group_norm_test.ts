import { assertEquals, assertThrows } from "@std/assert";
import { randn, tensor, zeros } from "@fdunn/tensor";
import {
  BatchNorm3d,
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  RMSNorm,
} from "./mod.ts";

Deno.test("GroupNorm and RMSNorm begin as pure normalisation and learn factors", () => {
  const layer = new GroupNorm(2, 4);
  assertEquals(Object.keys(layer.stateDict()), ["weight", "bias"]);
  const x = randn([3, 4, 5]);
  layer.forward(x).square().sum().backward();
  assertEquals(layer.weight!.grad!.shape, [4]);
  assertEquals(`${layer}`, "GroupNorm(2, 4, eps=0.00001, affine=true)");
  const rms = new RMSNorm([4, 5]);
  assertEquals(Object.keys(rms.stateDict()), ["weight"]);
  assertEquals(rms.forward(x).shape, [3, 4, 5]);
  assertEquals(
    `${new RMSNorm(5, { elementwiseAffine: false })}`,
    "RMSNorm([5], eps=null, elementwiseAffine=false)",
  );
});

Deno.test("a state goes from one GroupNorm to another", () => {
  const [a, b] = [new GroupNorm(1, 2), new GroupNorm(1, 2)];
  a.loadStateDict({ weight: tensor([2, 3]), bias: tensor([4, 5]) });
  b.loadStateDict(a.stateDict());
  const x = randn([2, 2, 3]);
  assertEquals(b.forward(x).toArray(), a.forward(x).toArray());
  a.resetParameters();
  assertEquals(a.weight!.toArray(), [1, 1]);
  assertEquals(b.weight!.toArray(), [2, 3]);
});

Deno.test("InstanceNorm tracks moments only when told, and uses them in evaluation", () => {
  const plain = new InstanceNorm1d(2);
  assertEquals([plain.buffers().length, plain.parameters().length], [0, 0]);
  const layer = new InstanceNorm1d(2, { trackRunningStats: true });
  assertEquals(Object.keys(layer.stateDict()), [
    "running_mean",
    "running_var",
    "num_batches_tracked",
  ]);
  const x = tensor([1, 3, 10, 30], { shape: [1, 2, 2] });
  layer.forward(x);
  assertEquals(layer.running_mean!.mul(10).round().toArray(), [2, 20]);
  const before = layer.running_mean!.toArray();
  layer.eval().forward(x);
  assertEquals(layer.running_mean!.toArray(), before);
  layer.resetParameters();
  assertEquals(layer.running_mean!.toArray(), [0, 0]);
  assertEquals(layer.train().forward(x.squeeze(0)).shape, [2, 2]);
});

Deno.test("BatchNorm3d takes volumes only", () => {
  const layer = new BatchNorm3d(2);
  assertEquals(layer.forward(randn([2, 2, 2, 2, 2])).shape, [2, 2, 2, 2, 2]);
  assertThrows(
    () => layer.forward(zeros([2, 2, 2, 2])),
    RangeError,
    "BatchNorm3d got input [2, 2, 2, 2], expected 5 axes",
  );
});

Deno.test("normalisation layers refuse sizes that do not fit", () => {
  const bad: [() => unknown, string][] = [
    [() => new GroupNorm(3, 4), "GroupNorm got 4 channels in 3 groups"],
    [() => new GroupNorm(0, 4), "GroupNorm got numGroups 0"],
    [
      () => new GroupNorm(2, 4).forward(zeros([1, 6, 2])),
      "GroupNorm got input [1, 6, 2], expected 4 channels",
    ],
    [() => new RMSNorm(0), "RMSNorm got normalizedShape 0"],
    [() => new InstanceNorm2d(0), "InstanceNorm2d got numFeatures 0"],
    [
      () => new InstanceNorm2d(2).forward(zeros([1, 2])),
      "InstanceNorm2d got input [1, 2], expected 3 or 4 axes",
    ],
    [
      () => new InstanceNorm2d(2).forward(zeros([1, 3, 2, 2])),
      "InstanceNorm2d got input [1, 3, 2, 2], expected 2 channels",
    ],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
});
