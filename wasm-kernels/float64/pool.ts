/** Pooling over planes `[h, w]`, window by window. */

import type { FloatKernels } from "../float_abi.ts";
import type { AvgPool2dSizes } from "../signatures.ts";
import type { Arrays } from "./loops.ts";

/** Rows or columns of a window: those inside, and how many count. */
type Span = [first: number, end: number, count: number];

/** The window of output `i` of average pooling along an axis. */
function spans(
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  paddingCounts: boolean,
): (i: number) => Span {
  return (i) => {
    const start = i * stride - padding;
    // A window may hang over the padding, too; what hangs over never counts.
    const stop = Math.min(start + kernel, size + padding);
    const first = Math.max(start, 0), end = Math.min(stop, size);
    return [first, end, paddingCounts ? stop - start : end - first];
  };
}

type PoolKernels = Pick<
  FloatKernels,
  | "max_pool2d"
  | "max_pool2d_backward"
  | "plane_gather"
  | "avg_pool2d"
  | "avg_pool2d_backward"
>;

/** The kernels on a memory. */
export function poolKernels({ f64, i32 }: Arrays): PoolKernels {
  /** Means of windows; backward each gradient is shared by its window. */
  const average =
    (backward: boolean) => (...args: [...AvgPool2dSizes, ...number[]]) => {
      // deno-fmt-ignore
      const [planes, h, w, kh, kw, sh, sw, ph, pw, counts, oh, ow, x, out] = args;
      const rows = spans(h, kh, sh, ph, counts !== 0);
      const columns = spans(w, kw, sw, pw, counts !== 0);
      const from = f64(x!);
      const to = f64(out!).fill(0, 0, planes * (backward ? h * w : oh * ow));
      for (let i = 0; i < planes * oh * ow; i++) {
        const [top, bottom, high] = rows(Math.floor(i / ow) % oh);
        const [left, right, wide] = columns(i % ow);
        const plane = Math.floor(i / (oh * ow)) * h;
        let sum = 0;
        for (let y = plane + top; y < plane + bottom; y++) {
          for (let at = y * w + left; at < y * w + right; at++) {
            if (backward) to[at]! += from[i]! / (high * wide);
            else sum += from[at]!;
          }
        }
        // A window outside of its plane has no mean.
        if (!backward && high * wide > 0) to[i] = sum / (high * wide);
      }
    };

  return {
    avg_pool2d: average(false),
    avg_pool2d_backward: average(true),
    // deno-fmt-ignore
    max_pool2d(planes, h, w, kh, kw, sh, sw, ph, pw, dh, dw, oh, ow, x, out, indices) {
      const from = f64(x), to = f64(out), positions = i32(indices);
      for (let i = 0; i < planes * oh * ow; i++) {
        const plane = Math.floor(i / (oh * ow)) * h * w;
        const top = Math.floor(i / ow) % oh * sh - ph, left = i % ow * sw - pw;
        // A window of nothing but -inf names its first position.
        let best = -Infinity, index = -1;
        for (let tap = 0; tap < kh * kw; tap++) {
          const y = top + Math.floor(tap / kw) * dh, x = left + tap % kw * dw;
          if (y < 0 || y >= h || x < 0 || x >= w) continue;
          const at = y * w + x, value = from[plane + at]!;
          if (value > best || value !== value || index < 0) {
            [best, index] = [value, at];
          }
        }
        to[i] = best;
        positions[i] = Math.max(index, 0);
      }
    },
    max_pool2d_backward(planes, nIn, nOut, g, index, out) {
      const grads = f64(g), indices = i32(index);
      const to = f64(out).fill(0, 0, planes * nOut);
      for (let i = 0; i < planes * nIn; i++) {
        to[Math.floor(i / nIn) * nOut + indices[i]!]! += grads[i]!;
      }
    },
    plane_gather(planes, nIn, nOut, x, index, out) {
      const from = f64(x), indices = i32(index), to = f64(out);
      for (let i = 0; i < planes * nIn; i++) {
        to[i] = from[Math.floor(i / nIn) * nOut + indices[i]!]!;
      }
    },
  };
}
