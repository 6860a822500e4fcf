import { assert, assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  type DType,
  ones,
  type Shape,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { count, floats, layouts, numbers, wholes } from "../samples_test.ts";
import { reducedShape } from "../shape.ts";
import { testGradients } from "./grad_cases_test.ts";

type Fold = (values: readonly number[]) => number;

const total: Fold = (xs) => xs.reduce((a, b) => a + b, 0);
const average: Fold = (xs) => total(xs) / xs.length;
const MEANING: Record<"sum" | "mean" | "prod" | "amax" | "amin" | "var", Fold> =
  {
    sum: total,
    mean: average,
    prod: (xs) => xs.reduce((a, b) => a * b, 1),
    amax: (xs) => Math.max(...xs),
    amin: (xs) => Math.min(...xs),
    var: (xs) => total(xs.map((x) => (x - average(xs)) ** 2)) / (xs.length - 1),
  };

/** Folds along axes, by walking every element's coordinates. */
function fold(x: Tensor, axes: readonly number[], f: Fold): number[] {
  const { shape } = x;
  const groups: number[][] = Array.from(
    { length: count(reducedShape(shape, axes, false)) },
    () => [],
  );
  floats(x).forEach((value, i) => {
    let [rest, group, step] = [i, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const position = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
      if (axes.includes(axis)) continue;
      group += position * step;
      step *= shape[axis]!;
    }
    groups[group]!.push(value);
  });
  return groups.map(f);
}

const SHAPES: Shape[] = [[], [1], [5], [17], [2, 3], [3, 2, 4], [2, 1, 3, 2], [
  65,
  3,
], [3, 65]];

/** Every set of axes of a rank. */
function axisSets(rank: number): number[][] {
  return Array.from(
    { length: 2 ** rank },
    (_, bits) =>
      Array.from({ length: rank }, (_, i) => i).filter((i) => bits >> i & 1),
  ).filter((axes) => axes.length > 0);
}

for (const [name, f] of Object.entries(MEANING)) {
  Deno.test(`${name}() agrees with a loop over every set of axes`, () => {
    for (const shape of SHAPES) {
      for (const dtype of ["float32", "float64"] as const) {
        const values = numbers(count(shape), 5);
        const rtol = dtype === "float32" ? 2e-6 : 1e-12;
        for (const [how, x] of layouts(values, shape, dtype)) {
          const method = name as keyof typeof MEANING;
          for (const axes of axisSets(shape.length)) {
            const what =
              `${name} of ${how} [${shape}] over [${axes}], ${dtype}`;
            const expected = fold(x, axes, f);
            const y = x[method](axes);
            assertEquals(y.shape, reducedShape(shape, axes, false), what);
            assertClose(floats(y), expected, { rtol, atol: 2e-6, what });
            const kept = x[method](axes.map((i) => i - shape.length), {
              keepdim: true,
            });
            assertEquals(kept.shape, reducedShape(shape, axes, true), what);
            assertEquals(floats(kept), floats(y), what);
          }
          const all = x[method]();
          assertEquals(all.shape, []);
          assertClose(all.item(), f(floats(x)), {
            rtol,
            atol: 2e-6,
            what: how,
          });
          assertEquals(x[method](null).item(), all.item());
        }
      }
    }
  });
}

Deno.test("an empty list of axes means all of them, a scalar takes 0 and -1", () => {
  assertEquals(ones([2, 3]).sum([]).item(), 6);
  for (const dim of [0, -1]) {
    assertEquals(tensor(3).sum(dim).item(), 3);
    assertEquals(tensor(3).amax(dim, { keepdim: true }).shape, []);
    assertEquals(tensor(3).argmax(dim).item(), 0);
  }
  assertThrows(() => tensor(3).sum(1), RangeError, "a scalar has no dims");
});

Deno.test("reductions of nothing give what PyTorch gives", () => {
  const x = zeros([0, 3]);
  assertEquals(x.sum(0).toArray(), [0, 0, 0]);
  assertEquals(x.sum(1).shape, [0]);
  assertEquals(x.prod(0).toArray(), [1, 1, 1]);
  assertEquals(x.mean(0).toArray(), [NaN, NaN, NaN]);
  assertEquals(x.sum().item(), 0);
  assertEquals(x.mean().item(), NaN);
  assertEquals(x.var().item(), NaN);
  assertEquals(x.amax(1).shape, [0]);
  assertEquals(x.to("bool").any().item(), 0);
  assertEquals(x.to("bool").all().item(), 1);
  for (const name of ["amax", "amin", "argmax", "argmin"] as const) {
    assertThrows(
      () => x[name](0),
      RangeError,
      `${name}() of a tensor of shape [0, 3] has no elements to choose from`,
    );
    assertThrows(() => x[name](), RangeError, `${name}()`);
  }
});

Deno.test("sum() keeps its digits over a million values", () => {
  const n = 1_000_000;
  const values = new Float32Array(n).map((_, i) => 1 + (i % 7) * 1e-4);
  let exact = 0;
  for (const value of values) exact += value;
  assertClose(tensor(values).sum().item(), exact, { rtol: 2e-7 });
  assertClose(tensor(values).mean().item(), exact / n, { rtol: 2e-7 });
  const columns = tensor(values, { shape: [n / 4, 4] }).sum(0);
  assertClose(columns.sum().item(), exact, { rtol: 1e-6 });
});

Deno.test("int32 and bool reduce exactly", () => {
  const values = wholes(24, 3);
  for (const [how, x] of layouts(values, [2, 3, 4], "int32")) {
    for (const name of ["sum", "amax", "amin"] as const) {
      const y = x[name](1);
      assertEquals(y.dtype, "int32");
      assertEquals(floats(y), fold(x, [1], MEANING[name]), `${name}, ${how}`);
    }
  }
  assertEquals(tensor([2, 3, 7], { dtype: "int32" }).prod().item(), 42);
  const truth = values.map((v) => v > 0 ? 1 : 0);
  for (const [how, x] of layouts(truth, [2, 3, 4], "bool")) {
    const y = x.sum([0, 2]);
    assertEquals(y.dtype, "int32");
    assertEquals(floats(y), fold(x, [0, 2], total), how);
    for (const name of ["prod", "amax", "amin"] as const) {
      const y = x[name](-1);
      assertEquals(y.dtype, name === "prod" ? "int32" : "bool");
      assertEquals(floats(y), fold(x, [2], MEANING[name]), `${name}, ${how}`);
    }
  }
});

Deno.test("any() and all() look at every dtype's truth", () => {
  const x = tensor([[0, 0, 0], [0, NaN, 0], [1, -1, 0.5]]);
  assertEquals(x.any(1).toArray(), [false, true, true]);
  assertEquals(x.all(1).toArray(), [false, false, true]);
  assertEquals(x.all().dtype, "bool");
  assertEquals(x.any([0, 1], { keepdim: true }).shape, [1, 1]);
  for (const dtype of ["int32", "float64", "int8", "uint8"] as const) {
    const y = tensor([0, 2, 0], { dtype });
    assertEquals([y.any().item(), y.all().item()], [1, 0], dtype);
  }
  for (const [how, y] of layouts(wholes(30, 8, 0, 2), [5, 6], "bool")) {
    assertEquals(floats(y.any(0)), fold(y, [0], (v) => Math.max(...v)), how);
    assertEquals(floats(y.all(1)), fold(y, [1], (v) => Math.min(...v)), how);
  }
});

Deno.test("amax() and amin() let NaN win", () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (const at of [0, 3, 16]) {
      const values = numbers(17, 2);
      values[at] = NaN;
      const x = tensor(values, { dtype });
      assertEquals(x.amax().item(), NaN, `${dtype} at ${at}`);
      assertEquals(x.amin().item(), NaN);
      assertEquals(x.argmax().item(), at);
      assertEquals(x.argmin().item(), at);
      const column = x.reshape([17, 1]).expand([17, 3]);
      assertEquals(column.argmax(0).toArray(), [at, at, at]);
      assertEquals(column.amax(0).toArray(), [NaN, NaN, NaN]);
    }
  }
  const infinite = tensor([-Infinity, -Infinity]);
  assertEquals(infinite.amax().item(), -Infinity);
  assertEquals(infinite.argmax().item(), 0);
  assertEquals(tensor([Infinity]).amin().item(), Infinity);
});

Deno.test("ties share the gradient of amax() and amin()", () => {
  const x = tensor([[1, 3, 3], [2, 2, 2]], { requiresGrad: true });
  x.amax(1).sum().backward();
  const third = Math.fround(1 / 3);
  assertEquals(x.grad!.toArray(), [[0, 0.5, 0.5], [third, third, third]]);
  x.grad = null;
  x.amin().backward();
  assertEquals(x.grad!.toArray(), [[1, 0, 0], [0, 0, 0]]);
  x.grad = null;
  x.max(1).values.sum().backward();
  assertEquals(x.grad!.toArray(), [[0, 1, 0], [1, 0, 0]]);
});

Deno.test("argmax() and argmin() find the first, along any axis", () => {
  const values = wholes(60, 4, -3, 4);
  for (const dtype of ["float32", "float64", "int32"] as DType[]) {
    for (const [how, x] of layouts(values, [3, 4, 5], dtype)) {
      for (const dim of [0, 1, 2]) {
        const first = (f: Fold) => (v: readonly number[]) => v.indexOf(f(v));
        const what = `${dtype}, ${how}, dim ${dim}`;
        const [high, low] = [x.argmax(dim), x.argmin(dim - 3)];
        assertEquals(high.dtype, "int32");
        assertEquals(floats(high), fold(x, [dim], first(MEANING.amax)), what);
        assertEquals(floats(low), fold(x, [dim], first(MEANING.amin)), what);
      }
      assertEquals(x.argmax().item(), values.indexOf(Math.max(...values)), how);
      assertEquals(x.argmin(1, { keepdim: true }).shape, [3, 1, 5]);
    }
  }
});

Deno.test("max() and min() along an axis give values and positions", () => {
  const x = tensor([[1, 5, 5], [7, 2, 2]]);
  const { values, indices } = x.max(1);
  assertEquals([values.toArray(), indices.toArray()], [[5, 7], [1, 0]]);
  const low = x.min(0, { keepdim: true });
  assertEquals(low.values.toArray(), [[1, 2, 2]]);
  assertEquals(low.indices.toArray(), [[0, 1, 1]]);
  assertEquals([x.max().item(), x.min().item()], [7, 1]);
  const truth = x.gt(4).max(1);
  assertEquals(truth.values.toArray(), [true, true]);
  assertEquals(truth.indices.toArray(), [1, 0]);
  assertEquals([tensor(3).max(0).values.item()], [3]);
  assertEquals(tensor(3).min(-1, { keepdim: true }).indices.toArray(), 0);
  assertThrows(() => x.max(2), RangeError, "max() got dim 2, expected -2 to 1");
  assertThrows(() => x.min(-3), RangeError, "min() got dim -3");
});

Deno.test("prod() has gradients through zeros", () => {
  const x = tensor([[2, 0, 3], [0, 0, 4], [1, 2, 3]], { requiresGrad: true });
  x.prod(1).sum().backward();
  assertEquals(x.grad!.toArray(), [[0, 6, 0], [0, 0, 0], [6, 3, 2]]);
});

Deno.test("reductions refuse axes and dtypes with a sentence", () => {
  const x = ones([2, 3]);
  assertThrows(() => x.sum(2), RangeError, "sum() got dim 2, expected -2 to 1");
  assertThrows(
    () => x.mean(-3),
    RangeError,
    "mean() got dim -3, expected -2 to 1",
  );
  assertThrows(() => x.amax(0.5), RangeError, "amax() got dim 0.5");
  assertThrows(
    () => x.prod([0, -2]),
    RangeError,
    "prod() got dim 0 more than once",
  );
  assertThrows(() => x.argmax(5), RangeError, "argmax() got dim 5");
  assertThrows(
    () => x.var([1, 1]),
    RangeError,
    "var() got dim 1 more than once",
  );
  const whole = x.to("int32");
  assertThrows(
    () => whole.mean(),
    TypeError,
    'mean() expects float32 or float64, got int32: convert it first, as in x.to("float32")',
  );
  assertThrows(
    () => whole.var(),
    TypeError,
    "var() expects float32 or float64",
  );
  assertThrows(() => x.to("bool").argmax(), TypeError, "argmax() expects");
  assertThrows(() => x.to("float16").sum(), TypeError, "sum() expects");
  assert(x.sum().dtype === "float32");
});

testGradients("reduce");
