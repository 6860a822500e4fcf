/** The vanilla recurrent layer's walk through time, for some rows of a batch. */

import type { FloatKernels } from "../float_abi.ts";
import type { Arrays } from "./loops.ts";
import { addProduct, rowsOf, transposed } from "./matmul.ts";

/** The kernels on a memory. */
export function recurrentKernels(
  { f64 }: Arrays,
): Pick<FloatKernels, "pack" | "rnn" | "rnn_backward"> {
  return {
    // There are no panels.
    pack() {},
    // deno-fmt-ignore
    rnn(steps, batch, first, end, inputs, hidden, relu, x, wIh, _, bias, h0, wHh, __, out, last) {
      const size = batch * hidden, offsets = f64(bias);
      const rows = [first * hidden, end * hidden] as const;
      const fromInput = transposed(rowsOf(f64(wIh), inputs));
      const fromState = transposed(rowsOf(f64(wHh), hidden));
      let before = h0 === 0 ? null : f64(h0).subarray(...rows);
      for (let t = 0; t < steps; t++) {
        const to = f64(out).subarray(t * size).subarray(...rows);
        to.forEach((_, i) => to[i] = bias === 0 ? 0 : offsets[i % hidden]!);
        const input = f64(x).subarray((t * batch + first) * inputs);
        addProduct([end - first, hidden, inputs], rowsOf(input, inputs), fromInput, to);
        if (before !== null) {
          addProduct([end - first, hidden, hidden], rowsOf(before, hidden), fromState, to);
        }
        to.forEach((y, i) => to[i] = relu === 0 ? Math.tanh(y) : y < 0 ? 0 : y);
        before = to;
      }
      if (last !== 0 && before !== null) f64(last).set(before, rows[0]);
    },
    // deno-fmt-ignore
    rnn_backward(steps, batch, first, end, hidden, relu, wHh, _, y, g, gLast, d, g0) {
      const size = batch * hidden, weight = rowsOf(f64(wHh), hidden);
      const rows = [first * hidden, end * hidden] as const;
      const step = (array: number, t: number) => f64(array).subarray(t * size).subarray(...rows);
      const back = (from: Float64Array, to: Float64Array) =>
        addProduct([end - first, hidden, hidden], rowsOf(from, hidden), weight, to);
      for (let t = steps - 1; t >= 0; t--) {
        const states = step(y, t), to = step(d, t);
        if (g === 0) to.fill(0);
        else to.set(step(g, t));
        if (t < steps - 1) back(step(d, t + 1), to);
        else if (gLast !== 0) step(gLast, 0).forEach((more, i) => to[i]! += more);
        states.forEach((state, i) => {
          if (relu === 0) to[i]! *= 1 - state * state;
          else if (state <= 0) to[i] = 0;
        });
      }
      if (g0 !== 0) back(step(d, 0), step(g0, 0).fill(0));
    },
  };
}
