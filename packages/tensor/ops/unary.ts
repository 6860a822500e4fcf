/**
 * Elementwise functions of one tensor: exp, log, sqrt, sin, ... Those whose
 * results have fractions compute int32 and bool in float32.
 */

import type { FloatKernels, Unary } from "@fdunn/wasm-kernels";
import { requireFloat } from "../dtype.ts";
import { floatKernels, isLarge, numericKernels, runOver } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import type { Saves } from "../saved.ts";
import type { Tensor } from "../tensor.ts";
import { toFloat } from "./cast.ts";

type UnaryName = {
  [K in keyof FloatKernels]: FloatKernels[K] extends Unary ? K : never;
}[keyof FloatKernels];

/** Runs a unary kernel, called `name` among the float kernels. */
export function unary(name: UnaryName, kernel: Unary, x: NdArray): NdArray {
  const source = contiguous(x);
  const out = allocate(x.shape, x.dtype);
  const { size } = out;
  if (isLarge(x.dtype, size)) unaryOver(name, size, source, out);
  else if (size > 0) kernel(size, pointer(source), writable(out));
  return out;
}

/** On threads; apart, since a closure would cost every small call. */
function unaryOver(
  name: UnaryName,
  size: number,
  x: NdArray,
  out: NdArray,
): void {
  const [px, po] = [pointer(x), writable(out)];
  runOver(name, size, (from, n) => [n, px + 4 * from, po + 4 * from]);
}

/** An op over a float kernel; `slope` gives dy/dx from input and output. */
function float(
  name: UnaryName,
  saves: Saves,
  slope: (x: Tensor, y: Tensor, grad: Tensor) => Tensor,
): Op {
  return {
    name,
    saves,
    forward: (_, x) =>
      unary(name, floatKernels(name, x.dtype)[name] as Unary, x),
    backward: (node, grad) => [slope(node.input(0), node.output, grad)],
  };
}

const NEG: Op = {
  name: "neg",
  saves: "none",
  forward: (_, x) => unary("neg", numericKernels("neg", x.dtype).neg, x),
  backward: (_, grad) => [grad.neg()],
};

const ABS: Op = {
  name: "abs",
  saves: "inputs",
  forward: (_, x) => unary("abs", numericKernels("abs", x.dtype).abs, x),
  backward: (node, grad) => [grad.mul(node.input(0).sign())],
};

const SIGN: Op = {
  name: "sign",
  saves: "none",
  forward: (_, x) => unary("sign", numericKernels("sign", x.dtype).sign, x),
  backward: (_, grad) => [grad.zerosLike()],
};

const SQUARE: Op = {
  name: "square",
  saves: "inputs",
  forward: (_, x) =>
    unary("square", numericKernels("square", x.dtype).square, x),
  backward: (node, grad) => [grad.mul(node.input(0)).mul(2)],
};

const EXP: Op = float("exp", "output", (_, y, g) => g.mul(y));
const EXPM1: Op = float("expm1", "output", (_, y, g) => g.mul(y.add(1)));
const LOG: Op = float("log", "inputs", (x, _, g) => g.div(x));
const LOG1P: Op = float("log1p", "inputs", (x, _, g) => g.div(x.add(1)));
const SQRT: Op = float("sqrt", "output", (_, y, g) => g.div(y.mul(2)));
// (x^-1/2)' = -1/2 y³
const RSQRT: Op = float(
  "rsqrt",
  "output",
  (_, y, g) => g.mul(y.mul(y).mul(y)).mul(-0.5),
);
const RECIPROCAL: Op = float(
  "reciprocal",
  "output",
  (_, y, g) => g.mul(y.square()).neg(),
);
const SIN: Op = float("sin", "inputs", (x, _, g) => g.mul(x.cos()));
const COS: Op = float("cos", "inputs", (x, _, g) => g.mul(x.sin()).neg());
const TAN: Op = float("tan", "output", (_, y, g) => g.mul(y.square().add(1)));
// asin' = 1 / √(1 - x²), and acos' the same, falling.
const ASIN: Op = float(
  "asin",
  "inputs",
  (x, _, g) => g.mul(x.square().neg().add(1).rsqrt()),
);
const ACOS: Op = float(
  "acos",
  "inputs",
  (x, _, g) => g.mul(x.square().neg().add(1).rsqrt()).neg(),
);
const ATAN: Op = float("atan", "inputs", (x, _, g) => g.div(x.square().add(1)));
const SINH: Op = float("sinh", "inputs", (x, _, g) => g.mul(x.cosh()));
const COSH: Op = float("cosh", "inputs", (x, _, g) => g.mul(x.sinh()));
// erf' = 2/√π e^(-x²)
const ERF: Op = float(
  "erf",
  "inputs",
  (x, _, g) => g.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI)),
);
const FLOOR: Op = float("floor", "none", (_x, _y, g) => g.zerosLike());
const CEIL: Op = float("ceil", "none", (_x, _y, g) => g.zerosLike());
const ROUND: Op = float("round", "none", (_x, _y, g) => g.zerosLike());
const TRUNC: Op = float("trunc", "none", (_x, _y, g) => g.zerosLike());

/** The public forms, one line each; documented as methods of `Tensor`. */
export const neg = (x: Tensor): Tensor => apply(NEG, [x], undefined);
/** See {@linkcode Tensor.abs}. */
export const abs = (x: Tensor): Tensor => apply(ABS, [x], undefined);
/** See {@linkcode Tensor.sign}. */
export const sign = (x: Tensor): Tensor => apply(SIGN, [x], undefined);
/** See {@linkcode Tensor.square}. */
export const square = (x: Tensor): Tensor => apply(SQUARE, [x], undefined);
/** See {@linkcode Tensor.exp}. */
export const exp = (x: Tensor): Tensor => apply(EXP, [toFloat(x)], undefined);
/** See {@linkcode Tensor.expm1}. */
export const expm1 = (x: Tensor): Tensor =>
  apply(EXPM1, [toFloat(x)], undefined);
/** See {@linkcode Tensor.log}. */
export const log = (x: Tensor): Tensor => apply(LOG, [toFloat(x)], undefined);
/** See {@linkcode Tensor.log1p}. */
export const log1p = (x: Tensor): Tensor =>
  apply(LOG1P, [toFloat(x)], undefined);
/** See {@linkcode Tensor.sqrt}. */
export const sqrt = (x: Tensor): Tensor => apply(SQRT, [toFloat(x)], undefined);
/** See {@linkcode Tensor.rsqrt}. */
export const rsqrt = (x: Tensor): Tensor =>
  apply(RSQRT, [toFloat(x)], undefined);
/** See {@linkcode Tensor.reciprocal}. */
export const reciprocal = (x: Tensor): Tensor =>
  apply(RECIPROCAL, [toFloat(x)], undefined);
/** See {@linkcode Tensor.sin}. */
export const sin = (x: Tensor): Tensor => apply(SIN, [toFloat(x)], undefined);
/** See {@linkcode Tensor.cos}. */
export const cos = (x: Tensor): Tensor => apply(COS, [toFloat(x)], undefined);
/** See {@linkcode Tensor.tan}. */
export const tan = (x: Tensor): Tensor => apply(TAN, [toFloat(x)], undefined);
/** See {@linkcode Tensor.erf}. */
export const erf = (x: Tensor): Tensor => apply(ERF, [toFloat(x)], undefined);
/** See {@linkcode Tensor.floor}. */
export const floor = (x: Tensor): Tensor => step(FLOOR, x);
/** See {@linkcode Tensor.ceil}. */
export const ceil = (x: Tensor): Tensor => step(CEIL, x);
/** See {@linkcode Tensor.round}. */
export const round = (x: Tensor): Tensor => step(ROUND, x);
/** See {@linkcode Tensor.trunc}. */
export const trunc = (x: Tensor): Tensor => step(TRUNC, x);
/** See {@linkcode Tensor.asin}. */
export const asin = (x: Tensor): Tensor => apply(ASIN, [toFloat(x)], undefined);
/** See {@linkcode Tensor.acos}. */
export const acos = (x: Tensor): Tensor => apply(ACOS, [toFloat(x)], undefined);
/** See {@linkcode Tensor.atan}. */
export const atan = (x: Tensor): Tensor => apply(ATAN, [toFloat(x)], undefined);
/** See {@linkcode Tensor.sinh}. */
export const sinh = (x: Tensor): Tensor => apply(SINH, [toFloat(x)], undefined);
/** See {@linkcode Tensor.cosh}. */
export const cosh = (x: Tensor): Tensor => apply(COSH, [toFloat(x)], undefined);

/** See {@linkcode Tensor.log2}. */
export function log2(x: Tensor): Tensor {
  const from = toFloat(x);
  requireFloat("log2", from.dtype);
  return log(from).mul(Math.LOG2E);
}

/** See {@linkcode Tensor.log10}. */
export function log10(x: Tensor): Tensor {
  const from = toFloat(x);
  requireFloat("log10", from.dtype);
  return log(from).mul(Math.LOG10E);
}

/** See {@linkcode Tensor.exp2}: as a power, which is exact for whole numbers. */
export function exp2(x: Tensor): Tensor {
  const power = toFloat(x);
  requireFloat("exp2", power.dtype);
  return power.scalarLike(2).pow(power);
}

/** Rounding of some kind: whole numbers stay what they are. */
function step(op: Op, x: Tensor): Tensor {
  return x.dtype === "int32" ? x.clone() : apply(op, [x], undefined);
}
