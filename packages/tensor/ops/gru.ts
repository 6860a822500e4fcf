/** Gated recurrent units over a whole sequence, as one op. */

import { floatKernels, runInParts } from "../kernel.ts";
import { mode } from "../grad_mode.ts";
import {
  allocate,
  contiguous,
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

const GATES = 3;
/** Every gradient walks back in time, by the states and the weight. */
const ALL = OUTPUT | 0b1111;

interface GruParams extends Walk {
  /** Whether the third input is the states' bias. */
  biased: boolean;
}

/** Splits what may follow the two inputs that are always there. */
function optional<T>(
  rest: readonly T[],
  biased: boolean,
): [bias: T | undefined, state: T | undefined] {
  return biased ? [rest[0], rest[1]] : [undefined, rest[0]];
}

/**
 * Inputs: what each step takes from its input `[T, N, 3 hidden]`, the states'
 * weight, their bias or not, and the first state or not. Results: states, the
 * last of them, and for backward the gates.
 */
const GRU: Op<GruParams> = {
  name: "gru",
  saves: [ALL, ALL, ALL, ALL],
  forward: (p, ...inputs) => {
    const { steps, batch, hidden } = p;
    const { dtype } = inputs[0]!;
    const sources = inputs.map(contiguous);
    const y = allocate([steps, batch, hidden], dtype);
    const gates = allocate([steps, batch, 4 * hidden], dtype);
    if (y.size === 0) return [y, lastStep(y), gates];
    const [px, pw, ...rest] = sources.map(pointer);
    const [b = 0, h0 = 0] = optional(rest, p.biased);
    const outs = [writable(y), writable(gates)];
    const flops = walkOf(p, GATES);
    const wide = GATES * hidden;
    const panels = panelsOf(dtype, p, [hidden, wide], pw!, [1, hidden]);
    runInParts("gru", dtype, batch, ROWS, flops, (from, to, scratch) => [
      ...[steps, batch, from, to, hidden, px!, pw!, panels, b, h0, ...outs],
      scratch,
    ]);
    return [y, lastStep(y), gates];
  },
  backward: (node, ...grads) => {
    const flowing = grads.slice(0, 2) as (Tensor | null)[];
    if (mode.recording) return composed(node, flowing);
    const { inputs, outputs, params } = node;
    const kept = [inputs[1]!, outputs[0]!, outputs[2]!];
    const [, h0] = optional(inputs.slice(2), params.biased);
    const first = h0 === undefined ? [] : [h0];
    return walkBack(GRU_BACKWARD, node, kept, flowing, first);
  },
};

/**
 * Back through time in kernels; {@linkcode composed} is the same in ops, for
 * gradients of gradients. Inputs: weight, states, gates, the gradients that have
 * arrived, and the first state or not.
 */
const GRU_BACKWARD: Op<GruParams & WalkBack> = {
  name: "gruBackward",
  saves: "none",
  forward: (p, ...inputs) => {
    const { steps, batch, hidden, needs, biased } = p;
    const { dtype } = inputs[0]!;
    const kept = inputs.slice(0, 3).map(contiguous) as NdArray[];
    let next = 3;
    const [all = null, last = null] = p.has.map((is) =>
      is ? inputs[next++]! : null
    );
    const first = inputs[next] === undefined ? null : contiguous(inputs[next]!);
    const d = stateGradients(dtype, p, all, last);
    const rows = GATES * hidden;
    const dx = allocate([steps, batch, rows], dtype);
    const dh = allocate(dx.shape, dtype);
    const wanted = (i: number) => i >= 0 && (needs >>> i & 1) !== 0;
    const gw = wanted(1) ? allocate([rows, hidden], dtype) : null;
    const gb = wanted(biased ? 2 : -1) ? allocate([rows], dtype) : null;
    const g0 = wanted(biased ? 3 : 2) ? zeros([batch, hidden], dtype) : null;
    const results = [wanted(0) ? dx : null, gw, gb, g0]
      .filter((result) => result !== null);
    if (d.size === 0) {
      if (gw !== null) fillArray(gw, 0);
      if (gb !== null) fillArray(gb, 0);
      return results;
    }
    const [pw, py, pg] = kept.map(pointer) as [number, number, number];
    const h0 = first === null ? 0 : pointer(first);
    const [pd, pdx, pdh] = [writable(d), writable(dx), writable(dh)];
    const pg0 = g0 === null ? 0 : writable(g0);
    const panels = panelsOf(dtype, p, [rows, hidden], pw, [hidden, 1]);
    const [name, flops] = ["gru_backward", walkOf(p, GATES)] as const;
    runInParts(name, dtype, batch, ROWS, flops, (from, to, scratch) => [
      ...[steps, batch, from, to, hidden, pw, panels, h0, py, pg],
      ...[pd, pdx, pdh, pg0, scratch],
    ]);
    if (gw !== null) {
      weightGradient(dtype, p, rows, pdh, py, h0, writable(gw));
    }
    if (gb !== null) {
      const { sum } = floatKernels("gru", dtype);
      sum(1, steps * batch, rows, pdh, writable(gb));
    }
    return results;
  },
  backward: null,
};

/** The backward of {@linkcode GRU} in operations that are recorded. */
function composed(
  node: OpNode<GruParams>,
  [gy = null, gh = null]: readonly (Tensor | null)[],
): (Tensor | null)[] {
  const { steps, batch, hidden, biased } = node.params;
  const [x, w, ...rest] = node.inputs as [Tensor, Tensor, ...Tensor[]];
  const [b = null, h0 = null] = optional(rest, biased);
  const before = statesBefore(node.output, h0);
  const own = x.chunk(GATES, 2);
  const share = linear(before, w, b).chunk(GATES, 2);
  const reset = own[0]!.add(share[0]!).sigmoid();
  const update = own[1]!.add(share[1]!).sigmoid();
  const part = share[2]!;
  const fresh = own[2]!.add(reset.mul(part)).tanh();
  // What a state's gradient becomes at the gates' sums, but for itself.
  const slope = (y: Tensor) => y.sub(y.square());
  const toNew = update.neg().add(1).mul(fresh.square().neg().add(1));
  const toReset = toNew.mul(part).mul(slope(reset));
  const toUpdate = before.sub(fresh).mul(slope(update));
  const factors = cat([toReset, toUpdate, toNew, toNew.mul(reset)], 2);
  const [dx, dh]: Tensor[][] = [[], []];
  let next = gh;
  for (let t = steps - 1; t >= 0; t--) {
    const g = plus(gy && gy.select(0, t), next);
    const all = cat([g, g, g, g], 1).mul(factors.select(0, t));
    const [first, second, third, fourth] = all.chunk(4, 1) as [
      ...[Tensor, Tensor, Tensor, Tensor],
    ];
    dx!.unshift(cat([first, second, third], 1));
    dh!.unshift(cat([first, second, fourth], 1));
    next = g.mul(update.select(0, t)).add(dh![0]!.matmul(w));
  }
  const flat = stack(dh!, 0).reshape([steps * batch, GATES * hidden]);
  const grads = [
    () => stack(dx!, 0),
    () => flat.t().matmul(before.reshape([steps * batch, hidden])),
    ...biased ? [() => flat.sum(0)] : [],
    () => next,
  ];
  return node.inputs.map((_, i) => node.needs(i) ? grads[i]!() : null);
}

/**
 * All states of gated recurrent units over a sequence, and the last one:
 *
 * `r, z = σ(x(t) Wihᵀ + bih + h(t-1) Whhᵀ + bhh)`,
 * `n = tanh(x(t) Wihᵀ + bih + r (h(t-1) Whhᵀ + bhh))`,
 * `h(t) = (1 - z) n + z h(t-1)`.
 *
 * Cho et al., "Learning phrase representations using RNN encoder-decoder",
 * 2014, with the reset gate behind the product, as in PyTorch.
 *
 * Shapes: x `[T, N, inputs]` with T at least 1, the first state h0
 * `[N, hidden]` or null for zeros, weights `[3 hidden, inputs]` and
 * `[3 hidden, hidden]`, biases `[3 hidden]`, for r, z, n in turn; results
 * `[T, N, hidden]` and `[N, hidden]`. float32 or float64.
 *
 * ```ts
 * import { gru, ones, randn } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const weights = { weightIh: ones([6, 3]), weightHh: ones([6, 2]) };
 * const [states, last] = gru(randn([5, 1, 3]), null, weights);
 * assertEquals([states.shape, last.shape], [[5, 1, 2], [1, 2]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
 *
 * @throws RangeError when the sizes do not fit, TypeError for other dtypes.
 */
export function gru(
  x: Tensor,
  h0: Tensor | null,
  weights: RnnWeights,
): [states: Tensor, last: Tensor] {
  return run("gru", x, h0, weights);
}

/**
 * One step of {@linkcode gru}: x `[N, inputs]` and the state `[N, hidden]`, or
 * null for zeros, to the next state `[N, hidden]`.
 *
 * ```ts
 * import { gruCell, ones } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const weights = { weightIh: ones([6, 3]), weightHh: ones([6, 2]) };
 * assertEquals(gruCell(ones([1, 3]), null, weights).shape, [1, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
 *
 * @throws RangeError when the sizes do not fit, TypeError for other dtypes.
 */
export function gruCell(
  x: Tensor,
  state: Tensor | null,
  weights: RnnWeights,
): Tensor {
  return run("gruCell", x, state, weights)[0].squeeze(0);
}

function run(
  op: string,
  x: Tensor,
  h0: Tensor | null,
  weights: RnnWeights,
): [Tensor, Tensor] {
  const walk = checkGated(op, GATES, x, { state: h0 }, weights);
  const { weightIh, weightHh, biasIh = null, biasHh = null } = weights;
  const rows = linear(x, weightIh, biasIh)
    .reshape([walk.steps, walk.batch, GATES * walk.hidden]);
  const inputs = [rows, weightHh];
  if (biasHh !== null) inputs.push(biasHh);
  if (h0 !== null) inputs.push(h0);
  const params = { ...walk, biased: biasHh !== null };
  const [states, last, gates] = applyMany(GRU, inputs, params);
  if (states!.node === null) gates!.dispose(); // only backward reads them
  return [states!, last!];
}
