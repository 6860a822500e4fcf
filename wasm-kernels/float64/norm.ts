/** Batch normalisation of `[n, c, s]`, channel by channel. */

import type { FloatKernels } from "../float_abi.ts";
import { type Arrays, total } from "./loops.ts";

/** The kernels on a memory. */
export function normKernels(
  { f64 }: Arrays,
): Pick<FloatKernels, "batch_norm" | "batch_norm_backward"> {
  /** A channel's element of an array, or what stands for it. */
  const read = (array: number, channel: number, otherwise: number) =>
    array === 0 ? otherwise : f64(array)[channel]!;
  const write = (array: number, channel: number, value: number) => {
    if (array !== 0) f64(array)[channel] = value;
  };
  return {
    // deno-fmt-ignore
    batch_norm(n, c, s, first, end, training, momentum, eps, x, weight, bias, runningMean, runningVar, out, mean, invstd) {
      const from = f64(x), to = f64(out), count = n * s;
      for (let channel = first; channel < end; channel++) {
        const at = (i: number) => (Math.floor(i / s) * c + channel) * s + i % s;
        let m = read(runningMean, channel, 0), variance = read(runningVar, channel, 1);
        if (training !== 0) {
          const [oldMean, oldVariance] = [m, variance];
          m = total(count, (i) => from[at(i)]!) / count;
          variance = total(count, (i) => (from[at(i)]! - m) ** 2) / count;
          const unbiased = variance * (count / (count - 1));
          write(runningMean, channel, momentum * m + (1 - momentum) * oldMean);
          write(runningVar, channel, momentum * unbiased + (1 - momentum) * oldVariance);
        }
        const r = 1 / Math.sqrt(variance + eps);
        write(mean, channel, m);
        write(invstd, channel, r);
        const factor = r * read(weight, channel, 1), offset = read(bias, channel, 0);
        for (let i = 0; i < count; i++) to[at(i)] = (from[at(i)]! - m) * factor + offset;
      }
    },
    // deno-fmt-ignore
    batch_norm_backward(n, c, s, first, end, training, x, weight, g, mean, invstd, gx, gw, gb) {
      const from = f64(x), grads = f64(g), to = f64(gx), count = n * s;
      for (let channel = first; channel < end; channel++) {
        const at = (i: number) => (Math.floor(i / s) * c + channel) * s + i % s;
        const m = read(mean, channel, 0), r = read(invstd, channel, 1);
        const normal = (i: number) => (from[at(i)]! - m) * r;
        const sum = total(count, (i) => grads[at(i)]!);
        const dot = total(count, (i) => grads[at(i)]! * normal(i));
        write(gw, channel, dot);
        write(gb, channel, sum);
        const factor = r * read(weight, channel, 1);
        for (let i = 0; gx !== 0 && i < count; i++) {
          // The batch's own moments follow x.
          const share = training === 0 ? 0 : (sum + normal(i) * dot) / count;
          to[at(i)] = factor * (grads[at(i)]! - share);
        }
      }
    },
  };
}
