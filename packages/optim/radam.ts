/** Adam that trusts its scale only when it knows it. */

import type { Tensor } from "@fdunn/tensor";
import {
  type AdaptiveStep,
  MomentOptimizer,
  type MomentOptions,
  type MomentState,
} from "./adaptive.ts";
import type { Params } from "./optimizer.ts";

/** Options of {@linkcode RAdam}. */
export interface RAdamOptions extends MomentOptions {
  /** Learning rate. Default 0.001. */
  lr: number;
  /** Weight decay that the averages do not see. Default `false`. */
  decoupledWeightDecay: boolean;
}

/**
 * Adam whose first steps, when few squares have been averaged, are plain
 * momentum, and whose next ones are shortened: no warm-up is needed.
 *
 * With `ρ∞ = 2 / (1 - β₂) - 1` and `ρ = ρ∞ - 2 t β₂^t / (1 - β₂^t)`, the step of
 * Adam is multiplied by `√((ρ-4)(ρ-2)ρ∞ / ((ρ∞-4)(ρ∞-2)ρ))` where `ρ > 5`, and is
 * `lr m` otherwise. Liu et al., "On the variance of the adaptive learning rate
 * and beyond", 2019.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { RAdam } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = tensor([3], { requiresGrad: true });
 * const optimizer = new RAdam([w], { lr: 0.25 });
 * w.square().sum().backward();
 * optimizer.step();
 * assertAlmostEquals(w.item(), 1.5, 1e-6); // 3 - 0.25 · 6: not scaled yet
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.RAdam.html
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class RAdam extends MomentOptimizer<RAdamOptions, MomentState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(
    params: Params<RAdamOptions>,
    options: Partial<RAdamOptions> = {},
  ) {
    super(params, {
      ...{ lr: 0.001, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 },
      ...{ decoupledWeightDecay: false, maximize: false },
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(parameter: Tensor): MomentState {
    return this.moments(parameter);
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected override decouples(options: RAdamOptions): boolean {
    return options.decoupledWeightDecay;
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected prepare(
    step: AdaptiveStep,
    options: RAdamOptions,
    state: MomentState,
  ): void {
    const bias1 = this.prepareMoments(step, options, state);
    const beta2 = options.betas[1];
    const power = beta2 ** state.step;
    const most = 2 / (1 - beta2) - 1;
    const rho = most - 2 * state.step * power / (1 - power);
    step.byMean = -options.lr / bias1;
    if (rho > 5) {
      const known = (rho - 4) * (rho - 2) * most;
      const all = (most - 4) * (most - 2) * rho;
      step.byMean *= Math.sqrt((1 - power) * known / all);
      step.root = 1;
    } else {
      step.root = 0;
      step.eps = 1;
    }
  }
}
