/** What recurrent layers (recurrent.ts, lstm.ts, gru.ts) share. */

import { runtime } from "@fdunn/wasm-kernels";
import { type DType, ITEM_BYTES } from "../dtype.ts";
import { floatKernels, isForThreads } from "../kernel.ts";
import {
  allocate,
  contiguous,
  copyInto,
  copyOf,
  type NdArray,
  pointer,
  viewOf,
  writable,
} from "../nd_array.ts";
import { applyMany, type Op, type OpNode } from "../op.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { fillArray } from "./fill.ts";
import { cat } from "./join.ts";
import { product, type Steps } from "./matmul.ts";
import { requireOperand } from "./operand.ts";
import type { RnnWeights } from "./recurrent.ts";

/** The sizes of a walk through time. */
export interface Walk {
  /** Steps. */
  steps: number;
  /** Rows of a step. */
  batch: number;
  /** Size of a state. */
  hidden: number;
}

/** Rows of a batch that one thread walks through time at least. */
export const ROWS = 8;

/** Multiplications and additions of a walk with so many gates. */
export function walkOf({ steps, batch, hidden }: Walk, gates: number): number {
  return 2 * gates * steps * batch * hidden * hidden;
}

/**
 * The states' right-hand matrix `[k, n]` in panels, copied once for all steps:
 * their address, or 0 where a product makes its own copy, or none. float64 has
 * no panels, and they have four columns at least.
 */
export function panelsOf(
  dtype: DType,
  { steps, batch, hidden }: Walk,
  [k, n]: readonly [k: number, n: number],
  from: number,
  [row, column]: Steps,
): number {
  const few = steps === 1 && batch < 24;
  if (dtype !== "float32" || hidden < 4 || few) return 0;
  const panels = writable(allocate([k, n], dtype));
  floatKernels("rnn", dtype).pack(k, n, from, row, column, panels);
  return panels;
}

/** Where a walk starts: null for zeros, or for no cell. */
interface FirstStates {
  state: Tensor | null;
  cell?: Tensor | null;
}

/** Throws unless everything fits `gates` gates; returns the sizes. */
export function checkGated(
  op: string,
  gates: number,
  x: Tensor,
  { state, cell = null }: FirstStates,
  weights: RnnWeights,
): Walk {
  const { weightIh, weightHh, biasIh = null, biasHh = null } = weights;
  const rank = op.endsWith("Cell") ? 2 : 3;
  if (x.shape.length !== rank || (rank === 3 && x.shape[0] === 0)) {
    const expected = rank === 2
      ? "[N, inputs]"
      : "[T, N, inputs] with T at least 1";
    throw new RangeError(
      `${op}() got input ${formatShape(x.shape)}, expected ${expected}`,
    );
  }
  const [batch, inputs] = x.shape.slice(-2) as [number, number];
  // Without gates between, the rows of both weights are the state.
  const hidden = weightHh.shape[gates === 1 ? 0 : 1] ?? 0;
  const expect = (name: string, value: Tensor | null, shape: Shape) => {
    if (value !== null) requireOperand(op, x, name, value, shape);
  };
  expect("weightIh", weightIh, [gates * hidden, inputs]);
  expect("weightHh", weightHh, [gates * hidden, hidden]);
  expect("state", state, [batch, hidden]);
  expect("cell", cell, [batch, hidden]);
  floatKernels(op, x.dtype); // throws for other types
  if ((biasIh === null) !== (biasHh === null)) {
    throw new RangeError(`${op}() got one bias, expected both or none`);
  }
  expect("biasIh", biasIh, [gates * hidden]);
  expect("biasHh", biasHh, [gates * hidden]);
  return { steps: rank === 3 ? x.shape[0]! : 1, batch, hidden };
}

/** What a walk back through time has and makes. */
export interface WalkBack {
  /** Which gradients are asked for, as bits; the results hold just those. */
  needs: number;
  /** Which gradients have arrived, one for each result of the walk. */
  has: readonly boolean[];
}

/**
 * Runs the backward of a walk: `op` takes what the walk kept, the gradients
 * that have arrived, and the first states or none.
 */
export function walkBack<P extends Walk>(
  op: Op<P & WalkBack>,
  node: OpNode<P>,
  kept: readonly Tensor[],
  flowing: readonly (Tensor | null)[],
  first: readonly Tensor[],
): (Tensor | null)[] {
  let needs = 0;
  for (let i = 0; i < node.inputs.length; i++) {
    if (node.needs(i)) needs |= 1 << i;
  }
  const has = flowing.map((gradient) => gradient !== null);
  const arrived = flowing.filter((gradient) => gradient !== null);
  const inputs = [...kept, ...arrived, ...first];
  const results = applyMany(op, inputs, { ...node.params, needs, has });
  let at = 0;
  return node.inputs.map((_, i) => needs >>> i & 1 ? results[at++]! : null);
}

/**
 * The gradient of the states' weight, `[rows, hidden]` at `out`: what goes into
 * the gates, d `[steps, batch, rows]`, times the state before each step. `h0`
 * is 0 where the first states are zeros.
 */
export function weightGradient(
  dtype: DType,
  { steps, batch, hidden }: Walk,
  rows: number,
  d: number,
  y: number,
  h0: number,
  out: number,
): void {
  const k = (steps - 1) * batch;
  const later = d + ITEM_BYTES[dtype] * batch * rows;
  if (isForThreads(dtype, 2 * k * rows * hidden)) {
    product(rows, hidden, k, later, [1, rows], y, [hidden, 1], out);
  } else multiply(dtype, [rows, hidden, k], later, y, 0, out);
  if (h0 !== 0) multiply(dtype, [rows, hidden, batch], d, h0, 1, out);
}

/** `out[m, n] (+)= aᵀ b` for a `[k, m]`, b `[k, n]`. */
function multiply(
  dtype: DType,
  [m, n, k]: readonly [number, number, number],
  a: number,
  b: number,
  accumulate: number,
  out: number,
): void {
  const { matmul } = floatKernels("matmul", dtype);
  const { scratch } = runtime;
  matmul(1, m, n, k, a, 0, 1, m, b, 0, n, 1, accumulate, out, n, scratch);
}

/**
 * What flows back into the states `[T, N, hidden]`, to be written over: the
 * gradient of all of them and that of the last one, where they have arrived.
 */
export function stateGradients(
  dtype: DType,
  { steps, batch, hidden }: Walk,
  all: NdArray | null,
  last: NdArray | null,
): NdArray {
  const source = last && contiguous(last);
  const d = all === null ? zeros([steps, batch, hidden], dtype) : copyOf(all);
  if (source === null) return d;
  const size = batch * hidden;
  const from = pointer(source);
  const to = writable(d) + (steps - 1) * size * ITEM_BYTES[dtype];
  floatKernels("add", dtype).add(size, to, 1, from, 1, to);
  return d;
}

/** An array of zeros. */
export function zeros(shape: Shape, dtype: DType): NdArray {
  const out = allocate(shape, dtype);
  fillArray(out, 0);
  return out;
}

/** The last step's part of an array of all steps, copied. */
export function lastStep(x: NdArray): NdArray {
  const shape = x.shape.slice(1);
  const out = allocate(shape, x.dtype);
  copyInto(viewOf(x, shape, null, x.size - out.size), out);
  return out;
}

/** The state before each step, as a tensor of the graph: `[T, N, hidden]`. */
export function statesBefore(y: Tensor, first: Tensor | null): Tensor {
  const h0 = first ?? y.select(0, 0).zerosLike();
  const steps = y.shape[0]!;
  return cat([h0.unsqueeze(0), y.narrow(0, 0, steps - 1)], 0);
}

/** A gradient where there may be none, at one step. */
export function plus(a: Tensor | null, b: Tensor | null): Tensor {
  return a === null ? b! : b === null ? a : a.add(b);
}
