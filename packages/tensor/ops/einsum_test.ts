import { assertEquals, assertThrows } from "@std/assert";
import { einsum, memoryStats, randn, tensor, zeros } from "../mod.ts";
import { floats, layouts, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("einsum() does the same in every layout and dtype", () => {
  for (const dtype of ["float32", "float64", "int32"] as const) {
    const b = tensor(wholes(20, 2), { shape: [4, 5], dtype });
    const [first, ...rest] = layouts(wholes(24), [2, 3, 4], dtype);
    const expected = einsum("abc,cd->dab", [first![1], b]);
    assertEquals(expected.dtype, dtype);
    for (const [how, a] of rest) {
      const y = einsum("abc,cd->dab", [a, b]);
      assertEquals(floats(y), floats(expected), `${dtype}, ${how}`);
    }
  }
});

Deno.test("einsum() of mixed dtypes meets in the wider one", () => {
  const a = tensor([1, 2], { dtype: "int32" });
  const y = einsum("i,i", [a, tensor([0.5, 0.25])]);
  assertEquals([y.dtype, y.item()], ["float32", 1]);
});

Deno.test("einsum() contracts without a broadcast product in memory", () => {
  const [a, b] = [randn([200, 300]), randn([300, 200])];
  const before = memoryStats().peakBytes;
  einsum("ij,jk->ik", [a, b]);
  const grown = memoryStats().peakBytes - before;
  assertEquals(grown < 4 * 200 * 300 * 20, true, `${grown} bytes`);
});

Deno.test("einsum() takes the cheapest pair of a chain first", () => {
  // Left to right it would make 4000 x 4000 elements; from the right, 4000.
  const chain = [randn([4000, 2]), randn([2, 4000]), randn([4000])];
  const before = memoryStats().peakBytes;
  const y = einsum("ij,jk,k->i", chain);
  const grown = memoryStats().peakBytes - before;
  assertEquals(y.shape, [4000]);
  assertEquals(grown < 4 * 4000 * 100, true, `${grown} bytes`);
});

Deno.test("einsum() names what came and what was expected", () => {
  const a = zeros([2, 3]);
  const bad: [() => unknown, string][] = [
    [
      () => einsum("ij;jk", [a, a]),
      'einsum() got the equation "ij;jk", expected letters, ",", "..." and "->"',
    ],
    [() => einsum("i-j", [a]), "expected letters"],
    [
      () => einsum("ij,jk->ik", [a]),
      "which has 2 terms for 1 tensors",
    ],
    [() => einsum("", []), "which has 1 terms for 0 tensors"],
    [
      () => einsum("ijk", [a]),
      'whose term "ijk" does not fit a tensor of shape [2, 3]',
    ],
    [() => einsum("i", [a]), 'whose term "i" does not fit'],
    [() => einsum("i.j", [a]), 'whose term "i.j" does not fit'],
    [() => einsum("......", [a]), 'whose term "......" does not fit'],
    [
      () => einsum("ij,jk->ik", [a, a]),
      "in which j has sizes 3 and 2",
    ],
    [
      () => einsum("...,...", [a, zeros([2])]),
      "in which an axis of ... has sizes 3 and 2",
    ],
    [() => einsum("ij->ik", [a]), "whose output has k, no term has"],
    [() => einsum("ij->ii", [a]), "whose output has i more than once"],
    [
      () => einsum("ii", [a]),
      "in which i has sizes 2 and 3",
    ],
    [
      () => einsum("ii", [zeros([1, 3])]),
      "einsum() got i twice in a term for a tensor of shape [1, 3]",
    ],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
});

testGradients("einsum");
