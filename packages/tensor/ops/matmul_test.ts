import { assertEquals, assertThrows } from "@std/assert";
import { assertClose, matmul as reference } from "@fdunn/testing";
import {
  type DType,
  linear,
  ones,
  type Shape,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { count, floats, layouts, numbers, wholes } from "../samples_test.ts";
import { broadcastShapes } from "../shape.ts";
import { testGradients } from "./grad_cases_test.ts";

/** Tolerance of a sum of k products of numbers around 1. */
function tolerance(dtype: DType, k: number) {
  return dtype === "float64"
    ? { rtol: 1e-12, atol: 1e-12 }
    : { rtol: 1e-5, atol: 2e-7 * (k + 8) };
}

/** Checks a product of matrices, batch by batch. */
function check(a: Tensor, b: Tensor, what: string): void {
  const y = a.matmul(b);
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape[b.ndim - 1]!;
  const batch = broadcastShapes(
    "matmul",
    a.shape.slice(0, -2),
    b.shape.slice(0, -2),
  );
  assertEquals(y.shape, [...batch, m, n], what);
  const left = floats(a.expand([...batch, m, k]));
  const right = floats(b.expand([...batch, k, n]));
  const expected = Array.from(
    { length: count(batch) },
    (_, i) =>
      Array.from(reference(
        left.slice(i * m * k, (i + 1) * m * k),
        right.slice(i * k * n, (i + 1) * k * n),
        [m, n, k],
      )),
  ).flat();
  assertClose(floats(y), expected, { ...tolerance(a.dtype, k), what });
}

const matrix = (shape: Shape, seed: number, dtype: DType = "float32") =>
  tensor(numbers(count(shape), seed), { shape, dtype });

Deno.test("matmul() agrees with a loop around every tile size", () => {
  const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];
  let seed = 0;
  for (const m of sizes) {
    for (const n of sizes) {
      const k = sizes[++seed % sizes.length]!;
      check(matrix([m, k], seed), matrix([k, n], seed + 1), `${m} ${n} ${k}`);
    }
  }
  for (
    const [m, n, k] of [[1, 100, 257], [100, 1, 257], [64, 65, 300], [
      130,
      70,
      5,
    ]] as const
  ) {
    check(matrix([m, k], 1), matrix([k, n], 2), `${m} ${n} ${k}`);
  }
});

Deno.test("matmul() reads every layout, without and with a copy", () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (
      const [m, n, k] of [[2, 3, 4], [17, 9, 5], [1, 8, 3], [8, 1, 16]] as const
    ) {
      for (const [how, a] of layouts(numbers(m * k, 1), [m, k], dtype)) {
        for (const [what, b] of layouts(numbers(k * n, 2), [k, n], dtype)) {
          check(a, b, `${dtype} ${how} by ${what}, ${m} ${n} ${k}`);
          check(
            b.t(),
            a.t(),
            `${dtype} turned ${what} by ${how}, ${m} ${n} ${k}`,
          );
        }
      }
    }
  }
  const row = matrix([1, 5], 3);
  check(row.expand([4, 5]), row.expand([6, 5]).t(), "expanded rows");
  const one = tensor(2).expand([3, 3]);
  check(one, one, "one element everywhere");
});

Deno.test("matmul() broadcasts batches of every layout", () => {
  const pairs: [Shape, Shape][] = [
    [[3, 2, 4], [3, 4, 5]],
    [[3, 2, 4], [4, 5]],
    [[2, 4], [3, 4, 5]],
    [[2, 1, 2, 3], [4, 3, 2]],
    [[1, 3, 2, 3], [5, 1, 3, 2]],
    [[2, 3, 2, 3], [2, 3, 3, 2]],
    [[1, 2, 3], [0, 3, 2]],
    [[0, 2, 3], [3, 4]],
  ];
  for (const [left, right] of pairs) {
    for (const [how, a] of layouts(numbers(count(left), 1), left)) {
      for (const [what, b] of layouts(numbers(count(right), 2), right)) {
        check(a, b, `${how} [${left}] by ${what} [${right}]`);
      }
    }
  }
  const a = matrix([2, 3, 4, 5], 4);
  check(a.transpose(0, 1), matrix([3, 2, 5, 2], 5), "batch axes swapped");
  check(a.transpose(1, 2), matrix([5, 3], 6), "batch and row swapped");
  check(a.transpose(1, 3), matrix([2, 5, 3, 2], 6), "batch and column swapped");
});

Deno.test("matmul() treats vectors as PyTorch does", () => {
  const [v, w] = [tensor([1, 2, 3]), tensor([4, 5, 6])];
  const m = tensor([[1, 0, 2], [0, 3, 0]]);
  assertEquals(v.matmul(w).toArray(), 32);
  assertEquals(m.matmul(v).toArray(), [7, 6]);
  assertEquals(tensor([1, 2]).matmul(m).toArray(), [1, 6, 2]);
  assertEquals(ones([2, 4, 3]).matmul(v).shape, [2, 4]);
  assertEquals(v.matmul(ones([2, 3, 4])).shape, [2, 4]);
  assertEquals(zeros([0]).matmul(zeros([0])).item(), 0);
});

Deno.test("matmul() with an empty inner axis gives zeros", () => {
  assertEquals(zeros([2, 0]).matmul(zeros([0, 3])).toArray(), [[0, 0, 0], [
    0,
    0,
    0,
  ]]);
  assertEquals(zeros([2, 2, 0]).matmul(zeros([0, 1])).toArray(), [[[0], [0]], [[
    0,
  ], [0]]]);
  assertEquals(zeros([0, 3]).matmul(zeros([3, 2])).shape, [0, 2]);
});

Deno.test("matmul() takes int32 exactly, and lets dtypes meet", () => {
  const a = tensor(wholes(12, 1), { shape: [3, 4], dtype: "int32" });
  const b = tensor(wholes(20, 2), { shape: [4, 5], dtype: "int32" });
  const expected = Array.from(reference(floats(a), floats(b), [3, 5, 4]));
  assertEquals(a.matmul(b).dtype, "int32");
  assertEquals(floats(a.matmul(b)), expected.map((v) => v + 0));
  assertEquals(floats(b.t().matmul(a.t()).t()), expected.map((v) => v + 0));
  assertEquals(a.matmul(b.to("float32")).dtype, "float32");
  assertEquals(a.to("float64").matmul(b.to("float32")).dtype, "float64");
});

Deno.test("matmul() keeps NaN and infinities", () => {
  const a = tensor([[NaN, 0], [0, Infinity], [1, 1]]);
  const b = tensor([[0, 1], [1, 0]]);
  assertEquals(floats(a.matmul(b)), [NaN, NaN, Infinity, NaN, 1, 1]);
});

Deno.test("matmul() refuses with a sentence", () => {
  assertThrows(
    () => ones([2, 3]).matmul(ones([4, 5])),
    RangeError,
    "Cannot multiply [2, 3] by [4, 5]: inner sizes are 3 and 4 and must be equal",
  );
  assertThrows(
    () => ones([3]).matmul(ones([4])),
    RangeError,
    "Cannot multiply [3] by [4]",
  );
  assertThrows(
    () => tensor(2).matmul(ones([2])),
    RangeError,
    "Cannot multiply [] by [2]: matmul() takes no scalars, use mul()",
  );
  assertThrows(
    () => ones([2, 3, 4]).matmul(ones([3, 4, 5])),
    RangeError,
    "Cannot broadcast [2] with [3] in matmul()",
  );
  const truth = tensor([[true]]);
  assertThrows(() => truth.matmul(truth), TypeError, "matmul() expects");
  assertThrows(
    () => ones([1, 1]).to("float16").matmul(ones([1, 1])),
    TypeError,
    "matmul() does not compute in float16",
  );
});

Deno.test("linear() is x times the weight turned, plus the bias", () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (
      const [m, n, k] of [[1, 1, 1], [2, 3, 4], [16, 10, 100], [1, 20, 2], [
        33,
        17,
        9,
      ]] as const
    ) {
      for (const [how, x] of layouts(numbers(m * k, 1), [m, k], dtype)) {
        for (const [what, w] of layouts(numbers(n * k, 2), [n, k], dtype)) {
          const bias = matrix([n], 3, dtype);
          const product = reference(floats(x), floats(w), [m, n, k], {
            transB: true,
          });
          const tol = {
            ...tolerance(dtype, k),
            what: `${how}, ${what}, ${m} ${n} ${k}`,
          };
          assertClose(floats(linear(x, w)), product, tol);
          const expected = product.map((v, i) => v + floats(bias)[i % n]!);
          assertClose(floats(linear(x, w, bias)), expected, tol);
        }
      }
    }
  }
});

Deno.test("linear() has exact gradients of every need", () => {
  const [m, n, k] = [5, 3, 4];
  const g = matrix([m, n], 9);
  for (
    const needs of [[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 1], [
      1,
      1,
      0,
    ]]
  ) {
    const [x, w, b] = ([[m, k], [n, k], [n]] as const).map((shape, i) =>
      matrix(shape, i + 1).requiresGrad_(needs[i] === 1)
    );
    linear(x!, w!, b!).backward(g);
    const tol = { rtol: 1e-5, atol: 1e-6, what: `needs ${needs}` };
    assertEquals(
      [x!.grad, w!.grad, b!.grad].map((t) => t === null ? 0 : 1),
      needs,
    );
    const [gs, xs, ws] = [floats(g), floats(x!), floats(w!)];
    if (x!.grad) {
      assertClose(floats(x!.grad), reference(gs, ws, [m, k, n]), tol);
    }
    if (w!.grad) {
      assertClose(
        floats(w!.grad),
        reference(gs, xs, [n, k, m], { transA: true }),
        tol,
      );
    }
    if (b!.grad) {
      assertClose(
        floats(b!.grad),
        reference(new Array(m).fill(1), gs, [1, n, m]),
        tol,
      );
    }
  }
});

Deno.test("linear() takes any number of leading axes, and empty ones", () => {
  const w = matrix([4, 3], 1);
  const b = tensor([1, 2, 3, 4]);
  assertEquals(linear(ones([2, 5, 3]), w).shape, [2, 5, 4]);
  assertEquals(linear(ones([3]), w, b).shape, [4]);
  assertEquals(linear(zeros([0, 3]), w, b).shape, [0, 4]);
  assertEquals(linear(zeros([2, 0, 3]), w, b).shape, [2, 0, 4]);
  assertEquals(linear(zeros([2, 1, 0]), zeros([4, 0]), b).toArray(), [[[
    1,
    2,
    3,
    4,
  ]], [[1, 2, 3, 4]]]);
  assertEquals(linear(zeros([2, 0]), zeros([1, 0])).toArray(), [[0], [0]]);
  const empty = zeros([0, 3], { requiresGrad: true });
  const weight = ones([4, 3], { requiresGrad: true });
  linear(empty, weight).sum().backward();
  assertEquals(floats(weight.grad!), new Array(12).fill(0));
  assertEquals(empty.grad!.shape, [0, 3]);
});

Deno.test("linear() refuses with a sentence", () => {
  assertThrows(
    () => linear(ones([2, 3]), ones([4, 5])),
    RangeError,
    "linear() got input [2, 3] and weight [4, 5]: the input's last size must equal the weight's last (in_features)",
  );
  assertThrows(
    () => linear(tensor(1), ones([4, 5])),
    RangeError,
    "linear() got input []",
  );
  assertThrows(() => linear(ones([5]), ones([5])), RangeError, "weight [5]");
  assertThrows(
    () => linear(ones([2, 3]), ones([4, 3]), ones([3])),
    RangeError,
    "linear() got bias [3], expected [4]",
  );
  assertThrows(
    () => linear(ones([2, 3]), ones([4, 3], { dtype: "float64" })),
    TypeError,
    "linear() got input float32, weight float64, which must be equal: convert with to()",
  );
  const int = ones([2, 2], { dtype: "int32" });
  assertThrows(
    () => linear(int, int),
    TypeError,
    "linear() expects float32 or float64",
  );
});

testGradients("matmul");
