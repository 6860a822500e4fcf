import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import { ones, tensor } from "../mod.ts";
import { floats, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

/** Sum of squares around the mean over n - 1. */
function plainVariance(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.map((v) => (v - mean) ** 2);
  return squares.reduce((a, b) => a + b, 0) / (values.length - 1);
}

Deno.test("var() corrects by Bessel unless told otherwise", () => {
  const x = tensor([1, 2, 3, 4]);
  assertClose(x.var().item(), 5 / 3, { rtol: 1e-6 });
  assertClose(x.var(0, { correction: 0 }).item(), 1.25, { rtol: 1e-6 });
  assertClose(x.var(0, { correction: 2 }).item(), 2.5, { rtol: 1e-6 });
  assertEquals(tensor([3]).var().item(), NaN);
  assertEquals(tensor([1, 2]).var(0, { correction: 2 }).item(), Infinity);
  // Far from zero only the two-pass formula survives.
  const far = tensor(numbers(999, 6).map((v) => v + 1e4));
  assertClose(far.var().item(), plainVariance(floats(far)), { rtol: 1e-4 });
});

Deno.test("std() is var()'s root, and flat where all are equal", () => {
  const x = tensor([[2, 2, 2], [1, 2, 6]], { requiresGrad: true });
  const y = x.std(1);
  assertClose(y.data(), [0, Math.sqrt(7)], { rtol: 1e-6 });
  y.sum().backward();
  assertEquals(floats(x.grad!).slice(0, 3), [0, 0, 0]);
  const [std, mean] = x.detach().stdMean(0, { keepdim: true, correction: 0 });
  assertEquals(std.toArray(), [[0.5, 0, 2]]);
  assertEquals(mean.toArray(), [[1.5, 2, 4]]);
  const [variance, center] = x.detach().varMean([0, 1]);
  assertClose(variance.item(), plainVariance([2, 2, 2, 1, 2, 6]), {
    rtol: 1e-6,
  });
  assertEquals([center.item(), center.shape], [2.5, []]);
});

Deno.test("moments refuse axes and dtypes with a sentence", () => {
  const x = ones([2, 3]);
  for (const name of ["var", "std", "varMean", "stdMean"] as const) {
    assertThrows(() => x[name](2), RangeError, `${name}() got dim 2`);
    assertThrows(
      () => x.to("int32")[name](),
      TypeError,
      `${name}() expects float32 or float64, got int32`,
    );
  }
});

testGradients("variance");
