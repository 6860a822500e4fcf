import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  arange,
  type DType,
  full,
  noGrad,
  ones,
  tensor,
  zeros,
} from "../mod.ts";
import { count, floats, layouts, numbers, wholes } from "../samples_test.ts";

type Name = "add_" | "sub_" | "mul_" | "div_";

const MEANING: Record<Name, (x: number, y: number) => number> = {
  add_: (x, y) => x + y,
  sub_: (x, y) => x - y,
  mul_: (x, y) => x * y,
  div_: (x, y) => x / y,
};

for (
  const [name, f] of Object.entries(MEANING) as [Name, typeof MEANING[Name]][]
) {
  Deno.test(`${name}() writes through every layout, from every layout`, () => {
    for (const dtype of ["float32", "float64"] as const) {
      for (const shape of [[], [5], [17], [3, 4], [2, 3, 4]]) {
        const operands = layouts(numbers(count(shape), 2), shape, dtype);
        for (const [what, b] of operands) {
          for (
            const [how, a] of layouts(numbers(count(shape), 1), shape, dtype)
          ) {
            const expected = floats(a).map((x, i) => f(x, floats(b)[i]!));
            assertStrictEquals(a[name](b), a);
            assertClose(floats(a), expected, {
              rtol: 1e-6,
              what: `${how}, ${what}`,
            });
          }
        }
      }
    }
  });

  Deno.test(`${name}() broadcasts the operand, and takes numbers`, () => {
    for (const [how, a] of layouts(numbers(12, 1), [3, 4])) {
      const before = floats(a);
      const row = tensor(numbers(4, 2, 1, 2));
      a[name](row);
      const expected = before.map((x, i) => f(x, floats(row)[i % 4]!));
      assertClose(floats(a), expected, { rtol: 1e-6, what: how });
      a[name](tensor([[2]]));
      a[name](2);
      assertClose(floats(a), expected.map((x) => f(f(x, 2), 2)), {
        rtol: 1e-6,
      });
    }
  });
}

Deno.test("writing into a view leaves what lies around it alone", () => {
  const x = zeros([4, 5]);
  x.slice(1, 1, 5, 2).select(0, 2).fill_(7);
  x.select(0, 0).add_(1);
  assertEquals(x.toArray(), [
    [1, 1, 1, 1, 1],
    [0, 0, 0, 0, 0],
    [0, 7, 0, 7, 0],
    [0, 0, 0, 0, 0],
  ]);
  x.t().select(0, 4).copy_(tensor([1, 2, 3, 4]));
  assertEquals(x.select(1, 4).toArray(), [1, 2, 3, 4]);
});

Deno.test("an operand that shares bytes is read before it is written", () => {
  const x = tensor([[1, 2], [3, 4]]);
  assertEquals(x.add_(x.t()).toArray(), [[2, 5], [5, 8]]);
  assertEquals(x.mul_(x).toArray(), [[4, 25], [25, 64]]);
  const y = arange(5);
  y.slice(0, 1, 5).copy_(y.slice(0, 0, 4));
  assertEquals(y.toArray(), [0, 0, 1, 2, 3]);
  const z = arange(4);
  z.slice(0, 0, 3).add_(z.slice(0, 1, 4));
  assertEquals(z.toArray(), [1, 3, 5, 3]);
  const s = tensor([1, 2, 3]);
  assertEquals(s.mul_(s.select(0, 1)).toArray(), [2, 4, 6]);
});

Deno.test("fill_() and zero_() set every element of every dtype and layout", () => {
  const dtypes: DType[] = [
    "float32",
    "float64",
    "int32",
    "bool",
    "int8",
    "uint8",
  ];
  for (const dtype of dtypes) {
    for (const [how, x] of layouts(wholes(12, 1, 0, 2), [3, 4], dtype)) {
      assertStrictEquals(x.fill_(1), x);
      assertEquals(floats(x), new Array(12).fill(1), `${dtype}, ${how}`);
      assertEquals(
        floats(x.zero_()),
        new Array(12).fill(0),
        `${dtype}, ${how}`,
      );
    }
  }
  assertEquals(zeros([2], { dtype: "float16" }).zero_().toArray(), [0, 0]);
  assertEquals(
    zeros([2], { dtype: "int64" }).zero_().data<BigInt64Array>(),
    new BigInt64Array(2),
  );
  assertEquals(zeros([0]).fill_(3).shape, [0]);
  assertEquals(
    zeros([2], { dtype: "bool" }).fill_(5).data(),
    new Uint8Array([1, 1]),
  );
  assertEquals(zeros([1], { dtype: "int32" }).fill_(-1.9).item(), -1);
  assertEquals(zeros([1]).fill_(NaN).item(), NaN);
});

Deno.test("a value that the dtype cannot hold is refused", () => {
  const cases: [DType, number, string][] = [
    ["int32", 2 ** 31, "it holds -2147483648 to 2147483647"],
    ["int32", NaN, "Cannot fill a tensor of dtype int32 with NaN"],
    ["uint8", -1, "dtype uint8 with -1: it holds 0 to 255"],
    ["uint8", 256, "it holds 0 to 255"],
    ["int8", 128, "it holds -128 to 127"],
  ];
  for (const [dtype, value, text] of cases) {
    assertThrows(() => full([2], value, { dtype }), RangeError, text);
    assertThrows(() => zeros([2], { dtype }).fill_(value), RangeError, text);
  }
  assertThrows(
    () => ones([2], { dtype: "float16" }),
    TypeError,
    "Cannot fill a float16 tensor, which only stores, with 1",
  );
});

Deno.test("copy_() converts and broadcasts", () => {
  const x = zeros([2, 3]);
  x.copy_(tensor([1, 2, 3], { dtype: "int32" }));
  assertEquals(x.toArray(), [[1, 2, 3], [1, 2, 3]]);
  x.t().copy_(tensor([[4], [5], [6]], { dtype: "float64" }));
  assertEquals(x.toArray(), [[4, 5, 6], [4, 5, 6]]);
  const y = zeros([2], { dtype: "int32" });
  assertEquals(y.copy_(tensor([1.7, -1.7])).toArray(), [1, -1]);
  assertThrows(
    () => zeros([3]).copy_(ones([2, 3])),
    RangeError,
    "copy_() cannot write [2, 3] into [3]: the result must have the tensor's own shape",
  );
  assertThrows(() => zeros([3]).copy_(ones([2])), RangeError, "in copy_()");
});

Deno.test("in-place arithmetic keeps shape and dtype, or refuses", () => {
  const int = tensor([1, 2], { dtype: "int32" });
  assertEquals(int.add_(3).mul_(tensor([2, 2], { dtype: "int32" })).toArray(), [
    8,
    10,
  ]);
  assertThrows(
    () => int.div_(2),
    TypeError,
    "div_() expects float32 or float64, got int32",
  );
  assertThrows(
    () => int.add_(0.5),
    TypeError,
    "add_() got 0.5 for an int32 tensor, which cannot hold the result: use add()",
  );
  assertThrows(
    () => int.add_(ones([2])),
    TypeError,
    'add_() got float32 for a tensor of int32: convert it with to("int32")',
  );
  assertThrows(
    () => ones([3]).add_(ones([2, 3])),
    RangeError,
    "add_() cannot write [2, 3] into [3]",
  );
  assertThrows(() => ones([2]).mul_(ones([3])), RangeError, "in mul_()");
  assertThrows(() => tensor([true]).add_(1), TypeError, "add_() expects");
  assertEquals(zeros([0]).add_(1).shape, [0]);
});

Deno.test("a tensor that requires grad is written inside noGrad() only", () => {
  const w = ones([2], { requiresGrad: true });
  for (
    const write of [() => w.add_(1), () => w.zero_(), () => w.copy_(ones([2]))]
  ) {
    assertThrows(write, Error, "requires grad: use");
  }
  assertThrows(
    () => w.mul_(2),
    Error,
    "mul_() writes in place into Tensor [2] from full(), which requires grad: use mul(), or write inside noGrad()",
  );
  noGrad(() => w.mul_(2).sub_(1));
  assertEquals(w.toArray(), [1, 1]);
});

Deno.test("an expanded tensor takes one value, but not one for each element", () => {
  const x = zeros([2, 1]);
  const wide = x.expand([2, 3]);
  wide.fill_(4);
  assertEquals(x.toArray(), [[4], [4]]);
  assertEquals(wide.mul_(2).add_(tensor(1)).toArray(), [[9, 9, 9], [9, 9, 9]]);
  const text =
    "cannot write into an expanded tensor of shape [2, 3], whose elements share bytes: clone() it first";
  assertThrows(
    () => wide.add_(tensor([1, 2, 3])),
    RangeError,
    `add_() ${text}`,
  );
  assertThrows(() => wide.copy_(ones([2, 3])), RangeError, `copy_() ${text}`);
  assertEquals(x.toArray(), [[9], [9]]);
});

Deno.test("an operand that is gone is refused by name", () => {
  const x = zeros([2]);
  const gone = ones([2]);
  gone.dispose();
  for (const write of [() => x.add_(gone), () => x.copy_(gone)]) {
    assertThrows(write, Error, "Tensor [2] from full() was disposed of");
  }
  const shared = ones([2]);
  const view = shared.reshape([2]);
  shared.dispose();
  assertThrows(() => x.add_(shared), Error, "was disposed of");
  assertThrows(() => x.copy_(shared), Error, "was disposed of");
  assertEquals(x.add_(view).toArray(), [1, 1]);
});
