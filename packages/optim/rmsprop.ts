/** RMSprop. */

import { keep, type Tensor, zerosLike } from "@fdunn/tensor";
import {
  AdaptiveOptimizer,
  type AdaptiveState,
  type AdaptiveStep,
} from "./adaptive.ts";
import { requireAtLeastZero } from "./option_check.ts";
import type { Hyperparameters, Params } from "./optimizer.ts";
import { addressOf, type StepTable } from "./step_table.ts";

/** Options of {@linkcode RMSprop}. */
export interface RMSpropOptions extends Hyperparameters {
  /** Learning rate. Default 0.01. */
  lr: number;
  /** How slowly the average of squares forgets. Default 0.99. */
  alpha: number;
  /** Keeps the denominator from zero. Default 1e-8. */
  eps: number;
  /** Factor of the parameter that is added to its gradient. Default 0. */
  weightDecay: number;
  /** How much of the last direction to keep. Default 0. */
  momentum: number;
  /** Divide by the deviation rather than the root mean square. Default `false`. */
  centered: boolean;
  /** Climb instead of descend. Default `false`. */
  maximize: boolean;
}

/** What {@linkcode RMSprop} keeps for a parameter. */
export interface RMSpropState extends AdaptiveState {
  /** Average of the gradient's square. */
  squareAvg: Tensor;
  /** Average of the gradient, if centered. */
  gradAvg: Tensor | null;
  /** The direction, if there is momentum. */
  momentumBuffer: Tensor | null;
}

/**
 * Gradient descent with each element's gradient divided by its recent size.
 *
 * `v = alpha v + (1 - alpha) g²; p -= lr g / (√v + eps)`. Tieleman and
 * Hinton, lecture 6.5, 2012; centered: Graves, "Generating sequences with
 * recurrent neural networks", 2013.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { RMSprop } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = tensor([3], { requiresGrad: true });
 * const optimizer = new RMSprop([w], { lr: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * assertAlmostEquals(w.item(), 2, 1e-5); // 3 - 0.1 · 6 / √(0.01 · 6²)
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class RMSprop extends AdaptiveOptimizer<RMSpropOptions, RMSpropState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(
    params: Params<RMSpropOptions>,
    options: Partial<RMSpropOptions> = {},
  ) {
    super(params, {
      ...{ lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0 },
      ...{ centered: false, maximize: false },
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected override checkOptions(options: RMSpropOptions): void {
    super.checkOptions(options);
    requireAtLeastZero("RMSprop", options, "alpha", "momentum");
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(
    parameter: Tensor,
    { centered, momentum }: RMSpropOptions,
  ): RMSpropState {
    const zeros = () => keep(zerosLike(parameter));
    return {
      step: 0,
      squareAvg: zeros(),
      gradAvg: centered ? zeros() : null,
      momentumBuffer: momentum > 0 ? zeros() : null,
    };
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected addRow(
    table: StepTable,
    parameter: Tensor,
    { squareAvg, gradAvg, momentumBuffer }: RMSpropState,
    { centered }: RMSpropOptions,
  ): void {
    const mean = centered ? addressOf(gradAvg) : 0;
    const square = addressOf(squareAvg);
    table.row(parameter, mean, square, addressOf(momentumBuffer));
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected prepare(step: AdaptiveStep, options: RMSpropOptions): void {
    step.kind = 5;
    step.beta2 = options.alpha;
    step.rest1 = step.rest2 = 1 - options.alpha;
    step.eps = options.eps;
    step.byGrad = -options.lr;
    step.byMean = options.momentum;
  }
}
