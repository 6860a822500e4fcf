import { assert, assertEquals, assertThrows } from "@std/assert";
import { ones, tensor, zeros } from "@fdunn/tensor";
import { Bilinear, bilinear, CosineSimilarity } from "./mod.ts";

Deno.test("Bilinear multiplies its inputs, and begins within 1 / √in1", () => {
  const layer = new Bilinear(16, 3, 5);
  const y = layer.forward(ones([2, 4, 16]), ones([2, 4, 3]));
  assertEquals(y.shape, [2, 4, 5]);
  assert(layer.weight.abs().max().item() <= 0.25);
  assert(layer.bias!.abs().max().item() <= 0.25);
  assertEquals(Object.keys(layer.stateDict()), ["weight", "bias"]);
  assertEquals(
    `${new Bilinear(2, 3, 4, { bias: false })}`,
    "Bilinear(in1Features=2, in2Features=3, outFeatures=4, bias=false)",
  );
  y.sum().backward();
  assertEquals(layer.weight.grad!.shape, [5, 16, 3]);
});

Deno.test("Bilinear refuses sizes that do not fit", () => {
  assertThrows(
    () => new Bilinear(0, 2, 3),
    RangeError,
    "Bilinear got in1Features 0",
  );
  const weight = zeros([4, 2, 3]);
  assertThrows(
    () => bilinear(zeros([5, 2]), zeros([6, 3]), weight),
    RangeError,
    "bilinear() got [5, 2], [6, 3], weight [4, 2, 3] and bias null, expected [..., in1]",
  );
  assertThrows(
    () => bilinear(zeros([5, 2]), zeros([5, 3]), weight, zeros([3])),
    RangeError,
    "and bias [3]",
  );
});

Deno.test("CosineSimilarity compares along its axis", () => {
  const layer = new CosineSimilarity({ dim: 0 });
  const y = layer.forward(tensor([[1, 0], [0, 2]]), tensor([[3, 1], [0, 0]]));
  assertEquals(y.toArray(), [1, 0]);
  assertEquals(`${layer}`, "CosineSimilarity(dim=0, eps=1e-8)");
});
