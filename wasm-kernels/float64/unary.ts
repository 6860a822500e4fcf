/** One input, one output; functions are the engine's own. */

import type { ElementwiseKernels } from "../elementwise_abi.ts";
import type { FloatKernels } from "../float_abi.ts";
import type { Unary } from "../signatures.ts";
import { type Arrays, kernelsOf, map, mapTwo } from "./loops.ts";

/** The nearest integer, half to even. */
function round(x: number): number {
  const near = Math.round(x);
  return near - x === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

/** 1 / (1 + e^-x), without overflow. */
export function sigmoid(x: number): number {
  const z = Math.exp(-Math.abs(x));
  return (x < 0 ? z : 1) / (1 + z);
}

/** The error function: near 0 by a series, beyond by a continued fraction. */
export function erf(x: number): number {
  const scale = Math.exp(-x * x) / Math.sqrt(Math.PI);
  const far = Math.abs(x);
  if (far < 2.5) {
    let sum = x, term = x;
    for (let n = 1.5; sum + (term *= x * x / n) !== sum; n++) sum += term;
    return 2 * scale * sum;
  }
  let fraction = far;
  for (let n = 60; n > 0; n--) fraction = far + n / 2 / fraction;
  return Math.sign(x) * (1 - scale / fraction);
}

const FUNCTIONS = {
  neg: (x: number) => -x,
  abs: Math.abs,
  // -0 becomes 0.
  sign: (x: number) => Math.sign(x) + 0,
  square: (x: number) => x * x,
  sqrt: Math.sqrt,
  rsqrt: (x: number) => 1 / Math.sqrt(x),
  reciprocal: (x: number) => 1 / x,
  floor: Math.floor,
  ceil: Math.ceil,
  round,
  trunc: Math.trunc,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  sigmoid,
  erf,
  // NaN and -0 stay.
  relu: (x: number) => x < 0 ? 0 : x,
};

/** Kernels of one input, with a number or two. */
type UnaryKernels =
  & Record<keyof typeof FUNCTIONS, Unary>
  & Pick<ElementwiseKernels, "clamp">
  & Pick<FloatKernels, "scale" | "axpy" | "fill">;

/** The kernels on a memory. */
export function unaryKernels(arrays: Arrays): UnaryKernels {
  return {
    ...kernelsOf(FUNCTIONS, (f) => map(arrays, f)),
    clamp(n, low, high, x, out) {
      const clamp = (x: number) => x < low ? low : high < x ? high : x;
      map(arrays, clamp)(n, x, out);
    },
    scale: (n, s, x, out) => map(arrays, (x) => s * x)(n, x, out),
    axpy: (n, s, x, y) => mapTwo(arrays, (x, y) => s * x + y)(n, x, y, y),
    fill: (n, value, out) => void arrays.f64(out).fill(value, 0, n),
  };
}
