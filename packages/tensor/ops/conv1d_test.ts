import { assertEquals, assertThrows } from "@std/assert";
import { conv1d, ones, tensor, zeros } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("conv1d() slides a kernel over sequences", () => {
  const x = tensor([[[1, 2, 3, 4, 5]]]);
  const weight = tensor([[[1, 0, -1]]]);
  assertEquals(conv1d(x, weight).toArray(), [[[-2, -2, -2]]]);
  const options = { stride: 2, padding: 1 };
  assertEquals(
    conv1d(x, weight, tensor([10]), options).toArray(),
    [[[8, 8, 14]]],
  );
  const dilated = conv1d(x, weight, null, { dilation: 2 });
  assertEquals(dilated.toArray(), [[[-4]]]);
  assertEquals(
    conv1d(ones([4, 6]), ones([2, 2, 3]), null, { groups: 2 }).shape,
    [
      2,
      4,
    ],
  );
  assertEquals(conv1d(zeros([0, 1, 5]), weight).shape, [0, 1, 3]);
});

Deno.test("conv1d() reads every layout", () => {
  const [first, ...rest] = layouts(numbers(30), [2, 3, 5])
    .map(([, x]) => floats(conv1d(x, ones([2, 3, 2]))));
  for (const other of rest) assertEquals(other, first);
});

Deno.test("conv1d() refuses with a sentence", () => {
  assertThrows(
    () => conv1d(ones([1, 1, 1, 5]), ones([1, 1, 3])),
    RangeError,
    "conv1d() got input [1, 1, 1, 5] and weight [1, 1, 3], expected [N, C, L]",
  );
  assertThrows(() => conv1d(ones([1, 2, 5]), ones([1, 1, 3])), RangeError);
  assertThrows(
    () => conv1d(ones([1, 1, 2]), ones([1, 1, 3])),
    RangeError,
    "spans 3",
  );
});

testGradients("conv1d");
