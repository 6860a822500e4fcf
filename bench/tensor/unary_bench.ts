/** Elementwise functions on a layer's activations, beside Math's. */

import { manualSeed, randn, type Tensor } from "@fdunn/tensor";

manualSeed(0);
const SHAPE = [16, 4, 28, 28]; // what the CNN's first convolution puts out

const FUNCTIONS: Record<
  string,
  [ours: (x: Tensor) => Tensor, naive: (x: number) => number]
> = {
  exp: [(x) => x.exp(), Math.exp],
  log: [(x) => x.log(), Math.log],
  tanh: [(x) => x.tanh(), Math.tanh],
  sigmoid: [(x) => x.sigmoid(), (x) => 1 / (1 + Math.exp(-x))],
  relu: [(x) => x.relu(), (x) => x > 0 ? x : 0],
  expm1: [(x) => x.expm1(), Math.expm1],
  log1p: [(x) => x.log1p(), Math.log1p],
  sin: [(x) => x.sin(), Math.sin],
  sqrt: [(x) => x.sqrt(), Math.sqrt],
};

const x = randn(SHAPE).abs();
const data = x.data() as Float32Array;
for (const [name, [ours, naive]] of Object.entries(FUNCTIONS)) {
  const group = `${name}, 16x4x28x28`;
  Deno.bench(`Math, ${group}`, { group, baseline: true }, () => {
    const out = new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) out[i] = naive(data[i]!);
  });
  Deno.bench(`Tensor, ${group}`, { group }, () => {
    ours(x).dispose();
  });
}
