import { assert, assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";

/** n, c, s: with s = 1 lanes are channels, otherwise runs of every length. */
const sizes: readonly [n: number, c: number, s: number][] = [
  [2, 3, 1],
  [67, 9, 1],
  [130, 4, 1],
  [1, 5, 2],
  [3, 2, 3],
  [2, 3, 4],
  [2, 2, 49],
  [3, 1, 300],
  [1, 3, 1100],
  // More channels than go through the pictures together.
  [2, 70, 3],
  [3, 290, 1],
  [0, 2, 4],
];
const EPS = 1e-5;
const MOMENTUM = 0.3;

interface Channels {
  mean: number[];
  invstd: number[];
  variance: number[];
}

/** Calls f(channel, position) for every value. */
function each(
  [n, c, s]: readonly [number, number, number],
  f: (channel: number, at: number) => void,
): void {
  for (let i = 0; i < n * c * s; i++) f(Math.floor(i / s) % c, i);
}

/** Per channel, in float64. */
function moments(
  size: readonly [number, number, number],
  x: ArrayLike<number>,
): Channels {
  const [n, c, s] = size;
  const mean = new Array<number>(c).fill(0);
  const variance = new Array<number>(c).fill(0);
  each(size, (k, i) => mean[k]! += x[i]! / (n * s));
  each(size, (k, i) => variance[k]! += (x[i]! - mean[k]!) ** 2 / (n * s));
  const invstd = variance.map((v) => 1 / Math.sqrt(v + EPS));
  return { mean, invstd, variance };
}

function close(
  wasm: Instance,
  actual: ArrayLike<number>,
  expected: readonly number[],
  label: string,
  scale = 1,
): void {
  const tolerance = (wasm.float === "f32" ? 4e-6 : 1e-13) * scale;
  assertEquals(actual.length, expected.length, label);
  expected.forEach((value, i) => {
    const error = Math.abs(actual[i]! - value);
    assert(
      Object.is(actual[i], value) ||
        error <= tolerance * Math.max(1, Math.abs(value)),
      `${label}: [${i}] is ${actual[i]}, expected ${value}`,
    );
  });
}

/** Runs both kernels on channels [first, end) and returns what they wrote. */
function run(
  wasm: Instance,
  [n, c, s]: readonly [number, number, number],
  training: boolean,
  affine: boolean,
  x: ArrayLike<number>,
  cuts: readonly number[] = [0, c],
) {
  wasm.checkGuards();
  wasm.reset();
  const block = (length: number, fill = NaN) =>
    wasm.floats(new Float64Array(length).fill(fill), 1);
  const input = wasm.floats(x, 1);
  const weight = wasm.floats(numbers(c, 2).map((v) => v + 2), 1);
  const bias = wasm.floats(numbers(c, 3), 1);
  const runningMean = wasm.floats(numbers(c, 4), 1);
  const runningVar = wasm.floats(numbers(c, 5).map((v) => v + 2), 1);
  const before = {
    mean: [...runningMean.values],
    variance: [...runningVar.values],
  };
  const g = wasm.floats(numbers(n * c * s, 6), 1);
  const [out, gx] = [block(n * c * s), block(n * c * s)];
  const [mean, invstd, gw, gb] = [block(c), block(c), block(c), block(c)];
  const [pw, pb] = affine ? [weight.pointer, bias.pointer] : [0, 0];
  for (let i = 1; i < cuts.length; i++) {
    const range = [n, c, s, cuts[i - 1]!, cuts[i]!, Number(training)];
    // deno-fmt-ignore
    wasm.call("batch_norm", ...range, MOMENTUM, EPS, input.pointer, pw, pb,
      runningMean.pointer, runningVar.pointer, out.pointer, mean.pointer, invstd.pointer);
    // deno-fmt-ignore
    wasm.call("batch_norm_backward", ...range, input.pointer, pw, g.pointer,
      mean.pointer, invstd.pointer, gx.pointer, gw.pointer, gb.pointer);
  }
  // deno-fmt-ignore
  const values = { x: input.values, weight: weight.values, bias: bias.values, g: g.values,
    out: out.values, gx: gx.values, gw: gw.values, gb: gb.values, mean: mean.values,
    invstd: invstd.values, runningMean: runningMean.values, runningVar: runningVar.values };
  return { ...values, before };
}

for (const training of [true, false]) {
  const mode = training ? "the batch's moments" : "running moments";
  testEachBuild(`batch_norm() and its gradients by ${mode}`, (wasm) => {
    for (const size of sizes) {
      for (const affine of [true, false]) {
        const [n, c, s] = size;
        if (n === 0 && training) continue; // no moments
        const label = `[${size}], affine ${affine}`;
        const r = run(wasm, size, training, affine, numbers(n * c * s));
        const own = moments(size, r.x);
        const mean = training ? own.mean : r.before.mean;
        const invstd = training
          ? own.invstd
          : r.before.variance.map((v) => 1 / Math.sqrt(v + EPS));
        close(wasm, r.mean, mean, `mean ${label}`);
        close(wasm, r.invstd, invstd, `invstd ${label}`, 2);
        const factor = (k: number) => affine ? r.weight[k]! : 1;
        const gw = new Array<number>(c).fill(0), gb = [...gw];
        const out: number[] = [], gx: number[] = [];
        each(size, (k, i) => {
          const y = (r.x[i]! - mean[k]!) * invstd[k]!;
          out.push(y * factor(k) + (affine ? r.bias[k]! : 0));
          gw[k]! += r.g[i]! * y;
          gb[k]! += r.g[i]!;
        });
        each(size, (k, i) => {
          const y = (r.x[i]! - mean[k]!) * invstd[k]!;
          const shared = training ? (gb[k]! + y * gw[k]!) / (n * s) : 0;
          gx.push(factor(k) * invstd[k]! * (r.g[i]! - shared));
        });
        // Two values of one channel may lie close together.
        const scale = Math.max(1, ...invstd) ** 2;
        close(wasm, r.out, out, `out ${label}`, scale);
        close(wasm, r.gb, gb, `gb ${label}`, 8);
        close(wasm, r.gw, gw, `gw ${label}`, 8 * scale);
        close(wasm, r.gx, gx, `gx ${label}`, 8 * scale);
      }
    }
  });
}

testEachBuild("batch_norm() moves running moments when training", (wasm) => {
  for (const size of sizes.filter(([n]) => n > 0)) {
    const [n, c, s] = size;
    const r = run(wasm, size, true, true, numbers(n * c * s));
    const own = moments(size, r.x);
    const moved = (from: number[], to: number[]) =>
      from.map((v, k) => (1 - MOMENTUM) * v + MOMENTUM * to[k]!);
    const unbiased = own.variance.map((v) => v * n * s / (n * s - 1));
    close(wasm, r.runningMean, moved(r.before.mean, own.mean), `mean ${size}`);
    const variance = moved(r.before.variance, unbiased);
    close(wasm, r.runningVar, variance, `variance ${size}`);
    const still = run(wasm, size, false, true, numbers(n * c * s));
    assertEquals([...still.runningMean], still.before.mean);
    assertEquals([...still.runningVar], still.before.variance);
  }
});

testEachBuild("batch_norm() keeps its digits beside a large mean", (wasm) => {
  for (const [n, c, s] of [[64, 3, 784], [4096, 5, 1]] as const) {
    // Whole numbers around 4096, exact in float32: 0.1 % of the mean.
    const x = numbers(n * c * s).map((v) => 4096 + Math.round(4 * v));
    const r = run(wasm, [n, c, s], true, false, x);
    const own = moments([n, c, s], r.x);
    const error = (a: ArrayLike<number>, b: number[]) =>
      Math.max(...b.map((v, k) => Math.abs(a[k]! / v - 1)));
    const limit = wasm.float === "f32" ? 2e-7 : 1e-12;
    assert(error(r.mean, own.mean) < limit, `mean [${n}, ${c}, ${s}]`);
    // The mean's own rounding, 2^-12 at worst, makes variance 2^-24 larger.
    assert(error(r.invstd, own.invstd) < 2 * limit, `invstd ${n}`);
  }
});

testEachBuild("batch_norm() gives a channel the same bits in parts", (wasm) => {
  for (const [n, c, s] of [[9, 23, 1], [3, 7, 50], [2, 80, 6]] as const) {
    const whole = run(wasm, [n, c, s], true, true, numbers(n * c * s));
    const copy = Object.entries(whole).map(([name, values]) =>
      [name, Array.from(values as ArrayLike<number>)] as const
    );
    const parts = [0, 3, 4, c - 2, c];
    const cut = run(wasm, [n, c, s], true, true, numbers(n * c * s), parts);
    for (const [name, values] of copy) {
      const other = Array.from(
        cut[name as keyof typeof cut] as ArrayLike<number>,
      );
      assertEquals(other, values, name);
    }
  }
});
