import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import { ones, tensor } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("lerp() goes from one end to the other, which it meets exactly", () => {
  const start = tensor(numbers(12, 1, -1e3, 1e3), { shape: [3, 4] });
  for (const [how, end] of layouts(numbers(12, 2, -1e-3, 1e-3), [3, 4])) {
    assertEquals(start.lerp(end, 0).toArray(), start.toArray(), how);
    assertEquals(start.lerp(end, 1).toArray(), end.toArray(), how);
    const weights = tensor([0, 1, 0.25, 0.75]);
    const [a, b] = [floats(start), floats(end)];
    const expected = a.map((v, i) => v + (b[i]! - v) * floats(weights)[i % 4]!);
    const y = start.lerp(end, weights);
    assertClose(floats(y), expected, { rtol: 1e-6, atol: 1e-4, what: how });
    const column = (i: number) => y.select(1, i).toArray();
    assertEquals(column(0), start.select(1, 0).toArray());
    assertEquals(column(1), end.select(1, 1).toArray());
  }
  assertEquals(tensor([0]).lerp(tensor([10]), -0.5).item(), -5);
  assertEquals(tensor([0]).lerp(tensor([10]), 1.5).item(), 15);
});

Deno.test("addcmul() and addcdiv() add products and quotients of tensors", () => {
  const x = tensor([[1, 2], [3, 4]]);
  const [a, b] = [tensor([6, 8]), tensor([[2], [4]])];
  assertEquals(x.addcmul(a, b).toArray(), [[13, 18], [27, 36]]);
  assertEquals(x.addcmul(a, b, { value: -1 }).toArray(), [
    [-11, -14],
    [-21, -28],
  ]);
  assertEquals(x.addcdiv(a, b).toArray(), [[4, 6], [4.5, 6]]);
  assertEquals(x.addcdiv(a, b, { value: 2 }).toArray(), [[7, 10], [6, 8]]);
  const whole = ones([2], { dtype: "int32" });
  assertEquals(whole.addcmul(whole, whole, { value: 3 }).dtype, "int32");
});

Deno.test("lerp() refuses what has no fractions, and shapes that do not fit", () => {
  const whole = ones([2], { dtype: "int32" });
  const text = "lerp() expects float32 or float64, got int32";
  assertThrows(() => whole.lerp(ones([2]), 0.5), TypeError, text);
  assertThrows(() => ones([2]).lerp(whole, 0.5), TypeError, text);
  assertThrows(() => ones([2]).lerp(ones([2]), whole), TypeError, text);
  assertThrows(() => ones([2]).lerp(ones([3]), 0), RangeError, "[3] with [2]");
  assertThrows(() => ones([2]).addcmul(ones([3]), ones([2])), RangeError);
});

testGradients("ternary");
