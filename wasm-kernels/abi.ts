/**
 * The kernels' signatures, as TypeScript sees them: one interface per element
 * type, grouped by family. `README.md` beside this file is the same in prose.
 *
 * Sizes, strides and pointers are 32-bit integers; strides count elements.
 *
 * @module
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

/** A backward form: `out[i] = g[i] * f'(x)`, from the saved input or output. */
export type UnaryBackward = (
  n: number,
  saved: number,
  g: number,
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

/** `a` and `b` picked by a bool condition, all contiguous. */
export type Where = (
  n: number,
  condition: number,
  a: number,
  b: number,
  out: number,
) => void;

/** Kernels that every numeric element type has. */
export interface NumericKernels {
  /** Sum. */
  add: Binary;
  /** Difference. */
  sub: Binary;
  /** Product. */
  mul: Binary;
  /** Quotient; truncating for integers, where x / 0 is 0. */
  div: Binary;
  /** Larger of two; NaN wins. */
  maximum: Binary;
  /** Smaller of two; NaN wins. */
  minimum: Binary;
  /** Strided sum. */
  add_nd: BinaryNd;
  /** Strided difference. */
  sub_nd: BinaryNd;
  /** Strided product. */
  mul_nd: BinaryNd;
  /** Strided quotient. */
  div_nd: BinaryNd;
  /** Strided maximum. */
  maximum_nd: BinaryNd;
  /** Strided minimum. */
  minimum_nd: BinaryNd;
  /** Equal; out is bool. */
  eq: Binary;
  /** Not equal. */
  ne: Binary;
  /** Less. */
  lt: Binary;
  /** Less or equal. */
  le: Binary;
  /** Greater. */
  gt: Binary;
  /** Greater or equal. */
  ge: Binary;
  /** Strided equal. */
  eq_nd: BinaryNd;
  /** Strided not equal. */
  ne_nd: BinaryNd;
  /** Strided less. */
  lt_nd: BinaryNd;
  /** Strided less or equal. */
  le_nd: BinaryNd;
  /** Strided greater. */
  gt_nd: BinaryNd;
  /** Strided greater or equal. */
  ge_nd: BinaryNd;
  /** Negation. */
  neg: Unary;
  /** Absolute value. */
  abs: Unary;
  /** -1, 0 or 1. */
  sign: Unary;
  /** x * x. */
  square: Unary;
  /** max(x, 0). */
  relu: Unary;
  /** Sum over the middle axis. */
  sum: Reduce;
  /** Product over the middle axis. */
  prod: Reduce;
  /** Largest over the middle axis. */
  amax: Reduce;
  /** Smallest over the middle axis. */
  amin: Reduce;
  /** Position of the largest, int32. */
  argmax: Reduce;
  /** Position of the smallest, int32. */
  argmin: Reduce;
  /** Adds rows of `src` `[outer, k, inner]` into out `[outer, n, inner]`. */
  index_add: Indexed;
  /** Adds elements of `src` at their index along the middle axis. */
  scatter_add: Indexed;
  /** Class labels to rows of 0 and 1; -1, or the first bad position. */
  one_hot: (
    rows: number,
    classes: number,
    target: number,
    out: number,
  ) => number;
  /**
   * `out[batch, m, n] = a[batch, m, k] b[batch, k, n]` for any strides; rows of
   * `out` lie `outRow` apart.
   */
  matmul: (
    batch: number,
    m: number,
    n: number,
    k: number,
    a: number,
    aBatch: number,
    aRow: number,
    aColumn: number,
    b: number,
    bBatch: number,
    bRow: number,
    bColumn: number,
    accumulate: number,
    out: number,
    outRow: number,
    scratch: number,
  ) => void;
}

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

/** Pools planes `[h, w]` to `[outH, outW]`, or moves the gradient back. */
export type AdaptivePool = (
  planes: number,
  h: number,
  w: number,
  outH: number,
  outW: number,
  x: number,
  out: number,
) => void;

/** The sizes of a recurrent layer, which rows to compute, and relu or tanh. */
export type RecurrentSizes = [
  steps: number,
  batch: number,
  first: number,
  end: number,
  hidden: number,
  relu: number,
];

/** Kernels of the floating point types. */
export interface FloatKernels extends NumericKernels {
  /** a to the power b. */
  pow: Binary;
  /** Strided power. */
  pow_nd: BinaryNd;
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
  /** x clamped into [lo, hi]. */
  clamp: (n: number, lo: number, hi: number, x: number, out: number) => void;
  /** From relu's output. */
  relu_backward: UnaryBackward;
  /** From sigmoid's output. */
  sigmoid_backward: UnaryBackward;
  /** From tanh's output. */
  tanh_backward: UnaryBackward;
  /** Mean over the middle axis. */
  mean: Reduce;
  /** Softmax over the middle axis. */
  softmax: Reduce;
  /** Logarithm of softmax over the middle axis. */
  log_softmax: Reduce;
  /** From softmax's output. */
  softmax_backward: (
    outer: number,
    n: number,
    inner: number,
    y: number,
    g: number,
    out: number,
  ) => void;
  /** From log-softmax's output. */
  log_softmax_backward: (
    outer: number,
    n: number,
    inner: number,
    y: number,
    g: number,
    out: number,
  ) => void;
  /** reduction 0 none, 1 mean, 2 sum; returns -1, or the first bad row. */
  cross_entropy: (
    rows: number,
    classes: number,
    reduction: number,
    x: number,
    target: number,
    probabilities: number,
    loss: number,
  ) => number;
  /** `(p - onehot) * g * scale`. */
  cross_entropy_backward: (
    rows: number,
    classes: number,
    scale: number,
    probabilities: number,
    target: number,
    g: number,
    gStride: number,
    out: number,
  ) => void;
  /** `x wᵀ + bias`; rows of `out` lie `outRow` apart. */
  linear: (
    m: number,
    n: number,
    k: number,
    x: number,
    w: number,
    bias: number,
    out: number,
    outRow: number,
    scratch: number,
  ) => void;
  /** All three gradients of `linear`; a zero pointer skips one. */
  linear_backward: (
    m: number,
    n: number,
    k: number,
    x: number,
    w: number,
    g: number,
    gx: number,
    gw: number,
    gb: number,
    scratch: number,
  ) => void;
  /** Convolution, NCHW. */
  conv2d: (
    ...args: [
      ...Conv2dSizes,
      x: number,
      weight: number,
      bias: number,
      out: number,
      scratch: number,
    ]
  ) => void;
  /** Gradient to the input. */
  conv2d_grad_input: (
    ...args: [
      ...Conv2dSizes,
      g: number,
      weight: number,
      out: number,
      scratch: number,
    ]
  ) => void;
  /** Gradient to the weights of the output channels from `first` to `end`. */
  conv2d_grad_weight: (
    ...args: [
      ...Conv2dSizes,
      first: number,
      end: number,
      x: number,
      g: number,
      out: number,
      scratch: number,
    ]
  ) => void;
  /** Gradient to the bias: sums of planes. */
  conv2d_grad_bias: (
    n: number,
    o: number,
    hw: number,
    g: number,
    out: number,
  ) => void;
  /** Max pooling; `indices` are positions in the input plane. */
  max_pool2d: (
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
    x: number,
    out: number,
    indices: number,
  ) => void;
  /** `out[p, index[p, i]] += x[p, i]`, out zeroed first. */
  plane_scatter_add: PlaneMove;
  /** `out[p, i] = x[p, index[p, i]]`. */
  plane_gather: PlaneMove;
  /** Average pooling. */
  avg_pool2d: (
    ...args: [...AvgPool2dSizes, x: number, out: number]
  ) => void;
  /** Gradient of average pooling. */
  avg_pool2d_backward: (
    ...args: [...AvgPool2dSizes, g: number, out: number]
  ) => void;
  /** Average pooling to `[outH, outW]`. */
  adaptive_avg_pool2d: AdaptivePool;
  /** Gradient of adaptive average pooling. */
  adaptive_avg_pool2d_backward: AdaptivePool;
  /** Normalises channels `first` to `end` of `[n, c, s]`. */
  batch_norm: (
    ...args: [
      ...ChannelSizes,
      training: number,
      momentum: number,
      eps: number,
      x: number,
      weight: number,
      bias: number,
      runningMean: number,
      runningVar: number,
      out: number,
      mean: number,
      invstd: number,
    ]
  ) => void;
  /** All three gradients of `batch_norm`; a zero pointer skips one. */
  batch_norm_backward: (
    ...args: [
      ...ChannelSizes,
      training: number,
      x: number,
      weight: number,
      g: number,
      mean: number,
      invstd: number,
      gx: number,
      gw: number,
      gb: number,
    ]
  ) => void;
  /** The states of a recurrent layer, of the rows `first` to `end`. */
  rnn: (
    ...args: [
      ...RecurrentSizes,
      h0: number,
      w: number,
      out: number,
      scratch: number,
    ]
  ) => void;
  /** The gradients of what goes into the states, from the states'. */
  rnn_backward: (
    ...args: [
      ...RecurrentSizes,
      w: number,
      y: number,
      d: number,
      scratch: number,
    ]
  ) => void;
  /** One SGD step over a table of `[n, param, grad, buffer, fresh]`. */
  sgd: (
    count: number,
    lr: number,
    momentum: number,
    dampening: number,
    weightDecay: number,
    nesterov: number,
    maximize: number,
    table: number,
  ) => void;
  /** One Adam step over a table of `[n, param, grad, m, v, vmax]`. */
  adam: (
    count: number,
    lr: number,
    beta1: number,
    beta2: number,
    eps: number,
    weightDecay: number,
    decoupled: number,
    bias1: number,
    bias2: number,
    amsgrad: number,
    maximize: number,
    table: number,
  ) => void;
  /** One RMSprop step over a table of `[n, param, grad, square, mean, buffer]`. */
  rmsprop: (
    count: number,
    lr: number,
    alpha: number,
    eps: number,
    weightDecay: number,
    momentum: number,
    centered: number,
    maximize: number,
    table: number,
  ) => void;
  /** `out = s * x`. */
  scale: (n: number, s: number, x: number, out: number) => void;
  /** `y += s * x`. */
  axpy: (n: number, s: number, x: number, y: number) => void;
  /** Sum of squares. */
  sum_squares: (n: number, x: number, out: number) => void;
  /** Uniform numbers in [low, high). */
  random_uniform: (
    n: number,
    low: number,
    high: number,
    state: number,
    out: number,
  ) => void;
  /** Normal numbers. */
  random_normal: (
    n: number,
    mean: number,
    std: number,
    state: number,
    out: number,
  ) => void;
  /** 1 with probability p, else 0. */
  random_bernoulli: (n: number, p: number, state: number, out: number) => void;
  /** Sets every element. */
  fill: (n: number, value: number, out: number) => void;
}

/** Kernels of int32. */
export interface IntKernels extends NumericKernels {
  /** Integers in [low, high). */
  random_int: (
    n: number,
    low: number,
    high: number,
    state: number,
    out: number,
  ) => void;
  /** A random permutation of 0 to n - 1. */
  random_permutation: (n: number, state: number, out: number) => void;
}

/** Kernels that move bytes or work on bool, whatever the element type. */
export interface ByteKernels {
  /** Strided copy of 1-byte elements. */
  copy_b8: CopyNd;
  /** Strided copy of 2-byte elements. */
  copy_b16: CopyNd;
  /** Strided copy of 4-byte elements. */
  copy_b32: CopyNd;
  /** Strided copy of 8-byte elements. */
  copy_b64: CopyNd;
  /** Sets 1-byte elements. */
  fill_b8: (n: number, bits: number, out: number) => void;
  /** Sets 4-byte elements. */
  fill_b32: (n: number, bits: number, out: number) => void;
  /** 1-byte choice. */
  where_b8: Where;
  /** 4-byte choice. */
  where_b32: Where;
  /** 8-byte choice. */
  where_b64: Where;
  /** Rows of 1-byte elements by index. */
  index_select_b8: Indexed;
  /** Rows of 4-byte elements by index. */
  index_select_b32: Indexed;
  /** Rows of 8-byte elements by index. */
  index_select_b64: Indexed;
  /** 4-byte elements by index along the middle axis. */
  gather_b32: Indexed;
  /** 8-byte elements by index along the middle axis. */
  gather_b64: Indexed;
  /** Not, of bool. */
  logical_not_u8: Unary;
  /** And, of bool. */
  logical_and_u8: (n: number, a: number, b: number, out: number) => void;
  /** Or, of bool. */
  logical_or_u8: (n: number, a: number, b: number, out: number) => void;
  /** Exclusive or, of bool. */
  logical_xor_u8: (n: number, a: number, b: number, out: number) => void;
  /** Whether any is true. */
  any_u8: Reduce;
  /** Whether all are true. */
  all_u8: Reduce;
  /** How many are true, int32. */
  sum_u8: Reduce;
}

/** A conversion between element types; -1, or the first value out of range. */
export type Cast = (n: number, x: number, out: number) => number | void;

/** Every conversion the modules export, by name: `cast_<from>_<to>`. */
export type CastKernels = Readonly<Record<string, Cast>>;
