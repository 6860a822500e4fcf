/** Normalisation: by the moments of a batch's channels, or of each row. */

import { floatKernels, runInParts } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { applyMany, type Op, type OpNode } from "../op.ts";
import { formatShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { requireOperand } from "./operand.ts";

/** What a run depends on, beside its tensors. */
interface NormParams {
  /** By the batch's own moments; else by the running ones, as constants. */
  training: boolean;
  momentum: number;
  eps: number;
}

/** x as `[n, c, s]`: channels are the second axis. */
function extents(shape: Shape): [n: number, c: number, s: number] {
  return [shape[0]!, shape[1]!, sizeOf(shape.slice(2))];
}

/** Threads take whole cache lines of channels where channels lie together. */
function grainOf(s: number): number {
  return s === 1 ? 16 : 1;
}

/** Bytes that pass through, as a measure of the work. */
const WORK = 16;

/** Results: y, and the mean and 1 / √(variance + eps) that it used. */
function normalize(
  p: NormParams,
  x: NdArray,
  weight: NdArray | null,
  bias: NdArray | null,
  running: readonly NdArray[],
): NdArray[] {
  const [n, c, s] = extents(x.shape);
  const input = contiguous(x);
  const moments = p.training ? running : running.map(contiguous);
  const [w, b] = [weight && contiguous(weight), bias && contiguous(bias)];
  const out = allocate(x.shape, x.dtype);
  const mean = allocate([c], x.dtype);
  const invstd = allocate([c], x.dtype);
  const [px, pw, pb] = [pointer(input), w ? pointer(w) : 0, b ? pointer(b) : 0];
  const [m = 0, v = 0] = moments.map(p.training ? writable : pointer);
  const outs = [writable(out), writable(mean), writable(invstd)] as const;
  const training = p.training ? 1 : 0;
  const work = WORK * x.size;
  runInParts("batch_norm", x.dtype, c, grainOf(s), work, (first, end) => [
    ...[n, c, s, first, end, training, p.momentum, p.eps],
    ...[px, pw, pb, m, v, ...outs],
  ]);
  return [out, mean, invstd];
}

/** The gradients that `needs` has bits for: of x, weight and bias. */
function normalizeBackward(
  training: boolean,
  needs: number,
  x: NdArray,
  weight: NdArray | null,
  grad: NdArray,
  mean: NdArray,
  invstd: NdArray,
): NdArray[] {
  const [n, c, s] = extents(x.shape);
  const [input, g] = [contiguous(x), contiguous(grad)];
  const w = weight && contiguous(weight);
  const outs = [x.shape, [c], [c]].map((shape, i) =>
    needs >>> i & 1 ? allocate(shape, x.dtype) : null
  );
  const [px, pg, pw] = [pointer(input), pointer(g), w ? pointer(w) : 0];
  const [pm, pr] = [pointer(mean), pointer(invstd)];
  const to = outs.map((out) => out === null ? 0 : writable(out));
  const [kernel, work] = ["batch_norm_backward", WORK * x.size] as const;
  runInParts(kernel, x.dtype, c, grainOf(s), work, (first, end) => [
    ...[n, c, s, first, end, training ? 1 : 0, px, pw, pg, pm, pr],
    ...to,
  ]);
  return outs.filter((out) => out !== null);
}

/** Inputs: x; the running mean and variance, where there are any. */
const NORMALIZE: Op<NormParams> = {
  name: "normalize",
  saves: [0b1, 0, 0],
  forward: (p, x, ...running) => normalize(p, x, null, null, running),
  backward: (node, grad) => {
    const [, mean, invstd] = node.outputs;
    const inputs = [node.input(0), mean!, invstd!, grad];
    const gx = applyMany(NORMALIZE_BACKWARD, inputs, node.params)[0]!;
    return node.inputs.map((_, i) => i === 0 ? gx : null);
  },
};

/** Inputs: x, mean, 1 / √(variance + eps), grad; the result is x's gradient. */
const NORMALIZE_BACKWARD: Op<NormParams> = {
  name: "normalizeBackward",
  saves: [0b1111, 0, 0, 0b0111],
  forward: (p, x, mean, invstd, grad) =>
    normalizeBackward(p.training, 0b1, x, null, grad!, mean!, invstd!),
  backward: (node, u) => {
    const { x, g } = slopes(node, null, u, null, null);
    return [x, null, null, g];
  },
};

/** Inputs: x, weight, bias; the running moments, where there are any. */
const BATCH_NORM: Op<NormParams> = {
  name: "batchNorm",
  saves: [0b11, 0b01, 0, 0, 0],
  forward: (p, x, weight, bias, ...running) =>
    normalize(p, x, weight!, bias!, running),
  backward: (node, grad) => {
    const [, mean, invstd] = node.outputs;
    let needs = 0;
    for (let i = 0; i < 3; i++) if (node.needs(i)) needs |= 1 << i;
    const params = { ...node.params, needs };
    const inputs = [node.input(0), mean!, invstd!, grad, node.input(1)];
    const grads = applyMany(BATCH_NORM_BACKWARD, inputs, params);
    return split(needs, grads, node.inputs.length);
  },
};

interface NormBackwardParams extends NormParams {
  /** Which gradients are asked for, as bits; the results hold just those. */
  needs: number;
}

/** Inputs as for the plain one, and the weight. */
const BATCH_NORM_BACKWARD: Op<NormBackwardParams> = {
  name: "batchNormBackward",
  saves: [0b11111, 0, 0, 0b10111, 0b01111],
  forward: (p, x, mean, invstd, grad, weight) =>
    normalizeBackward(p.training, p.needs, x, weight!, grad!, mean!, invstd!),
  backward: (node, ...grads) => {
    const [u, p, q] = split(node.params.needs, grads, 3);
    const { x, g, weight } = slopes(node, node.input(4), u!, p!, q!);
    return [x, null, null, g, weight];
  },
};

/** Puts a list's items at the places of the bits, null elsewhere. */
function split(
  bits: number,
  list: readonly (Tensor | null)[],
  length: number,
): (Tensor | null)[] {
  const placed: (Tensor | null)[] = [];
  let at = 0;
  for (let i = 0; i < length; i++) {
    placed.push(bits >>> i & 1 ? list[at++] ?? null : null);
  }
  return placed;
}

/**
 * The gradients of the gradients, for what flows into gx (u), gw (p) and gb
 * (q). With x' the normalised input, w the weight, r = 1 / √(variance + eps),
 * P(v) = r (v - mean v - x' mean(v x')), the map that gx = P(w g) applies and
 * that is its own adjoint, and v = p g - w r (u mean(g x') + g mean(u x')):
 *
 *     g: w P(u) + p x' + q,   w: Σ g P(u),
 *     x: P(v) - x' w r mean(g P(u))
 *
 * Where the moments are constants, P(v) = r v and x has P(p g) alone.
 */
function slopes<P extends NormParams>(
  node: OpNode<P>,
  weight: Tensor | null,
  u: Tensor | null,
  p: Tensor | null,
  q: Tensor | null,
): { x: Tensor | null; g: Tensor | null; weight: Tensor | null } {
  const { params } = node;
  const [x, mean, invstd, g] = node.inputs as [Tensor, Tensor, Tensor, Tensor];
  const others = x.shape.map((_, i) => i).filter((i) => i !== 1);
  const channel = (t: Tensor) =>
    t.reshape(x.shape.map((size, i) => i === 1 ? size : 1));
  const average = (t: Tensor) => t.mean(others, { keepdim: true });
  const project = (t: Tensor) =>
    applyMany(NORMALIZE_BACKWARD, [x, mean, invstd, t], params)[0]!;
  // Recomputed from x, so that what follows is differentiable once more.
  const normal = params.training
    ? applyMany(NORMALIZE, [x], params)[0]!
    : x.sub(channel(mean.detach())).mul(channel(invstd.detach()));
  const [w, slope] = [weight && channel(weight), p && channel(p)];
  const times = (t: Tensor) => w === null ? t : t.mul(w);
  const projected = u && project(u);
  let into = slope && g.mul(slope);
  let rest: Tensor | null = null;
  if (u !== null && params.training) {
    const r = x.var(others, { correction: 0, keepdim: true })
      .add(params.eps).rsqrt();
    const cross = u.mul(average(g.mul(normal)))
      .add(g.mul(average(u.mul(normal))));
    into = total(into, times(cross.mul(r)).neg());
    rest = times(normal.mul(r).mul(average(g.mul(projected!)))).neg();
  }
  return {
    x: node.needs(0) ? total(into && project(into), rest) : null,
    g: node.needs(3)
      ? total(
        total(projected && times(projected), slope && slope.mul(normal)),
        q && channel(q).expand(x.shape),
      )
      : null,
    weight: weight !== null && projected !== null && node.needs(4)
      ? g.mul(projected).sum(others)
      : null,
  };
}

function total(a: Tensor | null, b: Tensor | null): Tensor | null {
  if (a === null || b === null) return a ?? b;
  return a.add(b);
}

/** Options of {@linkcode batchNorm}. */
export interface BatchNormOptions {
  /** Normalise by the batch's own moments. Default `false`. */
  training?: boolean;
  /** How far the running moments move. Default 0.1. */
  momentum?: number;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

/**
 * Gives every channel mean 0 and variance 1, then a factor and an offset:
 * `y = (x - mean) / √(variance + eps) * weight + bias`.
 * Ioffe and Szegedy, "Batch Normalization", https://arxiv.org/abs/1502.03167.
 *
 * Shapes: x `[N, C, ...]`; weight, bias and the running moments `[C]` or null.
 * When training, mean and (biased) variance are the batch's, and the running
 * ones move towards them in place, `running = (1 - momentum) running +
 * momentum value`, with the unbiased variance. Otherwise the running moments
 * are used, or the batch's where there are none. float32 or float64.
 *
 * ```ts
 * import { batchNorm, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([[1, 10], [3, 10]]);
 * const y = batchNorm(x, null, null, null, null, { training: true, eps: 0.0001 });
 * assertEquals(y.round().toArray(), [[-1, 0], [1, 0]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
 *
 * @throws RangeError when sizes do not fit, or when training on one value per
 * channel; TypeError for other dtypes.
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options: BatchNormOptions = {},
): Tensor {
  const { momentum = 0.1, eps = 1e-5 } = options;
  const tracked = runningMean !== null && runningVar !== null;
  const training = options.training === true || !tracked;
  if (x.shape.length < 2) {
    throw new RangeError(
      `batchNorm() got input ${formatShape(x.shape)}, expected [N, C, ...]`,
    );
  }
  const [n, c, s] = extents(x.shape);
  const tensors = { runningMean, runningVar, weight, bias };
  for (const [name, value] of Object.entries(tensors)) {
    if (value !== null) requireOperand("batchNorm", x, name, value, [c]);
  }
  floatKernels("batchNorm", x.dtype); // throws for other types
  if (c === 0 || (n * s === 0 && !training)) return x.clone();
  if (training && n * s < 2) {
    throw new RangeError(
      `batchNorm() got input ${
        formatShape(x.shape)
      } in training: it needs more than one value per channel`,
    );
  }
  if (training && tracked) {
    for (const value of [runningMean, runningVar]) {
      if (value.isContiguous()) continue;
      throw new RangeError(
        "batchNorm() got running moments that are strided views: it moves contiguous ones only",
      );
    }
  }
  const params = { training, momentum, eps };
  const running = tracked ? [runningMean, runningVar] : [];
  if (weight !== null && bias !== null) {
    return applyMany(BATCH_NORM, [x, weight, bias, ...running], params)[0]!;
  }
  let y = applyMany(NORMALIZE, [x, ...running], params)[0]!;
  const channel = x.shape.map((size, i) => i === 1 ? size : 1);
  if (weight !== null) y = y.mul(weight.reshape(channel));
  return bias === null ? y : y.add(bias.reshape(channel));
}

/**
 * Gives the elements of the last axes mean 0 and variance 1, for each index of
 * the first axes, then a factor and an offset for each element.
 * Ba, Kiros and Hinton, "Layer Normalization", https://arxiv.org/abs/1607.06450.
 *
 * Shapes: x `[..., ...normalizedShape]`, weight and bias `normalizedShape` or
 * null. float32 or float64.
 *
 * ```ts
 * import { layerNorm, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const y = layerNorm(tensor([[1, 3], [10, 30]]), [2]);
 * assertEquals(y.round().toArray(), [[-1, 1], [-1, 1]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html
 *
 * @throws RangeError when sizes do not fit, TypeError for other dtypes.
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: Shape,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  eps = 1e-5,
): Tensor {
  const axes = normalizedShape.length;
  const last = x.shape.slice(x.shape.length - axes);
  if (axes === 0 || last.join() !== normalizedShape.join()) {
    throw new RangeError(
      `layerNorm() got input ${
        formatShape(x.shape)
      }, expected its last sizes to be ${formatShape(normalizedShape)}`,
    );
  }
  for (const [name, value] of Object.entries({ weight, bias })) {
    if (value === null) continue;
    requireOperand("layerNorm", x, name, value, normalizedShape);
  }
  floatKernels("layerNorm", x.dtype); // throws for other types
  let y = x;
  if (x.size > 0) {
    // Rows are the channels of one picture.
    const size = sizeOf(normalizedShape);
    const rows = x.reshape([1, x.size / size, size]);
    const params = { training: true, momentum: 0, eps };
    y = applyMany(NORMALIZE, [rows], params)[0]!.reshape(x.shape);
  }
  if (weight !== null) y = y.mul(weight);
  return bias === null ? y : y.add(bias);
}
