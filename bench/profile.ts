/**
 * Where a training step's time goes, kernel by kernel: every call of one step
 * is noted and then repeated alone, on the same arguments; beside it what its
 * multiply-adds would take in registers (the probe). One thread.
 *
 *     deno task bench:profile
 *
 * @module
 */

import {
  manualSeed,
  randint,
  randn,
  setNumThreads,
  type Tensor,
} from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { Adam, SGD } from "@fdunn/optim";
import { runtime } from "@fdunn/wasm-kernels";
import { leastSeconds } from "./clock.ts";
import { probe } from "./probe.ts";

type Kernel = (...args: number[]) => unknown;

/** A kernel's call in a step. */
interface Call {
  name: string;
  kernel: Kernel;
  args: number[];
}

/** All kernel calls of `work`, in order. */
function callsOf(work: () => void): Call[] {
  const calls: Call[] = [];
  const { float32, int32, bytes, cast } = runtime.kernels;
  const tables = new Set([float32, int32, bytes, cast]) as unknown as Set<
    Record<string, Kernel>
  >;
  for (const table of tables) {
    for (const name in Object.getPrototypeOf(table)) {
      const kernel = table[name]!;
      if (typeof kernel !== "function") continue;
      table[name] = (...args) => {
        calls.push({ name, kernel, args });
        return kernel(...args);
      };
    }
  }
  work();
  for (const table of tables) {
    for (const name of Object.keys(table)) delete table[name];
  }
  return calls;
}

/** Multiplications and additions of a call of a product's kernel, or 0. */
function flopsOf({ name, args }: Call): number {
  const [a, b, c, d, e] = args as [number, number, number, number, number];
  switch (name) {
    case "matmul":
      return 2 * a * b * c * d;
    case "linear":
      return 2 * a * b * c;
    case "linear_backward": {
      const [gx, gw] = [args[6]!, args[7]!];
      return 2 * a * b * c * ((gx ? 1 : 0) + (gw ? 1 : 0));
    }
    case "conv2d":
    case "conv2d_grad_input":
    case "conv2d_grad_weight": {
      const [kh, kw, sh, sw, ph, pw, dh, dw, groups] = args.slice(5);
      const oh = Math.floor((c + 2 * ph! - dh! * (kh! - 1) - 1) / sh!) + 1;
      const ow = Math.floor((d + 2 * pw! - dw! * (kw! - 1) - 1) / sw!) + 1;
      return 2 * a * e * oh * ow * (b / groups!) * kh! * kw!;
    }
    case "rnn": { // the inputs, and the states but for a first of zeros
      const [hidden, first] = [args[5]!, args[11]!];
      return 2 * (d - c) * hidden * (a * e + (first ? a : a - 1) * hidden);
    }
    case "rnn_backward":
      return 2 * (args[12] ? a : a - 1) * (d - c) * e * e;
  }
  return 0;
}

/** Numbers that tell calls of one kernel apart: its sizes. */
function sizesOf({ args }: Call): string {
  const sizes = args.findIndex((it, i) =>
    i > 0 && (it > 65536 || !Number.isInteger(it))
  );
  return args.slice(0, sizes < 0 ? args.length : sizes).join(" ");
}

function profile(title: string, step: () => void): void {
  leastSeconds(step, 1);
  const calls = callsOf(step);
  const whole = leastSeconds(step, 1);
  const limit = probe(true);
  console.log(
    `${title}: ${(1e6 * whole).toFixed(0)} us a step; probe ${
      limit.toFixed(1)
    } GFLOP/s\n`,
  );
  console.log("| kernel | us | share | GFLOP/s | of the probe |");
  console.log("| --- | --- | --- | --- | --- |");
  let [sum, least] = [0, 0];
  for (const call of calls) {
    const { kernel, args } = call;
    const seconds = leastSeconds(() => kernel(...args), 0.1);
    sum += seconds;
    const flops = flopsOf(call);
    least += flops / limit / 1e9;
    const speed = flops / seconds / 1e9;
    const share = (100 * seconds / whole).toFixed(1);
    const products = flops === 0
      ? " | "
      : `${speed.toFixed(1)} | ${(100 * speed / limit).toFixed(0)} %`;
    console.log(
      `| ${call.name} ${sizesOf(call)} | ${
        (1e6 * seconds).toFixed(1)
      } | ${share} % | ${products} |`,
    );
  }
  const rest = whole - sum;
  console.log(
    `\nkernels ${(1e6 * sum).toFixed(0)} us, of which ${
      (1e6 * least).toFixed(0)
    } at the probe; the rest ${(1e6 * rest).toFixed(0)} us\n`,
  );
}

function cnn(act: () => nn.ReLU | nn.Sigmoid): () => void {
  const model = new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    act(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(4, 8, 3, { padding: 1 }),
    act(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(392, 100),
    act(),
    new nn.Linear(100, 10),
  );
  const optimizer = new SGD(model.parameters(), { lr: 1e-6 });
  return training(model, optimizer, randn([16, 1, 28, 28]));
}

function rnn(): () => void {
  const layer = new nn.RNN(1, 128, { batchFirst: true });
  const head = new nn.Linear(128, 10);
  const parameters = [...layer.parameters(), ...head.parameters()];
  const optimizer = new SGD(parameters, { lr: 1e-6 });
  const [x, y] = [randn([32, 19, 1]), randint(0, 10, [32])];
  const criterion = new nn.CrossEntropyLoss();
  return () => {
    optimizer.zeroGrad();
    const [, last] = layer.forward(x);
    criterion.forward(head.forward(last.select(0, 0)), y).backward();
    optimizer.step();
  };
}

/** The second report's VGG: 3x3 convolutions, batch norm, relu; 32 pictures. */
function vgg(): () => void {
  const layers: nn.Module<[Tensor]>[] = [];
  let channels = 3;
  for (const out of [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0]) {
    layers.push(
      ...out === 0 ? [new nn.MaxPool2d(3, { stride: 2, padding: 1 })] : [
        new nn.Conv2d(channels, out, 3, { padding: 1 }),
        new nn.BatchNorm2d(out),
        new nn.ReLU(),
      ],
    );
    channels = out || channels;
  }
  layers.push(new nn.Flatten(), new nn.Linear(512, 10));
  const model = new nn.Sequential(...layers);
  const optimizer = new Adam(model.parameters(), { lr: 1e-6 });
  return training(model, optimizer, randn([32, 3, 32, 32]));
}

/** A step of the usual loop; ten classes. */
function training(
  model: nn.Module<[Tensor]>,
  optimizer: SGD | Adam,
  x: Tensor,
): () => void {
  const criterion = new nn.CrossEntropyLoss();
  const y = randint(0, 10, [x.shape[0]!]);
  return () => {
    optimizer.zeroGrad();
    criterion.forward(model.forward(x), y).backward();
    optimizer.step();
  };
}

setNumThreads(1);
manualSeed(0);
profile("CNN, batch 16", cnn(() => new nn.ReLU()));
profile("CNN with sigmoid, batch 16", cnn(() => new nn.Sigmoid()));
profile("RNN, T 19, batch 32", rnn());
profile("VGG, batch 32", vgg());
