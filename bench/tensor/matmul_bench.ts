/**
 * Matrix products of real models on one thread, beside the probe (as many
 * multiply-adds in registers) and three plain loops.
 */

import { manualSeed, randn, setNumThreads, type Tensor } from "@fdunn/tensor";
import { probeOf } from "../probe.ts";

manualSeed(0);
const cores = navigator.hardwareConcurrency;

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

/** A group's rows: the probe, then `forms` with so many threads. */
function rows(
  group: string,
  flops: number,
  forms: [name: string, work: () => Tensor, threads?: number][],
): void {
  const probe = probeOf(flops);
  Deno.bench(`the probe, ${group}`, { group, baseline: true }, probe);
  for (const [name, work, threads = 1] of forms) {
    Deno.bench(`${name}, ${group}`, { group }, () => {
      setNumThreads(threads);
      work().dispose();
    });
  }
}

const SHAPES: Record<string, [m: number, k: number, n: number]> = {
  "a linear layer of one sample, 1x392x100": [1, 392, 100],
  "a large layer of one sample, 1x1024x1024": [1, 1024, 1024],
  "the CNN's first linear layer, 16x392x100": [16, 392, 100],
  "logits of ten classes, 256x784x10": [256, 784, 10],
  "a step of an RNN, 32x128x128": [32, 128, 128],
  "square, 256": [256, 256, 256],
  "square, 512": [512, 512, 512],
  "VGG's third block as one product, 2048x1152x256": [2048, 1152, 256],
};

for (const [group, [m, k, n]] of Object.entries(SHAPES)) {
  const [a, b] = [randn([m, k]), randn([k, n])];
  // The same products with one operand stored the other way round.
  const [aT, bT] = [a.t().contiguous().t(), b.t().contiguous().t()];
  const forms: Parameters<typeof rows>[2] = [
    ["A·B", () => a.matmul(b)],
    ["A·Bᵀ", () => a.matmul(bT)],
    ["Aᵀ·B", () => aT.matmul(b)],
  ];
  if (m * n * k > 1e6 && cores > 1) {
    forms.push([`A·B on ${cores} threads`, () => a.matmul(b), cores]);
  }
  rows(group, 2 * m * n * k, forms);
  if (m * n * k > 2e7) continue; // the plain loops would take most of the time
  const [left, right] = [a.data(), b.data()] as [Float32Array, Float32Array];
  Deno.bench(`plain loops, ${group}`, { group }, () => {
    naive(left, right, m, k);
  });
}

for (const [batch, size] of [[64, 64], [256, 16]] as const) {
  const group = `${batch} products of ${size}x${size}`;
  const [a, b] = [randn([batch, size, size]), randn([batch, size, size])];
  const bT = b.transpose(1, 2);
  rows(group, 2 * batch * size ** 3, [
    ["A·B", () => a.matmul(b)],
    ["A·Bᵀ", () => a.matmul(bT)],
    ["A·B with one B", () => a.matmul(b.select(0, 0))],
  ]);
}
