/** RMSprop. */

import { type DType, keep, type Tensor, zerosLike } from "@fdunn/tensor";
import { floatKernels } from "@fdunn/tensor/op";
import { FusedOptimizer } from "./fused_optimizer.ts";
import { requireAtLeastZero } from "./option_check.ts";
import type { Hyperparameters, Params } from "./optimizer.ts";
import { addressOf, SHARES } from "./step_table.ts";

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
export interface RMSpropState {
  /** Steps taken. */
  step: number;
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
export class RMSprop extends FusedOptimizer<RMSpropOptions, RMSpropState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(
    params: Params<RMSpropOptions>,
    options: Partial<RMSpropOptions> = {},
  ) {
    const defaults: RMSpropOptions = {
      lr: 0.01,
      alpha: 0.99,
      eps: 1e-8,
      weightDecay: 0,
      momentum: 0,
      centered: false,
      maximize: false,
      ...options,
    };
    super(params, defaults, 6);
  }

  /** See {@linkcode FusedOptimizer}. */
  protected checkOptions(options: RMSpropOptions): void {
    requireAtLeastZero("RMSprop", options, "lr", "alpha", "eps");
    requireAtLeastZero("RMSprop", options, "weightDecay", "momentum");
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(
    parameter: Tensor,
    options: RMSpropOptions,
  ): RMSpropState {
    const { centered, momentum } = options;
    return {
      step: 0,
      squareAvg: keep(zerosLike(parameter)),
      gradAvg: centered ? keep(zerosLike(parameter)) : null,
      momentumBuffer: momentum > 0 ? keep(zerosLike(parameter)) : null,
    };
  }

  /** See {@linkcode FusedOptimizer}. */
  protected update(options: RMSpropOptions, dtype: DType, count: number): void {
    const { active, states, table } = this;
    const address = table.begin("RMSprop.step", count);
    let rows = 0;
    for (let i = 0; i < count; i++) {
      const parameter = active[i]!;
      if (parameter.array.dtype !== dtype) continue;
      const state = states[i]!;
      state.step++;
      table.row(
        parameter,
        addressOf(state.squareAvg),
        addressOf(state.gradAvg),
        addressOf(state.momentumBuffer),
      );
      rows++;
    }
    if (rows === 0) return;
    const { lr, alpha, eps, weightDecay, momentum } = options;
    const centered = options.centered ? 1 : 0;
    const maximize = options.maximize ? 1 : 0;
    if (table.large) {
      table.inParts("rmsprop", dtype, rows, [
        ...[lr, alpha, eps, weightDecay, momentum, centered, maximize],
      ]);
      return;
    }
    floatKernels("RMSprop.step", dtype).rmsprop(
      rows,
      0,
      SHARES,
      lr,
      alpha,
      eps,
      weightDecay,
      momentum,
      centered,
      maximize,
      address,
    );
  }
}
