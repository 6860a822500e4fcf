/** Optimizer steps over a table of parameters, by PyTorch's formulas. */

import type { FloatKernels } from "../float_abi.ts";
import type { Arrays } from "./loops.ts";

/** Kinds of adaptive steps, as `../src/optimizer.rs` explains them. */
const ADAM = 0, ADAMAX = 1, LION = 2, ADADELTA = 3, LAMB = 4, RMSPROP = 5;

/** Which parameters of a table, and which shares of them. */
type Rows = readonly [count: number, first: number, end: number, table: number];

/** The kernels on a memory. */
export function optimizerKernels(
  { f64, u32 }: Arrays,
): Pick<FloatKernels, "sgd" | "adaptive"> {
  /**
   * Calls `step` for the elements in the shares `first` to `end` of 64 of every
   * parameter, with the arrays of its row (null where it has none; the flag
   * `fresh` of SGD is null or not).
   */
  const each = (
    width: number,
    [count, first, end, table]: Rows,
    step: (
      i: number,
      param: Float64Array,
      grad: Float64Array,
      ...state: (Float64Array | null)[]
    ) => void,
  ) => {
    for (let row = 0; row < count; row++) {
      const [size, ...pointers] = u32(table).subarray(
        row * width,
        (row + 1) * width,
      );
      const [param, grad, ...state] = pointers.map((pointer) =>
        pointer === 0 ? null : f64(pointer)
      );
      const share = Math.ceil(size! / 256) * 4,
        stop = Math.min(size!, end * share);
      for (let i = first * share; i < stop; i++) {
        step(i, param!, grad!, ...state);
      }
    }
  };
  return {
    // deno-fmt-ignore
    sgd(count, first, end, lr, momentum, dampening, weightDecay, nesterov, maximize, table) {
      each(5, [count, first, end, table], (i, param, grad, buffer, fresh) => {
        let d = (maximize === 0 ? grad[i]! : -grad[i]!) + weightDecay * param[i]!;
        if (buffer) {
          const b = fresh ? d : momentum * buffer[i]! + (1 - dampening) * d;
          buffer[i] = b;
          d = nesterov === 0 ? b : d + momentum * b;
        }
        param[i]! -= lr * d;
      });
    },
    // deno-fmt-ignore
    adaptive(count, first, end, kind, maximize, keep, decay, rest1, beta2, rest2, eps, root, byGrad, byMean, table) {
      each(6, [count, first, end, table], (i, param, grad, mean, square, top) => {
        const p = keep * param[i]!;
        const g = (maximize === 0 ? grad[i]! : -grad[i]!) + decay * p;
        let m = 0, update: number;
        if (mean) {
          const before = mean[i]!;
          m = before + rest1 * (g - before);
          mean[i] = before + (kind === LION ? rest2 : rest1) * (g - before);
        }
        if (kind === LION) update = byMean * Math.sign(m);
        else {
          let v = beta2 * square![i]!;
          v = kind === ADAMAX ? Math.max(v, Math.abs(g) + eps) : v + rest2 * g * g;
          square![i] = v;
          if (kind === ADAMAX) update = m * byMean / v;
          else if (kind === ADADELTA) {
            const d = Math.sqrt(top![i]! + eps) / Math.sqrt(v + eps) * g;
            top![i] = beta2 * top![i]! + rest2 * d * d;
            update = byGrad * d;
          } else if (kind === RMSPROP) {
            let d = g / (Math.sqrt(v - m * m) + eps);
            if (top) d = top[i] = byMean * top[i]! + d;
            update = byGrad * d;
          } else {
            if (kind === ADAM && top) v = top[i] = Math.max(v, top[i]!);
            update = (byMean * m + byGrad * g) / (root * Math.sqrt(v) + eps);
          }
        }
        (kind === LAMB ? top! : param)[i] = p + update;
      });
    },
  };
}
