import { assertEquals, assertThrows } from "@std/assert";
import { conv1d, convTranspose1d, tensor, zeros } from "../mod.ts";
import { numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("convTranspose1d() is the gradient of conv1d()", () => {
  const x = tensor(numbers(14), { shape: [1, 2, 7], requiresGrad: true });
  const weight = tensor(numbers(18, 2), { shape: [3, 2, 3] });
  const options = { stride: 2, padding: 1 };
  const y = conv1d(x, weight, null, options);
  const g = tensor(numbers(y.size, 3), { shape: y.shape });
  y.backward(g);
  const back = convTranspose1d(g, weight, null, options);
  assertEquals(back.shape, [1, 2, 7]);
  const error = back.sub(x.grad!).abs().max().item();
  assertEquals(error < 1e-6, true, `${error}`);
});

Deno.test("convTranspose1d() names what came and what was expected", () => {
  const [x, w] = [zeros([1, 2, 3]), zeros([2, 4, 3])];
  const bad: [() => unknown, string][] = [
    [
      () => convTranspose1d(zeros([1, 1, 2, 3]), w),
      "convTranspose1d() got input [1, 1, 2, 3] and weight [2, 4, 3], expected [N, C, L]",
    ],
    [() => convTranspose1d(x, zeros([3, 4, 3])), "channels"],
    [() => convTranspose1d(x, w, null, { outputPadding: 1 }), "outputPadding"],
    [() => convTranspose1d(x, w, zeros([3])), "bias [3], expected [4]"],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
});

testGradients("conv_transpose1d");
