/** Stochastic gradient descent. */

import { type DType, keep, type Tensor, zerosLike } from "@fdunn/tensor";
import { floatKernels, requireOption } from "@fdunn/tensor/op";
import { FusedOptimizer } from "./fused_optimizer.ts";
import { requireAtLeastZero } from "./option_check.ts";
import type { Hyperparameters, Params } from "./optimizer.ts";
import { addressOf, SHARES } from "./step_table.ts";

/** Options of {@linkcode SGD}. */
export interface SGDOptions extends Hyperparameters {
  /** Learning rate. Default 0.001. */
  lr: number;
  /** How much of the last direction to keep. Default 0. */
  momentum: number;
  /** How much of the gradient momentum leaves out. Default 0. */
  dampening: number;
  /** Factor of the parameter that is added to its gradient. Default 0. */
  weightDecay: number;
  /** Look ahead along the momentum. Default `false`. */
  nesterov: boolean;
  /** Climb instead of descend. Default `false`. */
  maximize: boolean;
}

/** What {@linkcode SGD} keeps for a parameter, if there is momentum. */
export interface SGDState {
  /** The direction. */
  momentumBuffer: Tensor;
  /** Whether the direction is still to be set to the first gradient. */
  fresh: boolean;
}

/**
 * Gradient descent with momentum, Nesterov's included.
 *
 * `g += weightDecay p; b = momentum b + (1 - dampening) g; p -= lr b` (with
 * Nesterov: `p -= lr (g + momentum b)`); the first `b` is `g`. Sutskever et
 * al., "On the importance of initialization and momentum in deep learning",
 * 2013.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { SGD } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const w = tensor([3], { requiresGrad: true });
 * const optimizer = new SGD([w], { lr: 0.25 });
 * w.square().sum().backward();
 * optimizer.step();
 * assertEquals(w.toArray(), [1.5]); // 3 - 0.25 (2 · 3)
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class SGD extends FusedOptimizer<SGDOptions, SGDState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(params: Params<SGDOptions>, options: Partial<SGDOptions> = {}) {
    const defaults: SGDOptions = {
      lr: 0.001,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
      maximize: false,
      ...options,
    };
    super(params, defaults, 5);
  }

  /** See {@linkcode FusedOptimizer}. */
  protected checkOptions(options: SGDOptions): void {
    requireAtLeastZero("SGD", options, "lr", "momentum", "weightDecay");
    const { dampening } = options;
    const finite = Number.isFinite(dampening);
    requireOption("SGD", "dampening", dampening, finite, "a number");
    if (
      options.nesterov && (options.momentum === 0 || options.dampening !== 0)
    ) {
      throw new RangeError(
        `SGD got nesterov with momentum ${options.momentum} and dampening ${options.dampening}: it needs a momentum and no dampening`,
      );
    }
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(
    parameter: Tensor,
    options: SGDOptions,
    fresh: boolean,
  ): SGDState | null {
    if (options.momentum === 0) return null;
    return { momentumBuffer: keep(zerosLike(parameter)), fresh };
  }

  /** See {@linkcode FusedOptimizer}. */
  protected update(options: SGDOptions, dtype: DType, count: number): void {
    const { active, states, table } = this;
    const { momentum } = options;
    const address = table.begin("SGD.step", count);
    let rows = 0;
    for (let i = 0; i < count; i++) {
      const parameter = active[i]!;
      if (parameter.array.dtype !== dtype) continue;
      const state = momentum === 0 ? null : states[i]!;
      if (state === null) table.row(parameter, 0, 0, 0);
      else {
        const buffer = addressOf(state.momentumBuffer);
        table.row(parameter, buffer, state.fresh ? 1 : 0, 0);
        state.fresh = false;
      }
      rows++;
    }
    if (rows === 0) return;
    const { lr, dampening, weightDecay } = options;
    const nesterov = options.nesterov ? 1 : 0;
    const maximize = options.maximize ? 1 : 0;
    if (table.large) {
      const scalars = [
        lr,
        momentum,
        dampening,
        weightDecay,
        nesterov,
        maximize,
      ];
      table.inParts("sgd", dtype, rows, scalars);
      return;
    }
    floatKernels("SGD.step", dtype).sgd(
      rows,
      0,
      SHARES,
      lr,
      momentum,
      dampening,
      weightDecay,
      nesterov,
      maximize,
      address,
    );
  }
}
