import { Conv2d, init, Linear } from "@fdunn/nn";
import { manualSeed, type Tensor, zeros } from "@fdunn/tensor";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type FixtureCase, loadFixture } from "../fixture.ts";

interface InitCase extends FixtureCase {
  op: string;
  shape: number[];
  fanIn: number;
  fanOut: number;
  bound?: number;
  std?: number;
  arguments: [number, number, number];
  weightBound: number;
  biasBound: number;
  nonlinearity: string;
  param: number | null;
  gain: number;
}

/** How fdunn calls what the fixtures name. */
const fills: Record<string, (w: Tensor) => Tensor> = {
  "kaimingUniform a=sqrt(5)": (w) =>
    init.kaimingUniform_(w, { a: Math.sqrt(5) }),
  "kaimingUniform relu": (w) =>
    init.kaimingUniform_(w, { nonlinearity: "relu" }),
  "kaimingNormal relu": (w) => init.kaimingNormal_(w, { nonlinearity: "relu" }),
  "kaimingNormal fan_out relu": (w) =>
    init.kaimingNormal_(w, { nonlinearity: "relu", mode: "fanOut" }),
  xavierUniform: (w) => init.xavierUniform_(w),
  "xavierUniform gain tanh": (w) =>
    init.xavierUniform_(w, { gain: init.calculateGain("tanh") }),
  xavierNormal: (w) => init.xavierNormal_(w),
};

const { cases, torch } = loadFixture<InitCase>("init");

for (const [op, entries] of Map.groupBy(cases, (entry) => entry.op)) {
  Deno.test(`init: ${op} is PyTorch ${torch}'s`, () => {
    for (const entry of entries) check(entry);
  });
}

function check(entry: InitCase): void {
  manualSeed(0);
  switch (entry.op) {
    case "gain": {
      const name = entry.nonlinearity === "leaky_relu"
        ? "leakyRelu"
        : entry.nonlinearity as init.Nonlinearity;
      const gain = entry.param === null
        ? init.calculateGain(name)
        : init.calculateGain(name, entry.param);
      return assertAlmostEquals(gain, entry.gain, 1e-12);
    }
    case "Linear": {
      const [into, out] = entry.arguments;
      return checkLayer(entry, () => new Linear(into, out));
    }
    case "Conv2d": {
      const [into, out, kernel] = entry.arguments;
      return checkLayer(entry, () => new Conv2d(into, out, kernel));
    }
    default:
      return checkFill(entry);
  }
}

function checkFill(entry: InitCase): void {
  const fill = fills[entry.op];
  assert(fill !== undefined, entry.op);
  const w = zeros(entry.shape);
  assertEquals(init.calculateFanInAndFanOut(w), [entry.fanIn, entry.fanOut]);
  const seen = collect(() => fill(w));
  if (entry.bound !== undefined) checkBound(entry.name, seen, entry.bound);
  else checkDeviation(entry.name, seen, entry.std!);
}

function checkLayer(
  entry: InitCase,
  make: () => { weight: Tensor; bias: Tensor | null },
): void {
  checkBound(entry.name, collect(() => make().weight), entry.weightBound);
  checkBound(
    `${entry.name} bias`,
    collect(() => make().bias!),
    entry.biasBound,
  );
}

/** At least 20,000 values of repeated draws. */
function collect(draw: () => Tensor): number[] {
  const values: number[] = [];
  while (values.length < 20_000) {
    values.push(...Array.from(draw().data(), Number));
  }
  return values;
}

/** Uniform in [-bound, bound]: extremes and deviation. */
function checkBound(name: string, values: number[], bound: number): void {
  const most = Math.max(...values.map(Math.abs));
  assert(most <= bound * (1 + 1e-6), `${name}: ${most} is beyond ${bound}`);
  assert(most > 0.99 * bound, `${name}: only ${most} of ${bound}`);
  checkDeviation(name, values, bound / Math.sqrt(3));
}

function checkDeviation(name: string, values: number[], std: number): void {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b) / n;
  const seen = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
  assert(Math.abs(seen / std - 1) < 0.03, `${name}: ${seen}, not ${std}`);
  assert(Math.abs(mean) < 4 * std / Math.sqrt(n), `${name}: mean ${mean}`);
}
