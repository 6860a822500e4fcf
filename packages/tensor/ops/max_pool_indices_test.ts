import { assertEquals, assertThrows } from "@std/assert";
import {
  maxPool2d,
  maxPool2dWithIndices,
  maxUnpool2d,
  tensor,
  zeros,
} from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("maxPool2dWithIndices() says where its values are, in every layout", () => {
  const options = { stride: 2, padding: 1, ceilMode: true };
  for (const [how, x] of layouts(numbers(2 * 42), [2, 6, 7])) {
    const { values, indices } = maxPool2dWithIndices(x, 3, options);
    assertEquals(floats(values), floats(maxPool2d(x, 3, options)), how);
    assertEquals(indices.dtype, "int32");
    const picked = x.flatten(-2).gather(1, indices.flatten(-2));
    assertEquals(floats(picked), floats(values), how);
  }
});

Deno.test("maxUnpool2d() puts values back where they were", () => {
  const x = tensor(numbers(2 * 30), { shape: [1, 2, 5, 6] });
  const { values, indices } = maxPool2dWithIndices(x, 2);
  const back = maxUnpool2d(values, indices, 2, { outputSize: [5, 6] });
  assertEquals(back.shape, [1, 2, 5, 6]);
  const kept = floats(back).map((v, i) => v === 0 || v === floats(x)[i]);
  assertEquals(kept.every(Boolean), true);
  assertEquals(floats(maxPool2d(back, 2).relu()), floats(values.relu()));
  assertEquals(maxUnpool2d(values, indices, 2).shape, [1, 2, 4, 6]);
});

Deno.test("pooling with indices names what came and what was expected", () => {
  const x = zeros([1, 2, 2]);
  const at = zeros([1, 2, 2], { dtype: "int32" });
  const bad: [() => unknown, string][] = [
    [
      () => maxPool2dWithIndices(zeros([2, 2]), 2),
      "maxPool2dWithIndices() got input [2, 2], expected [N, C, H, W]",
    ],
    [
      () => maxPool2dWithIndices(x, 2, { padding: 2 }),
      "maxPool2dWithIndices() got padding [2, 2] and kernelSize [2, 2]",
    ],
    [
      () => maxUnpool2d(x, at.flatten(), 2),
      "maxUnpool2d() got input [1, 2, 2] and indices [4], expected [N, C, H, W] or [C, H, W] twice",
    ],
    [() => maxUnpool2d(x, at.add(16), 2), "got index 16 at position 0"],
    [
      () => maxUnpool2d(x, at, 2, { outputSize: [0, 1] }),
      "maxUnpool2d() got outputSize [0, 1]",
    ],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
  assertThrows(() => maxUnpool2d(x, x, 2), TypeError, "expects an int32 index");
});

testGradients("max_pool_indices");
