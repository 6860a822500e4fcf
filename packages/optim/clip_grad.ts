/** Limits on gradients, between `backward()` and `step()`. */

import { keep, noGrad, type Tensor } from "@fdunn/tensor";
import { requireOption } from "@fdunn/tensor/op";

/** Options of {@linkcode clipGradNorm}. */
export interface ClipGradNormOptions {
  /** The p of the p-norm; `Infinity` for the largest magnitude. Default 2. */
  normType?: number;
  /** Throw when the norm is NaN or infinite. Default `false`. */
  errorIfNonfinite?: boolean;
}

/**
 * Scales all gradients together so that their joint norm is at most
 * `maxNorm`; returns the norm before. Gradients are changed in place; null
 * ones take no part.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { clipGradNorm } from "@fdunn/optim";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const w = tensor([1, 1], { requiresGrad: true });
 * w.mul(tensor([30, 40])).sum().backward();
 * assertEquals(clipGradNorm([w], 5), 50);
 * assertAlmostEquals(w.grad!.square().sum().item(), 25, 1e-4);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 *
 * @throws RangeError for a maxNorm or normType that makes no sense.
 */
export function clipGradNorm(
  params: Iterable<Tensor> | Tensor,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): number {
  const { normType = 2, errorIfNonfinite = false } = options;
  const owner = "clipGradNorm()";
  requireOption(owner, "maxNorm", maxNorm, maxNorm >= 0, "at least 0");
  requireOption(owner, "normType", normType, normType > 0, "more than 0");
  const gradients = gradientsOf(params);
  return noGrad(() => {
    let total = 0;
    for (const gradient of gradients) {
      const part = magnitude(gradient, normType);
      total = normType === Infinity ? larger(total, part) : total + part;
    }
    const norm = normType === Infinity ? total : total ** (1 / normType);
    if (errorIfNonfinite && !Number.isFinite(norm)) {
      throw new RangeError(`clipGradNorm() found gradients of norm ${norm}`);
    }
    const factor = maxNorm / (norm + 1e-6);
    // NaN scales too, as in PyTorch: better to be seen than half hidden.
    if (!(factor >= 1)) {
      for (const gradient of gradients) gradient.mul_(factor);
    }
    return norm;
  });
}

/** Σ |g|^p, or the largest |g|. */
function magnitude(gradient: Tensor, p: number): number {
  if (gradient.size === 0) return 0;
  const powers = p === 2
    ? gradient.square()
    : p === 1 || p === Infinity
    ? gradient.abs()
    : gradient.abs().pow(p);
  const result = p === Infinity ? powers.amax() : powers.sum();
  const value = result.item();
  powers.dispose();
  result.dispose();
  return value;
}

function larger(a: number, b: number): number {
  return Math.max(a, b); // NaN wins
}

/**
 * Clamps every element of every gradient into [-value, value], in place.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 *
 * @throws RangeError for a negative value.
 */
export function clipGradValue(
  params: Iterable<Tensor> | Tensor,
  value: number,
): void {
  requireOption("clipGradValue()", "value", value, value >= 0, "at least 0");
  noGrad(() => {
    for (const gradient of gradientsOf(params)) {
      const clamped = gradient.clamp(-value, value);
      gradient.copy_(clamped);
      clamped.dispose();
    }
  });
}

/** From the slots: `.grad` would count as a look at them. */
function gradientsOf(params: Iterable<Tensor> | Tensor): Tensor[] {
  const list = Symbol.iterator in params ? params : [params];
  const gradients: Tensor[] = [];
  for (const parameter of list) {
    const { gradient } = parameter.slot;
    if (gradient === null) continue;
    if (gradient.isContiguous()) gradients.push(gradient);
    else {
      // An expanded one has elements that share bytes: none to write into.
      const straight = keep(noGrad(() => gradient.contiguous()));
      gradients.push(parameter.grad = straight);
    }
  }
  return gradients;
}
