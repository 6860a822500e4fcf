import { assertEquals, assertThrows } from "@std/assert";
import {
  groupNorm,
  instanceNorm,
  ones,
  rmsNorm,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

/** Whether mean and mean square of each row of n elements are these. */
function momentsAre(y: Tensor, n: number, mean: number, square: number) {
  const flat = floats(y);
  for (let i = 0; i < flat.length; i += n) {
    const row = flat.slice(i, i + n);
    const first = row.reduce((a, b) => a + b, 0) / n;
    const second = row.reduce((a, b) => a + b * b, 0) / n;
    assertEquals(Math.abs(first - mean) < 1e-3, true, `mean ${first}`);
    assertEquals(Math.abs(second - square) < 1e-3, true, `square ${second}`);
  }
}

Deno.test("groupNorm() and instanceNorm() give rows mean 0 and square 1, in every layout", () => {
  const [first, ...rest] = layouts(numbers(48, 1, -3, 5), [2, 4, 6]);
  momentsAre(groupNorm(first![1], 2), 12, 0, 1);
  momentsAre(instanceNorm(first![1]), 6, 0, 1);
  for (const [how, x] of rest) {
    for (
      const f of [
        (x: Tensor) => groupNorm(x, 4),
        instanceNorm,
        (x: Tensor) => rmsNorm(x, [6]),
      ]
    ) {
      assertEquals(floats(f(x)), floats(f(first![1])), how);
    }
  }
});

Deno.test("rmsNorm() leaves the mean, and adds the dtype's precision", () => {
  const y = rmsNorm(tensor([[1, 7], [0, 0]]), [2]);
  assertEquals(floats(y.mul(5)).map(Math.round), [1, 7, 0, 0]);
  const tiny = tensor([1e-9], { dtype: "float64" });
  const least = rmsNorm(tiny, [1]).item();
  assertEquals(
    Math.abs(least - 1e-9 / Math.sqrt(1e-18 + 2 ** -52)) < 1e-12,
    true,
  );
});

Deno.test("instanceNorm() moves running moments by the samples' mean", () => {
  const x = tensor([1, 3, 5, 7], { shape: [2, 1, 2] });
  const [runningMean, runningVar] = [zeros([1]), ones([1])];
  const moments = { runningMean, runningVar };
  instanceNorm(x, { ...moments, momentum: 0.5 });
  assertEquals([runningMean.item(), runningVar.item()], [2, 1.5]);
  const y = instanceNorm(x, { ...moments, useInputStats: false, eps: 0 });
  assertEquals(floats(y).map((v) => Math.round(v * 1000)), [
    -816,
    816,
    2449,
    4082,
  ]);
});

Deno.test("normalisation takes empty batches", () => {
  const x = zeros([0, 4, 3]);
  for (const y of [groupNorm(x, 2), instanceNorm(x), rmsNorm(x, [3])]) {
    assertEquals(y.shape, [0, 4, 3]);
  }
});

Deno.test("normalisation names what came and what was expected", () => {
  const x = zeros([2, 4, 3]);
  const bad: [() => unknown, string][] = [
    [
      () => groupNorm(x, 3),
      "groupNorm() got input [2, 4, 3] and 3 groups, expected [N, C, ...] with groups that divide C",
    ],
    [() => groupNorm(zeros([4]), 1), "groupNorm() got input [4]"],
    [() => groupNorm(x, 0), "and 0 groups"],
    [
      () => groupNorm(x, 2, { weight: ones([3]) }),
      "groupNorm() got input [2, 4, 3] and weight [3], expected [4]",
    ],
    [
      () => instanceNorm(zeros([2, 3])),
      "instanceNorm() got input [2, 3], expected [N, C, L, ...]",
    ],
    [
      () => instanceNorm(zeros([2, 3, 1])),
      "it needs more than one element per channel",
    ],
    [() => instanceNorm(x, { bias: ones([2]) }), "and bias [2], expected [4]"],
    [
      () => instanceNorm(x, { useInputStats: false }),
      "instanceNorm() needs runningMean and runningVar",
    ],
    [
      () => rmsNorm(x, [4]),
      "rmsNorm() got input [2, 4, 3], expected its last sizes to be [4]",
    ],
    [() => rmsNorm(x, [3], ones([4])), "and weight [4], expected [3]"],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
  const int = x.to("int32");
  assertThrows(() => groupNorm(int, 2), TypeError, "groupNorm() expects");
  assertThrows(() => rmsNorm(int, [3]), TypeError, "rmsNorm() expects");
});

testGradients("group_norm");
