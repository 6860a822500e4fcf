import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import { ones, tensor, zeros } from "../mod.ts";
import { count, floats, layouts, numbers, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

/** Runs along an axis of a row-major array, in float64. */
function running(
  values: readonly number[],
  shape: readonly number[],
  dim: number,
  f: (before: number, x: number) => number,
): number[] {
  const step = count(shape.slice(dim + 1));
  const out: number[] = [];
  values.forEach((value, i) => {
    const first = Math.floor(i / step) % shape[dim]! === 0;
    out.push(first ? value : f(out[i - step]!, value));
  });
  return out;
}

const ROWS = {
  cumsum: (a: number, b: number) => a + b,
  cumprod: (a: number, b: number) => a * b,
};

for (const name of ["cumsum", "cumprod"] as const) {
  Deno.test(`${name}() agrees with a loop along every axis`, () => {
    const shape = [3, 4, 5];
    for (const dtype of ["float32", "float64", "int32"] as const) {
      const values = dtype === "int32" ? wholes(60, 3, -3, 4) : numbers(60, 3);
      for (const [how, x] of layouts(values, shape, dtype)) {
        for (const dim of [0, 1, 2]) {
          const y = x[name](dim - 3);
          assertEquals([y.shape, y.dtype], [shape, dtype]);
          const expected = running(floats(x), shape, dim, ROWS[name]);
          const what = `${dtype}, ${how}, dim ${dim}`;
          assertClose(floats(y), expected, { rtol: 2e-7, atol: 2e-7, what });
        }
      }
    }
  });

  Deno.test(`${name}() refuses axes and dtypes with a sentence`, () => {
    const x = ones([2, 3]);
    assertThrows(
      () => x[name](2),
      RangeError,
      `${name}() got dim 2, expected -2 to 1`,
    );
    assertThrows(() => tensor(1)[name](1), RangeError, `${name}() got dim 1`);
    assertThrows(
      () => x.to("int8")[name](0),
      TypeError,
      `${name}() expects float32, float64 or int32, got int8`,
    );
  });
}

Deno.test("running sums count truth, and of nothing there are none", () => {
  const truth = tensor([[true, false], [true, true]]);
  assertEquals(truth.cumsum(0).toArray(), [[1, 0], [2, 1]]);
  assertEquals(truth.cumprod(1).toArray(), [[1, 0], [1, 1]]);
  assertEquals(truth.cumsum(0).dtype, "int32");
  assertEquals(zeros([2, 0]).cumsum(1).shape, [2, 0]);
  assertEquals(zeros([0, 2]).cumprod(0).shape, [0, 2]);
});

Deno.test("cumprod() has gradients through zeros", () => {
  const x = tensor([2, 0, 3, 0, 5], { requiresGrad: true });
  x.cumprod(0).sum().backward();
  // y = x0, x0 x1, x0 x1 x2, ...
  assertEquals(x.grad!.toArray(), [1, 2 + 6, 0, 0, 0]);
});

testGradients("scan");
