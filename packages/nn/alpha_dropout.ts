/** Dropout that keeps mean and variance, for networks of SELUs. */

import { bernoulli, streamFor, type Tensor, where } from "@fdunn/tensor";
import { formatShape, requireProbability } from "@fdunn/tensor/op";
import { Dropout, type DropoutOptions } from "./dropout.ts";
import { channelMask } from "./feature_dropout.ts";

/** What SELU gives for very negative inputs: -scale alpha. */
const LOWEST = -1.7580993408473766;

/**
 * Where the mask is 0 SELU's lowest value, then a factor and an offset that
 * bring mean 0 and variance 1 back.
 */
function masked(
  op: string,
  x: Tensor,
  p: number,
  options: DropoutOptions,
  maskOf: (x: Tensor, p: number, options: DropoutOptions) => Tensor,
): Tensor {
  requireProbability(`${op}()`, "p", p);
  if (!options.training || p === 0) return x;
  if (p === 1) return x.mul(0);
  const factor = 1 / Math.sqrt((LOWEST * LOWEST * p + 1) * (1 - p));
  const kept = maskOf(x, p, options).to("bool");
  return where(kept, x, LOWEST).mul(factor).sub(LOWEST * factor * p);
}

/**
 * Sets each element to SELU's lowest value with probability `p`, then scales
 * and shifts all, so that mean 0 and variance 1 stay. Klambauer et al.,
 * "Self-normalizing neural networks", 2017, https://arxiv.org/abs/1706.02515.
 * As in PyTorch, and unlike `dropout()`, `training` is `false` by default.
 *
 * Any shape, which stays; float32 or float64.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { alphaDropout } from "@fdunn/nn";
 * import { assert } from "@std/assert";
 *
 * const y = alphaDropout(randn([10_000]), 0.3, { training: true });
 * assert(Math.abs(y.mean().item()) < 0.1);
 * assert(Math.abs(y.var().item() - 1) < 0.1);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.alpha_dropout.html
 *
 * @throws RangeError when p is not a probability.
 */
export function alphaDropout(
  x: Tensor,
  p = 0.5,
  options: DropoutOptions = {},
): Tensor {
  return masked("alphaDropout", x, p, options, elementMask);
}

function elementMask(x: Tensor, p: number, options: DropoutOptions): Tensor {
  const generator = options.generator ?? streamFor("dropout");
  return bernoulli(x.shape, 1 - p, { dtype: x.dtype, generator });
}

/**
 * {@linkcode alphaDropout} of whole channels; `training` is `false` by default
 * here, too.
 *
 * Shapes: x `[N, C, ...]`, which stays; float32 or float64.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { featureAlphaDropout } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = featureAlphaDropout(ones([8, 4, 3]), 0.5, { training: true });
 * assertEquals(y.var(-1).max().item(), 0); // whole channels alike
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.feature_alpha_dropout.html
 *
 * @throws RangeError when p is not a probability, or for less than two axes.
 */
export function featureAlphaDropout(
  x: Tensor,
  p = 0.5,
  options: DropoutOptions = {},
): Tensor {
  if (x.ndim < 2) {
    throw new RangeError(
      `featureAlphaDropout() got input ${
        formatShape(x.shape)
      }, expected [N, C, ...]`,
    );
  }
  return masked("featureAlphaDropout", x, p, options, channelMask);
}

/**
 * {@linkcode alphaDropout} while training, nothing otherwise.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { AlphaDropout } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new AlphaDropout(0.2).eval();
 * assertEquals(layer.forward(ones([3])).toArray(), [1, 1, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html
 */
export class AlphaDropout extends Dropout {
  /** Any shape, which stays. */
  override forward(x: Tensor): Tensor {
    return alphaDropout(x, this.p, { training: this.training });
  }
}

/**
 * {@linkcode featureAlphaDropout} while training, nothing otherwise.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { FeatureAlphaDropout } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new FeatureAlphaDropout(0.2).eval();
 * assertEquals(layer.forward(ones([1, 2, 2])).sum().item(), 4);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html
 */
export class FeatureAlphaDropout extends Dropout {
  /** `[N, C, ...]`, which stays. */
  override forward(x: Tensor): Tensor {
    return featureAlphaDropout(x, this.p, { training: this.training });
  }
}
