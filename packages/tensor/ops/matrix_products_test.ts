import { assertEquals, assertThrows } from "@std/assert";
import { ones, tensor, zeros } from "../mod.ts";
import { floats, layouts, numbers, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("products of given ranks are matmul's, in every layout", () => {
  const b = tensor(numbers(20, 2), { shape: [4, 5] });
  for (const [how, a] of layouts(numbers(12), [3, 4])) {
    assertEquals(floats(a.mm(b)), floats(a.matmul(b)), how);
    const v = b.select(1, 2);
    assertEquals(floats(a.mv(v)), floats(a.matmul(v)), how);
    const batch = [a.unsqueeze(0), b.unsqueeze(0)] as const;
    assertEquals(floats(batch[0].bmm(batch[1])), floats(a.matmul(b)), how);
  }
});

Deno.test("products of int32 are int32", () => {
  const int = (values: number[], shape: number[]) =>
    tensor(values, { shape, dtype: "int32" });
  const [a, b] = [int(wholes(6), [2, 3]), int(wholes(6, 2), [3, 2])];
  assertEquals(a.mm(b).dtype, "int32");
  const [u, v] = [int([1, 2, 3], [3]), int([4, 5, 6], [3])];
  assertEquals(u.dot(v).item(), 32);
  assertEquals(u.cross(v).toArray(), [-3, 6, -3]);
  assertEquals(u.outer(v).toArray(), [[4, 5, 6], [8, 10, 12], [12, 15, 18]]);
  assertEquals(u.kron(int([1, 10], [2])).toArray(), [1, 10, 2, 20, 3, 30]);
});

Deno.test("addmm() leaves a NaN out with beta 0", () => {
  const nan = tensor([[NaN]]);
  const one = ones([1, 1]);
  assertEquals(nan.addmm(one, one, { beta: 0 }).item(), 1);
  assertEquals(nan.addmm(one, one).item(), NaN);
});

Deno.test("products of given ranks name what came and what was expected", () => {
  const [m, v, b] = [zeros([2, 3]), zeros([3]), zeros([2, 2, 3])];
  const bad: [() => unknown, string][] = [
    [() => v.mm(m), "mm() got a left side of shape [3], expected 2 axes"],
    [() => m.mm(v), "mm() got a right side of shape [3], expected 2 axes"],
    [() => m.mm(m), "Cannot multiply [2, 3] by [2, 3]"],
    [() => m.mv(m), "mv() got a right side of shape [2, 3], expected 1 axis"],
    [() => m.dot(v), "dot() got a left side of shape [2, 3], expected 1 axis"],
    [() => v.dot(zeros([2])), "Cannot multiply [3] by [2]"],
    [() => b.bmm(m), "bmm() got a right side of shape [2, 3], expected 3 axes"],
    [
      () => b.bmm(zeros([3, 3, 1])),
      "bmm() got batches of 2 and 3 matrices, which must be as many",
    ],
    [() => m.outer(v), "outer() got a left side of shape [2, 3]"],
    [
      () => zeros([4]).addmm(m, m.t()),
      "expand()",
    ],
    [
      () => b.addmm(m, m.t()),
      "addmm() cannot add [2, 2, 3] to a product of shape [2, 2]",
    ],
    [
      () => v.addbmm(b, b),
      "addbmm() got batches of shape [2, 2, 3] and [2, 2, 3], expected [b, n, m] and [b, m, p]",
    ],
    [() => v.baddbmm(m, b), "baddbmm() got a left side of shape [2, 3]"],
    [
      () => m.cross(zeros([2, 2])),
      "cross() got [2, 3] and [2, 2], expected as many axes and 3 elements along dim -1",
    ],
    [() => v.cross(m), "cross() got [3] and [2, 3]"],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
});

testGradients("matrix_products");
