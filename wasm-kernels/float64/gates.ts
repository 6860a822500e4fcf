/** Gated recurrent layers: their walks through time, for some rows of a batch. */

import type { FloatKernels } from "../float_abi.ts";
import type { Arrays } from "./loops.ts";
import { addProduct, rowsOf, transposed } from "./matmul.ts";
import { sigmoid } from "./unary.ts";

/** Slope of sigmoid at its value. */
const slope = (y: number) => y * (1 - y);
/** Slope of tanh at its value. */
const tanhSlope = (y: number) => 1 - y * y;

/** Four numbers, one for each gate. */
type Gates = [number, number, number, number];

type GatedKernels = Pick<
  FloatKernels,
  "lstm" | "lstm_backward" | "gru" | "gru_backward"
>;

/** The kernels on a memory. */
export function gatedKernels({ f64 }: Arrays): GatedKernels {
  /** How a call walks: `rows` are the rows of a step, `before` those of the step before. */
  const walk = (batch: number, first: number, end: number, hidden: number) => {
    const m = end - first;
    const rows = (array: number, t: number, width = hidden) =>
      f64(array).subarray(
        (t * batch + first) * width,
        (t * batch + end) * width,
      );
    return {
      rows,
      /** The rows before step t, of the first ones at t = 0; null where there are none. */
      before(array: number, start: number, t: number) {
        if (t > 0) return rows(array, t - 1);
        return start === 0 ? null : rows(start, 0);
      },
      /** gates = h wᵀ for a weight of `n` rows; zeros without h. */
      take(n: number, h: Float64Array | null, w: number, gates: Float64Array) {
        gates.fill(0);
        if (h === null) return;
        const right = transposed(rowsOf(f64(w), hidden));
        addProduct([m, n, hidden], rowsOf(h, hidden), right, gates, 4 * hidden);
      },
      /** d += g w for a weight of `n` rows. */
      give(n: number, g: Float64Array, w: number, d: Float64Array) {
        addProduct([m, hidden, n], rowsOf(g, n), rowsOf(f64(w), hidden), d);
      },
    };
  };

  return {
    // deno-fmt-ignore
    lstm(steps, batch, first, end, hidden, x, w, _, h0, c0, y, c, gates) {
      const { rows, before, take } = walk(batch, first, end, hidden);
      for (let t = 0; t < steps; t++) {
        const from = rows(x, t, 4 * hidden), kept = rows(gates, t, 4 * hidden);
        const old = before(c, c0, t), cells = rows(c, t), states = rows(y, t);
        take(4 * hidden, before(y, h0, t), w, kept);
        states.forEach((_, k) => {
          const [input, forget, cell, output] = [0, 1, 2, 3].map((gate) => {
            const j = 4 * k - 3 * (k % hidden) + gate * hidden;
            const sum = from[j]! + kept[j]!;
            return kept[j] = gate === 2 ? Math.tanh(sum) : sigmoid(sum);
          }) as Gates;
          cells[k] = forget * (old?.[k] ?? 0) + input * cell;
          states[k] = output * Math.tanh(cells[k]!);
        });
      }
    },
    // deno-fmt-ignore
    lstm_backward(steps, batch, first, end, hidden, w, _, c0, c, gates, d, dc, dx, d0) {
      const { rows, before, give } = walk(batch, first, end, hidden);
      const back = rows(dc, 0);
      for (let t = steps - 1; t >= 0; t--) {
        const kept = rows(gates, t, 4 * hidden), to = rows(dx, t, 4 * hidden);
        const old = before(c, c0, t), cells = rows(c, t), grads = rows(d, t);
        grads.forEach((g, k) => {
          const at = [0, 1, 2, 3].map((gate) => 4 * k - 3 * (k % hidden) + gate * hidden);
          const [input, forget, cell, output] = at.map((j) => kept[j]!) as Gates;
          const bent = Math.tanh(cells[k]!);
          const gc = g * output * tanhSlope(bent) + back[k]!;
          [
            gc * cell * slope(input),
            gc * (old?.[k] ?? 0) * slope(forget),
            gc * input * tanhSlope(cell),
            g * bent * slope(output),
          ].forEach((grad, gate) => to[at[gate]!] = grad);
          back[k] = gc * forget;
        });
        const earlier = before(d, d0, t);
        if (earlier !== null) give(4 * hidden, to, w, earlier);
      }
    },
    gru(steps, batch, first, end, hidden, x, w, _, b, h0, y, gates) {
      const { rows, before, take } = walk(batch, first, end, hidden);
      for (let t = 0; t < steps; t++) {
        const from = rows(x, t, 3 * hidden), kept = rows(gates, t, 4 * hidden);
        const old = before(y, h0, t), states = rows(y, t);
        take(3 * hidden, old, w, kept);
        states.forEach((_, k) => {
          const i = k % hidden;
          const own = (gate: number) => from[3 * k - 2 * i + gate * hidden]!;
          const share = (gate: number) =>
            kept[4 * k - 3 * i + gate * hidden]! +
            (b === 0 ? 0 : f64(b)[gate * hidden + i]!);
          const reset = sigmoid(own(0) + share(0));
          const update = sigmoid(own(1) + share(1));
          const part = share(2), fresh = Math.tanh(reset * part + own(2));
          [reset, update, part, fresh].forEach((value, gate) =>
            kept[4 * k - 3 * i + gate * hidden] = value
          );
          states[k] = update * ((old?.[k] ?? 0) - fresh) + fresh;
        });
      }
    },
    // deno-fmt-ignore
    gru_backward(steps, batch, first, end, hidden, w, _, h0, y, gates, d, dx, dh, d0) {
      const { rows, before, give } = walk(batch, first, end, hidden);
      for (let t = steps - 1; t >= 0; t--) {
        const kept = rows(gates, t, 4 * hidden), old = before(y, h0, t);
        const inputs = rows(dx, t, 3 * hidden), products = rows(dh, t, 3 * hidden);
        const earlier = before(d, d0, t);
        rows(d, t).forEach((g, k) => {
          const i = k % hidden;
          const [reset, update, part, fresh] = [0, 1, 2, 3].map((gate) =>
            kept[4 * k - 3 * i + gate * hidden]!
          ) as Gates;
          const gn = g * (1 - update) * tanhSlope(fresh);
          const gr = gn * part * slope(reset);
          const gz = g * ((old?.[k] ?? 0) - fresh) * slope(update);
          [gr, gz, gn].forEach((grad, gate) => {
            const at = 3 * k - 2 * i + gate * hidden;
            inputs[at] = grad;
            products[at] = gate === 2 ? grad * reset : grad;
          });
          if (earlier !== null) earlier[k]! += g * update;
        });
        if (earlier !== null) give(3 * hidden, products, w, earlier);
      }
    },
  };
}
