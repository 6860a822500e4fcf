import { assert, assertEquals, assertThrows } from "@std/assert";
import { type DType, ones, type Shape, type Tensor, tensor } from "../mod.ts";
import { floats, layouts, numbers, pairwise, wholes } from "../samples_test.ts";
import { broadcastShapes } from "../shape.ts";
import { testGradients } from "./grad_cases_test.ts";

type Name = "fmod" | "remainder" | "floorDivide";

/** Python's `//` and `%`, by the exact remainder. */
const MEANING: Record<Name, (a: number, b: number) => number> = {
  fmod: (a, b) => a % b,
  remainder: (a, b) => {
    const rest = a % b;
    return rest !== 0 && rest < 0 !== b < 0 ? Math.fround(rest + b) : rest;
  },
  floorDivide: (a, b) => {
    if (b === 0) return a / b;
    const rest = a % b;
    const lower = rest !== 0 && rest < 0 !== b < 0 ? 1 : 0;
    return Math.round(Math.fround((a - rest) / b)) - lower;
  },
};
const NAMES = Object.keys(MEANING) as Name[];

function check(name: Name, a: Tensor, b: Tensor, what: string): void {
  const shape: Shape = broadcastShapes(name, a.shape, b.shape);
  const y = a[name](b);
  assertEquals(y.shape, shape, what);
  const expected = pairwise(a, b, shape, MEANING[name]);
  floats(y).forEach((value, i) =>
    assert(
      Object.is(value + 0, expected[i]! + 0),
      `${what} ${i}: ${value}, not ${expected[i]}`,
    )
  );
}

for (const name of NAMES) {
  Deno.test(`${name}() is exact in every layout and dtype`, () => {
    for (const dtype of ["float32", "float64", "int32"] as DType[]) {
      const values = (seed: number) =>
        dtype === "int32"
          ? wholes(20, seed, -40, 40).map((v) => v === 0 ? 7 : v)
          : numbers(20, seed, -9, 9).map(Math.fround);
      for (const [how, a] of layouts(values(1), [4, 5], dtype)) {
        for (const [what, b] of layouts(values(2), [4, 5], dtype)) {
          // float64's rounding of rest + b is not what the meaning does.
          if (dtype === "float64" && name === "remainder") continue;
          check(name, a, b, `${name}, ${dtype}, ${how}, ${what}`);
        }
        const row = tensor(values(3).slice(0, 5), { dtype });
        if (dtype !== "float64") check(name, a, row, `${name}, ${how}, row`);
      }
    }
  });

  Deno.test(`${name}() follows PyTorch at zeros and infinities`, () => {
    const a = tensor([5, -5, 0, Infinity, NaN, 5, -5, 1, -1]);
    const b = tensor([Infinity, Infinity, 3, 2, 1, -Infinity, -Infinity, 0, 0]);
    const expected: Record<Name, number[]> = {
      fmod: [5, -5, 0, NaN, NaN, 5, -5, NaN, NaN],
      remainder: [5, Infinity, 0, NaN, NaN, -Infinity, -5, NaN, NaN],
      floorDivide: [0, -1, 0, NaN, NaN, -1, 0, Infinity, -Infinity],
    };
    assertEquals(floats(a[name](b)).map((v) => v + 0), expected[name]);
  });

  Deno.test(`${name}() takes numbers, and refuses a whole 0`, () => {
    const x = tensor([-7, 7], { dtype: "int32" });
    const y = x[name](3);
    assertEquals(y.dtype, "int32");
    const f = MEANING[name];
    assertEquals(floats(y), [f(-7, 3), f(7, 3)]);
    assertEquals(floats(x[name](-3)), [f(-7, -3), f(7, -3)]);
    assertEquals(x[name](2.5).dtype, "float32");
    assertEquals(floats(x[name](2.5)), [f(-7, 2.5), f(7, 2.5)]);
    const text = `${name}() got a divisor of 0 for int32`;
    assertThrows(() => x[name](0), RangeError, text);
    assertThrows(() => x[name](x.add(7)), RangeError, text);
    assertEquals(tensor([true])[name](2).dtype, "int32");
    assertThrows(
      () => tensor([true])[name](tensor([true])),
      TypeError,
      `${name}() expects float32, float64 or int32, got bool`,
    );
    assertThrows(
      () => ones([1]).to("float16")[name](2),
      TypeError,
      `${name}() does not compute in float16`,
    );
    assertThrows(
      () => ones([2])[name](ones([3])),
      RangeError,
      "Cannot broadcast [2] with [3]",
    );
  });
}

Deno.test("fmod() is exact where the quotient is large", () => {
  const [a, b] = [[1e30, 16777216, 3e38, 1e10], [7, 0.1, 1e-30, 3]];
  const y = tensor(a).fmod(tensor(b));
  const exact = a.map((v, i) => Math.fround(v) % Math.fround(b[i]!));
  assertEquals(floats(y), exact);
});

Deno.test("fmod() and remainder() have PyTorch's gradients", () => {
  for (
    const [name, expected] of [["fmod", [2, 2, 2]], ["remainder", [
      3,
      3,
      3,
    ]]] as [
      "fmod" | "remainder",
      number[],
    ][]
  ) {
    const a = tensor([-5.3, 5.3, -7], { requiresGrad: true });
    const b = tensor([2, -2, 3], { requiresGrad: true });
    a[name](b).sum().backward();
    assertEquals(a.grad!.toArray(), [1, 1, 1]);
    assertEquals(b.grad!.toArray(), expected);
  }
});

Deno.test("div() rounds on request, and keeps int32 then", () => {
  const x = tensor([-7, 7, 6], { dtype: "int32" });
  const floor = x.div(2, { roundingMode: "floor" });
  assertEquals([floor.dtype, floor.toArray()], ["int32", [-4, 3, 3]]);
  const trunc = x.div(2, { roundingMode: "trunc" });
  assertEquals([trunc.dtype, trunc.toArray()], ["int32", [-3, 3, 3]]);
  assertEquals(x.div(2, { roundingMode: null }).toArray(), [-3.5, 3.5, 3]);
  assertEquals(x.div(2, {}).dtype, "float32");
  const y = tensor([-7.5, 7.5]);
  assertEquals(y.div(2, { roundingMode: "floor" }).toArray(), [-4, 3]);
  assertEquals(y.div(2, { roundingMode: "trunc" }).toArray(), [-3, 3]);
  assertThrows(
    () => x.div(0, { roundingMode: "trunc" }),
    RangeError,
    "div() got a divisor of 0 for int32",
  );
  assertThrows(
    () => x.div(2, { roundingMode: "round" as "floor" }),
    RangeError,
    `div() got roundingMode "round", expected "floor", "trunc" or null`,
  );
});

testGradients("division");
