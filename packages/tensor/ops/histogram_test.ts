import { assertEquals, assertThrows } from "@std/assert";
import { ones, tensor } from "../mod.ts";
import { floats, layouts, numbers, wholes } from "../samples_test.ts";

const int = (values: number[]) => tensor(values, { dtype: "int32" });

Deno.test("bincount() counts, or adds weights", () => {
  for (const [how, x] of layouts(wholes(30, 2, 0, 7), [30], "int32")) {
    const counts = x.bincount({ minlength: 9 });
    const expected = Array.from(
      { length: 9 },
      (_, i) => floats(x).filter((v) => v === i).length,
    );
    assertEquals(floats(counts), expected, how);
    assertEquals(counts.dtype, "int32");
    const weights = ones([30]).mul(0.5);
    const halves = x.bincount({ weights, minlength: 9 });
    assertEquals(floats(halves), expected.map((n) => n / 2));
  }
  assertEquals(int([]).bincount().shape, [0]);
  assertEquals(int([1]).bincount({ weights: int([3]) }).dtype, "float64");
});

Deno.test("bincount() refuses what it cannot take with a sentence", () => {
  assertThrows(
    () => int([1, -2]).bincount(),
    RangeError,
    "bincount() got -2 at position 1, expected whole numbers of at least 0",
  );
  assertThrows(() => ones([1]).bincount(), TypeError, "expects int32, got");
  assertThrows(
    () => int([1]).reshape([1, 1]).bincount(),
    RangeError,
    "bincount() expects a 1-D tensor, got shape [1, 1]",
  );
  assertThrows(
    () => int([1]).bincount({ weights: ones([2]) }),
    RangeError,
    "bincount() got weights of shape [2] for [1]",
  );
  assertThrows(
    () => int([1]).bincount({ minlength: -1 }),
    RangeError,
    "bincount() got minlength -1",
  );
});

Deno.test("histc() counts what lies between its bounds", () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (const [how, x] of layouts(numbers(40, 2), [8, 5], dtype)) {
      const counts = x.histc(4, { min: -1, max: 1 });
      const inside = floats(x).filter((v) => v >= -1 && v <= 1);
      const expected = [0, 1, 2, 3].map((bin) =>
        inside.filter((v) => Math.min(3, Math.floor((v + 1) * 2)) === bin)
          .length
      );
      assertEquals(floats(counts), expected, how);
      assertEquals(counts.dtype, dtype);
      assertEquals(x.histc().sum().item(), 40);
    }
  }
});

Deno.test("histc() refuses what it cannot take with a sentence", () => {
  const x = tensor([1, NaN]);
  assertThrows(() => x.histc(0), RangeError, "histc() got bins 0");
  assertThrows(
    () => x.histc(2, { min: 3, max: 1 }),
    RangeError,
    "histc() got min 3 and max 1",
  );
  assertThrows(() => x.histc(2), RangeError, "which is not finite");
  assertThrows(() => int([1]).histc(), TypeError, "histc() expects float32");
});
