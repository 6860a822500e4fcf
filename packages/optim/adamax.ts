/** Adam by the largest gradient. */

import { keep, type Tensor, zerosLike } from "@fdunn/tensor";
import {
  AdaptiveOptimizer,
  type AdaptiveState,
  type AdaptiveStep,
  type MomentOptions,
} from "./adaptive.ts";
import type { Params } from "./optimizer.ts";
import { addressOf, type StepTable } from "./step_table.ts";

/** Options of {@linkcode Adamax}: its default rate is 0.002. */
export type AdamaxOptions = MomentOptions;

/** What {@linkcode Adamax} keeps for a parameter. */
export interface AdamaxState extends AdaptiveState {
  /** Average of the gradient. */
  expAvg: Tensor;
  /** The largest gradient of late. */
  expInf: Tensor;
}

/**
 * Adam that divides by the largest gradient of late instead of the root mean
 * square.
 *
 * `u = max(β₂ u, |g| + eps); p -= lr m / ((1 - β₁^t) u)`. Kingma and Ba, "Adam: a
 * method for stochastic optimization", 2014, section 7.1.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Adamax } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = tensor([3], { requiresGrad: true });
 * const optimizer = new Adamax([w], { lr: 0.5 });
 * w.square().sum().backward();
 * optimizer.step();
 * assertAlmostEquals(w.item(), 2.5, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.Adamax.html
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class Adamax extends AdaptiveOptimizer<AdamaxOptions, AdamaxState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(
    params: Params<AdamaxOptions>,
    options: Partial<AdamaxOptions> = {},
  ) {
    super(params, {
      ...{ lr: 0.002, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 },
      maximize: false,
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(parameter: Tensor): AdamaxState {
    const zeros = () => keep(zerosLike(parameter));
    return { step: 0, expAvg: zeros(), expInf: zeros() };
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected addRow(
    table: StepTable,
    parameter: Tensor,
    state: AdamaxState,
  ): void {
    const mean = addressOf(state.expAvg);
    table.row(parameter, mean, addressOf(state.expInf), 0);
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected prepare(
    step: AdaptiveStep,
    options: AdamaxOptions,
    state: AdamaxState,
  ): void {
    const [beta1, beta2] = options.betas;
    step.kind = 1;
    step.rest1 = 1 - beta1;
    step.beta2 = beta2;
    step.eps = options.eps;
    step.byMean = -options.lr / (1 - beta1 ** state.step);
  }
}
