import { randn, tensor, zeros } from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import { Linear, linear } from "@fdunn/nn";
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";

Deno.test("Linear computes x Wᵀ + b over the last axis", () => {
  const layer = new Linear(2, 3);
  layer.loadStateDict({
    weight: tensor([[1, 2], [3, 4], [5, 6]]),
    bias: tensor([0, 10, 20]),
  });
  assertEquals(layer.forward(tensor([[1, 1]])).toArray(), [[3, 17, 31]]);
  assertEquals(layer.forward(tensor([1, 1])).toArray(), [3, 17, 31]);
  assertEquals(layer.forward(zeros([2, 4, 2])).shape, [2, 4, 3]);
});

Deno.test("Linear passes gradients to input, weight and bias", () => {
  const layer = new Linear(3, 2, { dtype: "float64" });
  const x = randn([4, 3]);
  checkGrad(
    (x, w, b) => linear(x, w, b),
    [x.requiresGrad_(), layer.weight, layer.bias!],
  );
  layer.forward(x.detach().to("float64")).sum().backward();
  assertEquals(layer.bias!.grad!.toArray(), [4, 4]);
  assertEquals(layer.weight.grad!.shape, [2, 3]);
});

Deno.test("Linear without bias has one parameter", () => {
  const layer = new Linear(2, 3, { bias: false });
  assertStrictEquals(layer.bias, null);
  assertEquals(Object.keys(layer.stateDict()), ["weight"]);
  assertEquals(layer.forward(zeros([1, 2])).toArray(), [[0, 0, 0]]);
});

Deno.test("Linear in float64 has float64 parameters", () => {
  const layer = new Linear(2, 3, { dtype: "float64" });
  assert(layer.parameters().every((p) => p.dtype === "float64"));
});

Deno.test("resetParameters() draws anew", () => {
  const layer = new Linear(8, 8);
  const before = layer.weight.toArray();
  layer.resetParameters();
  assert(JSON.stringify(before) !== JSON.stringify(layer.weight.toArray()));
});

Deno.test("Linear refuses sizes and inputs that do not fit", () => {
  assertThrows(() => new Linear(0, 2), RangeError, "inFeatures 0");
  assertThrows(() => new Linear(2, 1.5), RangeError, "outFeatures 1.5");
  const layer = new Linear(2, 3);
  assertThrows(() => layer.forward(zeros([4, 3])), RangeError, "[4, 3]");
});
