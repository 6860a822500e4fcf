import { randn, tensor, zeros } from "@fdunn/tensor";
import { BatchNorm1d, BatchNorm2d, LayerNorm, Sequential } from "@fdunn/nn";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";

Deno.test("BatchNorm1d normalises by the batch, and later by what it saw", () => {
  const layer = new BatchNorm1d(1, { momentum: 0.5, eps: 0 });
  const x = tensor([[1], [3]]);
  assertEquals(layer.forward(x).toArray(), [[-1], [1]]);
  // 0 to 1 by a half; 1 to 2 (unbiased) by a half.
  assertEquals(layer.runningMean!.toArray(), [1]);
  assertEquals(layer.runningVar!.toArray(), [1.5]);
  assertEquals(layer.numBatchesTracked!.item(), 1);
  layer.eval();
  const y = layer.forward(tensor([[1], [2.5]])).toArray() as number[][];
  assertEquals(y[0], [0]);
  assertAlmostEquals(y[1]![0]!, 1.5 / Math.sqrt(1.5), 1e-6);
  assertEquals(layer.runningMean!.toArray(), [1]);
  assertEquals(layer.numBatchesTracked!.item(), 1);
});

Deno.test("BatchNorm2d has parameters and buffers by PyTorch's names", () => {
  const layer = new BatchNorm2d(3);
  assertEquals(layer.parameters().length, 2);
  assertEquals(Object.keys(layer.stateDict()), [
    "weight",
    "bias",
    "running_mean",
    "running_var",
    "num_batches_tracked",
  ]);
  assertEquals(layer.forward(randn([2, 3, 5, 5])).shape, [2, 3, 5, 5]);
  const copy = new BatchNorm2d(3);
  copy.loadStateDict(layer.stateDict());
  assertEquals(copy.runningMean!.toArray(), layer.runningMean!.toArray());
  assertEquals(copy.numBatchesTracked!.item(), 1);
});

Deno.test("BatchNorm converts with to() and starts again with a reset", () => {
  const layer = new BatchNorm1d(2).to("float64");
  assertEquals(layer.runningVar!.dtype, "float64");
  assertEquals(layer.numBatchesTracked!.dtype, "int32");
  layer.forward(randn([4, 2], { dtype: "float64" }));
  layer.weight!.detach().fill_(3);
  layer.resetParameters();
  assertEquals(layer.weight!.toArray(), [1, 1]);
  assertEquals(layer.runningMean!.toArray(), [0, 0]);
  assertEquals(layer.runningVar!.toArray(), [1, 1]);
  assertEquals(layer.numBatchesTracked!.item(), 0);
});

Deno.test("BatchNorm without running moments always uses the batch's", () => {
  const layer = new BatchNorm1d(2, { trackRunningStats: false, affine: false });
  assertEquals(Object.keys(layer.stateDict()), []);
  const x = randn([5, 2]);
  const y = layer.forward(x).toArray();
  assertEquals(layer.eval().forward(x).toArray(), y);
});

Deno.test("BatchNorm trains in a network, a step after a step", () => {
  const net = new Sequential(new BatchNorm1d(3), new LayerNorm(3));
  const x = randn([8, 3]);
  for (let step = 0; step < 3; step++) {
    net.zeroGrad();
    net.forward(x).square().sum().backward();
  }
  assert(net.parameters().every((p) => p.grad !== null));
  assertEquals((net[0] as BatchNorm1d).numBatchesTracked!.item(), 3);
});

Deno.test("normalisation layers print their options", () => {
  assertEquals(
    `${new BatchNorm2d(4)}`,
    "BatchNorm2d(4, eps=0.00001, momentum=0.1, affine=true, trackRunningStats=true)",
  );
  assertEquals(
    `${new LayerNorm([2, 3], { bias: false })}`,
    "LayerNorm([2, 3], eps=0.00001, elementwiseAffine=true)",
  );
});

Deno.test("normalisation layers refuse inputs that do not fit", () => {
  assertThrows(() => new BatchNorm1d(0), RangeError, "numFeatures 0");
  assertThrows(
    () => new BatchNorm1d(2).forward(zeros([2, 3])),
    RangeError,
    "BatchNorm1d got input [2, 3], expected 2 channels",
  );
  assertThrows(
    () => new BatchNorm2d(2).forward(zeros([2, 2])),
    RangeError,
    "BatchNorm2d got input [2, 2], expected 4 axes",
  );
  assertThrows(
    () => new BatchNorm1d(2).forward(zeros([1, 2])),
    RangeError,
    "more than one value per channel",
  );
  assertThrows(() => new LayerNorm(3).forward(zeros([2, 2])), RangeError);
});
