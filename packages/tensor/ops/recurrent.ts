/** The vanilla recurrent layer over a whole sequence, as one op. */

import { runtime } from "@fdunn/wasm-kernels";
import { type DType, ITEM_BYTES } from "../dtype.ts";
import { mode } from "../grad_mode.ts";
import { floatKernels, runInParts } from "../kernel.ts";
import {
  allocate,
  contiguous,
  copyOf,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, applyMany, type Op, type OpNode } from "../op.ts";
import { OUTPUT } from "../saved.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { zeros } from "../create.ts";
import { cat, stack } from "./join.ts";
import {
  GRAIN,
  LARGE,
  product as productInParts,
  type Steps,
} from "./matmul.ts";

/** What goes on the sum of both maps. */
export type Nonlinearity = "tanh" | "relu";

interface RnnParams {
  steps: number;
  batch: number;
  inputs: number;
  hidden: number;
  nonlinearity: Nonlinearity;
  /** The first state is known to be zeros. */
  fresh: boolean;
}

/** Rows of a batch that one thread walks through time at least. */
const ROWS = 8;

/** Multiplications and additions of one walk through time. */
function walkOf(p: RnnParams): number {
  return 2 * p.steps * p.batch * p.hidden * p.hidden;
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
  if (dtype === "float32" && 2 * m * n * k >= LARGE) {
    productInParts(m, n, k, a, x, b, y, out);
  } else {
    const { matmul } = floatKernels("rnn", dtype);
    const { scratch } = runtime;
    matmul(1, m, n, k, a, 0, x[0], x[1], b, 0, y[0], y[1], 0, out, n, scratch);
  }
}

/** Inputs: x, the two weights, the first state, and both biases or none. */
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
    const both = rest.length === 5 ? allocate([hidden], dtype) : null;
    if (out.size === 0) return out;
    const px = pointer(source);
    const [wi, wh, h0, bi = 0, bh = 0] = others.map(pointer) as [
      ...[number, number, number],
      ...[number?, number?],
    ];
    const [item, po] = [ITEM_BYTES[dtype], writable(out)];
    let bias = 0;
    if (both !== null) {
      bias = writable(both);
      kernels.add(hidden, bi, 1, bh, 1, bias);
    }
    // What all steps take from the input, in one product.
    const m = steps * batch;
    const flops = 2 * m * hidden * inputs;
    const { scratch } = runtime;
    if (flops < LARGE) {
      kernels.linear(m, hidden, inputs, px, wi, bias, po, hidden, scratch);
    } else {
      runInParts("linear", dtype, m, GRAIN, flops, (first, end, scratch) => [
        ...[end - first, hidden, inputs, px + item * first * inputs, wi, bias],
        ...[po + item * first * hidden, hidden, scratch],
      ]);
    }
    const relu = p.nonlinearity === "relu" ? 1 : 0;
    const first = p.fresh ? 0 : h0;
    if (walkOf(p) < LARGE) {
      // deno-fmt-ignore
      kernels.rnn(steps, batch, 0, batch, hidden, relu, first, wh, po, scratch);
    } else {
      runInParts("rnn", dtype, batch, ROWS, walkOf(p), (from, to, scratch) => [
        ...[steps, batch, from, to, hidden, relu, first, wh, po, scratch],
      ]);
    }
    return out;
  },
  backward: (node, grad) => {
    if (mode.recording) return composed(node, grad);
    let needs = 0;
    for (let i = 0; i < 6; i++) {
      if (i < node.inputs.length && node.needs(i)) needs |= 1 << i;
    }
    const inputs = [...node.inputs.slice(0, 4), node.output, grad];
    const grads = applyMany(RNN_BACKWARD, inputs, { ...node.params, needs });
    let at = 0;
    return node.inputs.map((_, i) => needs >>> i & 1 ? grads[at++]! : null);
  },
};

interface RnnBackwardParams extends RnnParams {
  /** Which gradients are asked for, as bits; the results hold just those. */
  needs: number;
}

/**
 * Back through time in kernels; {@linkcode composed} is the same in ops, for
 * gradients of gradients. Inputs: x, both weights, first state, states, grad.
 */
const RNN_BACKWARD: Op<RnnBackwardParams> = {
  name: "rnnBackward",
  saves: "none",
  forward: (p, ...arrays) => {
    const { steps, batch, inputs, hidden, needs } = p;
    const kernels = floatKernels("rnn", arrays[0]!.dtype);
    const { dtype } = arrays[0]!;
    const [x, wIh, wHh, h0, y] = arrays.slice(0, 5).map(contiguous) as [
      ...[NdArray, NdArray, NdArray, NdArray, NdArray],
    ];
    // Gradients of the states, then of what goes into them, step by step.
    const d = copyOf(arrays[5]!);
    const outs = [x, wIh, wHh, h0].map((like, i) =>
      needs >>> i & 1 ? allocate(like.shape, dtype) : null
    );
    const bias = needs >>> 4 === 0 ? null : allocate([hidden], dtype);
    const pointers = [x, wIh, wHh, h0, y].map(pointer);
    const [px, wi, wh, ph, py] = pointers as [
      ...[number, number, number, number, number],
    ];
    const [item, pd] = [ITEM_BYTES[dtype], writable(d)];
    const size = batch * hidden;
    const [rows, columns] = [[hidden, 1], [1, hidden]] as const;
    const { scratch } = runtime;
    const relu = p.nonlinearity === "relu" ? 1 : 0;
    if (walkOf(p) < LARGE) {
      // deno-fmt-ignore
      kernels.rnn_backward(steps, batch, 0, batch, hidden, relu, wh, py, pd, scratch);
    } else {
      const walk = walkOf(p);
      const kernel = "rnn_backward";
      runInParts(kernel, dtype, batch, ROWS, walk, (from, to, scratch) => [
        ...[steps, batch, from, to, hidden, relu, wh, py, pd, scratch],
      ]);
    }
    const [gx, gi, gh, g0] = outs.map((out) => out && writable(out));
    const m = steps * batch;
    if (gx) {
      product(dtype, [m, inputs, hidden], pd, rows, wi, [inputs, 1], gx);
    }
    if (gi) {
      product(dtype, [hidden, inputs, m], pd, columns, px, [inputs, 1], gi);
    }
    if (gh) {
      const later = [hidden, hidden, m - batch] as const;
      product(dtype, later, pd + item * size, columns, py, rows, gh);
      if (!p.fresh) {
        // deno-fmt-ignore
        kernels.matmul(1, hidden, hidden, batch, pd, 0, 1, hidden, ph, 0, hidden, 1, 1, gh, hidden, scratch);
      }
    }
    if (g0) product(dtype, [batch, hidden, hidden], pd, rows, wh, rows, g0);
    const results = outs.filter((out) => out !== null);
    if (bias === null) return results;
    const gb = writable(bias);
    kernels.linear_backward(m, hidden, inputs, px, wi, pd, 0, 0, gb, scratch);
    results.push(bias);
    if (needs >>> 4 === 0b11) results.push(copyOf(bias));
    return results;
  },
  backward: null,
};

/** The backward of {@linkcode RNN} in operations that are recorded. */
function composed(node: OpNode<RnnParams>, grad: Tensor): (Tensor | null)[] {
  const { steps, batch, inputs, hidden, nonlinearity } = node.params;
  const [x, wIh, wHh, h0] = node.inputs as [Tensor, Tensor, Tensor, Tensor];
  const y = node.output.reshape([steps, batch, hidden]);
  const g = grad.reshape([steps, batch, hidden]);
  const slopes: Tensor[] = new Array(steps);
  let next: Tensor | null = null;
  for (let t = steps - 1; t >= 0; t--) {
    const [own, state]: Tensor[] = [g.select(0, t), y.select(0, t)];
    const sum: Tensor = next === null ? own! : own!.add(next);
    slopes[t] = nonlinearity === "tanh"
      ? sum.sub(sum.mul(state!.square()))
      : sum.mul(state!.gt(0).to(sum.dtype));
    next = slopes[t]!.matmul(wHh);
  }
  const d = stack(slopes, 0).reshape([steps * batch, hidden]);
  const before = cat([h0, y.reshape([steps * batch, hidden])], 0)
    .narrow(0, 0, steps * batch);
  const grads = [
    () => d.matmul(wIh).reshape(x.shape),
    () => d.t().matmul(x.reshape([steps * batch, inputs])),
    () => d.t().matmul(before),
    () => next,
    () => d.sum(0),
    () => d.sum(0),
  ];
  return node.inputs.map((_, i) => node.needs(i) ? grads[i]!() : null);
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
 * All states of a vanilla recurrent layer over a sequence:
 * `h(t) = tanh(x(t) Wihᵀ + bih + h(t-1) Whhᵀ + bhh)`. Elman, "Finding
 * Structure in Time", Cognitive Science 14, 1990.
 *
 * Shapes: x `[T, N, inputs]` with T at least 1, the first state h0
 * `[N, hidden]` or null for zeros; result `[T, N, hidden]`. float32 or
 * float64.
 *
 * ```ts
 * import { ones, rnn } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const weights = { weightIh: ones([1, 1]), weightHh: ones([1, 1]) };
 * const y = rnn(ones([3, 1, 1]), null, weights, { nonlinearity: "relu" });
 * assertEquals(y.flatten().toArray(), [1, 2, 3]);
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
): Tensor {
  if (x.shape.length !== 3 || x.shape[0] === 0) {
    throw new RangeError(
      `rnn() got input ${
        formatShape(x.shape)
      }, expected [T, N, inputs] with T at least 1`,
    );
  }
  return run("rnn", x, h0, weights, options);
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
  if (x.shape.length !== 2) {
    throw new RangeError(
      `rnnCell() got input ${formatShape(x.shape)}, expected [N, inputs]`,
    );
  }
  return run("rnnCell", x, state, weights, options);
}

function run(
  op: string,
  x: Tensor,
  h0: Tensor | null,
  weights: RnnWeights,
  options: RnnOptions,
): Tensor {
  const { weightIh, weightHh, biasIh = null, biasHh = null } = weights;
  const { nonlinearity = "tanh" } = options;
  const [batch, inputs] = x.shape.slice(-2) as [number, number];
  const hidden = weightHh.shape[0] ?? 0;
  const steps = x.shape.length === 3 ? x.shape[0]! : 1;
  const require = (name: string, value: Tensor, shape: Shape) => {
    if (value.shape.join() !== shape.join()) {
      throw new RangeError(
        `${op}() got input ${formatShape(x.shape)} and ${name} ${
          formatShape(value.shape)
        }, expected ${formatShape(shape)}`,
      );
    }
    if (value.dtype !== x.dtype) {
      throw new TypeError(
        `${op}() got input ${x.dtype} and ${name} ${value.dtype}, which must be equal: convert with to()`,
      );
    }
  };
  require("weightIh", weightIh, [hidden, inputs]);
  require("weightHh", weightHh, [hidden, hidden]);
  if (h0 !== null) require("state", h0, [batch, hidden]);
  floatKernels(op, x.dtype); // throws for other types
  const fresh = h0 === null;
  const start = h0 ?? zeros([batch, hidden], { dtype: x.dtype });
  const tensors = [x, weightIh, weightHh, start];
  if (biasIh !== null && biasHh !== null) {
    require("biasIh", biasIh, [hidden]);
    require("biasHh", biasHh, [hidden]);
    tensors.push(biasIh, biasHh);
  } else if (biasIh !== null || biasHh !== null) {
    throw new RangeError(`${op}() got one bias, expected both or none`);
  }
  const params = { steps, batch, inputs, hidden, nonlinearity, fresh };
  return apply(RNN, tensors, params);
}
