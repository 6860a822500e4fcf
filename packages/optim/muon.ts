/** Muon: momentum with orthogonal steps. */

import { keep, type Tensor, zerosLike } from "@fdunn/tensor";
import { formatShape, requireCount } from "@fdunn/tensor/op";
import {
  ComposedOptimizer,
  type ComposedOptions,
  type ComposedState,
} from "./composed.ts";
import { requireAtLeastZero, requireChoice } from "./option_check.ts";
import type { ParamGroupOptions, Params } from "./optimizer.ts";

/** Options of {@linkcode Muon}. */
export interface MuonOptions extends ComposedOptions {
  /** Learning rate. Default 0.001. */
  lr: number;
  /** Weight decay that the momentum does not see. Default 0.1. */
  weightDecay: number;
  /** How much of the last direction to keep. Default 0.95. */
  momentum: number;
  /** Look ahead along the momentum. Default `true`. */
  nesterov: boolean;
  /** The polynomial of each iteration. Default [3.4445, -4.775, 2.0315]. */
  nsCoefficients: readonly [number, number, number];
  /** Keeps the norm from zero. Default 1e-7. */
  eps: number;
  /** Iterations, fewer than 100. Default 5. */
  nsSteps: number;
  /**
   * What multiplies the rate of an `[m, n]` matrix: `√max(1, m/n)` (null or
   * `"original"`), `0.2 √max(m, n)`, so that Adam's rates fit, or `√(m/n)`.
   */
  adjustLrFn: null | "original" | "matchRmsAdamw" | "spectralUnclamped";
}

/** What {@linkcode Muon} keeps for a parameter. */
export interface MuonState extends ComposedState {
  /** The direction. */
  momentumBuffer: Tensor;
}

/**
 * Steps along the orthogonal matrix that is nearest to the momentum, so that
 * all directions are learned equally fast. For the matrices of hidden layers
 * only: other parameters belong to an AdamW beside it.
 *
 * `B = μ B + (1-μ) G; p -= lr adjust NS(μ B + (1-μ) G)`, where `NS` repeats
 * `X = a X + (b A + c A²) X` with `A = X Xᵀ`, which brings all singular values
 * near 1. Jordan et al., "Muon: an optimizer for hidden layers in neural
 * networks", 2024. PyTorch rounds the iteration to bfloat16, this does not.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { Muon } from "@fdunn/optim";
 * import { assert } from "@std/assert";
 *
 * const w = randn([4, 3], { requiresGrad: true });
 * const before = w.clone();
 * const optimizer = new Muon([w], { lr: 0.1, weightDecay: 0 });
 * w.square().sum().backward();
 * optimizer.step();
 * // All three singular values of the step are about 0.1.
 * const norm = w.sub(before).norm().item();
 * assert(norm > 0.1 && norm < 0.25);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.Muon.html
 *
 * @throws RangeError for options that make no sense or a parameter that is no
 * matrix, Error for tensors that are no leaves or come twice.
 */
export class Muon extends ComposedOptimizer<MuonOptions, MuonState> {
  /** Takes matrices, or groups of them with options of their own. */
  constructor(params: Params<MuonOptions>, options: Partial<MuonOptions> = {}) {
    super(params, {
      ...{ lr: 0.001, weightDecay: 0.1, momentum: 0.95, nesterov: true },
      ...{ nsCoefficients: [3.4445, -4.775, 2.0315], eps: 1e-7, nsSteps: 5 },
      ...{ adjustLrFn: null, maximize: false },
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected override checkOptions(options: MuonOptions): void {
    super.checkOptions(options);
    requireAtLeastZero("Muon", options, "momentum", "eps");
    const { nsSteps, adjustLrFn } = options;
    requireCount("Muon", "nsSteps", nsSteps < 100 ? nsSteps : NaN, 0);
    const { length } = options.nsCoefficients;
    requireCount("Muon", "nsCoefficients.length", length === 3 ? 3 : NaN, 3);
    requireChoice("Muon", "adjustLrFn", adjustLrFn, [
      ...[null, "original", "matchRmsAdamw", "spectralUnclamped"],
    ]);
  }

  /** See {@linkcode Optimizer.addParamGroup}; the parameters are matrices. */
  override addParamGroup(group: ParamGroupOptions<MuonOptions>): void {
    super.addParamGroup(group);
    for (const { ndim, shape } of this.paramGroups.at(-1)!.params) {
      if (ndim === 2) continue;
      this.paramGroups.pop();
      throw new RangeError(
        `Muon got a parameter of shape ${
          formatShape(shape)
        }, expected matrices: others belong to another optimizer`,
      );
    }
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(parameter: Tensor): MuonState {
    return { momentumBuffer: keep(zerosLike(parameter)) };
  }

  /** See {@linkcode ComposedOptimizer}. */
  protected change(
    parameter: Tensor,
    gradient: Tensor,
    { momentumBuffer }: MuonState,
    options: MuonOptions,
  ): Tensor {
    const { lr, momentum, nesterov, adjustLrFn } = options;
    momentumBuffer.lerp_(gradient, 1 - momentum);
    const direction = nesterov
      ? gradient.lerp(momentumBuffer, momentum)
      : momentumBuffer;
    const [m, n] = parameter.shape as [number, number];
    const ratio = adjustLrFn === "matchRmsAdamw"
      ? 0.2 * Math.sqrt(Math.max(m, n))
      : Math.sqrt(
        adjustLrFn === "spectralUnclamped" ? m / n : Math.max(1, m / n),
      );
    return orthogonalize(direction, options).mul(lr * ratio);
  }
}

/** A matrix with singular values near 1, by Newton and Schulz's iteration. */
function orthogonalize(matrix: Tensor, options: MuonOptions): Tensor {
  const [a, b, c] = options.nsCoefficients;
  const [m, n] = matrix.shape as [number, number];
  let x = m > n ? matrix.t() : matrix;
  x = x.div(Math.max(x.norm().item(), options.eps));
  for (let i = 0; i < options.nsSteps; i++) {
    const gram = x.matmul(x.t());
    const update = gram.addmm(gram, gram, { beta: b, alpha: c });
    x = x.addmm(update, x, { beta: a });
  }
  return m > n ? x.t() : x;
}
