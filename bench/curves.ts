/**
 * How time grows with the size of matrices, the batch, the channels of a
 * convolution, and the number of threads; and what speed that is, from the same
 * measurements. Drawn into SVG files beside this one, with the same figures on
 * the terminal.
 *
 *     deno task bench:curves
 *
 * @module
 */

import {
  conv2d,
  manualSeed,
  noGrad,
  randint,
  randn,
  setNumThreads,
} from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { type ChartOptions, lineChart } from "@fdunn/train";
import { cpus } from "node:os";
import { medianSeconds } from "./clock.ts";

/** Milliseconds of a product of square matrices. */
function matmul(n: number): number {
  const [a, b] = [randn([n, n]), randn([n, n])];
  return noGrad(() => 1000 * medianSeconds(() => a.matmul(b).dispose()));
}

const matmulFlops = (n: number) => 2 * n ** 3;

/** Milliseconds of a training step of the CNN 1-4-8. */
function cnnStep(batch: number): number {
  const model = new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(4, 8, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(392, 100),
    new nn.ReLU(),
    new nn.Linear(100, 10),
  );
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new SGD(model.parameters(), { lr: 1e-6 });
  const [x, y] = [randn([batch, 1, 28, 28]), randint(0, 10, [batch])];
  return 1000 * medianSeconds(() => {
    optimizer.zeroGrad();
    criterion.forward(model.forward(x), y).backward();
    optimizer.step();
  });
}

const [BATCH, SIDE] = [8, 16];

/** Milliseconds of a 3x3 convolution, and its gradients if asked for. */
function conv(channels: number, backward: boolean): number {
  const shape = [BATCH, channels, SIDE, SIDE];
  const x = randn(shape, { requiresGrad: backward });
  const weight = randn([channels, channels, 3, 3], { requiresGrad: backward });
  const g = randn(shape);
  return 1000 * medianSeconds(() => {
    const out = conv2d(x, weight, null, { padding: 1 });
    if (!backward) return out.dispose();
    out.backward(g);
    x.grad = null;
    weight.grad = null;
  });
}

/** What the direct sum takes; its gradients take as much each. */
const convFlops = (channels: number, backward: boolean) =>
  (backward ? 3 : 1) * 2 * BATCH * SIDE ** 2 * 9 * channels ** 2;

/** Points of a line that were all measured. */
interface Curve {
  name: string;
  points: [x: number, y: number][];
}

/** Milliseconds at each `x`, which it prints. */
function line(
  name: string,
  xs: readonly number[],
  milliseconds: (x: number) => number,
): Curve {
  const points = xs.map((x): [number, number] => [x, milliseconds(x)]);
  const shown = points.map(([x, y]) => `${x}: ${y.toPrecision(3)} ms`);
  console.log(`${name}: ${shown.join(", ")}`);
  return { name, points };
}

/** The same line with something made of each x and y. */
function derived(
  { name, points }: Curve,
  f: (x: number, y: number) => number,
): Curve {
  return { name, points: points.map(([x, y]) => [x, f(x, y)]) };
}

function write(name: string, options: ChartOptions): void {
  const file = `${name}_curve.svg`;
  Deno.writeTextFileSync(new URL(file, import.meta.url), lineChart(options));
  console.log(`-> bench/${file}`);
}

manualSeed(0);
const cores = navigator.hardwareConcurrency;
const counts = [...new Set([1, Math.max(1, cores >> 1), cores])];
const machine = `${cpus()[0]?.model.trim() ?? "?"}, ${cores} cores`;
console.log(machine);

/** One line for each number of threads. */
function withThreads(
  xs: readonly number[],
  milliseconds: (x: number) => number,
): Curve[] {
  return counts.map((count) => {
    setNumThreads(count);
    const name = count === 1 ? "1 thread" : `${count} threads`;
    return line(name, xs, milliseconds);
  });
}

/** Both axes logarithmic: a power is a straight line. */
const time = { yLabel: "ms", xScale: "log", yScale: "log" } as const;

const sizes = [16, 32, 64, 128, 192, 256, 384, 512, 768, 1024];
const products = {
  title: "Matrix product, float32",
  xLabel: `rows and columns (${machine})`,
  series: withThreads(sizes, matmul),
};
write("matmul_time", { ...products, ...time });
write("matmul", {
  ...products,
  yLabel: "GFLOP/s",
  series: products.series.map((it) =>
    derived(it, (n, ms) => matmulFlops(n) / ms / 1e6)
  ),
});

write("batch", {
  title: "Training step of the CNN 1-4-8",
  xLabel: `batch (${machine})`,
  yLabel: "ms",
  series: withThreads([1, 4, 8, 16, 32, 64, 128, 256], cnnStep),
});

setNumThreads(1);
const channels = [4, 8, 16, 32, 48, 64, 96, 128, 192, 256];
const passes = [false, true].map((backward) => ({
  backward,
  series: line(
    backward ? "with both gradients" : "forward",
    channels,
    (count) => conv(count, backward),
  ),
}));
const convolution = {
  title: "Convolution 3x3 on 16x16, batch 8, 1 thread",
  xLabel: `channels in and out (${machine})`,
};
write("channels_time", {
  ...convolution,
  ...time,
  series: passes.map(({ series }) => series),
});
write("channels", {
  ...convolution,
  yLabel: "GFLOP/s as the direct sum",
  series: passes.map(({ series, backward }) =>
    derived(series, (count, ms) => convFlops(count, backward) / ms / 1e6)
  ),
});

const upTo = Array.from({ length: cores }, (_, i) => i + 1);
const WORKS: Record<string, () => number> = {
  "matmul 512": () => matmul(512),
  "CNN 1-4-8, batch 64": () => cnnStep(64),
  "convolution 128-128": () => conv(128, true),
};
const works = Object.entries(WORKS).map(([name, milliseconds]) =>
  line(name, upTo, (count) => {
    setNumThreads(count);
    return milliseconds();
  })
);
const threads = { xLabel: `threads (${machine})`, xTicks: upTo };
write("threads_time", {
  ...threads,
  title: "Time with more threads",
  yLabel: "ms",
  series: works,
});
write("threads", {
  ...threads,
  title: "Speed with more threads",
  yLabel: "times the speed of one thread",
  series: works.map((it) => {
    const one = it.points[0]![1];
    return derived(it, (_, ms) => one / ms);
  }),
});
