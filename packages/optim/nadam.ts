/** Adam with Nesterov's momentum. */

import type { Tensor } from "@fdunn/tensor";
import {
  type AdaptiveStep,
  MomentOptimizer,
  type MomentOptions,
  type MomentState,
} from "./adaptive.ts";
import { requireAtLeastZero } from "./option_check.ts";
import type { Params } from "./optimizer.ts";
import type { StepTable } from "./step_table.ts";

/** Options of {@linkcode NAdam}. */
export interface NAdamOptions extends MomentOptions {
  /** Learning rate. Default 0.002. */
  lr: number;
  /** How fast the momentum comes to its full strength. Default 0.004. */
  momentumDecay: number;
  /** Weight decay that the averages do not see. Default `false`. */
  decoupledWeightDecay: boolean;
}

/** What {@linkcode NAdam} keeps for a parameter. */
export interface NAdamState extends MomentState {
  /** The product of all momentums so far. */
  muProduct: number;
}

/**
 * Adam that looks ahead along its momentum, as Nesterov's does.
 *
 * `μ_t = β₁ (1 - 0.96^(t momentumDecay) / 2)`, and with the averages `m`, `v`
 * of `g`, `g²`: `p -= lr (μ_{t+1} m / (1 - ∏μ_{t+1}) + (1 - μ_t) g / (1 - ∏μ_t))
 * / (√(v / (1 - β₂^t)) + eps)`. Dozat, "Incorporating Nesterov momentum into
 * Adam", 2016.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { NAdam } from "@fdunn/optim";
 *
 * const w = tensor([3], { requiresGrad: true });
 * const optimizer = new NAdam([w], { lr: 0.1 });
 * for (let step = 0; step < 200; step++) {
 *   optimizer.zeroGrad();
 *   w.sub(1).square().sum().backward();
 *   optimizer.step();
 * }
 * if (Math.abs(w.item() - 1) > 0.01) throw new Error(`${w}`);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.NAdam.html
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class NAdam extends MomentOptimizer<NAdamOptions, NAdamState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(
    params: Params<NAdamOptions>,
    options: Partial<NAdamOptions> = {},
  ) {
    super(params, {
      ...{ lr: 0.002, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 },
      ...{ momentumDecay: 0.004, decoupledWeightDecay: false },
      maximize: false,
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected override checkOptions(options: NAdamOptions): void {
    super.checkOptions(options);
    requireAtLeastZero("NAdam", options, "momentumDecay");
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(parameter: Tensor): NAdamState {
    return { ...this.moments(parameter), muProduct: 1 };
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected override decouples(options: NAdamOptions): boolean {
    return options.decoupledWeightDecay;
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected override addRow(
    table: StepTable,
    parameter: Tensor,
    state: NAdamState,
    options: NAdamOptions,
  ): void {
    state.muProduct *= momentumOf(options, state.step);
    super.addRow(table, parameter, state, options);
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected prepare(
    step: AdaptiveStep,
    options: NAdamOptions,
    state: NAdamState,
  ): void {
    this.prepareMoments(step, options, state);
    const { lr } = options;
    const now = momentumOf(options, state.step);
    const next = momentumOf(options, state.step + 1);
    step.byGrad = -lr * (1 - now) / (1 - state.muProduct);
    step.byMean = -lr * next / (1 - state.muProduct * next);
  }
}

/** The momentum of a step, from 1 on. */
function momentumOf(options: NAdamOptions, step: number): number {
  const { betas, momentumDecay } = options;
  return betas[0] * (1 - 0.5 * 0.96 ** (step * momentumDecay));
}
