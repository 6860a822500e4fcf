/** Matrix products of real models, beside three plain loops. */

import { manualSeed, randn, type Tensor } from "@fdunn/tensor";

manualSeed(0);

/** What anyone would write: `a [m, k]` by `b [k, n]`. */
function naive(a: Float32Array, b: Float32Array, m: number, k: number) {
  const n = b.length / k;
  const out = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const left = a[i * k + p]!;
      for (let j = 0; j < n; j++) {
        out[i * n + j] = out[i * n + j]! + left * b[p * n + j]!;
      }
    }
  }
  return out;
}

const SHAPES: Record<string, [m: number, k: number, n: number]> = {
  "a linear layer of one sample, 1x392x100": [1, 392, 100],
  "the CNN's first linear layer, 16x392x100": [16, 392, 100],
  "a step of an RNN, 32x128x128": [32, 128, 128],
  "square, 256": [256, 256, 256],
  "VGG's third block as one product, 2048x1152x256": [2048, 1152, 256],
};

for (const [group, [m, k, n]] of Object.entries(SHAPES)) {
  const [a, b] = [randn([m, k]), randn([k, n])];
  // The same products with one operand stored the other way round.
  const [aT, bT] = [a.t().contiguous().t(), b.t().contiguous().t()];
  const [left, right] = [a.data(), b.data()] as [Float32Array, Float32Array];
  Deno.bench(`plain loops, ${group}`, { group, baseline: true }, () => {
    naive(left, right, m, k);
  });
  const forms: [string, Tensor, Tensor][] = [
    ["A·B", a, b],
    ["A·Bᵀ", a, bT],
    ["Aᵀ·B", aT, b],
  ];
  for (const [form, x, y] of forms) {
    Deno.bench(`${form}, ${group}`, { group }, () => {
      x.matmul(y).dispose();
    });
  }
}
