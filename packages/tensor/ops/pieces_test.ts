import { assert, assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  grad,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  ones,
  randn,
  relu6,
  softshrink,
  type Tensor,
  tensor,
  threshold,
} from "../mod.ts";
import {
  floats,
  layouts,
  LENGTHS,
  numbers,
  onThreads,
} from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

/** What it is, what it means, and where its slope jumps to what. */
type Row = [
  f: (x: Tensor) => Tensor,
  meaning: (x: number) => number,
  bends: [x: number, slope: number][],
];

const bounded = (x: number, low: number, high: number) =>
  Math.min(Math.max(x, low), high);

const MEANING: Record<string, Row> = {
  leakyRelu: [(x) => leakyRelu(x), (x) => x > 0 ? x : 0.01 * x, [[0, 0.01]]],
  "leakyRelu, steeper below": [
    (x) => leakyRelu(x, 2),
    (x) => x > 0 ? x : 2 * x,
    [[0, 2]],
  ],
  hardtanh: [(x) => hardtanh(x), (x) => bounded(x, -1, 1), [[-1, 0], [1, 0]]],
  "hardtanh, told": [
    (x) => hardtanh(x, -2, 0.5),
    (x) => bounded(x, -2, 0.5),
    [[-2, 0], [0.5, 0]],
  ],
  relu6: [relu6, (x) => bounded(x, 0, 6), [[0, 0], [6, 0]]],
  hardsigmoid: [
    hardsigmoid,
    (x) => bounded(x / 6 + 0.5, 0, 1),
    [[-3, 0], [3, 0]],
  ],
  hardswish: [
    hardswish,
    (x) => x * bounded(x / 6 + 0.5, 0, 1),
    [[-3, 0], [3, 1]],
  ],
  threshold: [(x) => threshold(x, 1, -7), (x) => x > 1 ? x : -7, [[1, 0]]],
  hardshrink: [
    (x) => hardshrink(x),
    (x) => Math.abs(x) > 0.5 ? x : 0,
    [[-0.5, 0], [0.5, 0]],
  ],
  softshrink: [
    (x) => softshrink(x),
    (x) => Math.sign(x) * Math.max(Math.abs(x) - 0.5, 0),
    [[-0.5, 0], [0.5, 0]],
  ],
};

for (const [name, [f, meaning, bends]] of Object.entries(MEANING)) {
  Deno.test(`${name} agrees with its formula in every layout and dtype`, () => {
    for (const dtype of ["float32", "float64"] as const) {
      const check = (x: Tensor, what: string) => {
        const y = f(x);
        assertEquals([y.shape, y.dtype], [x.shape, dtype]);
        assertClose(floats(y), floats(x).map(meaning), {
          rtol: dtype === "float32" ? 1e-6 : 1e-14,
          atol: dtype === "float32" ? 3e-7 : 1e-15,
          what: `${name}, ${dtype}, ${what}`,
        });
      };
      for (const n of LENGTHS) {
        const values = numbers(n, n + 3, -7, 7);
        check(tensor(values, { shape: [n], dtype }), `${n} elements`);
      }
      for (const [how, x] of layouts(numbers(24, 7, -7, 7), [2, 3, 4], dtype)) {
        check(x, how);
      }
      const edges = [-1e38, 1e38, -1e-40, ...bends.map(([x]) => x)];
      check(tensor(edges, { dtype }), "edges");
    }
  });

  Deno.test(`${name} keeps NaN, and infinities where it is a line`, () => {
    for (const dtype of ["float32", "float64"] as const) {
      const y = f(tensor([NaN, Infinity, -Infinity], { dtype }));
      const [nan, up, down] = floats(y);
      assertEquals(nan, NaN);
      assertEquals(up, meaning(Infinity));
      // The formula of hardswish makes -inf * 0 of it.
      assertEquals(down! + 0, name === "hardswish" ? 0 : meaning(-Infinity));
    }
  });

  Deno.test(`${name} has PyTorch's slope where it bends`, () => {
    for (const dtype of ["float32", "float64"] as const) {
      const at = bends.map(([x]) => x);
      const x = tensor(at, { dtype, requiresGrad: true });
      f(x).sum().backward();
      const expected = bends.map(([, slope]) => slope);
      assertClose(floats(x.grad!), expected, { rtol: 1e-6, what: dtype });
    }
  });

  Deno.test(`${name} multiplies a strided gradient by its slope`, () => {
    const values = numbers(20, 2, -7, 7);
    for (const [how, g] of layouts(numbers(20, 9), [4, 5], "float64")) {
      const x = tensor(values, {
        shape: [4, 5],
        dtype: "float64",
        requiresGrad: true,
      });
      f(x).backward(g);
      const [h, gs] = [1e-6, floats(g)];
      const expected = values.map((v, i) =>
        gs[i]! * (meaning(v + h) - meaning(v - h)) / (2 * h)
      );
      assertClose(floats(x.grad!), expected, {
        rtol: 1e-7,
        atol: 1e-7,
        what: how,
      });
    }
  });
}

Deno.test("pieces have the same bits on any number of threads", async () => {
  const x = randn([1200, 1000], { requiresGrad: true });
  const [a, b, c] = await onThreads(() => {
    const y = hardswish(x);
    const [dx] = grad(y.sum(), [x]);
    return [y.data(), dx!.data()] as const;
  });
  for (const other of [b, c]) {
    for (const i of [0, 1] as const) {
      assert(a[i].every((value, at) => Object.is(value, other[i][at])));
    }
  }
});

Deno.test("a NaN beyond a bound does not come back through the slope", () => {
  // The square root of what is below -1 is NaN, and so is its gradient.
  const x = tensor([-4, 4], { requiresGrad: true });
  const y = hardtanh(x, 1, 9).sqrt();
  y.sum().backward();
  assertEquals(x.grad!.toArray(), [0, 0.25]);
});

Deno.test("activations of pieces refuse with a sentence", () => {
  const x = ones([2], { dtype: "int32" });
  for (
    const [name, call] of Object.entries({
      leakyRelu: () => leakyRelu(x),
      hardtanh: () => hardtanh(x),
      relu6: () => relu6(x),
      hardsigmoid: () => hardsigmoid(x),
      hardswish: () => hardswish(x),
      threshold: () => threshold(x, 0, 0),
      hardshrink: () => hardshrink(x),
      softshrink: () => softshrink(x),
    })
  ) {
    const text = `${name}() expects float32 or float64, got int32`;
    assertThrows(call, TypeError, text);
  }
  assertThrows(
    () => hardtanh(ones([1]), 2, 1),
    RangeError,
    "hardtanh() got bounds 2 and 1",
  );
  assertThrows(
    () => softshrink(ones([1]), -1),
    RangeError,
    "softshrink() got lambda -1, expected at least 0",
  );
});

testGradients("pieces");
