import { assertEquals, assertThrows } from "@std/assert";
import { type DType, ones, type Tensor, tensor, zeros } from "../mod.ts";
import { floats, layouts, LENGTHS, pairwise, wholes } from "../samples_test.ts";
import { broadcastShapes } from "../shape.ts";

type Name = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

const MEANING: Record<Name, (x: number, y: number) => boolean> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
};
const NAMES = Object.keys(MEANING) as Name[];

function check(name: Name, a: Tensor, b: Tensor, what: string): void {
  const shape = broadcastShapes(name, a.shape, b.shape);
  const y = a[name](b);
  assertEquals(y.dtype, "bool");
  assertEquals(y.shape, shape);
  const expected = pairwise(a, b, shape, (x, z) => MEANING[name](x, z) ? 1 : 0);
  assertEquals(floats(y), expected, `${name}, ${what}`);
}

for (const name of NAMES) {
  Deno.test(`${name}() agrees with a loop in every layout, length and dtype`, () => {
    for (const dtype of ["float32", "float64", "int32", "bool"] as DType[]) {
      const values = (n: number, seed: number) =>
        dtype === "bool" ? wholes(n, seed, 0, 2) : wholes(n, seed, -2, 3);
      for (const n of LENGTHS) {
        const a = tensor(values(n, 1), { shape: [n], dtype });
        const b = tensor(values(n, 2), { shape: [n], dtype });
        check(name, a, b, `${dtype}, ${n}`);
        check(
          name,
          a,
          tensor(values(1, 3), { shape: [], dtype }),
          `${dtype}, scalar`,
        );
      }
      for (const [how, a] of layouts(values(20, 4), [4, 5], dtype)) {
        for (const [what, b] of layouts(values(20, 5), [4, 5], dtype)) {
          check(name, a, b, `${dtype}, ${how}, ${what}`);
        }
        check(name, a, tensor(values(5, 6), { shape: [5], dtype }), how);
        check(name, tensor(values(4, 6), { shape: [4, 1], dtype }), a, how);
      }
    }
  });
}

Deno.test("comparisons with NaN are false, but for ne()", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const x = tensor([NaN, NaN, 1, Infinity], { dtype });
    const y = tensor([NaN, 1, NaN, Infinity], { dtype });
    for (const name of NAMES) check(name, x, y, dtype);
  }
});

Deno.test("comparisons promote dtypes and take numbers of any kind", () => {
  const x = tensor([1, 2, 3], { dtype: "int32" });
  assertEquals(x.gt(1.5).toArray(), [false, true, true]);
  assertEquals(x.eq(2).toArray(), [false, true, false]);
  assertEquals(x.eq(2 + 2 ** 32).toArray(), [false, false, false]);
  assertEquals(x.lt(Infinity).toArray(), [true, true, true]);
  assertEquals(x.ge(tensor([1.5, 2, 3.5])).toArray(), [false, true, false]);
  assertEquals(tensor([true, false]).eq(1).toArray(), [true, false]);
  assertEquals(tensor([true, false]).gt(0.5).toArray(), [true, false]);
  assertEquals(x.eq(tensor([true])).toArray(), [true, false, false]);
});

Deno.test("logic works on the truth of any dtype, with broadcasting", () => {
  const a = tensor([0, 2, NaN, 0]);
  const b = tensor([0, 0, 1, -1], { dtype: "int32" });
  assertEquals(a.logicalAnd(b).toArray(), [false, false, true, false]);
  assertEquals(a.logicalOr(b).toArray(), [false, true, true, true]);
  assertEquals(a.logicalXor(b).toArray(), [false, true, false, true]);
  assertEquals(a.logicalNot().toArray(), [true, false, false, true]);
  for (const [how, x] of layouts(wholes(20, 1, 0, 2), [4, 5], "bool")) {
    const row = tensor(wholes(5, 2, 0, 2), { dtype: "bool" });
    const expected = (f: (p: number, q: number) => number) =>
      pairwise(x, row, [4, 5], f);
    assertEquals(floats(x.logicalAnd(row)), expected((p, q) => p & q), how);
    assertEquals(floats(row.logicalOr(x)), expected((p, q) => p | q), how);
    assertEquals(floats(x.logicalXor(row)), expected((p, q) => p ^ q), how);
    assertEquals(floats(x.logicalNot()), floats(x).map((v) => 1 - v), how);
  }
  assertEquals(zeros([0], { dtype: "bool" }).logicalNot().shape, [0]);
});

Deno.test("comparisons and logic refuse with a sentence", () => {
  assertThrows(
    () => ones([2]).lt(ones([3])),
    RangeError,
    "Cannot broadcast [2] with [3] in lt()",
  );
  assertThrows(
    () => tensor([true]).logicalAnd(ones([2, 3])).logicalOr(ones([4])),
    RangeError,
    "in logicalOr()",
  );
  const wide = tensor(new BigInt64Array(1));
  assertThrows(() => wide.eq(1), TypeError, "eq() does not compute in int64");
  assertThrows(() => ones([1]).to("float16").gt(ones([1])), TypeError, "gt()");
});

Deno.test("comparisons carry no gradient", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  assertEquals(x.gt(1).requiresGrad, false);
  assertEquals(x.gt(1).gradFn, null);
});
