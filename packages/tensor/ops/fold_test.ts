import { assertEquals, assertThrows } from "@std/assert";
import { conv2d, fold, ones, tensor, unfold, zeros } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("unfold() and a product are a convolution, in every layout", () => {
  const options = {
    padding: [1, 0],
    stride: [2, 1],
    dilation: [1, 2],
  } as const;
  const weight = tensor(numbers(3 * 2 * 6, 2), { shape: [3, 2, 2, 3] });
  for (const [how, x] of layouts(numbers(2 * 30), [1, 2, 5, 6])) {
    const columns = unfold(x, [2, 3], options);
    assertEquals(columns.shape, [1, 12, 6]);
    const y = weight.reshape([3, 12]).matmul(columns).reshape([1, 3, 3, 2]);
    const difference = y.sub(conv2d(x, weight, null, options));
    assertEquals(difference.abs().max().item() < 1e-5, true, how);
  }
});

Deno.test("fold() counts how often unfold() saw each pixel", () => {
  const options = { padding: 1, stride: 2 };
  const seen = fold(unfold(ones([1, 1, 4, 4]), 3, options), 4, 3, options);
  const row = [1, 2, 1, 1];
  assertEquals(floats(seen), row.flatMap((a) => row.map((b) => a * b)));
  assertEquals(fold(ones([4, 2]), [2, 3], 2).shape, [1, 2, 3]);
  assertEquals(unfold(ones([2, 4, 4]), 2).shape, [8, 9]);
});

Deno.test("unfold() and fold() name what came and what was expected", () => {
  const x = zeros([1, 2, 4, 4]);
  const bad: [() => unknown, string][] = [
    [
      () => unfold(zeros([4, 4]), 2),
      "unfold() got input [4, 4], expected [N, C, H, W] or [C, H, W]",
    ],
    [() => unfold(x, 5), "unfold() got a kernel that spans 5 over an axis"],
    [() => unfold(x, 0), "unfold() got kernelSize 0"],
    [() => unfold(x, 2, { stride: 0 }), "unfold() got stride 0"],
    [() => unfold(x, 2, { padding: -1 }), "unfold() got padding -1"],
    [
      () => fold(zeros([1, 8, 8]), 4, 2),
      "fold() got input [1, 8, 8], expected [N, C * 4, 9] for images of [4, 4] and windows of [2, 2]",
    ],
    [() => fold(zeros([1, 7, 9]), 4, 2), "fold() got input [1, 7, 9]"],
    [() => fold(zeros([1, 8, 9]), 0, 2), "fold() got outputSize 0"],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
});

testGradients("fold");
