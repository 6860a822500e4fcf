import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import { type DType, ones, type Shape, type Tensor, tensor } from "../mod.ts";
import {
  count,
  floats,
  layouts,
  LENGTHS,
  numbers,
  pairwise,
  wholes,
} from "../samples_test.ts";
import { broadcastShapes } from "../shape.ts";
import { testGradients } from "./grad_cases_test.ts";

type Name = "add" | "sub" | "mul" | "div" | "pow" | "maximum" | "minimum";

const larger = (x: number, y: number) =>
  Number.isNaN(x) || Number.isNaN(y) ? NaN : Math.max(x, y);
const smaller = (x: number, y: number) =>
  Number.isNaN(x) || Number.isNaN(y) ? NaN : Math.min(x, y);

const MEANING: Record<Name, (x: number, y: number) => number> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: (x, y) => x ** y,
  maximum: larger,
  minimum: smaller,
};
const NAMES = Object.keys(MEANING) as Name[];

function check(name: Name, a: Tensor, b: Tensor, what: string): void {
  const shape = broadcastShapes(name, a.shape, b.shape);
  const y = a[name](b);
  assertEquals(y.shape, shape, what);
  const expected = pairwise(a, b, shape, MEANING[name]);
  const rtol = y.dtype === "float64" ? 1e-12 : name === "pow" ? 2e-6 : 3e-7;
  assertClose(floats(y), expected, {
    rtol,
    atol: 1e-30,
    what: `${name}, ${what}`,
  });
}

/** Bases of pow are positive: negative ones have a test of their own. */
function operand(name: Name, n: number, seed: number, dtype: DType): number[] {
  if (dtype === "int32") return wholes(n, seed);
  return name === "pow" ? numbers(n, seed, 0.1, 3) : numbers(n, seed);
}

for (const name of NAMES) {
  Deno.test(`${name}() agrees with a loop over flat lengths around a tile`, () => {
    for (const dtype of ["float32", "float64"] as const) {
      for (const n of LENGTHS) {
        const a = tensor(operand(name, n, n + 1, dtype), { shape: [n], dtype });
        const b = tensor(operand(name, n, n + 2, dtype), { shape: [n], dtype });
        check(name, a, b, `${dtype}, ${n} elements`);
      }
    }
  });

  Deno.test(`${name}() agrees with a loop over strided operands`, () => {
    for (const shape of [[], [5], [3, 5], [2, 3, 4]]) {
      const [a, b] = [1, 2].map((seed) =>
        layouts(operand(name, count(shape), seed, "float32"), shape)
      );
      for (const [how, x] of a!) {
        for (const [what, y] of b!) check(name, x, y, `${how} and ${what}`);
      }
    }
  });

  Deno.test(`${name}() broadcasts both ways`, () => {
    const pairs: [Shape, Shape][] = [
      [[], [2, 3]],
      [[1], [4]],
      [[3], [2, 3]],
      [[2, 1], [3]],
      [[2, 1, 4], [3, 1]],
      [[1, 1], [2, 3, 2]],
      [[0], [1]],
      [[2, 0], [1, 1]],
      [[1, 5], [1, 5]],
      [[17, 1], [1, 17]],
    ];
    for (const [left, right] of pairs) {
      const a = tensor(operand(name, count(left), 3, "float32"), {
        shape: left,
      });
      const b = tensor(operand(name, count(right), 4, "float32"), {
        shape: right,
      });
      check(name, a, b, `[${left}] and [${right}]`);
      check(name, b, a, `[${right}] and [${left}]`);
    }
  });

  Deno.test(`${name}() takes tensors that were expanded`, () => {
    const row = tensor(operand(name, 3, 5, "float32")).expand([4, 3]);
    const column = tensor(operand(name, 4, 6, "float32"), { shape: [4, 1] })
      .expand([4, 3]);
    check(name, row, column, "row and column");
    check(name, column.t(), row.t(), "turned");
  });
}

Deno.test("arithmetic follows IEEE 754 at NaN, infinities and zeros", () => {
  const special = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 3.4e38, 1e-45];
  const a = special.flatMap((value) => special.map(() => value));
  const b = special.flatMap(() => special);
  for (
    const name of ["add", "sub", "mul", "div", "maximum", "minimum"] as const
  ) {
    const [x, y] = [tensor(a), tensor(b)];
    const expected = pairwise(x, y, [a.length], MEANING[name]).map(Math.fround);
    assertEquals(floats(x[name](y)), expected.map((v) => v), name);
  }
});

Deno.test("pow() keeps IEEE's special cases", () => {
  const cases: [number, number][] = [
    [0, 0],
    [-2, 2],
    [-2, 3],
    [-2, -1],
    [-8, 1 / 3],
    [0, -1],
    [0, 2],
    [NaN, 0],
    [2, NaN],
    [Infinity, -1],
    [Infinity, 0],
    [2, Infinity],
    [0.5, Infinity],
    [2, -Infinity],
    [-Infinity, 3],
    [-1, 1e9],
    [10, 39],
    [10, -46],
  ];
  for (const [a, b] of cases) {
    const expected = Math.fround(a ** b);
    assertClose(
      tensor(a).pow(tensor(b)).item(),
      expected,
      { rtol: 1e-6, what: `${a} ** ${b}` },
    );
    assertClose(
      tensor([a], { dtype: "float64" }).pow(b).item(),
      a ** b,
      { rtol: 1e-13, what: `float64 ${a} ** ${b}` },
    );
  }
});

Deno.test("int32 arithmetic is exact and wraps", () => {
  const [a, b] = [wholes(33, 1), wholes(33, 2)];
  const [x, y] = [tensor(a, { dtype: "int32" }), tensor(b, { dtype: "int32" })];
  for (const name of ["add", "sub", "mul", "maximum", "minimum"] as const) {
    const out = x[name](y);
    assertEquals(out.dtype, "int32");
    assertEquals(
      floats(out),
      a.map((v, i) => MEANING[name](v, b[i]!) + 0),
      name,
    );
  }
  const most = tensor([2 ** 31 - 1], { dtype: "int32" });
  assertEquals(most.add(1).item(), -(2 ** 31));
  assertEquals(most.mul(most).item(), 1);
});

Deno.test("div() of integers is true division and gives float32", () => {
  const x = tensor([7, -7, 1, 0], { dtype: "int32" });
  const y = x.div(tensor([2, 2, 0, 0], { dtype: "int32" }));
  assertEquals(y.dtype, "float32");
  assertEquals(floats(y), [3.5, -3.5, Infinity, NaN]);
  assertEquals(x.div(2).toArray(), [3.5, -3.5, 0.5, 0]);
  assertEquals(tensor([true]).div(tensor([true])).dtype, "float32");
});

Deno.test("operands of two dtypes meet as in PyTorch", () => {
  const of = (dtype: DType) => ones([2], { dtype });
  const table: [DType, DType, DType][] = [
    ["bool", "int32", "int32"],
    ["bool", "float32", "float32"],
    ["int32", "float32", "float32"],
    ["int32", "float64", "float64"],
    ["float32", "float64", "float64"],
    ["bool", "float64", "float64"],
  ];
  for (const [a, b, expected] of table) {
    assertEquals(of(a).add(of(b)).dtype, expected, `${a} + ${b}`);
    assertEquals(of(b).mul(of(a)).dtype, expected, `${b} * ${a}`);
    assertEquals(floats(of(a).add(of(b))), [2, 2]);
  }
});

Deno.test("numbers take the tensor's dtype where it can hold them", () => {
  const int = tensor([1, 2], { dtype: "int32" });
  assertEquals(int.add(1).dtype, "int32");
  assertEquals(int.mul(0.5).toArray(), [0.5, 1]);
  assertEquals(int.add(2 ** 40).dtype, "float32");
  assertEquals(int.maximum(Infinity).toArray(), [Infinity, Infinity]);
  assertEquals(tensor([true, false]).mul(3).toArray(), [3, 0]);
  assertEquals(tensor([true, false]).mul(3).dtype, "int32");
  assertEquals(tensor([true, false]).add(0.5).toArray(), [1.5, 0.5]);
  assertEquals(tensor([1], { dtype: "float64" }).add(0.1).item(), 1.1);
});

Deno.test("maximum() and minimum() share the gradient of a tie", () => {
  for (const name of ["maximum", "minimum"] as const) {
    const a = tensor([1, 2, 3], { requiresGrad: true });
    const b = tensor([1, 3, 2], { requiresGrad: true });
    a[name](b).sum().backward();
    const left = name === "maximum" ? [0.5, 0, 1] : [0.5, 1, 0];
    assertEquals(a.grad!.toArray(), left);
    assertEquals(b.grad!.toArray(), left.map((g) => 1 - g));
  }
});

Deno.test("pow() has PyTorch's gradients at zero", () => {
  const base = tensor([0, 0, 0, 2], { requiresGrad: true });
  const exponent = tensor([0, 1, 2, 0], { requiresGrad: true });
  base.pow(exponent).sum().backward();
  assertEquals(base.grad!.toArray(), [0, 1, 0, 0]);
  assertClose(floats(exponent.grad!), [0, 0, 0, Math.log(2)], { rtol: 1e-6 });
});

Deno.test("shapes that do not broadcast are refused with a sentence", () => {
  for (const name of NAMES) {
    assertThrows(
      () => ones([2, 3])[name](ones([2, 4])),
      RangeError,
      `Cannot broadcast [2, 3] with [2, 4] in ${name}(): sizes 3 and 4 at dim -1 must be equal, or one of them 1`,
    );
  }
  assertThrows(() => ones([0]).add(ones([3])), RangeError, "sizes 0 and 3");
});

Deno.test("dtypes that do not compute are refused with a sentence", () => {
  const half = ones([2]).to("float16");
  assertThrows(
    () => half.add(ones([2])),
    TypeError,
    "add() does not compute in float16, which only stores",
  );
  assertThrows(
    () => half.mul(2),
    TypeError,
    "mul() does not compute in float16",
  );
  const wide = tensor(new BigInt64Array(2));
  assertThrows(() => wide.sub(1), TypeError, "sub() does not compute in int64");
  assertThrows(() => half.add(half), TypeError, "add() expects float32");
  assertThrows(
    () => tensor([true]).add(tensor([true])),
    TypeError,
    'add() expects float32, float64 or int32, got bool: convert it first, as in x.to("float32")',
  );
});

Deno.test("pow() of int32 is exact, wraps, and has no negative powers", () => {
  const x = tensor([2, -3, 0, 1, -1], { dtype: "int32" });
  const cube = x.pow(3);
  assertEquals([cube.dtype, cube.toArray()], ["int32", [8, -27, 0, 1, -1]]);
  assertEquals(x.pow(0).toArray(), [1, 1, 1, 1, 1]);
  const powers = tensor([31, 5, 4, 9, -3], { dtype: "int32" });
  assertEquals(x.pow(powers).toArray(), [-(2 ** 31), -243, 0, 1, -1]);
  assertEquals(x.pow(0.5).dtype, "float32");
  assertEquals(tensor([true, false]).pow(2).toArray(), [1, 0]);
  assertThrows(
    () => x.pow(-1),
    RangeError,
    "pow() got exponent -1 for int32: negative powers are fractions",
  );
});

Deno.test("pow() of a number takes the short ways, and agrees with the long", () => {
  const values = [0, 0.25, 1, 2.5, 9, Infinity, NaN];
  for (const dtype of ["float32", "float64"] as const) {
    const x = tensor(values, { dtype });
    for (const exponent of [3, 2, 0.5, -0.5, -1, 0, 1, 1.5, -2]) {
      const long = x.pow(tensor(exponent, { dtype }));
      assertClose(floats(x.pow(exponent)), floats(long), {
        rtol: dtype === "float32" ? 3e-7 : 1e-15,
        what: `${dtype} to ${exponent}`,
      });
    }
  }
  const x = tensor([0, -2, 3], { requiresGrad: true });
  x.pow(0).sum().backward();
  assertEquals(x.grad!.toArray(), [0, 0, 0]);
});

Deno.test("atan2() knows the quadrants, broadcasts, and takes int32", () => {
  const y = tensor([[0, 1, -1]]), x = tensor([[1], [-1]]);
  assertClose(
    floats(y.atan2(x)),
    [0, 1, -1, 4, 3, -3].map((quarters) => quarters * Math.PI / 4),
    { rtol: 1e-6 },
  );
  assertEquals(tensor([0, -0]).atan2(tensor([0, -0])).toArray(), [
    0,
    -Math.fround(Math.PI),
  ]);
  const whole = tensor([1, 0], { dtype: "int32" });
  assertClose(floats(whole.atan2(whole)), [Math.PI / 4, 0], { rtol: 1e-6 });
  assertClose(floats(whole.atan2(1)), [Math.PI / 4, 0], { rtol: 1e-6 });
  assertThrows(
    () => ones([1]).to("float16").atan2(1),
    TypeError,
    "atan2() does not compute in float16",
  );
});

Deno.test("beside a NaN maximum() gives both sides the gradient", () => {
  for (const name of ["maximum", "minimum"] as const) {
    const a = tensor([NaN, 1], { requiresGrad: true });
    const b = tensor([1, NaN], { requiresGrad: true });
    a[name](b).sum().backward();
    assertEquals([a.grad!.toArray(), b.grad!.toArray()], [[1, 1], [1, 1]]);
  }
});

testGradients("binary");
