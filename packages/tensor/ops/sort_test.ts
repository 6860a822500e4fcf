import { assertEquals, assertThrows } from "@std/assert";
import { ones, type Tensor, tensor, zeros } from "../mod.ts";
import { count, floats, layouts, numbers, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

/** Positions in order by JavaScript's own stable sort, along every row. */
function ordered(x: Tensor, dim: number, descending: boolean): number[] {
  const { shape } = x;
  const values = floats(x);
  const [n, inner] = [shape[dim]!, count(shape.slice(dim + 1))];
  const out = new Array<number>(values.length);
  for (let row = 0; row < values.length / n; row++) {
    const start = Math.floor(row / inner) * n * inner + row % inner;
    const at = (i: number) => values[start + i * inner]!;
    const sign = descending ? -1 : 1;
    Array.from({ length: n }, (_, i) => i)
      .sort((a, b) => sign * (at(a) - at(b)))
      .forEach((i, j) => out[start + j * inner] = i);
  }
  return out;
}

Deno.test("argsort() and sort() agree with JavaScript along every axis", () => {
  for (const shape of [[3, 4, 5], [40, 3], [2, 70]]) {
    for (const dtype of ["float32", "float64", "int32"] as const) {
      const values = wholes(count(shape), 7, -5, 6);
      for (const [how, x] of layouts(values, shape, dtype)) {
        for (let dim = 0; dim < shape.length; dim++) {
          for (const descending of [false, true]) {
            const what = `[${shape}] ${dtype}, ${how}, dim ${dim}`;
            const indices = x.argsort(dim, { descending });
            assertEquals([indices.dtype, indices.shape], ["int32", shape]);
            assertEquals(floats(indices), ordered(x, dim, descending), what);
            const sorted = x.sort(dim, { descending });
            assertEquals(floats(sorted.indices), floats(indices), what);
            assertEquals(sorted.values.dtype, dtype);
            assertEquals(
              floats(sorted.values),
              floats(x.contiguous().gather(dim, indices)),
            );
          }
        }
      }
    }
  }
});

Deno.test("topk() is the beginning of a sort", () => {
  const x = tensor(numbers(300, 4), { shape: [3, 100] });
  for (const k of [0, 1, 31, 32, 33, 100]) {
    for (const largest of [true, false]) {
      const { values, indices } = x.topk(k, -1, { largest });
      const sorted = x.sort(1, { descending: largest });
      const first = (t: Tensor) => t.narrow(1, 0, k).toArray();
      assertEquals(values.toArray(), first(sorted.values));
      assertEquals(indices.toArray(), first(sorted.indices));
    }
  }
});

Deno.test("NaN counts as the largest", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const x = tensor([NaN, 1, Infinity, -0, 0, NaN, -Infinity], { dtype });
    assertEquals(x.argsort().toArray(), [6, 3, 4, 1, 2, 0, 5]);
    const down = x.argsort(0, { descending: true });
    assertEquals(down.toArray(), [0, 5, 2, 1, 3, 4, 6]);
    assertEquals(x.topk(1).values.toArray(), [NaN]);
    assertEquals(x.median().item(), NaN);
    assertEquals(x.kthvalue(1).values.item(), -Infinity);
  }
});

Deno.test("median() takes the lower of two, and ties share its gradient", () => {
  assertEquals(tensor([4, 1, 3, 2]).median().item(), 2);
  const { values, indices } = tensor([[5, 1, 3], [2, 2, 9]]).median(1);
  assertEquals(values.toArray(), [3, 2]);
  assertEquals(indices.toArray()[0 as never], 2);
  const x = tensor([3, 1, 2, 2], { requiresGrad: true });
  x.median().backward();
  assertEquals(x.grad!.toArray(), [0, 0, 0.5, 0.5]);
  const whole = tensor([7, 5, 6], { dtype: "int32" });
  assertEquals(whole.median().item(), 6);
});

Deno.test("sorting refuses what it cannot take with a sentence", () => {
  const x = ones([2, 3]);
  assertThrows(() => x.sort(2), RangeError, "sort() got dim 2, expected -2");
  assertThrows(() => x.argsort(-3), RangeError, "argsort() got dim -3");
  assertThrows(
    () => x.topk(4),
    RangeError,
    "topk() got k 4 for dim -1 of [2, 3], expected a whole number from 0 to 3",
  );
  assertThrows(() => x.topk(1.5, 0), RangeError, "topk() got k 1.5 for dim 0");
  assertThrows(() => x.kthvalue(0), RangeError, "kthvalue() got k 0");
  assertThrows(() => x.kthvalue(3, 0), RangeError, "kthvalue() got k 3");
  assertThrows(
    () => zeros([2, 0]).median(1),
    RangeError,
    "median() of a tensor of shape [2, 0] has no elements",
  );
  assertThrows(() => zeros([0]).median(), RangeError, "median() of a tensor");
  assertThrows(
    () => x.to("float16").sort(),
    TypeError,
    "sort() does not compute in float16",
  );
});

testGradients("sort");
