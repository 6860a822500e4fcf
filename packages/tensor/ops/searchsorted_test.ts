import { assertEquals, assertThrows } from "@std/assert";
import { bucketize, ones, searchsorted, tensor } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";

Deno.test("searchsorted() agrees with counting", () => {
  for (const dtype of ["float32", "float64", "int32"] as const) {
    const sorted = numbers(20, 3).map((v) => Math.round(v * 3))
      .sort((a, b) => a - b);
    const sought = numbers(24, 5).map((v) => Math.round(v * 3));
    for (const [how, row] of layouts(sorted, [20], dtype)) {
      for (const [, values] of layouts(sought, [4, 6], dtype)) {
        const left = searchsorted(row, values);
        const right = searchsorted(row, values, { right: true });
        assertEquals([left.dtype, left.shape], ["int32", [4, 6]]);
        const before = (f: (a: number, b: number) => boolean) =>
          sought.map((v) => sorted.filter((e) => f(e, v)).length);
        assertEquals(floats(left), before((a, b) => a < b), how);
        assertEquals(floats(right), before((a, b) => a <= b), how);
        assertEquals(floats(bucketize(values, row)), floats(left));
      }
    }
  }
});

Deno.test("searchsorted() takes rows, numbers and two dtypes", () => {
  const rows = tensor([[1, 3, 5], [2, 4, 6]]);
  const found = searchsorted(rows, tensor([[3, 9], [3, 1]]));
  assertEquals(found.toArray(), [[1, 3], [1, 0]]);
  assertEquals(searchsorted(tensor([1, 2, 3]), 2.5).item(), 2);
  const whole = tensor([1, 2, 3], { dtype: "int32" });
  assertEquals(searchsorted(whole, 2.5).item(), 2);
  assertEquals(searchsorted(whole, tensor([1.5])).toArray(), [1]);
  assertEquals(bucketize(2, whole, { right: true }).item(), 2);
  assertEquals(searchsorted(tensor([]), tensor([1])).toArray(), [0]);
});

Deno.test("searching refuses what does not fit with a sentence", () => {
  assertThrows(
    () => searchsorted(ones([2, 3]), ones([4])),
    RangeError,
    "searchsorted() got sorted rows of shape [2, 3] and values of shape [4]",
  );
  assertThrows(() => searchsorted(ones([2, 3]), 1), RangeError, "of shape []");
  assertThrows(
    () => bucketize(ones([2]), ones([2, 2])),
    RangeError,
    "bucketize() expects 1-D boundaries, got shape [2, 2]",
  );
  assertThrows(
    () => searchsorted(ones([2]).to("int8"), ones([1])),
    TypeError,
    "searchsorted() does not compute in int8",
  );
});
