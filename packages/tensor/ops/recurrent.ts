/** The vanilla recurrent layer over a whole sequence, as one op. */

import { runtime } from "@fdunn/wasm-kernels";
import { type DType, ITEM_BYTES } from "../dtype.ts";
import { mode } from "../grad_mode.ts";
import { floatKernels, isForThreads, runInParts } from "../kernel.ts";
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
import { zeros } from "../create.ts";
import { checkGated, panelsOf, ROWS, type Walk } from "./gates.ts";
import { cat, stack } from "./join.ts";
import { product as productInParts, type Steps } from "./matmul.ts";

/** What goes on the sum of both maps. */
export type Nonlinearity = "tanh" | "relu";

interface RnnParams extends Walk {
  inputs: number;
  nonlinearity: Nonlinearity;
  /** The first state is known to be zeros. */
  fresh: boolean;
}

/** Operations of one walk through time; of all inputs, too, on the way there. */
function walkOf(p: RnnParams, inputs: number): number {
  return 2 * p.steps * p.batch * p.hidden * (p.hidden + inputs);
}

/** `out[m, n] = a[m, k] b[k, n]`, large ones on several threads. */
function product(
  dtype: DType,
  [m, n, k]: readonly [number, number, number],
  a: number,
  x: Steps,
  b: number,
  y: Steps,
  out: number,
): void {
  if (isForThreads(dtype, 2 * m * n * k)) {
    productInParts(m, n, k, a, x, b, y, out);
  } else {
    const { matmul } = floatKernels("rnn", dtype);
    const { scratch } = runtime;
    matmul(1, m, n, k, a, 0, x[0], x[1], b, 0, y[0], y[1], 0, out, n, scratch);
  }
}

/**
 * Inputs: x, the two weights, the first state, and both biases or none.
 * Results: all states and, of a sequence, the last one again: a gradient that
 * reaches only that need not be spread over zeros.
 */
const RNN: Op<RnnParams> = {
  name: "rnn",
  // Every gradient walks back in time, by the states and the second weight.
  saves: [
    OUTPUT | 0b110,
    OUTPUT | 0b101,
    OUTPUT | 0b1100,
    ...[OUTPUT | 0b100, OUTPUT | 0b100, OUTPUT | 0b100],
  ],
  forward: (p, x, ...rest) => {
    const { steps, batch, inputs, hidden } = p;
    const { dtype } = x;
    const kernels = floatKernels("rnn", dtype);
    const source = contiguous(x);
    const others = rest.map(contiguous);
    const out = allocate([...x.shape.slice(0, -1), hidden], dtype);
    const last = x.shape.length === 3 ? allocate([batch, hidden], dtype) : null;
    const both = rest.length === 5 ? allocate([hidden], dtype) : null;
    const results = last === null ? [out] : [out, last];
    if (out.size === 0) return results;
    const px = pointer(source);
    const [wi, wh, h0, bi = 0, bh = 0] = others.map(pointer) as [
      ...[number, number, number],
      ...[number?, number?],
    ];
    const [po, pl] = [writable(out), last === null ? 0 : writable(last)];
    let bias = 0;
    if (both !== null) {
      bias = writable(both);
      kernels.add(hidden, bi, 1, bh, 1, bias);
    }
    const whPanels = panelsOf(dtype, p, [hidden, hidden], wh, [1, hidden]);
    // The products of single inputs are multiples of a row: no panels.
    const wiPanels = inputs > 1
      ? panelsOf(dtype, p, [inputs, hidden], wi, [1, inputs])
      : 0;
    const relu = p.nonlinearity === "relu" ? 1 : 0;
    const first = p.fresh ? 0 : h0;
    const work = walkOf(p, inputs);
    runInParts("rnn", dtype, batch, ROWS, work, (from, to, scratch) => [
      ...[steps, batch, from, to, inputs, hidden, relu, px, wi, wiPanels],
      ...[bias, first, wh, whPanels, po, pl, scratch],
    ]);
    return results;
  },
  backward: (node, ...grads) => {
    if (mode.recording) return composed(node, grads);
    let needs = 0;
    for (let i = 0; i < 6; i++) {
      if (i < node.inputs.length && node.needs(i)) needs |= 1 << i;
    }
    const [all, last] = grads as (Tensor | null)[];
    const inputs = [...node.inputs.slice(0, 4), node.output];
    if (all) inputs.push(all);
    if (last) inputs.push(last);
    const params = { ...node.params, needs, all: !!all, last: !!last };
    const results = applyMany(RNN_BACKWARD, inputs, params);
    let at = 0;
    return node.inputs.map((_, i) => needs >>> i & 1 ? results[at++]! : null);
  },
};

interface RnnBackwardParams extends RnnParams {
  /** Which gradients are asked for, as bits; the results hold just those. */
  needs: number;
  /** Whether a gradient of all states is there. */
  all: boolean;
  /** Whether one of the last state is there, behind it. */
  last: boolean;
}

/**
 * Back through time in kernels; {@linkcode composed} is the same in ops, for
 * gradients of gradients. Inputs: x, both weights, first state, states, and
 * the gradients that there are.
 */
const RNN_BACKWARD: Op<RnnBackwardParams> = {
  name: "rnnBackward",
  saves: "none",
  forward: (p, ...arrays) => {
    const { steps, batch, inputs, hidden, needs } = p;
    const kernels = floatKernels("rnn", arrays[0]!.dtype);
    const { dtype } = arrays[0]!;
    const [x, wIh, wHh, h0, y, ...grads] = arrays.map(contiguous) as [
      ...[NdArray, NdArray, NdArray, NdArray, NdArray],
      ...NdArray[],
    ];
    // What goes into the states.
    const d = allocate(y.shape, dtype);
    const outs = [x, wIh, wHh, h0].map((like, i) =>
      needs >>> i & 1 ? allocate(like.shape, dtype) : null
    );
    const bias = needs >>> 4 === 0 ? null : allocate([hidden], dtype);
    const pointers = [x, wIh, wHh, y].map(pointer);
    const [px, wi, wh, py] = pointers as [number, number, number, number];
    const g = p.all ? pointer(grads[0]!) : 0;
    const gLast = p.last ? pointer(grads[p.all ? 1 : 0]!) : 0;
    const [item, pd] = [ITEM_BYTES[dtype], writable(d)];
    const [gx, gi, gh, g0] = outs.map((out) => out && writable(out));
    const [rows, columns] = [[hidden, 1], [1, hidden]] as const;
    const m = steps * batch;
    const relu = p.nonlinearity === "relu" ? 1 : 0;
    const panels = panelsOf(dtype, p, [hidden, hidden], wh, [hidden, 1]);
    const work = walkOf(p, 0);
    runInParts(
      "rnn_backward",
      dtype,
      batch,
      ROWS,
      work,
      (from, to, scratch) => [
        ...[steps, batch, from, to, hidden, relu, wh, panels, py, g, gLast],
        ...[pd, g0 ?? 0, scratch],
      ],
    );
    if (gx) {
      product(dtype, [m, inputs, hidden], pd, rows, wi, [inputs, 1], gx);
    }
    if (gi) {
      product(dtype, [hidden, inputs, m], pd, columns, px, [inputs, 1], gi);
    }
    const { scratch } = runtime;
    if (gh) {
      const size = batch * hidden;
      const later = [hidden, hidden, m - batch] as const;
      product(dtype, later, pd + item * size, columns, py, rows, gh);
      if (!p.fresh) {
        const first = pointer(h0);
        // deno-fmt-ignore
        kernels.matmul(1, hidden, hidden, batch, pd, 0, 1, hidden, first, 0, hidden, 1, 1, gh, hidden, scratch);
      }
    }
    const results = outs.filter((out) => out !== null);
    if (bias === null) return results;
    kernels.sum(1, m, hidden, pd, writable(bias));
    results.push(bias);
    if (needs >>> 4 === 0b11) results.push(copyOf(bias));
    return results;
  },
  backward: null,
};

/** The backward of {@linkcode RNN} in operations that are recorded. */
function composed(
  node: OpNode<RnnParams>,
  grads: readonly (Tensor | null)[],
): (Tensor | null)[] {
  const { steps, batch, inputs, hidden, nonlinearity } = node.params;
  const [x, wIh, wHh, h0] = node.inputs as [Tensor, Tensor, Tensor, Tensor];
  const y = node.output.reshape([steps, batch, hidden]);
  const g = grads[0]?.reshape([steps, batch, hidden]);
  const slopes: Tensor[] = new Array(steps);
  let next: Tensor | null = grads[1] ?? null;
  for (let t = steps - 1; t >= 0; t--) {
    const [own, state] = [g?.select(0, t), y.select(0, t)];
    const sum: Tensor = own && next ? own.add(next) : (own ?? next)!;
    slopes[t] = nonlinearity === "tanh"
      ? sum.sub(sum.mul(state.square()))
      : sum.mul(state.gt(0).to(sum.dtype));
    next = slopes[t]!.matmul(wHh);
  }
  const d = stack(slopes, 0).reshape([steps * batch, hidden]);
  const before = cat([h0, y.reshape([steps * batch, hidden])], 0)
    .narrow(0, 0, steps * batch);
  const gradients = [
    () => d.matmul(wIh).reshape(x.shape),
    () => d.t().matmul(x.reshape([steps * batch, inputs])),
    () => d.t().matmul(before),
    () => next,
    () => d.sum(0),
    () => d.sum(0),
  ];
  return node.inputs.map((_, i) => node.needs(i) ? gradients[i]!() : null);
}

/** Options of {@linkcode rnn} and {@linkcode rnnCell}. */
export interface RnnOptions {
  /** The map of each step: `"tanh"`, the default, or `"relu"`. */
  nonlinearity?: Nonlinearity;
}

/** The parameters of a recurrent layer; both biases or none. */
export interface RnnWeights {
  /** `[hidden, inputs]`. */
  weightIh: Tensor;
  /** `[hidden, hidden]`. */
  weightHh: Tensor;
  /** `[hidden]`, or null. */
  biasIh?: Tensor | null;
  /** `[hidden]`, or null. */
  biasHh?: Tensor | null;
}

/**
 * All states of a vanilla recurrent layer over a sequence, and the last one:
 * `h(t) = tanh(x(t) Wihᵀ + bih + h(t-1) Whhᵀ + bhh)`. Elman, "Finding
 * Structure in Time", Cognitive Science 14, 1990.
 *
 * Shapes: x `[T, N, inputs]` with T at least 1, the first state h0
 * `[N, hidden]` or null for zeros; results `[T, N, hidden]` and `[N, hidden]`.
 * float32 or float64.
 *
 * ```ts
 * import { ones, rnn } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const weights = { weightIh: ones([1, 1]), weightHh: ones([1, 1]) };
 * const [y, last] = rnn(ones([3, 1, 1]), null, weights, { nonlinearity: "relu" });
 * assertEquals(y.flatten().toArray(), [1, 2, 3]);
 * assertEquals(last.item(), 3);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
 *
 * @throws RangeError when the sizes do not fit, TypeError for other dtypes.
 */
export function rnn(
  x: Tensor,
  h0: Tensor | null,
  weights: RnnWeights,
  options: RnnOptions = {},
): [states: Tensor, last: Tensor] {
  return run("rnn", x, h0, weights, options) as [Tensor, Tensor];
}

/**
 * One step of {@linkcode rnn}: x `[N, inputs]` and the state `[N, hidden]`, or
 * null for zeros, to the next state `[N, hidden]`.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
 *
 * @throws RangeError when the sizes do not fit, TypeError for other dtypes.
 */
export function rnnCell(
  x: Tensor,
  state: Tensor | null,
  weights: RnnWeights,
  options: RnnOptions = {},
): Tensor {
  return run("rnnCell", x, state, weights, options)[0]!;
}

function run(
  op: string,
  x: Tensor,
  h0: Tensor | null,
  weights: RnnWeights,
  options: RnnOptions,
): Tensor[] {
  const { steps, batch, hidden } = checkGated(op, 1, x, { state: h0 }, weights);
  const { weightIh, weightHh, biasIh = null, biasHh = null } = weights;
  const { nonlinearity = "tanh" } = options;
  const start = h0 ?? zeros([batch, hidden], { dtype: x.dtype });
  const tensors = [x, weightIh, weightHh, start];
  if (biasIh !== null && biasHh !== null) tensors.push(biasIh, biasHh);
  const inputs = x.shape[x.ndim - 1]!;
  const fresh = h0 === null;
  const params = { steps, batch, inputs, hidden, nonlinearity, fresh };
  return applyMany(RNN, tensors, params);
}
