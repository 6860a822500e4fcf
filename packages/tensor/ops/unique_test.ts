import { assertEquals, assertThrows } from "@std/assert";
import { ones, tensor, zeros } from "../mod.ts";
import { floats, layouts, wholes } from "../samples_test.ts";

Deno.test("unique() finds values, places and counts in any layout", () => {
  const elements = wholes(60, 3, -4, 5);
  for (const dtype of ["float32", "float64", "int32"] as const) {
    for (const [how, x] of layouts(elements, [3, 4, 5], dtype)) {
      const { values, inverse, counts } = x.unique();
      const expected = [...new Set(elements)].sort((a, b) => a - b);
      assertEquals([values.dtype, inverse.dtype], [dtype, "int32"]);
      assertEquals(floats(values), expected, `${dtype}, ${how}`);
      assertEquals(inverse.shape, x.shape);
      assertEquals(floats(inverse).map((i) => expected[i]), elements);
      assertEquals(
        floats(counts),
        expected.map((v) => elements.filter((e) => e === v).length),
      );
    }
  }
});

Deno.test("unique() along an axis finds distinct slices", () => {
  const x = tensor([[1, 2, 1], [3, 4, 3], [1, 2, 1]]);
  const rows = x.unique({ dim: 0 });
  assertEquals(rows.values.toArray(), [[1, 2, 1], [3, 4, 3]]);
  assertEquals(rows.inverse.toArray(), [0, 1, 0]);
  assertEquals(rows.counts.toArray(), [2, 1]);
  const columns = x.unique({ dim: -1 });
  assertEquals(columns.values.toArray(), [[1, 2], [3, 4], [1, 2]]);
  assertEquals(columns.inverse.toArray(), [0, 1, 0]);
  const none = zeros([0, 2]).unique({ dim: 0 });
  assertEquals([none.values.shape, none.counts.shape], [[0, 2], [0]]);
});

Deno.test("unique() of bool, of NaN, of nothing", () => {
  const truth = tensor([true, false, true]).unique();
  assertEquals(truth.values.toArray(), [false, true]);
  assertEquals(truth.counts.toArray(), [1, 2]);
  const odd = tensor([NaN, 1, NaN]).unique();
  assertEquals(odd.values.toArray(), [1, NaN, NaN]);
  assertEquals(odd.inverse.toArray(), [1, 0, 2]);
  assertEquals(tensor([]).unique().values.shape, [0]);
  const x = tensor([1, 1], { requiresGrad: true });
  assertEquals(x.unique().values.requiresGrad, false);
});

Deno.test("unique() refuses what it cannot take with a sentence", () => {
  assertThrows(
    () => ones([2]).unique({ dim: 1 }),
    RangeError,
    "unique() got dim 1",
  );
  assertThrows(
    () => zeros([2, 0]).unique({ dim: 0 }),
    RangeError,
    "unique() along dim 0 of [2, 0] would compare slices without elements",
  );
  assertThrows(
    () => ones([2]).to("float16").unique(),
    TypeError,
    "unique() does not compute in float16",
  );
});
