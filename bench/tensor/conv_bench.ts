/** Convolutions of the examples' models, beside plain loops. */

import { conv2d, manualSeed, randn } from "@fdunn/tensor";

manualSeed(0);

/** 3x3, stride 1, padding 1, as the formula says. */
function naive(
  x: Float32Array,
  weight: Float32Array,
  [n, c, h, w]: readonly [number, number, number, number],
  o: number,
): Float32Array {
  const out = new Float32Array(n * o * h * w);
  for (let plane = 0; plane < n * o; plane++) {
    const [sample, filter] = [Math.floor(plane / o), plane % o];
    for (let i = 0; i < h; i++) {
      for (let j = 0; j < w; j++) {
        let sum = 0;
        for (let channel = 0; channel < c; channel++) {
          for (let k = 0; k < 9; k++) {
            const [y, z] = [i + Math.floor(k / 3) - 1, j + k % 3 - 1];
            if (y < 0 || y >= h || z < 0 || z >= w) continue;
            sum += x[((sample * c + channel) * h + y) * w + z]! *
              weight[(filter * c + channel) * 9 + k]!;
          }
        }
        out[(plane * h + i) * w + j] = sum;
      }
    }
  }
  return out;
}

type Shape = [n: number, c: number, h: number, w: number];

const LAYERS: Record<string, { shape: Shape; out: number }> = {
  "1-4 on 28x28, batch 16": { shape: [16, 1, 28, 28], out: 4 },
  "4-8 on 14x14, batch 16": { shape: [16, 4, 14, 14], out: 8 },
  "64-128 on 16x16, batch 4": { shape: [4, 64, 16, 16], out: 128 },
};

for (const [group, { shape, out }] of Object.entries(LAYERS)) {
  const x = randn(shape);
  const weight = randn([out, shape[1], 3, 3]);
  const [data, filters] = [x.data(), weight.data()] as [
    Float32Array,
    Float32Array,
  ];
  const [xGrad, weightGrad] = [x.clone(), weight.clone()];
  xGrad.requiresGrad_();
  weightGrad.requiresGrad_();
  const g = randn([shape[0], out, shape[2], shape[3]]);
  Deno.bench(`plain loops, ${group}`, { group, baseline: true }, () => {
    naive(data, filters, shape, out);
  });
  Deno.bench(`conv2d, ${group}`, { group }, () => {
    conv2d(x, weight, null, { padding: 1 }).dispose();
  });
  Deno.bench(`conv2d and its gradients, ${group}`, { group }, () => {
    conv2d(xGrad, weightGrad, null, { padding: 1 }).backward(g);
    xGrad.grad = null;
    weightGrad.grad = null;
  });
}
