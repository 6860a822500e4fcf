import { assert, assertEquals, assertThrows } from "@std/assert";
import { arange, zeros } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("unfold() is a view of windows in every layout", () => {
  for (const [how, x] of layouts(numbers(28), [4, 7])) {
    const flat = floats(x);
    const y = x.unfold(1, 3, 2);
    assertEquals(y.shape, [4, 3, 3]);
    assert(y.array.storage === x.array.storage);
    const expected = [0, 1, 2, 3].flatMap((row) =>
      [0, 2, 4].flatMap((start) =>
        [0, 1, 2].map((i) => flat[row * 7 + start + i]!)
      )
    );
    assertEquals(floats(y), expected, how);
  }
  assertEquals(zeros([4]).unfold(0, 4, 1).shape, [1, 4]);
  assertEquals(zeros([4]).unfold(0, 0, 2).shape, [3, 0]);
  const x = arange(5);
  const last = x.unfold(-1, 2, 3);
  assertEquals(last.toArray(), [[0, 1], [3, 4]]);
});

Deno.test("unfold() refuses windows that do not fit", () => {
  const x = zeros([2, 3]);
  assertThrows(
    () => x.unfold(1, 4, 1),
    RangeError,
    "unfold() got size 4 for dim 1 of [2, 3], expected at most 3",
  );
  assertThrows(() => x.unfold(1, -1, 1), RangeError, "got size -1");
  assertThrows(() => x.unfold(1, 2, 0), RangeError, "unfold() got step 0");
  assertThrows(() => x.unfold(2, 2, 1), RangeError, "unfold() got dim 2");
});

testGradients("window");
