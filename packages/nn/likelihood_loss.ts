/** Losses of distributions: Kullback-Leibler, Poisson, Gauss. */

import { noGrad, type Reduction, type Tensor, where } from "@fdunn/tensor";
import {
  checkReduction,
  formatShape,
  isFollowed,
  reduceLoss,
  requireOption,
} from "@fdunn/tensor/op";
import { Loss, type LossOptions, requireSameShape } from "./loss.ts";
import { Module } from "./module.ts";

/** Options of {@linkcode klDiv}. */
export interface KLDivLossOptions {
  /**
   * `mean` over all elements (default), `batchmean` (the sum over the size of
   * the first axis: the divergence itself), `sum`, or `none`.
   */
  reduction?: Reduction | "batchmean";
  /** The target, too, is logarithms. Default `false`. */
  logTarget?: boolean;
}

function checkKLReduction(
  op: string,
  reduction: Reduction | "batchmean" | undefined,
): Reduction {
  return checkReduction(op, reduction === "batchmean" ? "sum" : reduction);
}

/**
 * Kullback-Leibler divergence of probabilities t from those whose logarithms
 * are x: `t (log t - x)`, 0 where t is 0.
 *
 * Shapes: both the same, any; result a scalar, or the input's shape with
 * reduction `none`. As in PyTorch `mean` divides by all elements; what the
 * textbooks define is `batchmean`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { klDiv } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = tensor([[0.5, 0.5]]).log();
 * const loss = klDiv(x, tensor([[1, 0]]), { reduction: "batchmean" });
 * assertAlmostEquals(loss.item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html
 *
 * @throws RangeError when the shapes differ.
 */
export function klDiv(
  x: Tensor,
  target: Tensor,
  options: KLDivLossOptions = {},
): Tensor {
  const { reduction = "mean", logTarget = false } = options;
  const reduced = checkKLReduction("klDiv", reduction);
  requireSameShape("klDiv", x, target);
  const losses = logTarget
    ? target.exp().mul(target.sub(x))
    : target.mul(logOf(target).sub(x));
  const result = reduceLoss(losses, reduced);
  if (reduction !== "batchmean") return result;
  return result.mul(1 / (x.shape[0] ?? 1));
}

/** The logarithm, 0 where it counts nothing: at 0. */
function logOf(target: Tensor): Tensor {
  return where(target.eq(0), 1, target).log();
}

/**
 * {@linkcode klDiv} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { KLDivLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const criterion = new KLDivLoss({ reduction: "batchmean", logTarget: true });
 * const x = tensor([[0.5, 0.5]]).log();
 * assertEquals(criterion.forward(x, x).item(), 0);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export class KLDivLoss extends Module<[Tensor, Tensor]> {
  /** What it was made with. */
  readonly options: Readonly<KLDivLossOptions>;

  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: KLDivLossOptions = {}) {
    super();
    checkKLReduction("KLDivLoss", options.reduction);
    this.options = { ...options };
  }

  /** Log-probabilities and a target of their shape to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    return klDiv(x, target, this.options);
  }
}

/** Options of {@linkcode poissonNllLoss}. */
export interface PoissonNLLLossOptions extends LossOptions {
  /** The input is the logarithm of the rate. Default `true`. */
  logInput?: boolean;
  /** Add Stirling's approximation of log(target!). Default `false`. */
  full?: boolean;
  /** Added to the rate before its logarithm. Default 1e-8. */
  eps?: number;
}

/**
 * Negative log likelihood of counts under Poisson's distribution:
 * `e^x - target x`, or `x - target log(x + eps)` when x is the rate itself.
 *
 * Shapes: both the same; result a scalar, or the input's shape with reduction
 * `none`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { poissonNllLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(poissonNllLoss(tensor([0, 0]), tensor([3, 5])).item(), 1);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.poisson_nll_loss.html
 *
 * @throws RangeError when the shapes differ.
 */
export function poissonNllLoss(
  x: Tensor,
  target: Tensor,
  options: PoissonNLLLossOptions = {},
): Tensor {
  const { logInput = true, full = false, eps = 1e-8 } = options;
  checkReduction("poissonNllLoss", options.reduction);
  requireSameShape("poissonNllLoss", x, target);
  let losses = logInput
    ? x.exp().sub(target.mul(x))
    : x.sub(target.mul(x.add(eps).log()));
  if (full) {
    // t log t - t + log(2πt) / 2, for t above 1
    const small = target.le(1);
    const t = where(small, 1, target);
    const logs = t.log();
    const stirling = t.mul(logs).sub(t).add(
      logs.add(Math.log(2 * Math.PI)).mul(0.5),
    );
    losses = losses.add(where(small, 0, stirling));
  }
  return reduceLoss(losses, options.reduction ?? "mean");
}

/**
 * {@linkcode poissonNllLoss} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { PoissonNLLLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const criterion = new PoissonNLLLoss({ logInput: false, eps: 0 });
 * assertEquals(criterion.forward(tensor([1]), tensor([4])).item(), 1);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
 */
export class PoissonNLLLoss extends Loss<PoissonNLLLossOptions> {
  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: PoissonNLLLossOptions = {}) {
    super(options);
  }

  /** Rates (or their logarithms) and counts to the loss. */
  forward(x: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(x, target, this.options);
  }
}

/** Options of {@linkcode gaussianNllLoss}. */
export interface GaussianNLLLossOptions extends LossOptions {
  /** Add the constant log(2π) / 2. Default `false`. */
  full?: boolean;
  /** Variances below count as this; their gradient stays. Default 1e-6. */
  eps?: number;
}

/**
 * Negative log likelihood under Gauss's distribution with a variance of its
 * own for each element: `(log v + (x - target)² / v) / 2`.
 *
 * Shapes: x and target the same; the variance v has it, too, or its last size
 * is 1 or missing: one for each row. Result a scalar, or the input's shape with
 * reduction `none`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { gaussianNllLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, target, variance] = [tensor([3]), tensor([1]), tensor([1])];
 * assertEquals(gaussianNllLoss(x, target, variance).item(), 2);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gaussian_nll_loss.html
 *
 * @throws RangeError for shapes that do not fit, or a negative variance.
 */
export function gaussianNllLoss(
  x: Tensor,
  target: Tensor,
  variance: Tensor,
  options: GaussianNLLLossOptions = {},
): Tensor {
  const { full = false, eps = 1e-6 } = options;
  checkReduction("gaussianNllLoss", options.reduction);
  requireSameShape("gaussianNllLoss", x, target);
  requireOption("gaussianNllLoss()", "eps", eps, eps > 0, "more than 0");
  const given = asRows(x, variance);
  if (!isFollowed(given) && given.lt(0).any().item() === 1) {
    throw new RangeError(
      `gaussianNllLoss() got a negative variance, ${given.amin().item()}: expected at least 0`,
    );
  }
  // What is cut off is no part of the gradient.
  const missing = noGrad(() => given.clamp(eps, null).sub(given));
  const v = given.add(missing);
  const losses = v.log().add(x.sub(target).square().div(v)).mul(0.5);
  const constant = full ? 0.5 * Math.log(2 * Math.PI) : 0;
  return reduceLoss(losses.add(constant), options.reduction ?? "mean");
}

/** The variance in a shape that goes with the input's. */
function asRows(x: Tensor, variance: Tensor): Tensor {
  const [a, b] = [x.shape, variance.shape];
  const same = (n: number) => a.slice(0, n).every((size, i) => size === b[i]);
  const last = a.length - 1;
  if (b.length === a.length && same(last)) {
    if (last < 0 || b[last] === a[last] || b[last] === 1) return variance;
  }
  if (b.length === last && same(last)) return variance.unsqueeze(-1);
  throw new RangeError(
    `gaussianNllLoss() got a variance of shape ${
      formatShape(b)
    } for an input of shape ${
      formatShape(a)
    }: its last size must be equal, 1 or missing`,
  );
}

/**
 * {@linkcode gaussianNllLoss} as a module.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { GaussianNLLLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const criterion = new GaussianNLLLoss();
 * const one = tensor([1]);
 * assertEquals(criterion.forward(tensor([3]), one, one).item(), 2);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
 */
export class GaussianNLLLoss
  extends Loss<GaussianNLLLossOptions, [Tensor, Tensor, Tensor]> {
  /** The mean over all elements, unless `reduction` says otherwise. */
  constructor(options: GaussianNLLLossOptions = {}) {
    super(options);
  }

  /** Means, targets and variances to the loss. */
  forward(x: Tensor, target: Tensor, variance: Tensor): Tensor {
    return gaussianNllLoss(x, target, variance, this.options);
  }
}
