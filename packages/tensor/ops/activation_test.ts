import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import { ones, type Tensor, tensor } from "../mod.ts";
import { count, floats, layouts, LENGTHS, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const MEANING: Record<"relu" | "sigmoid" | "tanh", (x: number) => number> = {
  relu: (x) => Number.isNaN(x) ? NaN : Math.max(x, 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
};
const SLOPE: Record<"relu" | "sigmoid" | "tanh", (y: number) => number> = {
  relu: (y) => y > 0 ? 1 : 0,
  sigmoid: (y) => y * (1 - y),
  tanh: (y) => 1 - y * y,
};

for (const name of ["relu", "sigmoid", "tanh"] as const) {
  const f = MEANING[name];

  Deno.test(`${name}() agrees with a loop in every layout, length and dtype`, () => {
    for (const dtype of ["float32", "float64"] as const) {
      const check = (x: Tensor, what: string) => {
        assertClose(floats(x[name]()), floats(x).map(f), {
          rtol: dtype === "float32" ? 1e-6 : 1e-13,
          atol: dtype === "float32" ? 1e-7 : 1e-15,
          what,
        });
        assertEquals(x[name]().shape, x.shape);
      };
      for (const n of LENGTHS) {
        const values = numbers(n, n + 1, -6, 6);
        check(tensor(values, { shape: [n], dtype }), `${dtype}, ${n}`);
      }
      for (const shape of [[], [5], [2, 3, 4]]) {
        const values = numbers(count(shape), 3, -6, 6);
        for (const [how, x] of layouts(values, shape, dtype)) check(x, how);
      }
    }
  });

  Deno.test(`${name}() saturates, and keeps NaN`, () => {
    const values = [NaN, Infinity, -Infinity, 0, 100, -100];
    for (const dtype of ["float32", "float64"] as const) {
      const y = floats(tensor(values, { dtype })[name]());
      assertClose(y, values.map(f), { rtol: 1e-6, atol: 1e-37, what: dtype });
    }
  });

  Deno.test(`${name}() multiplies a strided gradient by its slope`, () => {
    for (const [how, g] of layouts(numbers(20, 9), [4, 5])) {
      const x = tensor(numbers(20, 2, -3, 3), {
        shape: [4, 5],
        requiresGrad: true,
      });
      const y = x[name]();
      const [slopes, gs] = [floats(y).map(SLOPE[name]), floats(g)];
      y.backward(g);
      assertClose(
        floats(x.grad!),
        slopes.map((slope, i) => slope * gs[i]!),
        { rtol: 1e-5, atol: 1e-7, what: how },
      );
    }
  });
}

Deno.test("relu() has slope 0 at 0, and also takes int32", () => {
  const x = tensor([-1, 0, 2], { requiresGrad: true });
  x.relu().sum().backward();
  assertEquals(x.grad!.toArray(), [0, 0, 1]);
  assertEquals(tensor([-3, 4], { dtype: "int32" }).relu().toArray(), [0, 4]);
});

Deno.test("sigmoid() and tanh() compute int32 and bool in float32", () => {
  for (const name of ["sigmoid", "tanh"] as const) {
    for (
      const x of [tensor([1, 0], { dtype: "int32" }), tensor([true, false])]
    ) {
      const y = x[name]();
      assertEquals(y.dtype, "float32");
      assertEquals(y.toArray(), tensor([1, 0])[name]().toArray());
    }
    assertThrows(
      () => ones([1]).to("float16")[name](),
      TypeError,
      `${name}() expects float32 or float64, got float16`,
    );
  }
  assertThrows(() => tensor([true]).relu(), TypeError, "relu() expects");
});

testGradients("activation");
