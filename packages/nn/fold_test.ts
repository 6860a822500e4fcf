import { assertEquals, assertThrows } from "@std/assert";
import { ones, zeros } from "@fdunn/tensor";
import { Flatten, Fold, Unflatten, Unfold } from "./mod.ts";

Deno.test("Fold adds up what Unfold took", () => {
  const options = { padding: 1 };
  const columns = new Unfold(3, options).forward(ones([1, 1, 3, 3]));
  assertEquals(columns.shape, [1, 9, 9]);
  const y = new Fold(3, 3, options).forward(columns);
  assertEquals(y.toArray(), [[[[4, 6, 4], [6, 9, 6], [4, 6, 4]]]]);
  assertEquals(
    `${new Unfold([2, 3], { stride: 2 })}`,
    "Unfold(kernelSize=[2, 3], dilation=[1, 1], padding=[0, 0], stride=[2, 2])",
  );
  assertThrows(
    () => new Fold(4, 3).forward(zeros([1, 9, 9])),
    RangeError,
    "fold() got input [1, 9, 9]",
  );
});

Deno.test("Unflatten undoes Flatten", () => {
  const x = zeros([2, 3, 4, 5]);
  const flat = new Flatten().forward(x);
  const layer = new Unflatten(1, [3, -1, 5]);
  assertEquals(layer.forward(flat).shape, [2, 3, 4, 5]);
  assertEquals(`${layer}`, "Unflatten(dim=1, unflattenedSize=[3, -1, 5])");
  assertThrows(
    () => new Unflatten(1, [7, 2]).forward(flat),
    RangeError,
    "unflatten() cannot cut dim 1, which has size 60, into [7, 2]",
  );
});
