/** Two-dimensional convolution and its gradients: one walk, three uses. */

import type { FloatKernels } from "../float_abi.ts";
import type { Conv2dSizes } from "../signatures.ts";
import { type Arrays, total } from "./loops.ts";

/** How many windows fit along an axis. */
function windows(
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
): number {
  return Math.floor(
    (size + 2 * padding - dilation * (kernel - 1) - 1) / stride,
  ) + 1;
}

/** The output's height and width. */
function outputSize(sizes: Conv2dSizes): [height: number, width: number] {
  const [, , h, w, , kh, kw, sh, sw, ph, pw, dh, dw] = sizes;
  return [windows(h, kh, sh, ph, dh), windows(w, kw, sw, pw, dw)];
}

/**
 * Calls `f` with offsets in x, weight and output for every run of products with
 * one weight along a row, if the output's channel is from `first` up to `end`.
 * Neighbours in x are a stride apart.
 */
function runs(
  sizes: Conv2dSizes,
  first: number,
  end: number,
  f: (x: number, weight: number, out: number, count: number) => void,
): void {
  const [n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups] = sizes;
  const [oh, ow] = outputSize(sizes);
  const patch = c / groups * kh * kw;
  for (let i = 0; i < n * (end - first) * patch; i++) {
    const picture = Math.floor(i / (end - first) / patch);
    const channel = first + Math.floor(i / patch) % (end - first),
      tap = i % patch;
    const group = Math.floor(channel * groups / o) * c / groups;
    const plane = (picture * c + group + Math.floor(tap / (kh * kw))) * h;
    const top = Math.floor(tap / kw) % kh * dh - ph, left = tap % kw * dw - pw;
    const from = Math.max(0, Math.ceil(-left / sw));
    const count = Math.min(ow, Math.ceil((w - left) / sw)) - from;
    for (let row = 0; row < oh; row++) {
      const y = top + row * sh;
      if (y < 0 || y >= h) continue;
      const out = ((picture * o + channel) * oh + row) * ow + from;
      f((plane + y) * w + left + from * sw, channel * patch + tap, out, count);
    }
  }
}

type ConvKernels = Pick<
  FloatKernels,
  "conv2d" | "conv2d_grad_input" | "conv2d_grad_weight" | "conv2d_grad_bias"
>;

/** The kernels on a memory. */
export function convKernels({ f64 }: Arrays): ConvKernels {
  return {
    conv2d(...args) {
      const [sizes, [x, weight, bias, out]] = split(args);
      const [n, , , , o] = sizes, [oh, ow] = outputSize(sizes);
      const from = f64(x), factors = f64(weight), to = f64(out);
      for (let i = 0; i < n * o; i++) {
        const start = bias === 0 ? 0 : f64(bias)[i % o]!;
        to.fill(start, i * oh * ow, (i + 1) * oh * ow);
      }
      runs(sizes, 0, o, (x, w, y, count) => {
        const stop = y + count, factor = factors[w]!;
        for (; y < stop; y++, x += sizes[8]) to[y]! += from[x]! * factor;
      });
    },
    conv2d_grad_input(...args) {
      const [sizes, [g, weight, out]] = split(args);
      const [n, c, h, w, o] = sizes;
      const grads = f64(g), factors = f64(weight);
      const to = f64(out).fill(0, 0, n * c * h * w);
      runs(sizes, 0, o, (x, w, y, count) => {
        const stop = y + count, factor = factors[w]!;
        for (; y < stop; y++, x += sizes[8]) to[x]! += grads[y]! * factor;
      });
    },
    conv2d_grad_weight(...args) {
      const [sizes, [first, end, x, g, out]] = split(args);
      const [, c, , , , kh, kw] = sizes;
      const patch = c / sizes[13] * kh * kw;
      const from = f64(x), grads = f64(g);
      const to = f64(out).fill(0, first * patch, end * patch);
      runs(sizes, first, end, (x, w, y, count) => {
        const stop = y + count;
        for (; y < stop; y++, x += sizes[8]) to[w]! += grads[y]! * from[x]!;
      });
    },
    conv2d_grad_bias(n, o, hw, g, out) {
      const grads = f64(g), to = f64(out);
      for (let j = 0; j < o; j++) {
        to[j] = total(
          n * hw,
          (i) => grads[(Math.floor(i / hw) * o + j) * hw + i % hw]!,
        );
      }
    },
  };
}

/** The fourteen sizes, and what comes behind them. */
function split<Rest extends number[]>(
  args: [...Conv2dSizes, ...Rest],
): [Conv2dSizes, Rest] {
  return [args.slice(0, 14) as Conv2dSizes, args.slice(14) as Rest];
}
