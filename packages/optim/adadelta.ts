/** Adadelta. */

import { keep, type Tensor, zerosLike } from "@fdunn/tensor";
import {
  AdaptiveOptimizer,
  type AdaptiveOptions,
  type AdaptiveState,
  type AdaptiveStep,
} from "./adaptive.ts";
import type { Params } from "./optimizer.ts";
import { addressOf, type StepTable } from "./step_table.ts";
import { requireOption } from "@fdunn/tensor/op";

/** Options of {@linkcode Adadelta}. */
export interface AdadeltaOptions extends AdaptiveOptions {
  /** Factor of the step. Default 1. */
  lr: number;
  /** How slowly the averages forget, in [0, 1]. Default 0.9. */
  rho: number;
  /** Added to both averages. Default 1e-6. */
  eps: number;
}

/** What {@linkcode Adadelta} keeps for a parameter. */
export interface AdadeltaState extends AdaptiveState {
  /** Average of the gradient's square. */
  squareAvg: Tensor;
  /** Average of the step's square. */
  accDelta: Tensor;
}

/**
 * Steps as long as the last ones were, divided by the gradient's recent size:
 * no learning rate has to be chosen.
 *
 * `v = ρ v + (1-ρ) g²; d = √(u + eps) / √(v + eps) g; u = ρ u + (1-ρ) d²; p -= lr
 * d`. Zeiler, "ADADELTA: an adaptive learning rate method", 2012.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Adadelta } from "@fdunn/optim";
 * import { assert } from "@std/assert";
 *
 * const w = tensor([3], { requiresGrad: true });
 * const optimizer = new Adadelta([w]);
 * w.square().sum().backward();
 * optimizer.step();
 * assert(w.item() < 3 && w.item() > 2.99); // it begins carefully
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class Adadelta
  extends AdaptiveOptimizer<AdadeltaOptions, AdadeltaState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(
    params: Params<AdadeltaOptions>,
    options: Partial<AdadeltaOptions> = {},
  ) {
    super(params, {
      ...{ lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false },
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected override checkOptions(options: AdadeltaOptions): void {
    super.checkOptions(options);
    const { rho } = options;
    requireOption("Adadelta", "rho", rho, rho >= 0 && rho <= 1, "0 to 1");
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(parameter: Tensor): AdadeltaState {
    const zeros = () => keep(zerosLike(parameter));
    return { step: 0, squareAvg: zeros(), accDelta: zeros() };
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected addRow(
    table: StepTable,
    parameter: Tensor,
    state: AdadeltaState,
  ): void {
    const square = addressOf(state.squareAvg);
    table.row(parameter, 0, square, addressOf(state.accDelta));
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected prepare(step: AdaptiveStep, options: AdadeltaOptions): void {
    step.kind = 3;
    step.beta2 = options.rho;
    step.rest2 = 1 - options.rho;
    step.eps = options.eps;
    step.byGrad = -options.lr;
  }
}
