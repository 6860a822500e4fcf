/**
 * Convolutions and pooling of usual models, beside the probe (as many
 * multiply-adds in registers) and plain loops.
 */

import {
  avgPool1d,
  avgPool2d,
  conv1d,
  conv2d,
  convTranspose2d,
  manualSeed,
  maxPool1d,
  maxPool2d,
  randn,
  setNumThreads,
  type Tensor,
} from "@fdunn/tensor";
import { probeOf } from "../probe.ts";

manualSeed(0);
setNumThreads(1); // as the baselines

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

interface Layer {
  /** `[N, C, H, W]`. */
  shape: [n: number, c: number, h: number, w: number];
  out: number;
  kernel: number;
  stride?: number;
  groups?: number;
}

const LAYERS: Record<string, Layer> = {
  "1-4 on 28x28, batch 16": { shape: [16, 1, 28, 28], out: 4, kernel: 3 },
  "4-8 on 14x14, batch 16": { shape: [16, 4, 14, 14], out: 8, kernel: 3 },
  "5x5, 6-16 on 14x14, batch 16": {
    shape: [16, 6, 14, 14],
    out: 16,
    kernel: 5,
  },
  "3-64 on 32x32, batch 4": { shape: [4, 3, 32, 32], out: 64, kernel: 3 },
  "stride 2, 16-32 on 32x32, batch 4": {
    shape: [4, 16, 32, 32],
    out: 32,
    kernel: 3,
    stride: 2,
  },
  "32 groups on 32x32, batch 4": {
    shape: [4, 32, 32, 32],
    out: 32,
    kernel: 3,
    groups: 32,
  },
  "64 groups, stride 2, on 32x32, batch 4": {
    shape: [4, 64, 32, 32],
    out: 64,
    kernel: 3,
    stride: 2,
    groups: 64,
  },
  "7x7, stride 2, 3-64 on 64x64, batch 4": {
    shape: [4, 3, 64, 64],
    out: 64,
    kernel: 7,
    stride: 2,
  },
  "16-16 on 32x32, batch 4": { shape: [4, 16, 32, 32], out: 16, kernel: 3 },
  "64-128 on 16x16, batch 4": { shape: [4, 64, 16, 16], out: 128, kernel: 3 },
  "512-512 on 4x4, batch 32": { shape: [32, 512, 4, 4], out: 512, kernel: 3 },
  "512-512 on 2x2, batch 32": { shape: [32, 512, 2, 2], out: 512, kernel: 3 },
};

for (const [group, layer] of Object.entries(LAYERS)) {
  const { shape, out, kernel, stride = 1, groups = 1 } = layer;
  const x = randn(shape);
  const weight = randn([out, shape[1] / groups, kernel, kernel]);
  const options = { padding: kernel >> 1, stride, groups };
  const [xGrad, weightGrad] = [x.clone(), weight.clone()];
  xGrad.requiresGrad_();
  weightGrad.requiresGrad_();
  const y = conv2d(x, weight, null, options);
  const g = randn(y.shape);
  const flops = 2 * y.size * weight.size / out;
  // Plain loops take seconds where the channels are many: the probe measures.
  const loops = kernel === 3 && stride === 1 && groups === 1 && flops < 1e8;
  if (loops) {
    const [data, filters] = [x.data(), weight.data()] as [
      Float32Array,
      Float32Array,
    ];
    Deno.bench(`plain loops, ${group}`, { group, baseline: true }, () => {
      naive(data, filters, shape, out);
    });
  }
  Deno.bench(
    `the probe, ${group}`,
    { group, baseline: !loops },
    probeOf(flops),
  );
  Deno.bench(`conv2d, ${group}`, { group }, () => {
    conv2d(x, weight, null, options).dispose();
  });
  Deno.bench(`conv2d and its gradients, ${group}`, { group }, () => {
    conv2d(xGrad, weightGrad, null, options).backward(g);
    xGrad.grad = null;
    weightGrad.grad = null;
  });
}

/** Convolutions of sequences, and of and to single pixels. */
const OTHERS: Record<string, [run: () => Tensor, flops: number]> = {};
{
  const wave = randn([4, 1, 16000]);
  const filters = randn([32, 1, 80]);
  OTHERS["1-D, 80 by 4, 1-32 on 16000, batch 4"] = [
    () => conv1d(wave, filters, null, { stride: 4 }),
    2 * 4 * 32 * 3981 * 80,
  ];
  const sequences = randn([2, 32, 4000]);
  const pairs = randn([32, 32, 2]);
  OTHERS["1-D, 2 apart by 64, 32-32 on 4000, batch 2"] = [
    () => conv1d(sequences, pairs, null, { dilation: 64 }),
    2 * 2 * 32 * 3936 * 64,
  ];
  const noise = randn([8, 100, 1, 1]);
  const first = randn([100, 512, 4, 4]);
  OTHERS["transposed, 100-512 on 1x1 to 4x4, batch 8"] = [
    () => convTranspose2d(noise, first),
    2 * 8 * 100 * 512 * 16,
  ];
  const small = randn([8, 512, 4, 4]);
  const last = randn([1, 512, 4, 4]);
  OTHERS["512-1 on 4x4 to 1x1, batch 8"] = [
    () => conv2d(small, last),
    2 * 8 * 512 * 16,
  ];
}
for (const [group, [run, flops]] of Object.entries(OTHERS)) {
  const probe = probeOf(flops);
  Deno.bench(`the probe, ${group}`, { group, baseline: true }, probe);
  Deno.bench(`convolution, ${group}`, { group }, () => run().dispose());
}

const images = randn([8, 64, 32, 32]);
const pixels = images.data() as Float32Array;

/** The largest of each window, plane by plane. */
function naivePool(kernel: number, stride: number, padding: number): void {
  const size = Math.floor((32 + 2 * padding - kernel) / stride) + 1;
  const out = new Float32Array(8 * 64 * size * size).fill(-Infinity);
  for (let at = 0; at < out.length; at++) {
    const plane = Math.floor(at / size / size);
    const top = Math.floor(at / size) % size * stride - padding;
    const left = at % size * stride - padding;
    for (let y = Math.max(0, top); y < Math.min(32, top + kernel); y++) {
      for (let x = Math.max(0, left); x < Math.min(32, left + kernel); x++) {
        out[at] = Math.max(out[at]!, pixels[(plane * 32 + y) * 32 + x]!);
      }
    }
  }
}

const windows: [kernel: number, stride: number, padding: number][] = [
  ...[[2, 2, 0], [3, 2, 1], [3, 1, 1]] as const,
].map(([kernel, stride, padding]) => [kernel, stride, padding]);
for (const [kernel, stride, padding] of windows) {
  const group = `pooling by ${kernel}/${stride}/${padding}`;
  Deno.bench(`plain loops, ${group}`, { group, baseline: true }, () => {
    naivePool(kernel, stride, padding);
  });
  for (const [name, pool] of Object.entries({ maxPool2d, avgPool2d })) {
    Deno.bench(`${name}, ${group}`, { group }, () => {
      pool(images, kernel, { stride, padding }).dispose();
    });
  }
}

const sequences = randn([16, 64, 256]);
for (const [name, pool] of Object.entries({ maxPool1d, avgPool1d })) {
  const group = "1-D pooling by 3/2/1";
  Deno.bench(`${name}, ${group}`, { group }, () => {
    pool(sequences, 3, { stride: 2, padding: 1 }).dispose();
  });
}

/** `[N, C, H, W]`, output channels: what a network begins with. */
const STAGES: [shape: [number, number, number, number], out: number][] = [
  [[16, 1, 28, 28], 4],
  [[16, 4, 14, 14], 8],
  [[16, 3, 32, 32], 16],
];
for (const [shape, out] of STAGES) {
  const group = `conv, relu, maxPool2d: ${shape} to ${out} channels`;
  const x = randn(shape, { requiresGrad: shape[1] > 1 });
  const weight = randn([out, shape[1], 3, 3], { requiresGrad: true });
  const g = randn([shape[0], out, shape[2] / 2, shape[3] / 2]);
  const step = (whole: boolean) => {
    const y = conv2d(x, weight, null, { padding: 1 }).relu();
    if (whole) y.retainGrad();
    maxPool2d(y, 2).backward(g);
    x.grad = weight.grad = null;
  };
  // A gradient that is looked at has all its zeros.
  Deno.bench(`whole gradients, ${group}`, { group, baseline: true }, () => {
    step(true);
  });
  Deno.bench(`sparse gradients, ${group}`, { group }, () => step(false));
}
