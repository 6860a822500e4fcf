/** The elementwise kernels that float32 and float64 have. */

import type {
  Binary,
  BinaryNd,
  Pieces,
  Unary,
  UnaryBackward,
  WithSlope,
} from "./signatures.ts";

/** Elementwise kernels of the floating point types. */
export interface ElementwiseKernels {
  /** The angle of the point (b, a). */
  atan2: Binary;
  /** Strided angle. */
  atan2_nd: BinaryNd;
  /** What a leaves when divided by b, with a's sign. */
  fmod: Binary;
  /** Strided remainder. */
  fmod_nd: BinaryNd;
  /** e^x. */
  exp: Unary;
  /** Natural logarithm. */
  log: Unary;
  /** log(1 + x). */
  log1p: Unary;
  /** e^x - 1. */
  expm1: Unary;
  /** Square root. */
  sqrt: Unary;
  /** 1 / sqrt(x). */
  rsqrt: Unary;
  /** 1 / x. */
  reciprocal: Unary;
  /** Sine. */
  sin: Unary;
  /** Cosine. */
  cos: Unary;
  /** Tangent. */
  tan: Unary;
  /** Arcsine. */
  asin: Unary;
  /** Arccosine. */
  acos: Unary;
  /** Arctangent. */
  atan: Unary;
  /** Hyperbolic sine. */
  sinh: Unary;
  /** Hyperbolic cosine. */
  cosh: Unary;
  /** Hyperbolic tangent. */
  tanh: Unary;
  /** 1 / (1 + e^-x). */
  sigmoid: Unary;
  /** Error function. */
  erf: Unary;
  /** Largest integer below. */
  floor: Unary;
  /** Smallest integer above. */
  ceil: Unary;
  /** Nearest integer, half to even. */
  round: Unary;
  /** The integer next to it on the side of 0. */
  trunc: Unary;
  /** x sigmoid(x). */
  silu: WithSlope;
  /** x times the normal distribution. */
  gelu: WithSlope;
  /** `gelu` by way of tanh. */
  gelu_tanh: WithSlope;
  /** x tanh(log(1 + e^x)). */
  mish: WithSlope;
  /** log(1 + e^(beta x)) / beta; x where beta x > threshold. */
  softplus: (
    n: number,
    beta: number,
    threshold: number,
    x: number,
    out: number,
    slope: number,
  ) => void;
  /** positive x above 0, negative (e^(inside x) - 1) elsewhere. */
  elu: (
    n: number,
    negative: number,
    positive: number,
    inside: number,
    x: number,
    out: number,
    slope: number,
  ) => void;
  /** g where x > 0, s g elsewhere. */
  leaky_relu: (n: number, s: number, x: number, g: number, out: number) => void;
  /** A function of three pieces; times g, unless that is null. */
  pieces: (
    ...args: [n: number, ...Pieces, x: number, g: number, out: number]
  ) => void;
  /** x clamped into [lo, hi]. */
  clamp: (n: number, lo: number, hi: number, x: number, out: number) => void;
  /** From relu's output. */
  relu_backward: UnaryBackward;
  /** From sigmoid's output. */
  sigmoid_backward: UnaryBackward;
  /** From tanh's output. */
  tanh_backward: UnaryBackward;
}
