/** Normalisation by groups, by instances, and by the root mean square alone. */

import { requireFloat } from "../dtype.ts";
import { noGrad } from "../grad_mode.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { batchNorm, layerNorm } from "./norm.ts";
import { requireOperandShape } from "./operand.ts";

/** Throws unless a factor or an offset has the shape of what it is for. */
function requireShape(
  op: string,
  x: Tensor,
  name: string,
  value: Tensor | null,
  shape: Shape,
): void {
  if (value !== null) requireOperandShape(op, x, name, value, shape);
}

/** `y weight + bias`, one of each per channel. */
function affine(
  y: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
): Tensor {
  const channel = y.shape.map((size, i) => i === 1 ? size : 1);
  const scaled = weight === null ? y : y.mul(weight.reshape(channel));
  return bias === null ? scaled : scaled.add(bias.reshape(channel));
}

/** Options of {@linkcode groupNorm}. */
export interface GroupNormOptions {
  /** A factor for each channel, `[C]`. Default: none. */
  weight?: Tensor | null;
  /** An offset for each channel, `[C]`. Default: none. */
  bias?: Tensor | null;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

/**
 * Gives each group of channels of each sample mean 0 and variance 1, then each
 * channel a factor and an offset. Wu and He, "Group Normalization", 2018,
 * https://arxiv.org/abs/1803.08494.
 *
 * Shapes: x `[N, C, ...]`, weight and bias `[C]`; the result has x's. float32
 * or float64.
 *
 * ```ts
 * import { groupNorm, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([[1, 3, 10, 30]]);
 * assertEquals(groupNorm(x, 2).round().toArray(), [[-1, 1, -1, 1]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
 *
 * @throws RangeError when sizes do not fit, TypeError for other dtypes.
 */
export function groupNorm(
  x: Tensor,
  numGroups: number,
  options: GroupNormOptions = {},
): Tensor {
  const { weight = null, bias = null, eps = 1e-5 } = options;
  const [n, c] = x.shape;
  const fits = x.ndim >= 2 && Number.isInteger(numGroups) && numGroups >= 1 &&
    c! % numGroups === 0;
  if (!fits) {
    throw new RangeError(
      `groupNorm() got input ${
        formatShape(x.shape)
      } and ${numGroups} groups, expected [N, C, ...] with groups that divide C`,
    );
  }
  requireShape("groupNorm", x, "weight", weight, [c!]);
  requireShape("groupNorm", x, "bias", bias, [c!]);
  requireFloat("groupNorm", x.dtype);
  if (x.size === 0) return affine(x, weight, bias);
  const size = x.size / (n! * numGroups);
  const y = layerNorm(
    x.reshape([n!, numGroups, size]),
    [size],
    null,
    null,
    eps,
  );
  return affine(y.reshape(x.shape), weight, bias);
}

/** Options of {@linkcode instanceNorm}. */
export interface InstanceNormOptions {
  /** A factor for each channel, `[C]`. Default: none. */
  weight?: Tensor | null;
  /** An offset for each channel, `[C]`. Default: none. */
  bias?: Tensor | null;
  /** Moments that move towards those of the samples, `[C]`. Default: none. */
  runningMean?: Tensor | null;
  /** The variance beside {@linkcode runningMean}. */
  runningVar?: Tensor | null;
  /** Normalise by the input's moments, not by the running ones. Default `true`. */
  useInputStats?: boolean;
  /** How far the running moments move. Default 0.1. */
  momentum?: number;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

/**
 * Gives each channel of each sample mean 0 and variance 1, then a factor and
 * an offset. Ulyanov, Vedaldi and Lempitsky, "Instance normalization", 2016,
 * https://arxiv.org/abs/1607.08022.
 *
 * Shapes: x `[N, C, ...]`, parameters and moments `[C]`; the result has x's.
 * float32 or float64.
 *
 * ```ts
 * import { instanceNorm, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([[[1, 3], [10, 30]]]);
 * assertEquals(instanceNorm(x).round().toArray(), [[[-1, 1], [-1, 1]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.instance_norm.html
 *
 * @throws RangeError when sizes do not fit, or for one element per channel;
 * TypeError for other dtypes.
 */
export function instanceNorm(
  x: Tensor,
  options: InstanceNormOptions = {},
): Tensor {
  const { weight = null, bias = null, momentum = 0.1, eps = 1e-5 } = options;
  const { runningMean = null, runningVar = null } = options;
  const { useInputStats = true } = options;
  const op = "instanceNorm";
  if (x.ndim < 3) {
    throw new RangeError(
      `${op}() got input ${formatShape(x.shape)}, expected [N, C, L, ...]`,
    );
  }
  const [n, c] = x.shape as [number, number];
  const tensors = { weight, bias, runningMean, runningVar };
  for (const [name, value] of Object.entries(tensors)) {
    requireShape(op, x, name, value, [c]);
  }
  const tracked = runningMean !== null && runningVar !== null;
  if (!useInputStats) {
    if (!tracked) {
      throw new RangeError(
        `${op}() needs runningMean and runningVar where useInputStats is false`,
      );
    }
    return batchNorm(x, runningMean, runningVar, weight, bias, { eps });
  }
  if (x.size > 0 && x.size === n * c) {
    throw new RangeError(
      `${op}() got input ${
        formatShape(x.shape)
      }: it needs more than one element per channel`,
    );
  }
  if (x.size === 0) return affine(x, weight, bias);
  // The channels of all samples are the channels of one.
  const rows = (value: Tensor | null) => value && value.repeat([n]);
  const [mean, variance] = tracked
    ? noGrad(() => [runningMean.repeat([n]), runningVar.repeat([n])])
    : [null, null];
  const one = x.reshape([1, n * c, ...x.shape.slice(2)]);
  const params = { training: true, momentum, eps };
  const y = batchNorm(one, mean!, variance!, rows(weight), rows(bias), params);
  if (tracked) {
    noGrad(() => {
      runningMean.copy_(mean!.reshape([n, c]).mean(0));
      runningVar.copy_(variance!.reshape([n, c]).mean(0));
    });
  }
  return y.reshape(x.shape);
}

/** Machine precision: what PyTorch adds where no eps is given. */
const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/**
 * Divides the elements of the last axes by the root of their mean square, for
 * each index of the first axes, then gives each a factor. Zhang and Sennrich,
 * "Root mean square layer normalization", 2019,
 * https://arxiv.org/abs/1910.07467.
 *
 * Shapes: x `[..., ...normalizedShape]`, weight `normalizedShape` or null; the
 * result has x's. float32 or float64. eps null is the dtype's precision.
 *
 * ```ts
 * import { rmsNorm, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const y = rmsNorm(tensor([[3, 3], [-5, 5]]), [2]);
 * assertEquals(y.round().toArray(), [[1, 1], [-1, 1]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.rms_norm.html
 *
 * @throws RangeError when sizes do not fit, TypeError for other dtypes.
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: Shape,
  weight: Tensor | null = null,
  eps: number | null = null,
): Tensor {
  const axes = normalizedShape.length;
  const last = x.shape.slice(x.ndim - axes);
  if (axes === 0 || last.join() !== normalizedShape.join()) {
    throw new RangeError(
      `rmsNorm() got input ${
        formatShape(x.shape)
      }, expected its last sizes to be ${formatShape(normalizedShape)}`,
    );
  }
  requireShape("rmsNorm", x, "weight", weight, normalizedShape);
  requireFloat("rmsNorm", x.dtype);
  const added = eps ?? EPSILON[x.dtype as keyof typeof EPSILON];
  const dims = last.map((_, i) => i - axes);
  const squares = x.square().mean(dims, { keepdim: true });
  const y = x.mul(squares.add(added).rsqrt());
  return weight === null ? y : y.mul(weight);
}
