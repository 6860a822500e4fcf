import { assertEquals, assertThrows } from "@std/assert";
import { pixelShuffle, pixelUnshuffle, tensor, zeros } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("pixelUnshuffle() undoes pixelShuffle() in every layout", () => {
  for (const [how, x] of layouts(numbers(2 * 8 * 6), [2, 8, 2, 3])) {
    const y = pixelShuffle(x, 2);
    assertEquals(y.shape, [2, 2, 4, 6]);
    // Channel 4 + 2 dy + dx of pixel (1, 2) is pixel (2 + dy, 4 + dx) of 1.
    const pixel = y.select(0, 1).select(0, 1).slice(0, 2).slice(1, 4, 6);
    const channels = x.select(0, 1).select(1, 1).select(1, 2).slice(0, 4);
    assertEquals(floats(pixel), floats(channels), how);
    assertEquals(floats(pixelUnshuffle(y, 2)), floats(x), how);
  }
  const labels = tensor([1, 2, 3, 4], { shape: [4, 1, 1], dtype: "int32" });
  assertEquals(pixelShuffle(labels, 2).dtype, "int32");
});

Deno.test("pixelShuffle() and pixelUnshuffle() refuse what does not divide", () => {
  assertThrows(
    () => pixelShuffle(zeros([6, 2, 2]), 2),
    RangeError,
    "pixelShuffle() got input [6, 2, 2], whose 6 channels 4 must divide",
  );
  assertThrows(
    () => pixelUnshuffle(zeros([1, 2, 3]), 2),
    RangeError,
    "pixelUnshuffle() got input [1, 2, 3], whose height and width 2 must divide",
  );
  assertThrows(
    () => pixelShuffle(zeros([4, 2]), 2),
    RangeError,
    "pixelShuffle() got input [4, 2], expected [..., C, H, W]",
  );
  assertThrows(
    () => pixelUnshuffle(zeros([1, 2, 2]), 0),
    RangeError,
    "pixelUnshuffle() got factor 0",
  );
});

testGradients("pixel_shuffle");
