/** Lion. */

import { keep, type Tensor, zerosLike } from "@fdunn/tensor";
import {
  AdaptiveOptimizer,
  type AdaptiveOptions,
  type AdaptiveState,
  type AdaptiveStep,
} from "./adaptive.ts";
import type { Params } from "./optimizer.ts";
import { addressOf, type StepTable } from "./step_table.ts";

/** Options of {@linkcode Lion}. */
export interface LionOptions extends AdaptiveOptions {
  /** Learning rate: a third to a tenth of Adam's. Default 1e-4. */
  lr: number;
  /** How slowly the direction and the average forget. Default [0.9, 0.99]. */
  betas: readonly [number, number];
  /** Weight decay that the average does not see. Default 0. */
  weightDecay: number;
}

/** What {@linkcode Lion} keeps for a parameter. */
export interface LionState extends AdaptiveState {
  /** Average of the gradient. */
  expAvg: Tensor;
}

/**
 * Steps of `lr` in each element, by the sign of the momentum: half the memory
 * of Adam.
 *
 * `p -= lr (sign(β₁ m + (1-β₁) g) + weightDecay p); m = β₂ m + (1-β₂) g`. Chen et
 * al., "Symbolic discovery of optimization algorithms", 2023 (PyTorch has none).
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Lion } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const w = tensor([3, -8], { requiresGrad: true });
 * const optimizer = new Lion([w], { lr: 0.5 });
 * w.square().sum().backward();
 * optimizer.step();
 * assertEquals(w.toArray(), [2.5, -7.5]);
 * ```
 *
 * See https://arxiv.org/abs/2302.06675
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class Lion extends AdaptiveOptimizer<LionOptions, LionState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(params: Params<LionOptions>, options: Partial<LionOptions> = {}) {
    super(params, {
      ...{ lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0, maximize: false },
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(parameter: Tensor): LionState {
    return { step: 0, expAvg: keep(zerosLike(parameter)) };
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected override decouples(): boolean {
    return true;
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected addRow(
    table: StepTable,
    parameter: Tensor,
    state: LionState,
  ): void {
    table.row(parameter, addressOf(state.expAvg), 0, 0);
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected prepare(step: AdaptiveStep, options: LionOptions): void {
    const [beta1, beta2] = options.betas;
    step.kind = 2;
    step.rest1 = 1 - beta1;
    step.rest2 = 1 - beta2;
    step.byMean = -options.lr;
  }
}
