import { assert, assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  celu,
  elu,
  gelu,
  grad,
  logSigmoid,
  mish,
  ones,
  randn,
  selu,
  silu,
  softplus,
  type Tensor,
  tensor,
} from "../mod.ts";
import {
  count,
  floats,
  layouts,
  LENGTHS,
  numbers,
  onThreads,
} from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const plus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** By the series of erf, exact enough for |x| <= 4. */
function normal(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= -x * x / (2 * n);
    sum += term / (2 * n + 1);
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI);
}

type Row = [f: (x: Tensor) => Tensor, meaning: (x: number) => number];

const MEANING: Record<string, Row> = {
  silu: [silu, (x) => x * logistic(x)],
  gelu: [(x) => gelu(x), (x) => x * normal(x)],
  "gelu by tanh": [
    (x) => gelu(x, { approximate: "tanh" }),
    (x) =>
      x / 2 *
      (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  ],
  mish: [mish, (x) => x * Math.tanh(plus(x))],
  softplus: [(x) => softplus(x), plus],
  "softplus, steep": [
    (x) => softplus(x, 3, 4),
    (x) => 3 * x > 4 ? x : plus(3 * x) / 3,
  ],
  logSigmoid: [logSigmoid, (x) => -plus(-x)],
  elu: [(x) => elu(x, 1.5), (x) => x > 0 ? x : 1.5 * Math.expm1(x)],
  selu: [
    selu,
    (x) =>
      1.0507009873554805 *
      (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  ],
  celu: [(x) => celu(x, 2), (x) => x > 0 ? x : 2 * Math.expm1(x / 2)],
};

for (const [name, [f, meaning]] of Object.entries(MEANING)) {
  Deno.test(`${name} agrees with its formula in every layout and dtype`, () => {
    for (const dtype of ["float32", "float64"] as const) {
      const check = (x: Tensor, what: string) => {
        const y = f(x);
        assertEquals([y.shape, y.dtype], [x.shape, dtype]);
        assertClose(floats(y), floats(x).map(meaning), {
          rtol: dtype === "float32" ? 2e-6 : 1e-12,
          atol: dtype === "float32" ? 3e-7 : 1e-13,
          what: `${name}, ${dtype}, ${what}`,
        });
      };
      for (const n of LENGTHS) {
        const values = numbers(n, n + 3, -4, 4);
        check(tensor(values, { shape: [n], dtype }), `${n} elements`);
      }
      for (const shape of [[], [5], [2, 3, 4]]) {
        const values = numbers(count(shape), 7, -4, 4);
        for (const [how, x] of layouts(values, shape, dtype)) check(x, how);
      }
    }
  });

  Deno.test(`${name} has finite values and slopes, however far from 0`, () => {
    const values = [
      -3e38,
      -1e20,
      -1000,
      -104,
      -30,
      0,
      30,
      89,
      1000,
      1e20,
      3e38,
    ];
    for (const dtype of ["float32", "float64"] as const) {
      const x = tensor(values, { dtype, requiresGrad: true });
      const y = f(x);
      const [dx] = grad(y.sum(), [x], { createGraph: true });
      // celu is the one whose curve begins at 0 with another slope below it.
      const [ddx] = grad(dx!.sum(), [x], { allowUnused: true });
      for (const [what, t] of [["y", y], ["dy", dx], ["ddy", ddx]] as const) {
        assert(t!.isfinite().all().item(), `${name}, ${what}: ${t}`);
      }
      assertEquals(
        floats(dx!).slice(-3).every((v) => v === floats(dx!)[8]),
        true,
      );
    }
  });

  Deno.test(`${name} multiplies a strided gradient by its slope`, () => {
    const values = numbers(20, 2, -3, 3);
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

for (const f of [silu, selu]) {
  Deno.test(`${f.name} has the same bits on any number of threads`, async () => {
    const x = randn([1200, 1000], { requiresGrad: true });
    const [a, b, c] = await onThreads(() => {
      const y = f(x);
      const [dx] = grad(y.sum(), [x]);
      return [y.data(), dx!.data()] as const;
    });
    for (const other of [b, c]) {
      for (const i of [0, 1] as const) {
        assert(a[i].every((value, at) => Object.is(value, other[i][at])));
      }
    }
  });
}

Deno.test("log sigmoid is -x far below 0, and 0 far above", () => {
  const y = logSigmoid(tensor([-1000, -Infinity, Infinity]));
  assertEquals(floats(y).map((v) => v + 0), [-1000, -Infinity, 0]);
});

Deno.test("the slope of elu at 0 is that of its left side, as in PyTorch", () => {
  const at = (f: (x: Tensor) => Tensor) => {
    const x = tensor(0, { requiresGrad: true });
    f(x).backward();
    return x.grad!.item();
  };
  assertEquals(at((x) => elu(x, 3)), 3);
  assertEquals(at((x) => celu(x, 3)), 1);
  assertEquals(at(selu), Math.fround(1.7580993408473766));
});

Deno.test("smooth activations refuse with a sentence", () => {
  const x = ones([2], { dtype: "int32" });
  const names: Record<string, () => Tensor> = {
    silu: () => silu(x),
    gelu: () => gelu(x),
    mish: () => mish(x),
    softplus: () => softplus(x),
    logSigmoid: () => logSigmoid(x),
    elu: () => elu(x),
    selu: () => selu(x),
    celu: () => celu(x),
  };
  for (const [name, call] of Object.entries(names)) {
    assertThrows(
      call,
      TypeError,
      `${name}() expects float32 or float64, got int32`,
    );
  }
  assertThrows(
    () => gelu(ones([1]), { approximate: "sigmoid" as "tanh" }),
    RangeError,
    `gelu() got approximate "sigmoid", expected "none" or "tanh"`,
  );
  assertThrows(
    () => softplus(ones([1]), 0),
    RangeError,
    "softplus() got beta 0",
  );
  assertThrows(() => celu(ones([1]), 0), RangeError, "celu() got alpha 0");
});

testGradients("smooth");
