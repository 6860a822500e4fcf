/**
 * How time grows with the size of matrices, the batch, the channels of a
 * convolution, and the number of threads; drawn into SVG files beside this
 * one, with a table of the same figures on the terminal.
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
import { lineChart, type Series } from "@fdunn/train";
import { cpus } from "node:os";
import { medianSeconds } from "./clock.ts";

/** Measures `value` at each `x`, and says so. */
function line(
  name: string,
  xs: readonly number[],
  value: (x: number) => number,
): Series {
  const points = xs.map((x): [number, number] => [x, value(x)]);
  const shown = points.map(([x, y]) => `${x}: ${y.toPrecision(3)}`);
  console.log(`${name}: ${shown.join(", ")}`);
  return { name, points };
}

function matmul(n: number): number {
  const [a, b] = [randn([n, n]), randn([n, n])];
  const seconds = medianSeconds(() => a.matmul(b).dispose());
  return 2 * n ** 3 / seconds / 1e9;
}

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

/** GFLOP/s of a 3x3 convolution, counted as the direct sum. */
function conv(channels: number, backward: boolean): number {
  const shape = [8, channels, 16, 16];
  const x = randn(shape, { requiresGrad: backward });
  const weight = randn([channels, channels, 3, 3], { requiresGrad: backward });
  const g = randn(shape);
  const flops = (backward ? 3 : 1) * 2 * x.size * channels * 9;
  const seconds = medianSeconds(() => {
    const out = conv2d(x, weight, null, { padding: 1 });
    if (!backward) return out.dispose();
    out.backward(g);
    x.grad = null;
    weight.grad = null;
  });
  return flops / seconds / 1e9;
}

function write(file: string, svg: string): void {
  Deno.writeTextFileSync(new URL(file, import.meta.url), svg);
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
  value: (x: number) => number,
): Series[] {
  return counts.map((count) => {
    setNumThreads(count);
    const name = count === 1 ? "1 thread" : `${count} threads`;
    return line(name, xs, value);
  });
}

write(
  "matmul_curve.svg",
  lineChart({
    title: `Matrix product, float32 (${machine})`,
    xLabel: "rows and columns",
    yLabel: "GFLOP/s",
    series: withThreads(
      [16, 32, 64, 128, 192, 256, 384, 512, 768, 1024],
      (n) => noGrad(() => matmul(n)),
    ),
  }),
);

write(
  "batch_curve.svg",
  lineChart({
    title: `Training step of the CNN 1-4-8 (${machine})`,
    xLabel: "batch",
    yLabel: "ms",
    series: withThreads([1, 4, 8, 16, 32, 64, 128, 256], cnnStep),
  }),
);

setNumThreads(1);
write(
  "channels_curve.svg",
  lineChart({
    title: `Convolution 3x3 on 16x16, batch 8, 1 thread (${machine})`,
    xLabel: "channels in and out",
    yLabel: "GFLOP/s as the direct sum",
    series: [false, true].map((backward) =>
      line(
        backward ? "with both gradients" : "forward",
        [4, 8, 16, 32, 48, 64, 96, 128, 192, 256],
        (channels) => conv(channels, backward),
      )
    ),
  }),
);

const upTo = Array.from({ length: cores }, (_, i) => i + 1);
const work: Record<string, () => number> = {
  "matmul 512": () => matmul(512),
  "CNN 1-4-8, batch 16": () => 1 / cnnStep(16),
  "convolution 128-128": () => conv(128, true),
};
write(
  "threads_curve.svg",
  lineChart({
    title: `Speed with more threads (${machine})`,
    xLabel: "threads",
    yLabel: "times the speed of one thread",
    series: Object.entries(work).map(([name, speed]) => {
      setNumThreads(1);
      const one = speed();
      return line(name, upTo, (count) => {
        setNumThreads(count);
        return speed() / one;
      });
    }),
  }),
);
