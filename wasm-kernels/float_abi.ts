/** The kernels that float32 and float64 have, as TypeScript sees them. */

import type { NumericKernels } from "./abi.ts";
import type { ElementwiseKernels } from "./elementwise_abi.ts";
import type {
  AvgPool2dSizes,
  ChannelSizes,
  Conv2dSizes,
  GatedSizes,
  MaxPool2dSizes,
  PlaneMove,
  Reduce,
  Resample,
} from "./signatures.ts";

/** Kernels of the floating point types. */
export interface FloatKernels extends NumericKernels, ElementwiseKernels {
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
  /** reduction 0 none, 1 mean, 2 sum; returns -1, or the first bad label. */
  cross_entropy: (
    outer: number,
    classes: number,
    inner: number,
    reduction: number,
    ignore: number,
    x: number,
    target: number,
    probabilities: number,
    loss: number,
  ) => number;
  /** `(p - onehot) * g`, over the labels that count for a mean. */
  cross_entropy_backward: (
    outer: number,
    classes: number,
    inner: number,
    mean: number,
    ignore: number,
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
  /** Gradients of `linear` to x and w; a zero pointer skips one. */
  linear_backward: (
    m: number,
    n: number,
    k: number,
    x: number,
    w: number,
    g: number,
    gx: number,
    gw: number,
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
    ...args: [
      ...MaxPool2dSizes,
      x: number,
      out: number,
      indices: number,
      scratch: number,
    ]
  ) => void;
  /** Its gradient: `out[p, index[p, i]] += g[p, i]`, onto zeros. */
  max_pool2d_backward: PlaneMove;
  /** `out[p, i] = x[p, index[p, i]]`. */
  plane_gather: PlaneMove;
  /** Average pooling. */
  avg_pool2d: (
    ...args: [...AvgPool2dSizes, x: number, out: number, scratch: number]
  ) => void;
  /** Gradient of average pooling. */
  avg_pool2d_backward: (
    ...args: [...AvgPool2dSizes, g: number, out: number, scratch: number]
  ) => void;
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
  /**
   * Copies a right-hand matrix `[k, n]` to the panels that recurrent
   * layers take, n at least 4. Nothing in float64.
   */
  pack: (
    k: number,
    n: number,
    b: number,
    bRow: number,
    bColumn: number,
    out: number,
  ) => void;
  /** The states of a recurrent layer, of the rows `first` to `end`. */
  rnn: (
    ...args: [
      steps: number,
      batch: number,
      first: number,
      end: number,
      inputs: number,
      hidden: number,
      relu: number,
      x: number,
      wIh: number,
      wIhPanels: number,
      bias: number,
      h0: number,
      wHh: number,
      wHhPanels: number,
      out: number,
      last: number,
      scratch: number,
    ]
  ) => void;
  /** The gradients of what goes into the states, from the states'. */
  rnn_backward: (
    ...args: [
      steps: number,
      batch: number,
      first: number,
      end: number,
      hidden: number,
      relu: number,
      wHh: number,
      wHhPanels: number,
      y: number,
      g: number,
      gLast: number,
      d: number,
      g0: number,
      scratch: number,
    ]
  ) => void;
  /** States, cells and gates of an LSTM, of the rows `first` to `end`. */
  lstm: (
    ...args: [
      ...GatedSizes,
      x: number,
      w: number,
      panels: number,
      h0: number,
      c0: number,
      y: number,
      c: number,
      gates: number,
      scratch: number,
    ]
  ) => void;
  /** The gradients of an LSTM's x, first cells (in `dc`) and states. */
  lstm_backward: (
    ...args: [
      ...GatedSizes,
      w: number,
      panels: number,
      c0: number,
      c: number,
      gates: number,
      d: number,
      dc: number,
      dx: number,
      d0: number,
      scratch: number,
    ]
  ) => void;
  /** States and gates of a GRU, of the rows `first` to `end`. */
  gru: (
    ...args: [
      ...GatedSizes,
      x: number,
      w: number,
      panels: number,
      b: number,
      h0: number,
      y: number,
      gates: number,
      scratch: number,
    ]
  ) => void;
  /** The gradients of a GRU's x, products with the states, first states. */
  gru_backward: (
    ...args: [
      ...GatedSizes,
      w: number,
      panels: number,
      h0: number,
      y: number,
      gates: number,
      d: number,
      dx: number,
      dh: number,
      d0: number,
      scratch: number,
    ]
  ) => void;
  /** Weighted sums of rows: resampling along the middle axis. */
  resample: Resample;
  /** Gradient of resampling. */
  resample_backward: Resample;
  /** One SGD step over a table of `[n, param, grad, buffer, fresh]`. */
  sgd: (
    count: number,
    first: number,
    end: number,
    lr: number,
    momentum: number,
    dampening: number,
    weightDecay: number,
    nesterov: number,
    maximize: number,
    table: number,
  ) => void;
  /**
   * One step of what scales by running moments, over a table of
   * `[n, param, grad, mean, square, top]`; `optimizer.rs` has the kinds.
   */
  adaptive: (
    count: number,
    first: number,
    end: number,
    kind: number,
    maximize: number,
    keep: number,
    decay: number,
    rest1: number,
    beta2: number,
    rest2: number,
    eps: number,
    root: number,
    byGrad: number,
    byMean: number,
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
