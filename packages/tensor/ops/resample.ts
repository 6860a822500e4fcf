/** Weighted sums of neighbours along one axis: what interpolation is made of. */

import { ITEM_BYTES, requireFloat } from "../dtype.ts";
import { runInParts } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Along which axis, of what shape, how many results of how many terms. */
interface ResampleParams {
  dim: number;
  input: Shape;
  count: number;
  taps: number;
}

const RESAMPLE: Op<ResampleParams> = {
  name: "resample",
  saves: [0b110, 0, 0],
  forward: (p, x, index, weight) => {
    const shape = p.input.map((n, i) => i === p.dim ? p.count : n);
    const out = allocate(shape, x.dtype);
    return run("resample", p, [x, index!, weight!], out);
  },
  backward: (node, grad) => {
    const [, index, weight] = node.inputs as readonly [Tensor, Tensor, Tensor];
    const inputs = [grad, index, weight];
    return [apply(RESAMPLE_BACKWARD, inputs, node.params), null, null];
  },
};

const RESAMPLE_BACKWARD: Op<ResampleParams> = {
  name: "resampleBackward",
  saves: [0b110, 0, 0],
  forward: (p, grad, index, weight) => {
    const out = allocate(p.input, grad.dtype);
    return run("resample_backward", p, [grad, index!, weight!], out);
  },
  backward: (node, grad) => {
    const [, index, weight] = node.inputs as readonly [Tensor, Tensor, Tensor];
    return [apply(RESAMPLE, [grad, index, weight], node.params), null, null];
  },
};

/** Threads share what lies before the axis. */
function run(
  name: "resample" | "resample_backward",
  { dim, input, count, taps }: ResampleParams,
  [x, index, weight]: readonly [NdArray, NdArray, NdArray],
  out: NdArray,
): NdArray {
  const source = contiguous(x);
  if (out.size === 0) return out;
  const outer = sizeOf(input.slice(0, dim));
  const inner = sizeOf(input.slice(dim + 1));
  const [px, pi, pw] = [pointer(source), pointer(index), pointer(weight)];
  const po = writable(out);
  const n = input[dim]!;
  const flops = 4 * taps * Math.max(x.size, out.size);
  const bytes = ITEM_BYTES[x.dtype];
  const step = bytes * source.size / outer;
  const outStep = bytes * out.size / outer;
  runInParts(name, x.dtype, outer, 1, flops, (from, end) => [
    ...[end - from, n, inner, count, taps],
    ...[px + from * step, pi, pw, po + from * outStep],
  ]);
  return out;
}

/**
 * An axis `dim` of x as `count` elements: the sum over t of `weight[j, t]`
 * times the element at `index[j, t]`; int32 indices within the axis, weights in
 * the dtype of x, both `[count, taps]`.
 */
export function resample(
  x: Tensor,
  dim: number,
  index: Tensor,
  weight: Tensor,
): Tensor {
  requireFloat("resample", x.dtype);
  const [count, taps] = index.shape as [number, number];
  const params = { dim, input: x.shape, count, taps };
  return apply(RESAMPLE, [x, index, weight], params);
}
