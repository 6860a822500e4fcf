/** Elementwise arithmetic of two tensors: add, sub, mul, div, pow, ... */

import {
  type Binary,
  type BinaryNd,
  type FloatKernels,
  runtime,
} from "@fdunn/wasm-kernels";
import {
  type DType,
  fitsInt32,
  isFloat,
  ITEM_BYTES,
  requireComputing,
} from "../dtype.ts";
import { floatKernels, isLarge, numericKernels, runOver } from "../kernel.ts";
import {
  allocate,
  mergeAxes,
  mergedStride,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { broadcastShapes, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { meet, toFloat } from "./cast.ts";
import { sumTo } from "./reduce.ts";
import { unary } from "./unary.ts";
import { where } from "./where.ts";

/** The gradients of a two-operand op, reduced to the operands' shapes. */
function gradients(
  a: Tensor,
  b: Tensor,
  da: Tensor | null,
  db: Tensor | null,
): (Tensor | null)[] {
  return [da && sumTo(da, a.shape), db && sumTo(db, b.shape)];
}

const ADD: Op = {
  name: "add",
  saves: "none",
  forward: (_, a, b) => {
    const k = numericKernels("add", a.dtype);
    return elementwise("add", k.add, k.add_nd, a, b);
  },
  backward: (node, grad) =>
    gradients(
      node.input(0),
      node.input(1),
      node.needs(0) ? grad : null,
      node.needs(1) ? grad : null,
    ),
};

const SUB: Op = {
  name: "sub",
  saves: "none",
  forward: (_, a, b) => {
    const k = numericKernels("sub", a.dtype);
    return elementwise("sub", k.sub, k.sub_nd, a, b);
  },
  backward: (node, grad) =>
    gradients(
      node.input(0),
      node.input(1),
      node.needs(0) ? grad : null,
      node.needs(1) ? grad.neg() : null,
    ),
};

const MUL: Op = {
  name: "mul",
  saves: [0b10, 0b01],
  forward: (_, a, b) => {
    const k = numericKernels("mul", a.dtype);
    return elementwise("mul", k.mul, k.mul_nd, a, b);
  },
  backward: (node, grad) => {
    const [a, b] = [node.input(0), node.input(1)];
    return gradients(
      a,
      b,
      node.needs(0) ? grad.mul(b) : null,
      node.needs(1) ? grad.mul(a) : null,
    );
  },
};

const DIV: Op = {
  name: "div",
  saves: [0b10, 0b11],
  forward: (_, a, b) => {
    const k = numericKernels("div", a.dtype);
    return elementwise("div", k.div, k.div_nd, a, b);
  },
  backward: (node, grad) => {
    const [a, b] = [node.input(0), node.input(1)];
    return gradients(
      a,
      b,
      node.needs(0) ? grad.div(b) : null,
      // d(a / b)/db = -a / b²
      node.needs(1) ? grad.mul(a).div(b.square()).neg() : null,
    );
  },
};

const POW: Op = {
  name: "pow",
  saves: "inputs",
  forward: (_, a, b) => {
    const k = numericKernels("pow", a.dtype);
    return elementwise("pow", k.pow, k.pow_nd, a, b);
  },
  backward: (node, grad) => {
    const [a, b] = [node.input(0), node.input(1)];
    // d(a^b)/da = b a^(b-1), and 0 where b is 0, also at a = 0.
    const da = () => grad.mul(where(b.eq(0), 0, b.mul(a.pow(b.sub(1)))));
    // d(a^b)/db = a^b log a, and 0 at a = 0 for b >= 0.
    const db = () => {
      const atZero = a.eq(0).logicalAnd(b.ge(0));
      const logarithm = where(atZero, 1, a).log();
      return grad.mul(a.pow(b).mul(logarithm));
    };
    return gradients(
      a,
      b,
      node.needs(0) ? da() : null,
      node.needs(1) ? db() : null,
    );
  },
};

/** One power for all: its slope is a power, too, and needs no logarithm. */
const POW_NUMBER: Op<number> = {
  name: "pow",
  saves: [0b01],
  forward: (exponent, x, scalar) => {
    const k = numericKernels("pow", x.dtype);
    if (exponent === 3) {
      const square = elementwise("mul", k.mul, k.mul_nd, x, x);
      return elementwise("mul", k.mul, k.mul_nd, square, x);
    }
    const root = ROOTS.get(exponent);
    if (root === undefined) {
      return elementwise("pow", k.pow, k.pow_nd, x, scalar!);
    }
    return unary(root, floatKernels("pow", x.dtype)[root], x);
  },
  backward: (node, grad) => {
    const [x, exponent] = [node.input(0), node.params];
    // Also at x = 0, where x^-1 is infinite.
    if (exponent === 0) return [grad.zerosLike(), null];
    return [grad.mul(x.pow(exponent - 1)).mul(exponent), null];
  },
};

/** Powers that are one instruction. */
const ROOTS: ReadonlyMap<number, "sqrt" | "rsqrt" | "reciprocal"> = new Map([
  [0.5, "sqrt"],
  [-0.5, "rsqrt"],
  [-1, "reciprocal"],
]);

/** Larger or smaller of two; at a tie each gets half of the gradient. */
function extremum(
  name: "maximum" | "minimum",
  loses: (a: Tensor, b: Tensor) => Tensor,
): Op {
  return {
    name,
    saves: "inputs",
    forward: (_, a, b) => {
      const k = numericKernels(name, a.dtype);
      return elementwise(name, k[name], k[`${name}_nd`], a, b);
    },
    backward: (node, grad) => {
      const [a, b] = [node.input(0), node.input(1)];
      // Beside a NaN nobody loses: as in PyTorch both get all of the gradient.
      const shared = where(a.eq(b), grad.mul(0.5), grad);
      return gradients(
        a,
        b,
        node.needs(0) ? where(loses(a, b), 0, shared) : null,
        node.needs(1) ? where(loses(b, a), 0, shared) : null,
      );
    },
  };
}

const MAXIMUM: Op = extremum("maximum", (a, b) => a.lt(b));
const MINIMUM: Op = extremum("minimum", (a, b) => a.gt(b));

const ATAN2: Op = {
  name: "atan2",
  saves: "inputs",
  forward: (_, y, x) => {
    const k = floatKernels("atan2", y.dtype);
    return elementwise("atan2", k.atan2, k.atan2_nd, y, x);
  },
  backward: (node, grad) => {
    const [y, x] = [node.input(0), node.input(1)];
    const share = grad.div(y.square().add(x.square()));
    return gradients(
      y,
      x,
      node.needs(0) ? share.mul(x) : null,
      node.needs(1) ? share.mul(y).neg() : null,
    );
  },
};

type BinaryName = {
  [K in keyof FloatKernels]: FloatKernels[K] extends Binary ? K : never;
}[keyof FloatKernels];

/**
 * Runs a binary kernel over broadcast operands of one dtype.
 *
 * Equal row-major shapes and single elements take one flat call; everything
 * else goes by strides, with axes merged as far as they go.
 */
export function elementwise(
  name: BinaryName,
  flat: Binary,
  strided: BinaryNd,
  a: NdArray,
  b: NdArray,
  dtype: DType = a.dtype,
): NdArray {
  const shape = broadcastShapes(name, a.shape, b.shape);
  const out = allocate(shape, dtype);
  const { size } = out;
  if (size === 0) return out;
  const aStep = flatStep(a, size);
  const bStep = flatStep(b, size);
  if (aStep >= 0 && bStep >= 0) {
    const [pa, pb, po] = [pointer(a), pointer(b), writable(out)];
    if (isLarge(a.dtype, size)) {
      flatOver(name, size, pa, aStep, pb, bStep, po, ITEM_BYTES[dtype]);
    } else flat(size, pa, aStep, pb, bStep, po);
    return out;
  }
  const rank = mergeAxes(
    shape,
    broadcastStrides(a, shape),
    broadcastStrides(b, shape),
  );
  const [pa, pb] = [pointer(a), pointer(b)];
  if (rank === 1) {
    flat(size, pa, mergedStride("a"), pb, mergedStride("b"), writable(out));
  } else strided(rank, runtime.layout, pa, pb, writable(out));
  return out;
}

/** On threads; apart, since a closure would cost every small call. */
function flatOver(
  name: BinaryName,
  size: number,
  a: number,
  aStep: number,
  b: number,
  bStep: number,
  out: number,
  outBytes: number,
): void {
  runOver(name, size, (from, n) => [
    ...[n, a + 4 * aStep * from, aStep, b + 4 * bStep * from, bStep],
    out + outBytes * from,
  ]);
}

/** 1 for a row-major operand of the full size, 0 for one element, else -1. */
function flatStep(x: NdArray, size: number): number {
  if (x.size === 1) return 0;
  return x.size === size && x.steps === null ? 1 : -1;
}

/** Strides of `x` stretched to `shape`: 0 along broadcast axes. */
export function broadcastStrides(x: NdArray, shape: Shape): number[] {
  const { strides } = x;
  const missing = shape.length - x.shape.length;
  return shape.map((_, i) =>
    i < missing || x.shape[i - missing] === 1 ? 0 : strides[i - missing]!
  );
}

/** Runs a binary op on two tensors, or a tensor and a number. */
export function binary(op: Op, a: Tensor, b: Tensor | number): Tensor {
  if (typeof b !== "number") {
    if (a.dtype === b.dtype) return apply(op, [a, b], undefined);
    const [x, y] = meet(op.name, a, b);
    return apply(op, [x, y], undefined);
  }
  const x = isFloat(a.dtype) ? a : besideNumber(op, a, b);
  const scalar = x.scalarLike(b);
  const out = apply(op, [x, scalar], undefined);
  scalar.dispose();
  return out;
}

/** Beside int32 and bool a number counts as int32, if it is one. */
function besideNumber(op: Op, a: Tensor, b: number): Tensor {
  requireComputing(op.name, a.dtype);
  return a.to(fitsInt32(b) ? "int32" : "float32");
}

/** See {@linkcode Tensor.add}. */
export function add(a: Tensor, b: Tensor | number): Tensor {
  return binary(ADD, a, b);
}

/** See {@linkcode Tensor.sub}. */
export function sub(a: Tensor, b: Tensor | number): Tensor {
  return binary(SUB, a, b);
}

/** See {@linkcode Tensor.mul}. */
export function mul(a: Tensor, b: Tensor | number): Tensor {
  return binary(MUL, a, b);
}

/** See {@linkcode Tensor.div}: true division, integers become float32. */
export function div(a: Tensor, b: Tensor | number): Tensor {
  return binary(DIV, toFloat(a), b);
}

/** See {@linkcode Tensor.pow}. */
export function pow(a: Tensor, b: Tensor | number): Tensor {
  if (typeof b !== "number") return binary(POW, a, b);
  const x = isFloat(a.dtype) ? a : besideNumber(POW, a, b);
  if (x.dtype === "int32" && b < 0) {
    throw new RangeError(
      `pow() got exponent ${b} for ${a.dtype}: negative powers are fractions, convert first, as in x.to("float32")`,
    );
  }
  if (b === 2) return x.square();
  const scalar = x.scalarLike(b);
  const out = apply(POW_NUMBER, [x, scalar], b);
  scalar.dispose();
  return out;
}

/** See {@linkcode Tensor.maximum}. */
export function maximum(a: Tensor, b: Tensor | number): Tensor {
  return binary(MAXIMUM, a, b);
}

/** See {@linkcode Tensor.minimum}. */
export function minimum(a: Tensor, b: Tensor | number): Tensor {
  return binary(MINIMUM, a, b);
}

/** See {@linkcode Tensor.atan2}. */
export function atan2(y: Tensor, x: Tensor | number): Tensor {
  const other = typeof x === "number" ? x : toFloat(x);
  return binary(ATAN2, toFloat(y), other);
}
