/** Adagrad. */

import { fullLike, keep, type Tensor } from "@fdunn/tensor";
import {
  AdaptiveOptimizer,
  type AdaptiveOptions,
  type AdaptiveState,
  type AdaptiveStep,
} from "./adaptive.ts";
import { requireAtLeastZero } from "./option_check.ts";
import type { Params } from "./optimizer.ts";
import { addressOf, type StepTable } from "./step_table.ts";

/** Options of {@linkcode Adagrad}. */
export interface AdagradOptions extends AdaptiveOptions {
  /** Learning rate. Default 0.01. */
  lr: number;
  /** How fast the rate falls: `lr / (1 + (t - 1) lrDecay)`. Default 0. */
  lrDecay: number;
  /** What the sum of squares begins with. Default 0. */
  initialAccumulatorValue: number;
  /** Keeps the denominator from zero. Default 1e-10. */
  eps: number;
}

/** What {@linkcode Adagrad} keeps for a parameter. */
export interface AdagradState extends AdaptiveState {
  /** Sum of the gradient's squares. */
  sum: Tensor;
}

/**
 * Gradient descent with each element's gradient divided by the root of the sum
 * of all its squares: rare features take long steps.
 *
 * `s += g²; p -= lr g / (√s + eps)`. Duchi, Hazan and Singer, "Adaptive
 * subgradient methods for online learning and stochastic optimization", 2011.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Adagrad } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = tensor([3], { requiresGrad: true });
 * const optimizer = new Adagrad([w], { lr: 0.5 });
 * w.square().sum().backward();
 * optimizer.step();
 * assertAlmostEquals(w.item(), 2.5, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class Adagrad extends AdaptiveOptimizer<AdagradOptions, AdagradState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(
    params: Params<AdagradOptions>,
    options: Partial<AdagradOptions> = {},
  ) {
    super(params, {
      ...{ lr: 0.01, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0 },
      ...{ eps: 1e-10, maximize: false },
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected override checkOptions(options: AdagradOptions): void {
    super.checkOptions(options);
    const names = ["lrDecay", "initialAccumulatorValue"] as const;
    requireAtLeastZero("Adagrad", options, ...names);
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(
    parameter: Tensor,
    { initialAccumulatorValue }: AdagradOptions,
  ): AdagradState {
    return { step: 0, sum: keep(fullLike(parameter, initialAccumulatorValue)) };
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected addRow(
    table: StepTable,
    parameter: Tensor,
    state: AdagradState,
  ): void {
    table.row(parameter, 0, addressOf(state.sum), 0);
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected prepare(
    step: AdaptiveStep,
    options: AdagradOptions,
    state: AdagradState,
  ): void {
    step.beta2 = step.rest2 = 1;
    step.eps = options.eps;
    step.byGrad = -options.lr / (1 + (state.step - 1) * options.lrDecay);
  }
}
