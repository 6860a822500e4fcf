import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { cdist, cosineSimilarity, randn, tensor, zeros } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("cosineSimilarity() does the same in every layout", () => {
  const b = tensor(numbers(12, 5), { shape: [3, 4] });
  const [first, ...rest] = layouts(numbers(12), [3, 4]);
  const expected = cosineSimilarity(first![1], b, { dim: -1 });
  assertEquals(expected.shape, [3]);
  for (const [how, a] of rest) {
    const y = cosineSimilarity(a, b);
    assertEquals(floats(y), floats(expected), how);
  }
});

Deno.test("cosineSimilarity() and cdist() have a gradient at 0", () => {
  const x = zeros([1, 2], { requiresGrad: true });
  cosineSimilarity(x, tensor([[1, 2]])).sum().backward();
  assertEquals(floats(x.grad!).every(Number.isFinite), true);
  x.grad = null;
  for (const p of [1, 1.5, 2, Infinity]) cdist(x, x.detach(), { p }).backward();
  assertEquals(x.grad!.toArray(), [[0, 0]]);
});

Deno.test("cdist() by way of a product is near the direct one", () => {
  const [a, b] = [randn([30, 4]), randn([3, 4])];
  const rows = a.split(10).map((part) => floats(cdist(part, b))).flat();
  floats(cdist(a, b)).forEach((d, i) => assertAlmostEquals(d, rows[i]!, 1e-5));
});

Deno.test("distances name what came and what was expected", () => {
  const x = zeros([2, 3]);
  const bad: [() => unknown, string][] = [
    [
      () => cosineSimilarity(x, zeros([2, 2])),
      "Cannot broadcast [2, 3] with [2, 2] in cosineSimilarity()",
    ],
    [() => cosineSimilarity(x, x, { dim: 2 }), "cosineSimilarity() got dim 2"],
    [() => cosineSimilarity(x, x, { eps: 0 }), "cosineSimilarity() got eps 0"],
    [() => cdist(x, x, { p: 0 }), "cdist() got p 0, expected more than 0"],
    [
      () => cdist(x, zeros([2, 2])),
      "cdist() got [2, 3] and [2, 2], expected [..., n, d] and [..., m, d]",
    ],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
  const int = x.to("int32");
  assertThrows(() => cdist(int, int), TypeError, "cdist() expects float32");
});

testGradients("distance");
