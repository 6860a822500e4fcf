import { assertEquals, assertThrows } from "@std/assert";
import {
  type DType,
  manualSeed,
  ones,
  randn,
  tensor,
  where,
  zeros,
} from "../mod.ts";
import { floats, layouts, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("where() picks element by element, in every layout and dtype", () => {
  for (const dtype of ["float32", "float64", "int32", "bool"] as DType[]) {
    const values = (seed: number) =>
      wholes(20, seed, 0, dtype === "bool" ? 2 : 9);
    for (const [how, c] of layouts(wholes(20, 1, 0, 2), [4, 5], "bool")) {
      for (const [what, a] of layouts(values(2), [4, 5], dtype)) {
        const b = tensor(values(3).slice(0, 5), { dtype });
        const y = where(c, a, b);
        assertEquals(y.dtype, dtype);
        const [x, z] = [floats(a), floats(b)];
        const expected = floats(c).map((t, i) => t ? x[i]! : z[i % 5]!);
        assertEquals(floats(y), expected, `${dtype}, ${how}, ${what}`);
      }
    }
  }
});

Deno.test("where() moves types that only store without spilling", () => {
  const c = tensor([true, false, true]);
  const bytes = where(
    c,
    tensor(new Uint8Array([1, 2, 3])),
    tensor(new Uint8Array([7, 8, 9])),
  );
  assertEquals(bytes.toArray(), [1, 8, 3]);
  const wide = where(
    c,
    tensor(new BigInt64Array([1n, 2n, 3n])),
    tensor(new BigInt64Array(3)),
  );
  assertEquals(wide.toArray(), [1n, 0n, 3n]);
  const half = ones([3]).to("float16");
  assertThrows(
    () => where(c, half, half),
    TypeError,
    "where() does not take float16",
  );
});

Deno.test("where() takes numbers, broadcasts all three and keeps NaN out", () => {
  const x = tensor([-1, 4], { requiresGrad: true });
  const y = where(x.gt(0), x.sqrt(), 0);
  assertEquals(y.toArray(), [0, 2]);
  assertEquals(where(tensor([true, false]), 1, 2).toArray(), [1, 2]);
  assertEquals(where(tensor([true, false]), 1, 2).dtype, "float32");
  const whole = tensor([1, 2], { dtype: "int32" });
  assertEquals(where(tensor([true, false]), whole, 0.5).toArray(), [1, 0.5]);
  assertEquals(where(tensor([true, false]), whole, 7).dtype, "int32");
  assertEquals(where(tensor([[true], [false]]), whole, ones([1, 1, 2])).shape, [
    1,
    2,
    2,
  ]);
  assertEquals(where(tensor([true]), 1, 0).item(), 1);
  const mixed = where(tensor([true, false]), tensor([true]), 5);
  assertEquals([mixed.dtype, mixed.toArray()], ["int32", [1, 5]]);
});

Deno.test("as a method it keeps the tensor's own elements, as PyTorch's", () => {
  const x = tensor([-1, 2, -3]);
  assertEquals(x.where(x.gt(0), 0).toArray(), [0, 2, 0]);
  assertEquals(x.where(x.gt(0), x.neg()).toArray(), [1, 2, 3]);
  const [yes, no] = [tensor([true]), tensor([false])];
  assertEquals(yes.where(no, yes).item(), 1);
  assertEquals(yes.where(no, no).item(), 0);
  assertThrows(
    () => x.where(x, 0),
    TypeError,
    "where() expects a bool condition, got float32",
  );
});

Deno.test("where() refuses with a sentence", () => {
  assertThrows(
    () => where(ones([2]), ones([2]), 0),
    TypeError,
    "where() expects a bool condition, got float32",
  );
  assertThrows(
    () => where(tensor([true, false]), ones([3]), 0),
    RangeError,
    "in where()",
  );
});

Deno.test("where() repeats single elements of every width and shape", () => {
  for (const dtype of ["float32", "float64", "int32", "bool"] as DType[]) {
    for (const [how, c] of layouts(wholes(20, 1, 0, 2), [4, 5], "bool")) {
      const a = tensor(wholes(20, 2, 0, 2), { shape: [4, 5], dtype });
      for (const shape of [[], [1], [1, 1]]) {
        const one = tensor([1], { dtype }).reshape(shape);
        const [x, z] = [floats(a), floats(c)];
        const right = where(c, a, one), left = where(c, one, a);
        assertEquals(floats(right), x.map((v, i) => z[i] ? v : 1), how);
        assertEquals(floats(left), x.map((v, i) => z[i] ? 1 : v), how);
        assertEquals(right.shape, [4, 5]);
      }
    }
  }
  const both = where(tensor([true, false]), tensor([1]), tensor([[2]]));
  assertEquals([both.shape, both.toArray()], [[1, 2], [[1, 2]]]);
  assertEquals(where(zeros([0, 3], { dtype: "bool" }), 1, 2).shape, [0, 3]);
});

Deno.test("where() gives each operand the gradient of its own shape", () => {
  const c = tensor([[true, false, true], [false, false, true]]);
  const a = tensor(2, { requiresGrad: true });
  const b = tensor([[1], [5]], { requiresGrad: true });
  where(c, a, b).mul(tensor([1, 10, 100])).sum().backward();
  assertEquals(a.grad!.item(), 201);
  assertEquals(b.grad!.toArray(), [[10], [11]]);
});

Deno.test("maskedFill() keeps the dtype, and broadcasts both ways", () => {
  const mask = tensor([[true], [false]]);
  for (const dtype of ["float32", "float64", "int32", "uint8"] as DType[]) {
    const x = tensor([1, 2, 3], { dtype });
    const y = x.maskedFill(mask, 7);
    assertEquals([y.dtype, y.toArray()], [dtype, [[7, 7, 7], [1, 2, 3]]]);
    const z = tensor([[4], [5]], { dtype }).maskedFill(tensor([true]), 6);
    assertEquals(z.toArray(), [[6], [6]]);
  }
  const bits = tensor([true, false]).maskedFill(tensor([true, true]), 0);
  assertEquals(bits.toArray(), [false, false]);
  const whole = tensor([1, 2], { dtype: "int32" });
  const value = tensor(3.9); // as PyTorch, what the dtype can hold of it
  assertEquals(whole.maskedFill(tensor([true, false]), value).toArray(), [
    3,
    2,
  ]);
  const hidden = tensor([1, 2]).maskedFill(tensor([false, true]), -Infinity);
  assertEquals(hidden.softmax(0).toArray(), [1, 0]);
});

Deno.test("maskedFill() agrees with where() on random masks and layouts", () => {
  manualSeed(2);
  for (const [how, x] of layouts(wholes(20, 1), [4, 5])) {
    const mask = randn([4, 5]).gt(0);
    assertEquals(
      x.maskedFill(mask, -3).toArray(),
      where(mask, -3, x).toArray(),
      how,
    );
  }
});

Deno.test("maskedFill() refuses with a sentence", () => {
  const x = tensor([1, 2], { dtype: "int32" });
  assertThrows(
    () => x.maskedFill(x, 1),
    TypeError,
    "maskedFill() expects a bool mask, got int32",
  );
  const mask = tensor([true, false]);
  assertThrows(
    () => x.maskedFill(mask, x),
    RangeError,
    "maskedFill() expects a scalar, got a value of shape [2]",
  );
  assertThrows(() => x.maskedFill(mask, NaN), RangeError, "with NaN");
  assertThrows(
    () => ones([3]).maskedFill(mask, 1),
    RangeError,
    "sizes 2 and 3",
  );
});

testGradients("where");
