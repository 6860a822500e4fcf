import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import { ones, type Tensor, tensor } from "../mod.ts";
import { count, floats, layouts, LENGTHS, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

interface Meaning {
  f: (x: number) => number;
  low: number;
  high: number;
  /** float32 tolerance relative to the value. */
  rtol?: number;
}

/** erf by its Maclaurin series, exact enough for |x| <= 3. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 120; n++) {
    term *= -x * x / n;
    sum += term / (2 * n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

function roundEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest < 0.5 || (rest === 0.5 && below % 2 === 0)) return below;
  return below + 1;
}

const MEANING: Record<string, Meaning> = {
  neg: { f: (x) => -x, low: -3, high: 3 },
  abs: { f: Math.abs, low: -3, high: 3 },
  sign: { f: Math.sign, low: -3, high: 3 },
  square: { f: (x) => x * x, low: -3, high: 3 },
  exp: { f: Math.exp, low: -20, high: 20 },
  expm1: { f: Math.expm1, low: -1, high: 3 },
  log: { f: Math.log, low: 0.01, high: 100 },
  log1p: { f: Math.log1p, low: -0.5, high: 5 },
  sqrt: { f: Math.sqrt, low: 0, high: 100 },
  rsqrt: { f: (x) => 1 / Math.sqrt(x), low: 0.01, high: 100 },
  reciprocal: { f: (x) => 1 / x, low: 0.1, high: 9 },
  sin: { f: Math.sin, low: -9, high: 9 },
  cos: { f: Math.cos, low: -9, high: 9 },
  tan: { f: Math.tan, low: -1.4, high: 1.4 },
  asin: { f: Math.asin, low: -1, high: 1 },
  acos: { f: Math.acos, low: -1, high: 1 },
  atan: { f: Math.atan, low: -9, high: 9 },
  sinh: { f: Math.sinh, low: -5, high: 5 },
  cosh: { f: Math.cosh, low: -5, high: 5 },
  exp2: { f: (x) => 2 ** x, low: -20, high: 20 },
  log2: { f: Math.log2, low: 0.01, high: 100 },
  log10: { f: Math.log10, low: 0.01, high: 100 },
  erf: { f: erf, low: -3, high: 3 },
  floor: { f: Math.floor, low: -9, high: 9 },
  ceil: { f: Math.ceil, low: -9, high: 9 },
  round: { f: roundEven, low: -9, high: 9 },
  trunc: { f: Math.trunc, low: -9, high: 9 },
};

type Method = keyof Tensor & keyof typeof MEANING;

function call(x: Tensor, name: string): Tensor {
  return (x[name as Method] as () => Tensor)();
}

for (const [name, { f, low, high }] of Object.entries(MEANING)) {
  Deno.test(`${name}() agrees with Math in every layout, length and dtype`, () => {
    for (const dtype of ["float32", "float64"] as const) {
      const rtol = dtype === "float32" ? 1e-6 : 1e-12;
      const check = (x: Tensor, what: string) => {
        const y = call(x, name);
        assertEquals(y.shape, x.shape);
        assertEquals(y.dtype, dtype);
        const atol = dtype === "float32" ? 1e-7 : 1e-14;
        assertClose(floats(y), floats(x).map(f), {
          rtol,
          atol,
          what: `${name}, ${dtype}, ${what}`,
        });
      };
      for (const n of LENGTHS) {
        const values = numbers(n, n + 3, low, high);
        check(tensor(values, { shape: [n], dtype }), `${n} elements`);
      }
      for (const shape of [[], [5], [2, 3, 4]]) {
        const values = numbers(count(shape), 7, low, high);
        for (const [how, x] of layouts(values, shape, dtype)) check(x, how);
      }
    }
  });
}

Deno.test("unary functions keep NaN and say what PyTorch says at the edges", () => {
  const edges: [string, number[], number[]][] = [
    ["exp", [NaN, Infinity, -Infinity, 0, 89, -104], [
      NaN,
      Infinity,
      0,
      1,
      Infinity,
      0,
    ]],
    ["log", [NaN, Infinity, 0, -1, 1], [NaN, Infinity, -Infinity, NaN, 0]],
    ["log1p", [NaN, Infinity, -1, -2, 0], [NaN, Infinity, -Infinity, NaN, 0]],
    ["expm1", [NaN, Infinity, -Infinity, 0], [NaN, Infinity, -1, 0]],
    ["sqrt", [NaN, Infinity, -1, 0], [NaN, Infinity, NaN, 0]],
    ["rsqrt", [NaN, Infinity, -1, 0], [NaN, 0, NaN, Infinity]],
    ["reciprocal", [NaN, Infinity, 0, -0], [NaN, 0, Infinity, -Infinity]],
    ["sign", [NaN, Infinity, -Infinity, 0], [NaN, 1, -1, 0]],
    ["abs", [NaN, -Infinity, -0], [NaN, Infinity, 0]],
    ["neg", [NaN, Infinity, 0], [NaN, -Infinity, -0]],
    ["square", [NaN, -Infinity, 1e30], [NaN, Infinity, Infinity]],
    ["sin", [NaN, Infinity, 0], [NaN, NaN, 0]],
    ["cos", [NaN, -Infinity, 0], [NaN, NaN, 1]],
    ["tan", [NaN, Infinity, 0], [NaN, NaN, 0]],
    ["asin", [NaN, 1.5, 0], [NaN, NaN, 0]],
    ["acos", [NaN, -1.5, 1], [NaN, NaN, 0]],
    ["atan", [NaN, 0, -0], [NaN, 0, -0]],
    ["sinh", [NaN, Infinity, -Infinity, 0], [NaN, Infinity, -Infinity, 0]],
    ["cosh", [NaN, Infinity, -Infinity, 0], [NaN, Infinity, Infinity, 1]],
    ["exp2", [NaN, Infinity, -Infinity, 0, -3, 10], [
      NaN,
      Infinity,
      0,
      1,
      0.125,
      1024,
    ]],
    ["log2", [NaN, Infinity, 0, -1, 1], [NaN, Infinity, -Infinity, NaN, 0]],
    ["log10", [NaN, Infinity, 0, -1, 1], [NaN, Infinity, -Infinity, NaN, 0]],
    ["trunc", [NaN, -Infinity, -1.5, 1.5, -0.5], [NaN, -Infinity, -1, 1, -0]],
    ["erf", [NaN, Infinity, -Infinity, 0], [NaN, 1, -1, 0]],
    ["floor", [NaN, Infinity, -0.5, 2.5], [NaN, Infinity, -1, 2]],
    ["ceil", [NaN, -Infinity, 0.5, 2.5], [NaN, -Infinity, 1, 3]],
    ["round", [NaN, Infinity, 0.5, 1.5, 2.5, -0.5, -1.5], [
      NaN,
      Infinity,
      0,
      2,
      2,
      0,
      -2,
    ]],
  ];
  for (const [name, values, expected] of edges) {
    for (const dtype of ["float32", "float64"] as const) {
      if (dtype === "float64" && (name === "exp" || name === "square")) {
        continue;
      }
      const y = floats(call(tensor(values, { dtype }), name));
      // PyTorch's sign of NaN is 0 in some builds; NaN is what IEEE says.
      const wanted = name === "sign" ? expected.slice(1) : expected;
      assertClose(name === "sign" ? y.slice(1) : y, wanted, {
        rtol: 0,
        atol: 0,
        what: `${name}, ${dtype}`,
      });
    }
  }
});

Deno.test("neg, abs, sign and square also take int32", () => {
  const x = tensor([-3, 0, 5, -(2 ** 31)], { dtype: "int32" });
  assertEquals(x.neg().dtype, "int32");
  assertEquals(floats(x.neg()).slice(0, 3).map((v) => v + 0), [3, 0, -5]);
  assertEquals(floats(x.abs()).slice(0, 3), [3, 0, 5]);
  assertEquals(floats(x.sign()), [-1, 0, 1, -1]);
  assertEquals(floats(x.square()).slice(0, 3), [9, 0, 25]);
});

Deno.test("functions with fractions compute int32 and bool in float32", () => {
  const steps = ["floor", "ceil", "round", "trunc"];
  const whole = ["neg", "abs", "sign", "square", ...steps];
  for (const name of Object.keys(MEANING)) {
    if (whole.includes(name)) continue;
    for (
      const x of [tensor([1, 0], { dtype: "int32" }), tensor([true, false])]
    ) {
      const y = call(x, name);
      assertEquals(y.dtype, "float32", name);
      assertEquals(y.toArray(), call(tensor([1, 0]), name).toArray(), name);
    }
  }
  for (const name of steps) {
    const x = tensor([-3, 5], { dtype: "int32" });
    const y = call(x, name);
    assertEquals([y.dtype, y.toArray()], ["int32", [-3, 5]], name);
    y.add_(1); // bytes of its own
    assertEquals(x.toArray(), [-3, 5], name);
  }
});

Deno.test("unary functions name the dtype that they cannot take", () => {
  const half = ones([1]).to("float16");
  for (const name of Object.keys(MEANING)) {
    assertThrows(
      () => call(half, name),
      TypeError,
      `${name}() expects float32`,
    );
  }
  assertThrows(
    () => tensor([true]).neg(),
    TypeError,
    "neg() expects float32, float64 or int32, got bool",
  );
  for (const name of ["floor", "ceil", "round", "trunc"]) {
    assertThrows(
      () => call(tensor([true]), name),
      TypeError,
      `${name}() expects float32 or float64, got bool`,
    );
  }
});

Deno.test("no gradient flows through steps", () => {
  for (const name of ["sign", "floor", "ceil", "round", "trunc"]) {
    const x = tensor([-1.5, 0.25], { requiresGrad: true });
    call(x, name).sum().backward();
    assertEquals(x.grad!.toArray(), [0, 0], name);
  }
});

testGradients("unary");
