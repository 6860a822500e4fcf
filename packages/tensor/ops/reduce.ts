/** Reductions over axes: sum, mean, amax, argmax, any, ... */

import { type Reduce, runtime } from "@fdunn/wasm-kernels";
import type { DType } from "../dtype.ts";
import { floatKernels, numericKernels } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  viewOf,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { OUTPUT } from "../saved.ts";
import {
  checkAxes,
  formatShape,
  reducedShape,
  sameShape,
  type Shape,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { productOfOthers } from "./scan.ts";

/** One axis, several, or none for all. */
export type Dims = number | readonly number[] | null;

/** Options of a reduction. */
export interface ReduceOptions {
  /** Keep the reduced axes with size 1. Default `false`. */
  keepdim?: boolean;
}

interface ReduceParams {
  axes: readonly number[];
  keepdim: boolean;
}

/**
 * Runs a reduction kernel. Neighbouring axes reduce in one call, seen as
 * `[outer, n, inner]`; others are first moved to the end.
 */
function reduce(
  kernel: Reduce,
  x: NdArray,
  { axes, keepdim }: ReduceParams,
  dtype: DType = x.dtype,
): NdArray {
  const { shape } = x;
  const first = axes[0] ?? 0;
  const last = axes[axes.length - 1] ?? -1;
  let source = x;
  let [outer, n, inner] = [1, 1, 1];
  if (last - first + 1 === axes.length) {
    for (let i = 0; i < first; i++) outer *= shape[i]!;
    for (const axis of axes) n *= shape[axis]!;
    for (let i = last + 1; i < shape.length; i++) inner *= shape[i]!;
    // A scalar reduces over nothing: one element that stands alone.
    if (axes.length === 0) [outer, inner] = [x.size, 1];
  } else {
    const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const order = [...kept, ...axes];
    const { strides } = x;
    source = viewOf(
      x,
      order.map((i) => shape[i]!),
      order.map((i) => strides[i]!),
      x.offset,
    );
    for (const axis of kept) outer *= shape[axis]!;
    for (const axis of axes) n *= shape[axis]!;
  }
  const row = contiguous(source);
  const out = allocate(reducedShape(shape, axes, keepdim), dtype);
  if (out.size > 0) kernel(outer, n, inner, pointer(row), writable(out));
  return out;
}

/** A gradient of a reduction, stretched back over the reduced axes. */
function stretch(grad: Tensor, x: Tensor, params: ReduceParams): Tensor {
  return unsqueezeAxes(grad, x.shape, params).expand(x.shape);
}

/** Where the reduced axes are 1, or a tensor that stretches as well as it is. */
function unsqueezeAxes(t: Tensor, shape: Shape, params: ReduceParams): Tensor {
  return params.keepdim || t.size === 1
    ? t
    : t.reshape(reducedShape(shape, params.axes, true));
}

const SUM: Op<ReduceParams> = {
  name: "sum",
  saves: "none",
  forward: (params, x) =>
    x.dtype === "bool"
      ? reduce(runtime.kernels.bytes.sum_u8, x, params, "int32")
      : reduce(numericKernels("sum", x.dtype).sum, x, params),
  backward: (node, grad) => [stretch(grad, node.input(0), node.params)],
};

const MEAN: Op<ReduceParams> = {
  name: "mean",
  saves: "none",
  forward: (params, x) => reduce(floatKernels("mean", x.dtype).mean, x, params),
  backward: (node, grad) => {
    const x = node.input(0);
    const count = x.size / Math.max(1, node.output.size);
    return [stretch(grad.mul(1 / count), x, node.params)];
  },
};

const PROD: Op<ReduceParams> = {
  name: "prod",
  saves: "inputs",
  forward: (params, x) =>
    reduce(numericKernels("prod", x.dtype).prod, x, params),
  backward: (node, grad) => {
    const [x, { axes }] = [node.input(0), node.params];
    // The reduced axes behind the others, as one.
    const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const order = [...kept, ...axes];
    const moved = x.permute(order);
    const n = axes.reduce((size, axis) => size * x.shape[axis]!, 1);
    const rows = moved.reshape([n === 0 ? 0 : x.size / n, n]);
    const inverse = order.map((_, i) => order.indexOf(i));
    const others = productOfOthers(rows, 1).reshape(moved.shape)
      .permute(inverse);
    return [stretch(grad, x, node.params).mul(others)];
  },
};

function extremum(name: "amax" | "amin"): Op<ReduceParams> {
  return {
    name,
    saves: [0b1 | OUTPUT],
    forward: (params, x) => {
      refuseEmpty(name, x, params.axes);
      return reduce(numericKernels(name, x.dtype)[name], x, params);
    },
    // Equal extrema share the gradient evenly.
    backward: (node, grad) => {
      const [x, { params }] = [node.input(0), node];
      const y = unsqueezeAxes(node.output, x.shape, params);
      const hit = x.eq(y).to(grad.dtype);
      const count = hit.sum(params.axes, { keepdim: true });
      return [stretch(grad, x, params).mul(hit.div(count))];
    },
  };
}

const AMAX: Op<ReduceParams> = extremum("amax");
const AMIN: Op<ReduceParams> = extremum("amin");

function position(name: "argmax" | "argmin"): Op<ReduceParams> {
  return {
    name,
    saves: "none",
    forward: (params, x) => {
      refuseEmpty(name, x, params.axes);
      return reduce(numericKernels(name, x.dtype)[name], x, params, "int32");
    },
    backward: null,
  };
}

const ARGMAX: Op<ReduceParams> = position("argmax");
const ARGMIN: Op<ReduceParams> = position("argmin");

function truth(name: "any" | "all"): Op<ReduceParams> {
  return {
    name,
    saves: "none",
    forward: (params, x) =>
      reduce(runtime.kernels.bytes[`${name}_u8`], x, params),
    backward: null,
  };
}

const ANY: Op<ReduceParams> = truth("any");
const ALL: Op<ReduceParams> = truth("all");

function refuseEmpty(name: string, x: NdArray, axes: readonly number[]): void {
  if (axes.some((axis) => x.shape[axis] === 0)) {
    throw new RangeError(
      `${name}() of a tensor of shape ${
        formatShape(x.shape)
      } has no elements to choose from`,
    );
  }
}

function params(
  name: string,
  x: Tensor,
  dims: Dims | undefined,
  options: ReduceOptions | undefined,
): ReduceParams {
  return {
    axes: checkAxes(name, dims, x.shape.length),
    keepdim: options?.keepdim ?? false,
  };
}

/** See {@linkcode Tensor.sum}. */
export function sum(x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor {
  return apply(SUM, [x], params("sum", x, dims, options));
}

/** See {@linkcode Tensor.mean}. */
export function mean(x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor {
  return apply(MEAN, [x], params("mean", x, dims, options));
}

/** See {@linkcode Tensor.prod}. */
export function prod(x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor {
  const source = x.dtype === "bool" ? x.to("int32") : x;
  return apply(PROD, [source], params("prod", x, dims, options));
}

/** See {@linkcode Tensor.amax}. */
export function amax(x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor {
  // Truth values are ordered, too.
  if (x.dtype === "bool") return amax(x.to("int32"), dims, options).to("bool");
  return apply(AMAX, [x], params("amax", x, dims, options));
}

/** See {@linkcode Tensor.amin}. */
export function amin(x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor {
  // Truth values are ordered, too.
  if (x.dtype === "bool") return amin(x.to("int32"), dims, options).to("bool");
  return apply(AMIN, [x], params("amin", x, dims, options));
}

/** See {@linkcode Tensor.argmax}. */
export function argmax(
  x: Tensor,
  dim?: number | null,
  options?: ReduceOptions,
): Tensor {
  return apply(ARGMAX, [x], params("argmax", x, dim, options));
}

/** See {@linkcode Tensor.argmin}. */
export function argmin(
  x: Tensor,
  dim?: number | null,
  options?: ReduceOptions,
): Tensor {
  return apply(ARGMIN, [x], params("argmin", x, dim, options));
}

/** See {@linkcode Tensor.any}. */
export function any(x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor {
  return apply(ANY, [x.to("bool")], params("any", x, dims, options));
}

/** See {@linkcode Tensor.all}. */
export function all(x: Tensor, dims?: Dims, options?: ReduceOptions): Tensor {
  return apply(ALL, [x.to("bool")], params("all", x, dims, options));
}

/** Sums a gradient over the axes along which its operand was broadcast. */
export function sumTo(grad: Tensor, shape: Shape): Tensor {
  if (sameShape(grad.shape, shape)) return grad;
  const missing = grad.shape.length - shape.length;
  const axes: number[] = [];
  for (let i = 0; i < grad.shape.length; i++) {
    if (i < missing || (shape[i - missing] === 1 && grad.shape[i] !== 1)) {
      axes.push(i);
    }
  }
  return sum(grad, axes, { keepdim: true }).reshape(shape);
}
