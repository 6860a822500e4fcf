/**
 * The shapes of kernels: what families of them take, in the ABI's order of
 * sizes, scalars, inputs, outputs. Sizes, strides and pointers are 32-bit
 * integers; strides count elements.
 */

/** `out[i] = f(x[i])` over `n` elements. */
export type Unary = (n: number, x: number, out: number) => void;

/** `out[i] = f(a[i * aStride], b[i * bStride])` over `n` elements. */
export type Binary = (
  n: number,
  a: number,
  aStride: number,
  b: number,
  bStride: number,
  out: number,
) => void;

/** {@linkcode Binary} over `rank` axes: sizes, a's strides, b's strides. */
export type BinaryNd = (
  rank: number,
  layout: number,
  a: number,
  b: number,
  out: number,
) => void;

/** Reduces the middle axis of `x` seen as `[outer, n, inner]`. */
export type Reduce = (
  outer: number,
  n: number,
  inner: number,
  x: number,
  out: number,
) => void;

/**
 * `y[i] = a[i] y[i-1] + b[i]` along the middle axis of `[outer, n, inner]`, or
 * backwards with `a[i+1]` and `y[i+1]`; a null `a` stands for ones, a null `b`
 * for the first `a` and zeros behind it.
 */
export type Scan = (
  outer: number,
  n: number,
  inner: number,
  reverse: number,
  a: number,
  b: number,
  out: number,
) => void;

/**
 * Positions, int32 `[outer, k, inner]`, of the first k of n in sorted order;
 * `scratch` has two elements and two int32 for each of n.
 */
export type Argsort = (
  outer: number,
  n: number,
  inner: number,
  k: number,
  descending: number,
  x: number,
  out: number,
  scratch: number,
) => void;

/** {@linkcode Unary} with the slope beside the value, unless that is null. */
export type WithSlope = (
  n: number,
  x: number,
  out: number,
  slope: number,
) => void;

/** A backward form: `out[i] = g[i] * f'(x)`, from the saved output. */
export type UnaryBackward = (
  n: number,
  saved: number,
  g: number,
  out: number,
) => void;

/** Weighted sums of `taps` rows along the middle axis, or their adjoint. */
export type Resample = (
  outer: number,
  n: number,
  inner: number,
  k: number,
  taps: number,
  x: number,
  index: number,
  weight: number,
  out: number,
) => void;

/** Scatters or gathers by an index; returns -1, or the first bad position. */
export type Indexed = (
  outer: number,
  n: number,
  inner: number,
  k: number,
  x: number,
  index: number,
  out: number,
) => number;

/** A strided copy: sizes, x's strides, out's strides. */
export type CopyNd = (
  rank: number,
  layout: number,
  x: number,
  out: number,
) => void;

/**
 * `a` and `b` picked by a bool condition, all contiguous; a stride of 0 takes
 * one element for all.
 */
export type Where = (
  n: number,
  condition: number,
  a: number,
  aStride: number,
  b: number,
  bStride: number,
  out: number,
) => void;

/** The fourteen sizes of a 2-D convolution. */
export type Conv2dSizes = [
  n: number,
  c: number,
  h: number,
  w: number,
  o: number,
  kernelH: number,
  kernelW: number,
  strideH: number,
  strideW: number,
  paddingH: number,
  paddingW: number,
  dilationH: number,
  dilationW: number,
  groups: number,
];

/** The sizes of a 2-D average pooling. */
export type AvgPool2dSizes = [
  planes: number,
  h: number,
  w: number,
  kernelH: number,
  kernelW: number,
  strideH: number,
  strideW: number,
  paddingH: number,
  paddingW: number,
  countIncludePad: number,
  outH: number,
  outW: number,
];

/** The sizes of a 2-D max pooling. */
export type MaxPool2dSizes = [
  planes: number,
  h: number,
  w: number,
  kernelH: number,
  kernelW: number,
  strideH: number,
  strideW: number,
  paddingH: number,
  paddingW: number,
  dilationH: number,
  dilationW: number,
  outH: number,
  outW: number,
];

/** Moves elements between planes by an index. */
export type PlaneMove = (
  planes: number,
  nIn: number,
  nOut: number,
  x: number,
  index: number,
  out: number,
) => void;

/** The sizes of `[n, c, s]`, and which of the c channels to compute. */
export type ChannelSizes = [
  n: number,
  c: number,
  s: number,
  first: number,
  end: number,
];

/** The sizes of a gated recurrent layer, and which rows to compute. */
export type GatedSizes = [
  steps: number,
  batch: number,
  first: number,
  end: number,
  hidden: number,
];

/**
 * A function of three pieces: `b0 + b1 x` below `low`, `i0 + i1 x + i2 x²`
 * between, `a0 + a1 x` above `high`; `closed` (0 or 1): the bounds belong to
 * the middle piece. NaN counts as above.
 */
export type Pieces = [
  low: number,
  high: number,
  closed: number,
  b0: number,
  b1: number,
  i0: number,
  i1: number,
  i2: number,
  a0: number,
  a1: number,
];
