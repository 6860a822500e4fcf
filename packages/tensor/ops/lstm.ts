/** Long short-term memory over a whole sequence, as one op. */

import { runInParts } from "../kernel.ts";
import { mode } from "../grad_mode.ts";
import {
  allocate,
  contiguous,
  copyOf,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { applyMany, type Op, type OpNode } from "../op.ts";
import { OUTPUT } from "../saved.ts";
import type { Tensor } from "../tensor.ts";
import { fillArray } from "./fill.ts";
import {
  checkGated,
  lastStep,
  panelsOf,
  plus,
  ROWS,
  stateGradients,
  statesBefore,
  type Walk,
  type WalkBack,
  walkBack,
  walkOf,
  weightGradient,
  zeros,
} from "./gates.ts";
import { cat, stack } from "./join.ts";
import { linear } from "./linear.ts";
import type { RnnWeights } from "./recurrent.ts";

const GATES = 4;
/** Every gradient walks back in time, by the states and the weight. */
const ALL = OUTPUT | 0b1111;

/**
 * Inputs: what each step takes from its input `[T, N, 4 hidden]`, the states'
 * weight, and the first state and cell or neither. Results: states, the last
 * state and cell, and for backward all cells and gates.
 */
const LSTM: Op<Walk> = {
  name: "lstm",
  saves: [ALL, ALL, ALL, ALL],
  forward: (p, ...inputs) => {
    const { steps, batch, hidden } = p;
    const { dtype } = inputs[0]!;
    const sources = inputs.map(contiguous);
    const y = allocate([steps, batch, hidden], dtype);
    const cells = allocate(y.shape, dtype);
    const gates = allocate([steps, batch, GATES * hidden], dtype);
    if (y.size === 0) return [y, lastStep(y), lastStep(cells), cells, gates];
    const [px, pw, h0 = 0, c0 = 0] = sources.map(pointer);
    const outs = [y, cells, gates].map(writable);
    const flops = walkOf(p, GATES);
    const wide = GATES * hidden;
    const panels = panelsOf(dtype, p, [hidden, wide], pw!, [1, hidden]);
    runInParts("lstm", dtype, batch, ROWS, flops, (from, to, scratch) => [
      ...[steps, batch, from, to, hidden, px!, pw!, panels, h0, c0, ...outs],
      scratch,
    ]);
    return [y, lastStep(y), lastStep(cells), cells, gates];
  },
  backward: (node, ...grads) => {
    const flowing = grads.slice(0, 3) as (Tensor | null)[];
    if (mode.recording) return composed(node, flowing);
    const { inputs, outputs } = node;
    const kept = [inputs[1]!, outputs[0]!, outputs[3]!, outputs[4]!];
    return walkBack(LSTM_BACKWARD, node, kept, flowing, inputs.slice(2));
  },
};

/**
 * Back through time in kernels; {@linkcode composed} is the same in ops, for
 * gradients of gradients. Inputs: weight, states, cells, gates, the gradients
 * that have arrived, and the first state and cell or neither.
 */
const LSTM_BACKWARD: Op<Walk & WalkBack> = {
  name: "lstmBackward",
  saves: "none",
  forward: (p, ...inputs) => {
    const { steps, batch, hidden, needs } = p;
    const { dtype } = inputs[0]!;
    const kept = inputs.slice(0, 4).map(contiguous) as NdArray[];
    let next = 4;
    const [all = null, last = null, cell = null] = p.has.map((is) =>
      is ? inputs[next++]! : null
    );
    const first = inputs.slice(next).map(contiguous);
    const d = stateGradients(dtype, p, all, last);
    const dc = cell === null ? zeros([batch, hidden], dtype) : copyOf(cell);
    const rows = GATES * hidden;
    const dx = allocate([steps, batch, rows], dtype);
    const gw = needs & 0b10 ? allocate([rows, hidden], dtype) : null;
    const g0 = needs & 0b100 ? zeros([batch, hidden], dtype) : null;
    const results = [
      needs & 0b1 ? dx : null,
      gw,
      g0,
      needs & 0b1000 ? dc : null,
    ]
      .filter((result) => result !== null);
    if (d.size === 0) {
      if (gw !== null) fillArray(gw, 0);
      return results;
    }
    const [pw, py, pc, pg] = kept.map(pointer) as [
      ...[number, number, number, number],
    ];
    const [h0 = 0, c0 = 0] = first.map(pointer);
    const [pd, pdc, pdx] = [writable(d), writable(dc), writable(dx)];
    const pg0 = g0 === null ? 0 : writable(g0);
    const panels = panelsOf(dtype, p, [rows, hidden], pw, [hidden, 1]);
    const [name, flops] = ["lstm_backward", walkOf(p, GATES)] as const;
    runInParts(name, dtype, batch, ROWS, flops, (from, to, scratch) => [
      ...[steps, batch, from, to, hidden, pw, panels, c0, pc, pg],
      ...[pd, pdc, pdx, pg0, scratch],
    ]);
    if (gw !== null) {
      weightGradient(dtype, p, rows, pdx, py, h0, writable(gw));
    }
    return results;
  },
  backward: null,
};

/** The backward of {@linkcode LSTM} in operations that are recorded. */
function composed(
  node: OpNode<Walk>,
  [gy = null, gh = null, gc = null]: readonly (Tensor | null)[],
): (Tensor | null)[] {
  const { steps, batch, hidden } = node.params;
  const [x, w, h0 = null, c0 = null] = node.inputs as [
    ...[Tensor, Tensor, Tensor?, Tensor?],
  ];
  const before = statesBefore(node.output, h0);
  const sums = x.add(before.matmul(w.t())).chunk(GATES, 2);
  const [input, forget, cell, output] = sums.map((sum, i) =>
    i === 2 ? sum.tanh() : sum.sigmoid()
  ) as [Tensor, Tensor, Tensor, Tensor];
  const start = c0 ?? before.select(0, 0).zerosLike();
  const cells = [start];
  for (let t = 0; t < steps; t++) {
    const kept = forget.select(0, t).mul(cells[t]!);
    cells.push(kept.add(input.select(0, t).mul(cell.select(0, t))));
  }
  const slope = (y: Tensor) => y.sub(y.square());
  const tanhSlope = (y: Tensor) => y.square().neg().add(1);
  const steep = [slope(input), slope(forget), tanhSlope(cell), slope(output)];
  const slopes = cat(steep, 2);
  const dx: Tensor[] = new Array(steps);
  let dh = gh;
  let dc = gc;
  for (let t = steps - 1; t >= 0; t--) {
    const at = (of: Tensor) => of.select(0, t);
    const bent = cells[t + 1]!.tanh();
    // Only the last cell's gradient may have come alone.
    const g = gy === null && dh === null ? null : plus(gy && at(gy), dh);
    const own = g && g.mul(at(output)).mul(tanhSlope(bent));
    const total = plus(dc, own);
    const parts = [
      total.mul(at(cell)),
      total.mul(cells[t]!),
      total.mul(at(input)),
      g === null ? bent.zerosLike() : g.mul(bent),
    ];
    dx[t] = cat(parts, 1).mul(at(slopes));
    dc = total.mul(at(forget));
    dh = dx[t]!.matmul(w);
  }
  const d = stack(dx, 0);
  const flat = d.reshape([steps * batch, GATES * hidden]);
  const grads: (() => Tensor | null)[] = [
    () => d,
    () => flat.t().matmul(before.reshape([steps * batch, hidden])),
    () => dh,
    () => dc,
  ];
  return node.inputs.map((_, i) => node.needs(i) ? grads[i]!() : null);
}

/**
 * All states of a long short-term memory over a sequence, its last state and
 * its last cell:
 *
 * `i, f, o = σ(x(t) Wihᵀ + bih + h(t-1) Whhᵀ + bhh)`, `g = tanh(…)`,
 * `c(t) = f c(t-1) + i g`, `h(t) = o tanh(c(t))`.
 *
 * Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9,
 * 1997.
 *
 * Shapes: x `[T, N, inputs]` with T at least 1, the first state and cell
 * `[N, hidden]` each or null for zeros, weights `[4 hidden, inputs]` and
 * `[4 hidden, hidden]`, biases `[4 hidden]`, for the gates i, f, g, o in turn;
 * results `[T, N, hidden]`, `[N, hidden]` and `[N, hidden]`. float32 or
 * float64.
 *
 * ```ts
 * import { lstm, ones, randn } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const weights = { weightIh: ones([8, 3]), weightHh: ones([8, 2]) };
 * const [states, last, cell] = lstm(randn([5, 1, 3]), null, weights);
 * assertEquals(states.select(0, -1).toArray(), last.toArray());
 * assertEquals([states.shape, cell.shape], [[5, 1, 2], [1, 2]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 *
 * @throws RangeError when the sizes do not fit, TypeError for other dtypes.
 */
export function lstm(
  x: Tensor,
  state: readonly [h0: Tensor, c0: Tensor] | null,
  weights: RnnWeights,
): [states: Tensor, last: Tensor, cell: Tensor] {
  return run("lstm", x, state, weights);
}

/**
 * One step of {@linkcode lstm}: x `[N, inputs]`, the state and cell
 * `[N, hidden]` or null for zeros, to the next state and cell.
 *
 * ```ts
 * import { lstmCell, ones } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const weights = { weightIh: ones([8, 3]), weightHh: ones([8, 2]) };
 * let state = lstmCell(ones([1, 3]), null, weights);
 * state = lstmCell(ones([1, 3]), state, weights);
 * assertEquals(state.map((x) => x.shape), [[1, 2], [1, 2]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
 *
 * @throws RangeError when the sizes do not fit, TypeError for other dtypes.
 */
export function lstmCell(
  x: Tensor,
  state: readonly [h: Tensor, c: Tensor] | null,
  weights: RnnWeights,
): [state: Tensor, cell: Tensor] {
  const [states, , cell] = run("lstmCell", x, state, weights);
  return [states.squeeze(0), cell];
}

function run(
  op: string,
  x: Tensor,
  state: readonly [Tensor, Tensor] | null,
  weights: RnnWeights,
): [Tensor, Tensor, Tensor] {
  const [h0, c0] = state ?? [null, null];
  const walk = checkGated(op, GATES, x, { state: h0, cell: c0 }, weights);
  const { weightIh, weightHh, biasIh, biasHh } = weights;
  const bias = biasIh && biasHh ? biasIh.add(biasHh) : null;
  const rows = linear(x, weightIh, bias)
    .reshape([walk.steps, walk.batch, GATES * walk.hidden]);
  const inputs = h0 && c0 ? [rows, weightHh, h0, c0] : [rows, weightHh];
  const [states, last, cell, ...kept] = applyMany(LSTM, inputs, walk);
  // Only a recorded backward reads them.
  if (states!.node === null) { for (const tensor of kept) tensor.dispose(); }
  return [states!, last!, cell!];
}
