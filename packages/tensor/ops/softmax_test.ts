import { assertEquals, assertThrows } from "@std/assert";
import { assertClose, logSoftmax, softmax } from "@fdunn/testing";
import { ones, type Shape, tensor, zeros } from "../mod.ts";
import { count, floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const REFERENCE = { softmax, logSoftmax };
const SHAPES: Shape[] = [[1], [7], [2, 5], [3, 4, 5], [3, 17], [17, 3], [
  1,
  1000,
]];

for (const name of ["softmax", "logSoftmax"] as const) {
  Deno.test(`${name}() agrees with a loop along every axis`, () => {
    for (const shape of SHAPES) {
      for (const dtype of ["float32", "float64"] as const) {
        for (
          const [how, x] of layouts(
            numbers(count(shape), 3, -9, 9),
            shape,
            dtype,
          )
        ) {
          shape.forEach((n, dim) => {
            const outer = count(shape.slice(0, dim));
            const inner = count(shape.slice(dim + 1));
            const expected = REFERENCE[name](floats(x), [outer, n, inner]);
            const what = `${how} [${shape}], dim ${dim}, ${dtype}`;
            const rtol = dtype === "float32" ? 5e-6 : 1e-12;
            const atol = dtype === "float32" ? 1e-7 : 1e-15;
            for (const axis of [dim, dim - shape.length]) {
              const y = x[name](axis);
              assertEquals(y.shape, shape);
              assertClose(floats(y), expected, { rtol, atol, what });
            }
          });
        }
      }
    }
  });

  Deno.test(`${name}() takes empty tensors and scalars`, () => {
    assertEquals(zeros([0, 3])[name](1).shape, [0, 3]);
    assertEquals(zeros([3, 0])[name](1).shape, [3, 0]);
    assertEquals(tensor(5)[name](0).item(), name === "softmax" ? 1 : 0);
    assertEquals(tensor(5)[name](-1).shape, []);
  });

  Deno.test(`${name}() names the axis or dtype that it cannot take`, () => {
    assertThrows(
      () => ones([2, 3])[name](2),
      RangeError,
      `${name}() got dim 2, expected -2 to 1`,
    );
    assertThrows(() => tensor(1)[name](1), RangeError, `${name}() got dim 1`);
    assertThrows(
      () => ones([2], { dtype: "int32" })[name](0),
      TypeError,
      `${name}() expects float32 or float64, got int32`,
    );
  });
}

Deno.test("softmax() survives large values and follows NaN and infinities", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const x = tensor([[1e30, 0, -1e30], [-Infinity, 0, 0], [500, 500, 499]], {
      dtype,
    });
    const half = Math.exp(-1) / (2 + Math.exp(-1));
    const row = [(1 - half) / 2, (1 - half) / 2, half];
    const expected = [[1, 0, 0], [0, 0.5, 0.5], row];
    assertClose(floats(x.softmax(1)), expected.flat(), { rtol: 1e-6 });
    const logs = floats(x.logSoftmax(1));
    assertClose(logs.slice(3), expected.slice(1).flat().map(Math.log), {
      rtol: 1e-6,
    });
    const bad = tensor([[NaN, 0, 1], [Infinity, 0, 1], [
      -Infinity,
      -Infinity,
      -Infinity,
    ]], {
      dtype,
    });
    assertEquals(floats(bad.softmax(1)).slice(0, 3), [NaN, NaN, NaN]);
    assertEquals(floats(bad.softmax(1))[3], NaN);
    assertEquals(floats(bad.softmax(1)).slice(6), [NaN, NaN, NaN]);
  }
});

Deno.test("softmax() multiplies a strided gradient by its Jacobian", () => {
  for (const [how, g] of layouts(numbers(12, 5), [3, 4])) {
    const x = tensor(numbers(12, 8), { shape: [3, 4], requiresGrad: true });
    const y = x.softmax(1);
    const [p, gs] = [floats(y), floats(g)];
    y.backward(g);
    const expected = p.map((pi, i) => {
      const row = Math.floor(i / 4) * 4;
      let dot = 0;
      for (let j = row; j < row + 4; j++) dot += p[j]! * gs[j]!;
      return pi * (gs[i]! - dot);
    });
    assertClose(floats(x.grad!), expected, {
      rtol: 1e-5,
      atol: 1e-7,
      what: how,
    });
  }
});

testGradients("softmax");
