import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import { ones, tensor } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("norm() agrees with its formula over one axis and all", () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (const [how, x] of layouts(numbers(20, 2), [4, 5], dtype)) {
      for (const p of [0.5, 1, 2, 3, -2]) {
        const norm = (values: readonly number[]) =>
          values.reduce((sum, v) => sum + Math.abs(v) ** p, 0) ** (1 / p);
        const rows = Array.from(
          { length: 4 },
          (_, i) => floats(x.select(0, i)),
        );
        const what = `p ${p}, ${how}`;
        const rtol = 3e-6;
        assertClose(x.norm(p, 1).data(), rows.map(norm), { rtol, what });
        assertClose(x.norm(p).item(), norm(floats(x)), { rtol, what });
      }
    }
  }
  assertEquals(tensor([3, 4]).norm().item(), 5);
  assertEquals(tensor([3, 0, -4]).norm(0).item(), 2);
  assertEquals(tensor([3, 0, -4]).norm(Infinity).item(), 4);
  assertEquals(tensor([3, 1, -4]).norm(-Infinity).item(), 1);
  assertEquals(ones([2, 3]).norm(2, 0, { keepdim: true }).shape, [1, 3]);
});

Deno.test("where a norm is 0 its gradient is 0", () => {
  for (const p of [0.5, 1, 2, 3, -1, Infinity, -Infinity]) {
    const x = tensor([0, 0], { requiresGrad: true });
    x.norm(p).backward();
    assertEquals(floats(x.grad!).map(Math.abs), [0, 0], `p ${p}`);
  }
});

Deno.test("norm() refuses dtypes, axes and p with a sentence", () => {
  const x = ones([2]);
  assertThrows(() => x.norm(NaN), RangeError, "norm() got p NaN");
  assertThrows(() => x.norm(2, 1), RangeError, "norm() got dim 1");
  assertThrows(
    () => x.to("int32").norm(),
    TypeError,
    "norm() expects float32 or float64, got int32",
  );
  assertThrows(
    () => tensor([]).norm(Infinity),
    RangeError,
    "amax() of a tensor of shape [0] has no elements",
  );
});

testGradients("vector_norm");
