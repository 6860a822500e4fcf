/**
 * What the kernels reach, as a table: products and convolutions in GFLOP/s
 * beside the probe (multiply-adds in registers), what only moves memory in GB/s
 * beside a copy; on one thread, and how much faster on all.
 *
 *     deno task bench:speed
 *
 * @module
 */

import {
  batchNorm,
  conv2d,
  manualSeed,
  maxPool2d,
  noGrad,
  randn,
  setNumThreads,
  type Tensor,
} from "@fdunn/tensor";
import { medianSeconds } from "./clock.ts";
import { probe } from "./probe.ts";

const cores = navigator.hardwareConcurrency;
manualSeed(0);

/** A row's work, and how it counts. */
interface Work {
  name: string;
  run: () => unknown;
  /** Operations, or bytes that must pass through memory. */
  amount: number;
}

/** Measures rows and prints them; `bound` is measured between them. */
function table(
  unit: "GFLOP/s" | "GB/s",
  against: string,
  bound: () => number,
  works: Work[],
): void {
  console.log(`| work | ${unit} | % of ${against} | ${cores} threads |`);
  console.log("| --- | --- | --- | --- |");
  for (const { name, run, amount } of works) {
    setNumThreads(1);
    const limit = bound();
    const one = medianSeconds(run);
    const speed = amount / one / 1e9;
    let scaling = "";
    if (cores > 1) {
      setNumThreads(cores);
      scaling = `x${(one / medianSeconds(run)).toFixed(2)}`;
    }
    const share = (100 * speed / limit).toFixed(0);
    console.log(`| ${name} | ${speed.toFixed(1)} | ${share} | ${scaling} |`);
  }
  console.log();
}

function products(): Work[] {
  const shapes: [m: number, k: number, n: number][] = [
    ...[64, 128, 192, 256, 512, 1024].map((n): [number, number, number] => [
      ...[n, n, n] as const,
    ]),
    ...[[1, 392, 100], [1, 1024, 1024], [4, 1024, 1024]] as const,
    ...[[16, 392, 100], [32, 128, 128], [256, 784, 10]] as const,
    ...[[784, 256, 10], [1024, 1024, 1], [1024, 1024, 4]] as const,
  ].map(([m, k, n]) => [m, k, n]);
  return shapes.flatMap(([m, k, n]) => {
    const [a, b] = [randn([m, k]), randn([k, n])];
    const [aT, bT] = [a.t().contiguous().t(), b.t().contiguous().t()];
    const forms: [string, Tensor, Tensor][] = [
      ["A·B", a, b],
      ["A·Bᵀ", a, bT],
      ["Aᵀ·B", aT, b],
      ["Aᵀ·Bᵀ", aT, bT],
    ];
    return forms.map(([form, x, y]) => ({
      name: `${form} ${m}x${k}x${n}`,
      run: () => x.matmul(y).dispose(),
      amount: 2 * m * k * n,
    }));
  });
}

function batches(): Work[] {
  return [[64, 64], [256, 16], [1024, 8]].flatMap(([batch, size]) => {
    const [a, b] = [
      randn([batch!, size!, size!]),
      randn([batch!, size!, size!]),
    ];
    const bT = b.transpose(1, 2);
    const amount = 2 * batch! * size! ** 3;
    const name = `${batch} of ${size}x${size}`;
    return [
      { name: `A·B, ${name}`, run: () => a.matmul(b).dispose(), amount },
      { name: `A·Bᵀ, ${name}`, run: () => a.matmul(bT).dispose(), amount },
    ];
  });
}

/** The convolutions of VGG at batch 32, and of the CNN at 16, forward. */
function convolutions(): Work[] {
  const layers: [n: number, c: number, o: number, size: number][] = [
    ...[[16, 1, 4, 28], [16, 4, 8, 14]] as const,
    ...[[32, 3, 64, 32], [32, 64, 128, 16], [32, 128, 256, 8]] as const,
    ...[[32, 256, 256, 8], [32, 256, 512, 4], [32, 512, 512, 4]] as const,
    ...[[32, 512, 512, 2]] as const,
  ].map(([n, c, o, size]) => [n, c, o, size]);
  return layers.flatMap(([n, c, o, size]) => {
    const [x, weight] = [randn([n, c, size, size]), randn([o, c, 3, 3])];
    const [xs, ws] = [x.clone(), weight.clone()];
    xs.requiresGrad_();
    ws.requiresGrad_();
    const g = randn([n, o, size, size]);
    const amount = 2 * 9 * n * c * o * size ** 2;
    const name = `conv 3x3 ${c}-${o} on ${size}x${size}, batch ${n}`;
    const padding = { padding: 1 };
    return [
      {
        name,
        run: () => conv2d(x, weight, null, padding).dispose(),
        amount,
      },
      {
        name: `${name}, with gradients`,
        run: () => {
          conv2d(xs, ws, null, padding).backward(g);
          xs.grad = ws.grad = null;
        },
        amount: 3 * amount,
      },
    ];
  });
}

/** Reads, or reads and writes, of arrays that the second cache cannot hold. */
function moves(): Work[] {
  const n = 1 << 21;
  const [x, y] = [randn([n]), randn([n])];
  const rows = x.reshape([n / 1024, 1024]);
  const pictures = randn([32, 64, 32, 32]);
  const moments = [randn([64]), randn([64]), randn([64]), randn([64])] as const;
  const scale = moments.map((it) => it.square()) as [Tensor, Tensor];
  const own = (run: () => Tensor) => () => run().dispose();
  const array = 4 * n;
  return [
    ["copy", own(() => x.clone()), 2],
    ["add", own(() => x.add(y)), 3],
    ["relu", own(() => x.relu()), 2],
    ["exp", own(() => x.exp()), 2],
    ["log", own(() => y.square().log()), 4],
    ["tanh", own(() => x.tanh()), 2],
    ["sigmoid", own(() => x.sigmoid()), 2],
    ["erf", own(() => x.erf()), 2],
    ["sum", own(() => x.sum()), 1],
    ["sum of rows", own(() => rows.sum(1)), 1],
    ["sum of columns", own(() => rows.sum(0)), 1],
    ["maximum of rows", own(() => rows.amax(1)), 1],
    ["softmax of rows", own(() => rows.softmax(1)), 2],
    ["transposed copy", own(() => rows.t().contiguous()), 2],
    [
      "batchNorm, training, 32x64x32x32",
      own(() =>
        batchNorm(pictures, null, null, scale[0], scale[1], { training: true })
      ),
      2,
    ],
    [
      "maxPool2d 3/2/1, 32x64x32x32",
      own(() => maxPool2d(pictures, 3, { stride: 2, padding: 1 })),
      1.5,
    ],
  ].map(([name, run, arrays]) => ({
    name: name as string,
    run: run as () => unknown,
    amount: array * (arrays as number),
  }));
}

/** GB/s of a copy of 8 MB by the engine itself, read and written. */
function copySpeed(): number {
  const from = new Uint8Array(1 << 23).fill(1), to = new Uint8Array(1 << 23);
  return 2 * from.length / medianSeconds(() => to.set(from), 0.05) / 1e9;
}

const fused = () => probe(true);
noGrad(() =>
  table("GFLOP/s", "the probe", fused, [...products(), ...batches()])
);
table("GFLOP/s", "the probe", fused, convolutions());
noGrad(() => table("GB/s", "a copy's", copySpeed, moves()));
