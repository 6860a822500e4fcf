import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import { tensor } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("clamp() bounds, keeps NaN, and lets gradients through inside", () => {
  const values = [NaN, -Infinity, -2, -1, 0.5, 1, 2, Infinity];
  for (const dtype of ["float32", "float64"] as const) {
    const y = tensor(values, { dtype }).clamp(-1, 1);
    assertEquals(floats(y), [NaN, -1, -1, -1, 0.5, 1, 1, 1]);
  }
  for (const [, x] of layouts(numbers(24), [4, 6])) {
    assertClose(
      floats(x.clamp(-0.5, 0.7)),
      floats(x).map((v) => Math.min(0.7, Math.max(-0.5, v))),
      { rtol: 1e-6 },
    );
  }
  // PyTorch's slope at the bounds is 0, and at NaN.
  const x = tensor([-2, -1, 0, 1, 2, NaN], { requiresGrad: true });
  x.clamp(-1, 1).sum().backward();
  assertEquals(x.grad!.toArray(), [0, 0, 1, 0, 0, 0]);
});

Deno.test("clamp() takes open bounds, and the upper one where they cross", () => {
  const x = tensor([-2, 0, 2]);
  assertEquals(x.clamp(-1, Infinity).toArray(), [-1, 0, 2]);
  assertEquals(x.clamp(-1).toArray(), [-1, 0, 2]);
  assertEquals(x.clamp(-1, null).toArray(), [-1, 0, 2]);
  assertEquals(x.clamp(-Infinity, 1).toArray(), [-2, 0, 1]);
  assertEquals(x.clamp(null, 1).toArray(), [-2, 0, 1]);
  assertEquals(x.clamp(1, -1).toArray(), [-1, -1, -1]);
  const y = tensor([-Infinity, -1, 5, Infinity], { requiresGrad: true });
  y.clamp(-1).sum().backward();
  assertEquals(y.grad!.toArray(), [0, 0, 1, 1]);
  y.grad = null;
  y.clamp(null, 5).sum().backward();
  assertEquals(y.grad!.toArray(), [1, 1, 0, 0]);
});

Deno.test("clamp() takes tensors as bounds, which broadcast", () => {
  const x = tensor([[-2, 0, 2], [5, -5, 1]]);
  const min = tensor([[-1], [0]]);
  const max = tensor([1, 2, 0]);
  assertEquals(x.clamp(min, max).toArray(), [[-1, 0, 0], [1, 0, 0]]);
  assertEquals(x.clamp(min).toArray(), [[-1, 0, 2], [5, 0, 1]]);
  assertEquals(x.clamp(null, max).toArray(), [[-2, 0, 0], [1, -5, 0]]);
  assertEquals(x.clamp(-1, max).toArray(), [[-1, 0, 0], [1, -1, 0]]);
});

Deno.test("a tensor that bounds shares the gradient with what it equals", () => {
  const x = tensor([-2, -1, 0, 1, 2], { requiresGrad: true });
  const min = tensor(-1, { requiresGrad: true });
  const max = tensor(1, { requiresGrad: true });
  x.clamp(min, max).sum().backward();
  assertEquals(x.grad!.toArray(), [0, 0.5, 1, 0.5, 0]);
  assertEquals([min.grad!.item(), max.grad!.item()], [1.5, 1.5]);
});

Deno.test("clamp() of int32 stays whole where its bounds are", () => {
  const x = tensor([-5, 0, 5], { dtype: "int32" });
  const y = x.clamp(-1, 3);
  assertEquals([y.dtype, y.toArray()], ["int32", [-1, 0, 3]]);
  const z = x.clamp(0.5);
  assertEquals([z.dtype, z.toArray()], ["float32", [0.5, 0.5, 5]]);
  assertEquals(x.clamp(x.mul(0), x.mul(0).add(2)).toArray(), [0, 0, 2]);
});

Deno.test("clamp() refuses bounds that are none", () => {
  const x = tensor([1]);
  assertThrows(() => x.clamp(NaN, 1), RangeError, "got bounds NaN and 1");
  assertThrows(() => x.clamp(null), RangeError, "clamp() got neither min nor");
  assertThrows(
    () => x.to("float16").clamp(0, 1),
    TypeError,
    "clamp() does not compute in float16",
  );
});

testGradients("clamp");
