/** Optimizers whose step is made of tensor operations. */

import { type DType, noGrad, scope, type Tensor } from "@fdunn/tensor";
import { FusedOptimizer } from "./fused_optimizer.ts";
import { requireAtLeastZero } from "./option_check.ts";
import type { Hyperparameters, Params } from "./optimizer.ts";

/** Options of every {@linkcode ComposedOptimizer}. */
export interface ComposedOptions extends Hyperparameters {
  /** The part of the parameter that each step takes off it, by `lr`. */
  weightDecay: number;
  /** Climb instead of descend. Default `false`. */
  maximize: boolean;
}

/** What a {@linkcode ComposedOptimizer} keeps for a parameter. */
export interface ComposedState {
  /** Steps taken, where they matter. */
  step?: number;
}

/**
 * Base of the optimizers that treat a matrix as one: products of matrices cost
 * more than the calls that make them, so that they need no kernel of their own.
 * It is the one for an optimizer of yours, too: the package's README has an
 * example.
 */
export abstract class ComposedOptimizer<
  Options extends ComposedOptions,
  State extends ComposedState,
> extends FusedOptimizer<Options, State> {
  /** Takes parameters, or groups with options of their own. */
  constructor(params: Params<Options>, defaults: Options) {
    super(params, defaults, 0);
  }

  /** See {@linkcode FusedOptimizer}. */
  protected checkOptions(options: Options): void {
    requireAtLeastZero(this.constructor.name, options, "lr", "weightDecay");
  }

  /** What to take off a parameter, a tensor of its own; null for nothing yet. */
  protected abstract change(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    options: Options,
  ): Tensor | null;

  /** See {@linkcode FusedOptimizer}. */
  protected update(options: Options, dtype: DType, count: number): void {
    const { lr, weightDecay, maximize } = options;
    for (let i = 0; i < count; i++) {
      const parameter = this.active[i]!;
      if (parameter.dtype !== dtype) continue;
      const state = this.states[i]!;
      if (state.step !== undefined) state.step++;
      const step = () => {
        const gradient = parameter.slot.gradient!;
        const g = maximize ? gradient.neg() : gradient;
        const change = this.change(parameter, g, state, options);
        if (change === null) return;
        if (weightDecay !== 0) parameter.mul_(1 - lr * weightDecay);
        parameter.sub_(change);
      };
      noGrad(() => scope(step));
    }
  }
}
