/** Softmax, its logarithm, and cross entropy. */

import type { FloatKernels } from "../float_abi.ts";
import type { Reduce } from "../signatures.ts";
import { type Arrays, lines, total } from "./loops.ts";

type SoftmaxKernels = Pick<
  FloatKernels,
  | "softmax"
  | "log_softmax"
  | "softmax_backward"
  | "log_softmax_backward"
  | "cross_entropy"
  | "cross_entropy_backward"
>;

/** The kernels on a memory. */
export function softmaxKernels({ f64, i32 }: Arrays): SoftmaxKernels {
  /** The largest of a line, and the sum of all e^(x - largest). */
  const moments = (
    x: Float64Array,
    start: number,
    n: number,
    step: number,
  ): [max: number, sum: number] => {
    let max = -Infinity;
    for (let i = 0; i < n; i++) max = Math.max(max, x[start + i * step]!);
    return [max, total(n, (i) => Math.exp(x[start + i * step]! - max))];
  };

  const normalize =
    (logarithm: boolean): Reduce => (outer, n, inner, x, out) => {
      const from = f64(x), to = f64(out);
      lines(outer, n, inner, (start) => {
        const [max, sum] = moments(from, start, n, inner);
        for (let i = 0, at = start; i < n; i++, at += inner) {
          const y = from[at]! - max;
          to[at] = logarithm ? y - Math.log(sum) : Math.exp(y) / sum;
        }
      });
    };

  /** softmax: y (g - sum y g); its logarithm: g - e^y sum g. */
  const backward =
    (logarithm: boolean): FloatKernels["softmax_backward"] =>
    (outer, n, inner, y, g, out) => {
      const values = f64(y), grads = f64(g), to = f64(out);
      lines(outer, n, inner, (start) => {
        const sum = total(n, (i) => {
          const at = start + i * inner;
          return grads[at]! * (logarithm ? 1 : values[at]!);
        });
        for (let i = 0, at = start; i < n; i++, at += inner) {
          to[at] = logarithm
            ? grads[at]! - Math.exp(values[at]!) * sum
            : values[at]! * (grads[at]! - sum);
        }
      });
    };

  return {
    softmax: normalize(false),
    log_softmax: normalize(true),
    softmax_backward: backward(false),
    log_softmax_backward: backward(true),
    // deno-fmt-ignore
    cross_entropy(outer, classes, inner, reduction, ignore, x, target, probs, loss) {
      const from = f64(x), to = f64(probs), losses = f64(loss);
      const labels = i32(target).subarray(0, outer * inner);
      const bad = labels.findIndex((label) =>
        label >>> 0 >= classes && label !== ignore
      );
      if (bad >= 0) return bad;
      let sum = 0, count = 0;
      lines(outer, classes, inner, (start, i) => {
        const label = labels[i]!;
        const [max, all] = moments(from, start, classes, inner);
        let value = 0;
        if (label !== ignore) {
          value = Math.log(all) - (from[start + label * inner]! - max);
          count++;
        }
        for (let c = 0, at = start; c < classes; c++, at += inner) {
          to[at] = label === ignore ? 0 : Math.exp(from[at]! - max) / all;
        }
        if (reduction === 0) losses[i] = value;
        sum += value;
      });
      if (reduction !== 0) losses[0] = reduction === 1 ? sum / count : sum;
      return -1;
    },
    // deno-fmt-ignore
    cross_entropy_backward(outer, classes, inner, mean, ignore, probs, target, g, gStride, out) {
      const from = f64(probs), grads = f64(g), to = f64(out);
      const labels = i32(target).subarray(0, outer * inner);
      const count = labels.filter((label) => label !== ignore).length;
      lines(outer, classes, inner, (start, i) => {
        const grad = grads[i * gStride]! / (mean === 0 ? 1 : count);
        const label = labels[i];
        for (let c = 0, at = start; c < classes; c++, at += inner) {
          to[at] = label === ignore ? 0 : (from[at]! - Number(c === label)) * grad;
        }
      });
    },
  };
}
