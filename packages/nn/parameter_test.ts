import { scope, tensor, zeros } from "@fdunn/tensor";
import { Parameter } from "@fdunn/nn";
import { assert, assertEquals, assertThrows } from "@std/assert";

Deno.test("Parameter is a leaf with bytes of its own", () => {
  const data = tensor([1, 2], { requiresGrad: true });
  const parameter = new Parameter(data.mul(2));
  assert(parameter.isLeaf && parameter.requiresGrad);
  assertEquals(parameter.toArray(), [2, 4]);
  const plain = tensor([1, 2]);
  const other = new Parameter(plain);
  plain.fill_(7);
  assertEquals(other.toArray(), [1, 2]);
});

Deno.test("Parameter of a transposed tensor is row-major", () => {
  const parameter = new Parameter(tensor([[1, 2], [3, 4]]).t());
  assert(parameter.isContiguous());
  assertEquals(parameter.toArray(), [[1, 3], [2, 4]]);
});

Deno.test("Parameter survives the scope that made it", () => {
  let parameter: Parameter | null = null;
  scope(() => {
    parameter = new Parameter(tensor([5]));
  });
  assertEquals(parameter!.toArray(), [5]);
});

Deno.test("Parameter refuses to learn whole numbers, but may hold them", () => {
  const whole = zeros([2], { dtype: "int32" });
  assertThrows(() => new Parameter(whole), TypeError, "int32");
  assertEquals(new Parameter(whole, false).requiresGrad, false);
});
