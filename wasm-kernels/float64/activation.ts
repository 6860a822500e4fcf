/** Activations with their slopes, and the slopes of others by their output. */

import type { ElementwiseKernels } from "../elementwise_abi.ts";
import type { WithSlope } from "../signatures.ts";
import { type Arrays, kernelsOf, map, mapTwo } from "./loops.ts";
import { erf, sigmoid } from "./unary.ts";

type ValueAndSlope = (x: number) => [value: number, slope: number];

function silu(x: number): [number, number] {
  const s = sigmoid(x);
  return [x * s, s * (x * sigmoid(-x) + 1)];
}

function gelu(x: number): [number, number] {
  const p = 0.5 + 0.5 * erf(x * Math.SQRT1_2);
  const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  return [x * p, x * density + p];
}

function gelu_tanh(x: number): [number, number] {
  const c = 2 * Math.sqrt(2 / Math.PI);
  // Beyond 30 the sigmoid is 0 or 1; squares of huge numbers are not finite.
  const near = Math.min(Math.max(x, -30), 30), z = near * near;
  const v = c * near * (0.044715 * z + 1);
  const s = sigmoid(v);
  const slope = near * sigmoid(-v) * c * (0.134145 * z + 1);
  return [x * s, s * (slope + 1)];
}

function mish(x: number): [number, number] {
  // Beyond 40 the factor is 1; its square would overflow.
  const near = Math.min(x, 40), e = Math.exp(near);
  const p = e * (e + 2), r = 1 / (p + 2);
  return [x * (p * r), r * (4 * near * e * (e + 1) * r + p)];
}

/** Slopes, from the output y and the output's gradient. */
const BACKWARD = {
  // A NaN lets its gradient through.
  relu_backward: (y: number, g: number) => y <= 0 ? 0 : g,
  sigmoid_backward: (y: number, g: number) => g * (y * (1 - y)),
  tanh_backward: (y: number, g: number) => g * (1 - y * y),
};

/** Kernels of activations. */
type ActivationKernels = Pick<
  ElementwiseKernels,
  | keyof typeof BACKWARD
  | "silu"
  | "gelu"
  | "gelu_tanh"
  | "mish"
  | "softplus"
  | "elu"
  | "leaky_relu"
  | "pieces"
>;

/** The kernels on a memory. */
export function activationKernels(arrays: Arrays): ActivationKernels {
  const withSlope = (f: ValueAndSlope): WithSlope => (n, x, out, slope) => {
    const from = arrays.f64(x), to = arrays.f64(out), rises = arrays.f64(slope);
    for (let i = 0; i < n; i++) {
      const [value, rise] = f(from[i]!);
      to[i] = value;
      if (slope !== 0) rises[i] = rise;
    }
  };
  return {
    ...kernelsOf(BACKWARD, (f) => mapTwo(arrays, f)),
    ...kernelsOf({ silu, gelu, gelu_tanh, mish }, withSlope),
    softplus(n, beta, threshold, x, out, slope) {
      withSlope((x) => {
        const z = beta * x;
        if (z > threshold) return [x, 1];
        const t = Math.exp(-Math.abs(z));
        const y = (Math.log1p(t) + Math.max(z, 0)) / beta;
        return [y, (z < 0 ? t : 1) / (t + 1)];
      })(n, x, out, slope);
    },
    elu(n, negative, positive, inside, x, out, slope) {
      withSlope((x) => {
        if (!(x <= 0)) return [positive * x, positive];
        const e = Math.expm1(inside * x);
        return [negative * e, negative * inside * (e + 1)];
      })(n, x, out, slope);
    },
    leaky_relu: (n, s, x, g, out) =>
      mapTwo(arrays, (x, g) => x > 0 ? g : s * g)(n, x, g, out),
    pieces(n, low, high, closed, b0, b1, i0, i1, i2, a0, a1, x, g, out) {
      const value = (x: number) => {
        const below = closed === 0 ? x <= low : x < low;
        const inside = closed === 0 ? x < high : x <= high;
        const rise = below ? b1 : inside ? i2 * x + i1 : a1;
        const start = below ? b0 : inside ? i0 : a0;
        // A constant must not multiply an infinity by 0.
        return rise === 0 ? start : start + rise * x;
      };
      if (g === 0) {
        map(arrays, (x) => x === x ? value(x) : x)(n, x, out);
        return;
      }
      mapTwo(arrays, (x, g) => {
        const slope = value(x);
        return slope === 0 ? 0 : g * slope;
      })(n, x, g, out);
    },
  };
}
