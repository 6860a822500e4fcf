import { assertEquals, assertThrows } from "@std/assert";
import {
  adaptiveAvgPool1d,
  adaptiveMaxPool1d,
  avgPool1d,
  maxPool1d,
  tensor,
  zeros,
} from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("1-D pooling is a loop over windows, in every layout", () => {
  for (const [how, x] of layouts(numbers(24), [2, 3, 4])) {
    const flat = floats(x);
    const pairs = (f: (a: number, b: number) => number) =>
      flat.flatMap((v, i) => i % 2 === 0 ? [f(v, flat[i + 1]!)] : []);
    assertEquals(floats(maxPool1d(x, 2)), pairs(Math.max), how);
    const means = avgPool1d(x, 2);
    assertEquals(means.shape, [2, 3, 2]);
    const mean = pairs((a, b) => Math.fround((a + b) / 2));
    assertEquals(floats(means), mean, how);
    assertEquals(floats(adaptiveMaxPool1d(x, 2)), pairs(Math.max), how);
    assertEquals(floats(adaptiveAvgPool1d(x, 2)), mean, how);
  }
});

Deno.test("ceilMode gives windows that hang over the end, but begin before it", () => {
  const x = tensor([[1, 2, 3, 4, 5]]);
  assertEquals(maxPool1d(x, 2, { ceilMode: true }).toArray(), [[2, 4, 5]]);
  assertEquals(avgPool1d(x, 2, { ceilMode: true }).toArray(), [[1.5, 3.5, 5]]);
  const late = { stride: 3, ceilMode: true };
  assertEquals(maxPool1d(zeros([1, 3]), 2, late).shape, [1, 1]);
  assertEquals(maxPool1d(zeros([1, 2]), 5, { ceilMode: true }).shape, [1, 1]);
});

Deno.test("1-D pooling names what came and what was expected", () => {
  const x = zeros([1, 2, 4]);
  const bad: [() => unknown, string][] = [
    [
      () => maxPool1d(zeros([4]), 2),
      "maxPool1d() got input [4], expected [N, C, L] or [C, L]",
    ],
    [
      () => avgPool1d(zeros([1, 1, 2, 4]), 2),
      "avgPool1d() got input [1, 1, 2, 4]",
    ],
    [() => maxPool1d(x, 0), "maxPool1d() got kernelSize 0"],
    [() => maxPool1d(x, 2, { stride: 0 }), "maxPool1d() got stride 0"],
    [
      () => avgPool1d(x, 2, { padding: 2 }),
      "avgPool1d() got padding 2 and kernelSize 2: padding must be at most half of the kernel",
    ],
    [() => maxPool1d(x, 2, { dilation: 0 }), "maxPool1d() got dilation 0"],
    [() => adaptiveAvgPool1d(x, 0), "adaptiveAvgPool1d() got outputSize 0"],
    [() => adaptiveMaxPool1d(x, 1.5), "adaptiveMaxPool1d() got outputSize"],
    [() => adaptiveMaxPool1d(zeros([4]), 1), "adaptiveMaxPool1d() got input"],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
  assertThrows(() => maxPool1d(x.to("int32"), 2), TypeError, "int32");
});

testGradients("pool1d");
