/** Every metric against scikit-learn, over batches of uneven sizes. */

import { loadFixture } from "@fdunn/testing";
import { randint, randn, type Tensor, tensor, zeros } from "@fdunn/tensor";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ConfusionMatrix,
  F1Score,
  Precision,
  Recall,
  TopKAccuracy,
} from "./class_metric.ts";
import { Accuracy, type Metric } from "./metric.ts";
import { AUROC, AveragePrecision } from "./ranking_metric.ts";
import {
  MeanAbsoluteError,
  MeanSquaredError,
  Perplexity,
  R2Score,
} from "./regression_metric.ts";

interface MetricCase {
  name: string;
  metric: string;
  args: unknown[];
  output: number[] | number[][];
  target: number[] | number[][];
  integers: boolean;
  value: number | "NaN" | number[][];
  perClass?: (number | "NaN")[];
}

type AnyMetric = Metric<unknown> & { perClass?(): number[] };

const METRICS: Record<string, new (...args: never[]) => AnyMetric> = {
  Accuracy,
  AUROC,
  AveragePrecision,
  ConfusionMatrix,
  F1Score,
  MeanAbsoluteError,
  MeanSquaredError,
  Perplexity,
  Precision,
  R2Score,
  Recall,
  TopKAccuracy,
};

function assertNear(actual: number, expected: number | "NaN") {
  if (expected === "NaN") return assertEquals(actual, NaN);
  const off = Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-3);
  assert(off < 1e-9, `${actual}, not ${expected}`);
}

for (const entry of loadFixture<MetricCase>("metrics").cases) {
  Deno.test(`${entry.name} equals scikit-learn's`, () => {
    let metric = new METRICS[entry.metric]!(...entry.args as never[]);
    const output = tensor(entry.output, { dtype: "float64" });
    const target = tensor(entry.target, {
      dtype: entry.integers ? "int32" : "float64",
    });
    // The second round shows that reset() forgets all of the first.
    for (const sizes of [[target.shape[0]!], [1, 2, 5, 1000]]) {
      metric.reset();
      for (let at = 0, b = 0; at < target.shape[0]!; b++) {
        const size = Math.min(sizes[b]!, target.shape[0]! - at);
        // As a checkpoint within an epoch keeps it.
        const state = JSON.stringify(metric.state!());
        metric = new METRICS[entry.metric]!(...entry.args as never[]);
        metric.loadState!(JSON.parse(state) as never);
        metric.update(output.narrow(0, at, size), target.narrow(0, at, size));
        at += size;
      }
      const value = metric.compute();
      if (Array.isArray(entry.value)) {
        assertEquals((value as Tensor).toArray(), entry.value);
      } else assertNear(value as number, entry.value);
      const each = metric.perClass?.() ?? [];
      entry.perClass?.forEach((figure, c) => assertNear(each[c]!, figure));
      if (entry.perClass) assertEquals(each.length, entry.perClass.length);
    }
  });
}

Deno.test("metrics are NaN before the first batch", () => {
  for (const [name, Class] of Object.entries(METRICS)) {
    if (name === "ConfusionMatrix") continue;
    const metric = new Class(...[3] as never[]);
    assertEquals(metric.compute(), NaN, name);
  }
  assertEquals(new ConfusionMatrix(2).compute().toArray(), [[0, 0], [0, 0]]);
});

Deno.test("metrics take float32 outputs that require gradients", () => {
  const output = randn([6, 3], { requiresGrad: true }).mul(2);
  const target = randint(0, 3, [6]);
  for (
    const metric of [
      ...[new Accuracy(), new AUROC(), new AveragePrecision(), new F1Score(3)],
      ...[new Perplexity(), new TopKAccuracy(2)],
    ]
  ) {
    metric.update(output, target);
    assert(metric.compute() >= 0 || Number.isNaN(metric.compute()));
  }
  const error = new MeanSquaredError();
  error.update(output, zeros([6, 3]));
  assert(error.compute() > 0);
});

Deno.test("the same shares in other columns and from shifted logits are ties", () => {
  const auroc = new AUROC();
  const logits = tensor([[1, 0.25, -2, 0.5], [8, 7.5, 7.25, 5]]);
  auroc.update(logits, tensor([0, 1], { dtype: "int32" }));
  assertEquals(auroc.perClass()[0], 0.5);
});

Deno.test("metrics refuse what does not fit", () => {
  const labels = (values: number[]) => tensor(values, { dtype: "int32" });
  const mistakes: [() => unknown, string][] = [
    [() => new TopKAccuracy(0), "TopKAccuracy got k 0"],
    [
      () => new TopKAccuracy(1).update(zeros([1, 2]), labels([2])),
      "TopKAccuracy got the class 2, expected 0 to 1",
    ],
    [
      () => new TopKAccuracy(1).update(zeros([2]), labels([2])),
      "TopKAccuracy got output [2] and target [1], expected [N, C] and [N]",
    ],
    [() => new ConfusionMatrix(0), "ConfusionMatrix got 0 classes"],
    [
      () => new ConfusionMatrix(3).update(zeros([1, 2]), labels([0])),
      "ConfusionMatrix got output [1, 2], expected [N, 3]",
    ],
    [
      () => new Recall(2).update(zeros([1, 2]), labels([5])),
      "got the class 5 in actual",
    ],
    [
      () => new F1Score(2, { average: "mean" as never }),
      'F1Score got average "mean", expected "macro"',
    ],
    [
      () => new AUROC().update(zeros([1, 3]), labels([3])),
      "AUROC got the class 3, expected 0 to 2",
    ],
    [
      () => {
        const auroc = new AUROC();
        auroc.update(zeros([1, 3]), labels([0]));
        auroc.update(zeros([1, 2]), labels([0]));
      },
      "AUROC got output [1, 2] after batches of 3 columns",
    ],
    [
      () => new MeanSquaredError().update(zeros([2]), zeros([2, 1])),
      "MeanSquaredError got output [2] and target [2, 1], expected the same",
    ],
    [
      () => new R2Score().update(zeros([2, 1, 1]), zeros([2, 1, 1])),
      "R2Score got output [2, 1, 1], expected [N] or [N, D]",
    ],
    [
      () => new Perplexity().update(zeros([2, 3]), labels([0, -1])),
      "Perplexity got the class -1, expected 0 to 2",
    ],
    [
      () => new Perplexity().update(zeros([2, 3]), labels([0])),
      "expected [..., C] and [...]",
    ],
  ];
  for (const [f, message] of mistakes) assertThrows(f, RangeError, message);
});
