/** Optimizer steps over a table of parameters, by PyTorch's formulas. */

import type { FloatKernels } from "../float_abi.ts";
import type { Arrays } from "./loops.ts";

/** Which parameters of a table, and which shares of them. */
type Rows = readonly [count: number, first: number, end: number, table: number];

/** The kernels on a memory. */
export function optimizerKernels(
  { f64, u32 }: Arrays,
): Pick<FloatKernels, "sgd" | "adam" | "rmsprop"> {
  /**
   * Calls `step` for the elements in the shares `first` to `end` of 64 of every
   * parameter, with the arrays of its row (null where it has none).
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
    adam(count, first, end, lr, beta1, beta2, eps, weightDecay, decoupled, bias1, bias2, amsgrad, maximize, table) {
      each(6, [count, first, end, table], (i, param, grad, mean, square, largest) => {
        if (decoupled !== 0) param[i]! *= 1 - lr * weightDecay;
        const decay = decoupled === 0 ? weightDecay * param[i]! : 0;
        const g = (maximize === 0 ? grad[i]! : -grad[i]!) + decay;
        const m = mean![i]! += (1 - beta1) * (g - mean![i]!);
        let v = square![i] = beta2 * square![i]! + (1 - beta2) * g * g;
        if (amsgrad !== 0 && largest) v = largest[i] = Math.max(v, largest[i]!);
        const denominator = Math.sqrt(v) / Math.sqrt(bias2) + eps;
        param[i]! -= lr / bias1 * m / denominator;
      });
    },
    // deno-fmt-ignore
    rmsprop(count, first, end, lr, alpha, eps, weightDecay, momentum, centered, maximize, table) {
      each(6, [count, first, end, table], (i, param, grad, square, mean, buffer) => {
        const g = (maximize === 0 ? grad[i]! : -grad[i]!) + weightDecay * param[i]!;
        let variance = square![i] = alpha * square![i]! + (1 - alpha) * g * g;
        if (centered !== 0 && mean) {
          const m = mean[i]! += (1 - alpha) * (g - mean[i]!);
          variance -= m * m;
        }
        let d = g / (Math.sqrt(variance) + eps);
        if (buffer) d = buffer[i] = momentum * buffer[i]! + d;
        param[i]! -= lr * d;
      });
    },
  };
}
