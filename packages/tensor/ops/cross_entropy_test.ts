import { assertEquals, assertThrows } from "@std/assert";
import { assertClose, crossEntropy as reference } from "@fdunn/testing";
import {
  crossEntropy,
  type DType,
  ones,
  type Reduction,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { floats, layouts, numbers, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const int = (values: number[]) => tensor(values, { dtype: "int32" });

const SIZES = [[1, 1], [1, 2], [3, 4], [16, 10], [5, 17], [2, 1000], [
  65,
  3,
]] as const;
const REDUCTIONS: Reduction[] = ["mean", "sum", "none"];

Deno.test("crossEntropy() and its gradient agree with loops", () => {
  for (const dtype of ["float32", "float64"] as DType[]) {
    const tol = dtype === "float32"
      ? { rtol: 1e-5, atol: 1e-6 }
      : { rtol: 1e-12, atol: 1e-13 };
    for (const [rows, classes] of SIZES) {
      const labels = wholes(rows, 2, 0, classes);
      for (
        const [how, x] of layouts(numbers(rows * classes, 1, -9, 9), [
          rows,
          classes,
        ], dtype)
      ) {
        const each = reference(floats(x), labels, [rows, classes]);
        const sum = each.reduce((a, b) => a + b, 0);
        for (const reduction of REDUCTIONS) {
          const leaf = x.detach().requiresGrad_();
          const loss = crossEntropy(leaf, int(labels), { reduction });
          const what = `${dtype} ${how} ${rows}x${classes} ${reduction}`;
          const expected = reduction === "none"
            ? Array.from(each)
            : [reduction === "sum" ? sum : sum / rows];
          assertEquals(loss.shape, reduction === "none" ? [rows] : []);
          assertClose(floats(loss), expected, { ...tol, what });
          const g = numbers(loss.size, 5);
          loss.backward(tensor(g, { shape: loss.shape, dtype }));
          const p = floats(x.detach().softmax(1));
          const slope = p.map((pi, i) => {
            const row = Math.floor(i / classes);
            const hot = labels[row] === i % classes ? 1 : 0;
            const scale = reduction === "mean" ? 1 / rows : 1;
            return (pi - hot) * scale * g[reduction === "none" ? row : 0]!;
          });
          assertClose(floats(leaf.grad!), slope, { ...tol, what });
        }
      }
    }
  }
});

Deno.test("crossEntropy() takes the mean by default", () => {
  const logits = tensor([[1, 2], [3, 1]]);
  const labels = int([0, 1]);
  assertEquals(
    crossEntropy(logits, labels).item(),
    crossEntropy(logits, labels, { reduction: "mean" }).item(),
  );
});

Deno.test("crossEntropy() stays finite for large logits, and keeps NaN", () => {
  for (const dtype of ["float32", "float64"] as DType[]) {
    const big = tensor([[1e4, 0], [0, 1e4]], { dtype, requiresGrad: true });
    const loss = crossEntropy(big, int([0, 0]), { reduction: "none" });
    assertEquals(floats(loss), [0, 1e4]);
    loss.sum().backward();
    assertEquals(big.grad!.toArray(), [[0, 0], [-1, 1]]);
    const bad = crossEntropy(tensor([[NaN, 1]], { dtype }), int([1]));
    assertEquals(bad.item(), NaN);
    const far = tensor([[-Infinity, 0]], { dtype });
    assertEquals(crossEntropy(far, int([0])).item(), Infinity);
  }
});

Deno.test("crossEntropy() reads strided labels", () => {
  const labels = int([1, 9, 0, 9, 2, 9]).slice(0, 0, 6, 2);
  const logits = tensor(numbers(9, 1), { shape: [3, 3] });
  const expected = reference(floats(logits), [1, 0, 2], [3, 3]);
  const loss = crossEntropy(logits, labels, { reduction: "none" });
  assertClose(floats(loss), expected, { rtol: 1e-5 });
});

Deno.test("fused and composed cross entropy are one loss", () => {
  for (const inner of [[], [1], [3], [4, 17], [5, 9, 3]]) {
    const samples = [5, ...inner];
    const shape = [5, 4, ...inner];
    const count = samples.reduce((a, b) => a * b, 1);
    const values = numbers(4 * count, 6, -9, 9);
    const [data] = layouts(values, shape, "float32").map(([, x]) => x).slice(
      -1,
    );
    const labels = tensor(
      wholes(count, 2, 0, 5).map((label) => label === 4 ? -100 : label),
      { shape: samples, dtype: "int32" },
    );
    const g = tensor(numbers(count, 3), { shape: samples });
    const slope = (weight: Tensor | null, reduction: Reduction) => {
      const x = data!.detach().requiresGrad_();
      const loss = crossEntropy(x, labels, { weight, reduction });
      assertEquals(loss.gradFn === "crossEntropy", weight === null);
      assertEquals(loss.shape, reduction === "none" ? samples : []);
      loss.backward(reduction === "none" ? g : undefined);
      return [...floats(loss), ...floats(x.grad!)];
    };
    for (const reduction of ["mean", "sum", "none"] as const) {
      const fused = slope(null, reduction);
      const composed = slope(ones([4]), reduction);
      assertClose(fused, composed, { rtol: 1e-5, atol: 1e-6 });
    }
  }
});

Deno.test("crossEntropy() names a bad label among pixels", () => {
  const labels = tensor([0, 1, 2, 1], { shape: [1, 2, 2], dtype: "int32" });
  assertThrows(
    () => crossEntropy(zeros([1, 2, 2, 2]), labels),
    RangeError,
    "crossEntropy() got label 2 at position 2, expected 0 to 1 for logits of shape [1, 2, 2, 2]",
  );
  assertThrows(
    () => crossEntropy(zeros([1, 2, 2, 2]), labels.reshape([1, 4])),
    RangeError,
    "crossEntropy() got input [1, 2, 2, 2] and labels [1, 4], expected labels [1, 2, 2]",
  );
});

Deno.test("crossEntropy() takes int64 labels to the fused kernels", () => {
  const logits = tensor(numbers(6, 6), { shape: [2, 3], requiresGrad: true });
  const loss = crossEntropy(logits, tensor(new BigInt64Array([2n, 0n])));
  assertEquals(loss.gradFn, "crossEntropy");
  assertEquals(loss.item(), crossEntropy(logits, int([2, 0])).item());
});

Deno.test("crossEntropy() of probabilities has their gradient, too", () => {
  const logits = tensor(numbers(6, 6), { shape: [2, 3] });
  const p = tensor([[0, 0, 1], [1, 0, 0]], { requiresGrad: true });
  const loss = crossEntropy(logits, p);
  const same = crossEntropy(logits, int([2, 0])).item();
  assertClose(loss.item(), same, { rtol: 1e-6 });
  loss.backward();
  const expected = logits.logSoftmax(1).div(-2);
  assertClose(floats(p.grad!), floats(expected), { rtol: 1e-6 });
  assertThrows(
    () => crossEntropy(logits, p, { ignoreIndex: 1 }),
    RangeError,
    "crossEntropy() got ignoreIndex 1 with probabilities",
  );
  assertThrows(
    () => crossEntropy(logits, ones([2, 2])),
    RangeError,
    "crossEntropy() got logits [2, 3] and [2, 2] of float32",
  );
});

Deno.test("crossEntropy() refuses with a sentence", () => {
  const x = ones([2, 3]);
  assertThrows(
    () => crossEntropy(x, int([0, 3])),
    RangeError,
    "crossEntropy() got label 3 at position 1, expected 0 to 2 for logits of shape [2, 3]",
  );
  assertThrows(
    () => crossEntropy(x, int([-1, 0])),
    RangeError,
    "got label -1 at position 0",
  );
  assertThrows(
    () => crossEntropy(x, int([0])),
    RangeError,
    "crossEntropy() got input [2, 3] and labels [1], expected labels [2]",
  );
  assertThrows(
    () => crossEntropy(ones([3]), int([0])),
    RangeError,
    "crossEntropy() got input [3] and labels [1], expected labels []",
  );
  assertThrows(
    () => crossEntropy(zeros([0, 3]), int([])),
    RangeError,
    "crossEntropy() got an empty batch: logits of shape [0, 3]",
  );
  assertThrows(
    () => crossEntropy(x, ones([2])),
    TypeError,
    'crossEntropy() expects class labels of dtype int32, got float32: convert them with to("int32")',
  );
  assertThrows(
    () => crossEntropy(x, int([0, 5]), { labelSmoothing: 0.1 }),
    RangeError,
    "crossEntropy() got label 5 at position 1, expected 0 to 2",
  );
  assertThrows(
    () => crossEntropy(x, int([0, 0]), { labelSmoothing: 1.5 }),
    RangeError,
    "crossEntropy() got labelSmoothing 1.5, expected 0 to 1",
  );
  assertThrows(
    () => crossEntropy(x.to("int32"), int([0, 0])),
    TypeError,
    "crossEntropy() expects float32 or float64",
  );
  assertThrows(
    () => crossEntropy(x, int([0, 0]), { reduction: "max" as Reduction }),
    RangeError,
    'crossEntropy() got reduction "max", expected "mean", "sum" or "none"',
  );
});

testGradients("cross_entropy");
