import { assertEquals, assertThrows } from "@std/assert";
import { adaptiveMaxPool2d, ones, zeros } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("adaptiveMaxPool2d() is a loop over its windows, in every layout", () => {
  for (const [oh, ow] of [[2, 3], [1, 1], [5, 2], [7, 9], [5, 7]] as const) {
    for (const [how, x] of layouts(numbers(70), [1, 2, 5, 7])) {
      const flat = floats(x);
      const expected: number[] = [];
      for (let c = 0; c < 2; c++) {
        for (let i = 0; i < oh; i++) {
          for (let j = 0; j < ow; j++) {
            let most = -Infinity;
            const [y0, y1] = [i * 5 / oh, (i + 1) * 5 / oh];
            const [x0, x1] = [j * 7 / ow, (j + 1) * 7 / ow];
            for (let a = Math.floor(y0); a < Math.ceil(y1); a++) {
              for (let b = Math.floor(x0); b < Math.ceil(x1); b++) {
                most = Math.max(most, flat[c * 35 + a * 7 + b]!);
              }
            }
            expected.push(most);
          }
        }
      }
      const y = adaptiveMaxPool2d(x, [oh, ow]);
      assertEquals(y.shape, [1, 2, oh, ow]);
      assertEquals(floats(y), expected, how);
    }
  }
  assertEquals(adaptiveMaxPool2d(ones([3, 4, 5]), [null, 2]).shape, [3, 4, 2]);
});

Deno.test("adaptiveMaxPool2d() gives the first of equal values the gradient", () => {
  const x = ones([1, 3, 3], { requiresGrad: true });
  adaptiveMaxPool2d(x, 2).sum().backward();
  assertEquals(x.grad!.toArray(), [[[1, 1, 0], [1, 1, 0], [0, 0, 0]]]);
});

Deno.test("adaptiveMaxPool2d() names what came and what was expected", () => {
  const bad: [() => unknown, string][] = [
    [
      () => adaptiveMaxPool2d(zeros([3, 3]), 1),
      "adaptiveMaxPool2d() got input [3, 3], expected [N, C, H, W]",
    ],
    [() => adaptiveMaxPool2d(zeros([1, 1, 0, 3]), 1), "at least one pixel"],
    [
      () => adaptiveMaxPool2d(zeros([1, 3, 3]), 0),
      "adaptiveMaxPool2d() got outputSize [0, 0]",
    ],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
});

testGradients("adaptive_max_pool");
