import { assert, assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  batchNorm,
  type DType,
  layerNorm,
  ones,
  randn,
  type Shape,
  tensor,
  zeros,
} from "../mod.ts";
import { count, floats, layouts, numbers, onThreads } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const TRAINING = { training: true };

/** x [n, c, ...] by its own moments, in float64. */
function reference(x: number[], shape: Shape, eps = 1e-5) {
  const [n, c] = shape as [number, number];
  const s = count(shape.slice(2));
  const m = n * s;
  const channel = (i: number) => Math.floor(i / s) % c;
  const mean = new Array<number>(c).fill(0);
  const variance = new Array<number>(c).fill(0);
  x.forEach((v, i) => mean[channel(i)]! += v / m);
  x.forEach((v, i) =>
    variance[channel(i)]! += (v - mean[channel(i)]!) ** 2 / m
  );
  const y = x.map((v, i) =>
    (v - mean[channel(i)]!) / Math.sqrt(variance[channel(i)]! + eps)
  );
  return { y, mean, variance, channel, m };
}

const SHAPES: Shape[] = [[2, 3], [70, 9], [3, 2, 5], [4, 3, 7, 7], [
  2,
  1,
  20,
  31,
]];

Deno.test("batchNorm() normalises by the batch and moves the running moments", () => {
  for (const dtype of ["float32", "float64"] as DType[]) {
    for (const shape of SHAPES) {
      const c = shape[1]!;
      const x = tensor(numbers(count(shape), 3), { shape, dtype });
      const [w, b] = [numbers(c, 1), numbers(c, 2)];
      const own = reference(floats(x), shape);
      const runningMean = tensor(numbers(c, 4), { dtype });
      const runningVar = tensor(numbers(c, 5, 1, 2), { dtype });
      const before = [floats(runningMean), floats(runningVar)] as const;
      const [weight, bias] = [tensor(w, { dtype }), tensor(b, { dtype })];
      const options = { training: true, momentum: 0.25 };
      const y = batchNorm(x, runningMean, runningVar, weight, bias, options);
      const what = `${dtype} [${shape}]`;
      const tolerance = { rtol: 1e-4, atol: 1e-4, what };
      const affine = own.y.map((v, i) =>
        v * w[own.channel(i)]! + b[own.channel(i)]!
      );
      assertClose(floats(y), affine, tolerance);
      const moved = (old: readonly number[], now: number[], factor = 1) =>
        old.map((v, k) => 0.75 * v + 0.25 * factor * now[k]!);
      assertClose(floats(runningMean), moved(before[0], own.mean), tolerance);
      const unbiased = own.m / (own.m - 1);
      assertClose(
        floats(runningVar),
        moved(before[1], own.variance, unbiased),
        tolerance,
      );
      // Without running moments the batch's serve always.
      const plain = batchNorm(x, null, null);
      assertClose(floats(plain), own.y, tolerance);
    }
  }
});

Deno.test("batchNorm() out of training uses the running moments as they are", () => {
  const x = tensor([[1, 10], [3, 30]]);
  const [mean, variance] = [tensor([1, 20]), tensor([4, 100])];
  const y = batchNorm(x, mean, variance, null, null, { eps: 0 });
  assertEquals(y.toArray(), [[0, -1], [1, 1]]);
  assertEquals([mean.toArray(), variance.toArray()], [[1, 20], [4, 100]]);
  // One value per channel is enough, and so is none.
  assertEquals(batchNorm(x.narrow(0, 0, 1), mean, variance).shape, [1, 2]);
  assertEquals(batchNorm(zeros([0, 2]), mean, variance).shape, [0, 2]);
});

Deno.test("batchNorm() and layerNorm() read every layout", () => {
  const shape = [3, 2, 4];
  const { y } = reference(numbers(24), shape);
  const rows = reference(numbers(24), [1, 6, 4]).y;
  for (const [how, x] of layouts(numbers(24), shape)) {
    const tolerance = { rtol: 1e-4, atol: 1e-4, what: how };
    assertClose(floats(batchNorm(x, null, null)), y, tolerance);
    assertClose(floats(layerNorm(x, [4])), rows, tolerance);
  }
  const moments = ones([4]).slice(0, 0, 4, 2);
  const x = randn([3, 2]);
  assertEquals(batchNorm(x, moments, moments).shape, [3, 2]);
  assertThrows(
    () => batchNorm(x, moments, moments, null, null, TRAINING),
    RangeError,
    "strided",
  );
});

Deno.test("layerNorm() normalises the last axes and scales each element", () => {
  for (const dtype of ["float32", "float64"] as DType[]) {
    const x = tensor(numbers(24, 3), { shape: [2, 3, 4], dtype });
    const [w, b] = [numbers(12, 1), numbers(12, 2)];
    const options = { shape: [3, 4], dtype };
    const y = layerNorm(x, [3, 4], tensor(w, options), tensor(b, options));
    const own = reference(floats(x), [1, 2, 12]).y;
    const expected = own.map((v, i) => v * w[i % 12]! + b[i % 12]!);
    assertClose(floats(y), expected, { rtol: 1e-4, atol: 1e-4 });
  }
  assertEquals(layerNorm(zeros([0, 3]), [3]).shape, [0, 3]);
});

Deno.test("batchNorm() gives the same bits for any number of threads", async () => {
  for (const shape of [[16, 32, 28, 28], [512, 1031]]) {
    const x = tensor(numbers(count(shape)), { shape, requiresGrad: true });
    const weight = ones([shape[1]!], { requiresGrad: true });
    const [one, two, three] = await onThreads(() => {
      x.grad = weight.grad = null;
      const y = batchNorm(x, null, null, weight, weight, TRAINING);
      y.square().sum().backward();
      return [y, x.grad!, weight.grad!].map((t) => {
        const words = new Int32Array((t.data() as Float32Array).buffer);
        return words.reduce((hash, word) => Math.imul(hash, 31) + word | 0, 7);
      });
    });
    assertEquals(two, one);
    assertEquals(three, one);
  }
});

Deno.test("batchNorm() refuses a write to what it saved, not to its moments", () => {
  const x = randn([4, 2], { requiresGrad: true });
  const [mean, variance] = [zeros([2]), ones([2])];
  const y = batchNorm(x.mul(1), mean, variance, null, null, TRAINING);
  mean.fill_(7);
  y.sum().backward();
  assert(x.grad !== null);
  const saved = x.mul(1);
  const z = batchNorm(saved, mean, variance, null, null, TRAINING);
  saved.detach().fill_(1);
  assertThrows(() => z.sum().backward(), Error, "modified by an inplace");
});

Deno.test("normalisation refuses with a sentence", () => {
  const x = ones([1, 2]);
  assertThrows(
    () => batchNorm(x, null, null, null, null, TRAINING),
    RangeError,
    "batchNorm() got input [1, 2] in training: it needs more than one value per channel",
  );
  assertThrows(
    () => batchNorm(ones([3]), null, null),
    RangeError,
    "input [3], expected [N, C, ...]",
  );
  assertThrows(
    () => batchNorm(x, zeros([3]), ones([2])),
    RangeError,
    "input [1, 2] and runningMean [3], expected [2]",
  );
  assertThrows(
    () => batchNorm(x, null, null, ones([2], { dtype: "float64" })),
    TypeError,
    "input float32 and weight float64",
  );
  assertThrows(
    () => batchNorm(ones([2, 2], { dtype: "int32" }), null, null),
    TypeError,
    "int32",
  );
  assertThrows(
    () => layerNorm(ones([2, 3]), [2]),
    RangeError,
    "layerNorm() got input [2, 3], expected its last sizes to be [2]",
  );
});

testGradients("norm");
