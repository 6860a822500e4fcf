import { tensor, zeros } from "@fdunn/tensor";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Accuracy, MeanLoss } from "./metric.ts";

const labels = (values: number[]) => tensor(Int32Array.from(values));

Deno.test("Accuracy counts rows over batches of different sizes", () => {
  const accuracy = new Accuracy();
  accuracy.update(tensor([[0, 1], [1, 0], [0, 1]]), labels([1, 1, 1]));
  accuracy.update(tensor([[3, 1]]), labels([0]));
  assertEquals(accuracy.compute(), 3 / 4);
});

Deno.test("Accuracy knows nothing before the first batch and after reset()", () => {
  const accuracy = new Accuracy();
  assertEquals(accuracy.compute(), NaN);
  accuracy.update(tensor([[0, 1]]), labels([1]));
  accuracy.reset();
  assertEquals(accuracy.compute(), NaN);
});

Deno.test("Accuracy works on outputs that require gradients", () => {
  const output = tensor([[0, 1]], { requiresGrad: true }).mul(2);
  const accuracy = new Accuracy();
  accuracy.update(output, labels([1]));
  assertEquals(accuracy.compute(), 1);
});

Deno.test("Accuracy refuses shapes that do not fit", () => {
  const accuracy = new Accuracy();
  assertThrows(
    () => accuracy.update(zeros([2, 3]), labels([0, 1, 2])),
    RangeError,
    "Accuracy got output [2, 3] and target [3], expected [N, C] and [N]",
  );
  assertThrows(() => accuracy.update(zeros([2]), labels([0, 1])), RangeError);
});

Deno.test("MeanLoss weighs batches by their samples", () => {
  const loss = new MeanLoss();
  assertEquals(loss.compute(), NaN);
  loss.update(1, 16);
  loss.update(4, 8);
  assertAlmostEquals(loss.compute(), 2, 1e-12);
  loss.reset();
  loss.update(7, 3);
  assertEquals(loss.compute(), 7);
});
