import {
  eye,
  Generator,
  manualSeed,
  streamFor,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { init, Linear, Parameter } from "@fdunn/nn";
import { assertClose, loadFixture } from "@fdunn/testing";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import * as nn from "@fdunn/nn";

interface InitCase {
  name: string;
  op: string;
  shape?: number[];
  fanIn?: number;
  fanOut?: number;
  bound?: number;
  std?: number;
  arguments?: number[];
  weightBound?: number;
  biasBound?: number;
  nonlinearity?: string;
  param?: number | null;
  gain?: number;
}

/** PyTorch's cases by the functions that must reproduce them. */
const FILLS: Record<string, (tensor: Tensor) => Tensor> = {
  "kaimingUniform a=sqrt(5)": (t) =>
    init.kaimingUniform_(t, { a: Math.sqrt(5) }),
  "kaimingUniform relu": (t) =>
    init.kaimingUniform_(t, { nonlinearity: "relu" }),
  "kaimingNormal relu": (t) => init.kaimingNormal_(t, { nonlinearity: "relu" }),
  "kaimingNormal fan_out relu": (t) =>
    init.kaimingNormal_(t, { mode: "fanOut", nonlinearity: "relu" }),
  xavierUniform: (t) => init.xavierUniform_(t),
  "xavierUniform gain tanh": (t) => init.xavierUniform_(t, { gain: 5 / 3 }),
  xavierNormal: (t) => init.xavierNormal_(t),
};

const { cases, torch } = loadFixture<InitCase>("init");

/** Draws until there are 20000 numbers. */
function manyDraws(shape: number[], fill: (t: Tensor) => Tensor): number[] {
  const values: number[] = [];
  while (values.length < 20_000) {
    for (const value of fill(zeros(shape)).data()) values.push(Number(value));
  }
  return values;
}

function deviation(values: number[]): number {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return Math.sqrt(
    values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1),
  );
}

for (const entry of cases) {
  Deno.test(`init: ${entry.name} is as in PyTorch ${torch}`, () => {
    manualSeed(1);
    const { shape, op } = entry;
    if (shape !== undefined) {
      const fans = init.calculateFanInAndFanOut(zeros(shape));
      assertEquals(fans, [entry.fanIn!, entry.fanOut!]);
      const values = manyDraws(shape, FILLS[op]!);
      if (entry.std !== undefined) {
        assertClose(deviation(values), entry.std, { rtol: 0.04 });
      } else assertUniform(values, entry.bound!);
    } else if (op === "gain") {
      const name = entry.nonlinearity!.replace("leaky_relu", "leakyRelu");
      const gain = init.calculateGain(
        name as init.Nonlinearity,
        entry.param ?? undefined,
      );
      assertAlmostEquals(gain, entry.gain!, 1e-12);
    } else {
      const [a, b, c] = entry.arguments as [number, number, number];
      const layer = () =>
        op === "Linear" ? new nn.Linear(a, b) : new nn.Conv2d(a, b, c);
      assertUniform(
        manyDraws([1], () => layer().weight),
        entry.weightBound!,
      );
      assertUniform(manyDraws([1], () => layer().bias!), entry.biasBound!);
    }
  });
}

function assertUniform(values: number[], bound: number): void {
  const largest = Math.max(...values.slice(0, 50_000).map(Math.abs));
  assert(largest <= bound * 1.000001, `${largest} is beyond ${bound}`);
  assert(largest > bound * 0.99, `${largest} is far below ${bound}`);
  assertClose(deviation(values), bound / Math.sqrt(3), { rtol: 0.03 });
}

Deno.test("init functions change parameters in place, without a graph", () => {
  const parameter = new Parameter(zeros([3, 2]));
  assertEquals(init.ones_(parameter), parameter);
  assertEquals(parameter.toArray(), [[1, 1], [1, 1], [1, 1]]);
  init.constant_(parameter, 0.5);
  init.normal_(parameter, 0, 0);
  assertEquals(parameter.toArray(), [[0, 0], [0, 0], [0, 0]]);
  assert(parameter.isLeaf && parameter.requiresGrad);
});

Deno.test("init draws from its own stream, or a generator", () => {
  manualSeed(3);
  const a = new Linear(3, 3).weight.toArray();
  manualSeed(3);
  streamFor("shuffle").stream("x");
  const b = new Linear(3, 3).weight.toArray();
  assertEquals(a, b);
  assert(
    JSON.stringify(new Linear(3, 3).weight.toArray()) !== JSON.stringify(a),
  );
  const draw = () =>
    init.uniform_(zeros([4]), -1, 1, { generator: new Generator(5) }).toArray();
  assertEquals(draw(), draw());
});

Deno.test("orthogonal_() makes orthonormal rows, or columns", () => {
  manualSeed(0);
  for (const shape of [[4, 9], [9, 4], [6, 6], [5, 2, 3], [1, 1]]) {
    const w = init.orthogonal_(zeros(shape)).reshape([shape[0]!, -1]);
    const [rows, columns] = w.shape as [number, number];
    const gram = rows <= columns ? w.matmul(w.t()) : w.t().matmul(w);
    assertClose(
      gram.data() as Float32Array,
      eye(Math.min(rows, columns)).data() as Float32Array,
      { atol: 1e-5 },
    );
  }
  const scaled = init.orthogonal_(zeros([2, 2]), { gain: 3 });
  assertClose(scaled.square().sum().item(), 18);
  assertThrows(() => init.orthogonal_(zeros([3])), RangeError, "[3]");
});

Deno.test("truncNormal_() stays in its bounds and keeps the bell", () => {
  manualSeed(0);
  const draw = (options: init.TruncNormalOptions) =>
    [...init.truncNormal_(zeros([20_000]), options).data()].map(Number);
  const mean = (values: number[]) =>
    values.reduce((a, b) => a + b) / values.length;
  const plain = draw({});
  assert(plain.every((v) => v >= -2 && v <= 2));
  assertAlmostEquals(mean(plain), 0, 0.02);
  assertAlmostEquals(deviation(plain), 0.8796, 0.02); // scipy.stats.truncnorm
  const shifted = draw({ mean: 3, std: 0.1, low: 2, high: 4 });
  assertAlmostEquals(mean(shifted), 3, 0.01);
  assertAlmostEquals(deviation(shifted), 0.1, 0.005);
  // Far out in the tail, and in a narrow slot: neither takes for ever.
  const tail = draw({ low: 8, high: 100 });
  assert(tail.every((v) => v >= 8));
  assertAlmostEquals(mean(tail), 8.1213, 0.01);
  const slot = draw({ low: 0, high: 1e-3 });
  assertAlmostEquals(mean(slot), 5e-4, 1e-5);
  assertThrows(() => draw({ low: 1, high: 1 }), RangeError, "low < high");
});

Deno.test("init functions refuse what makes no sense", () => {
  const w = zeros([3]);
  assertThrows(() => init.kaimingUniform_(w), RangeError, "two dims, got [3]");
  assertThrows(() => init.uniform_(w, 1, 0), RangeError, "low 1 and high 0");
  assertThrows(() => init.normal_(w, 0, -1), RangeError, "std -1");
  assertThrows(
    () => init.calculateGain("gelu" as init.Nonlinearity),
    RangeError,
    '"gelu"',
  );
  assertThrows(
    () => init.kaimingNormal_(zeros([2, 2]), { mode: "in" as init.FanMode }),
    RangeError,
    '"in"',
  );
});
