/** Adam. */

import { keep, type Tensor, zerosLike } from "@fdunn/tensor";
import {
  type AdaptiveStep,
  MomentOptimizer,
  type MomentOptions,
  type MomentState,
} from "./adaptive.ts";
import type { Params } from "./optimizer.ts";
import { addressOf, type StepTable } from "./step_table.ts";

/** Options of {@linkcode Adam} and {@linkcode AdamW}. */
export interface AdamOptions extends MomentOptions {
  /** Learning rate. Default 0.001. */
  lr: number;
  /**
   * Factor of the parameter that is added to its gradient (Adam, default 0)
   * or taken off it directly (AdamW, default 0.01).
   */
  weightDecay: number;
  /** Divide by the largest average of squares so far. Default `false`. */
  amsgrad: boolean;
  /**
   * Weight decay that the averages do not see. Default `false`; AdamW's is
   * always so.
   */
  decoupledWeightDecay: boolean;
}

/** What {@linkcode Adam} keeps for a parameter. */
export interface AdamState extends MomentState {
  /** The largest average of squares, with amsgrad. */
  maxExpAvgSq: Tensor | null;
}

/** What Adam and AdamW share: they differ in where the weight decays. */
export abstract class AdamFamily
  extends MomentOptimizer<AdamOptions, AdamState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(
    params: Params<AdamOptions>,
    options: Partial<AdamOptions>,
    weightDecay: number,
    decoupledWeightDecay: boolean,
  ) {
    super(params, {
      ...{ lr: 0.001, betas: [0.9, 0.999], eps: 1e-8, weightDecay },
      ...{ decoupledWeightDecay, amsgrad: false, maximize: false },
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(parameter: Tensor, options: AdamOptions): AdamState {
    const maxExpAvgSq = options.amsgrad ? keep(zerosLike(parameter)) : null;
    return { ...this.moments(parameter), maxExpAvgSq };
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected override decouples(options: AdamOptions): boolean {
    return options.decoupledWeightDecay;
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected override addRow(
    table: StepTable,
    parameter: Tensor,
    state: AdamState,
    options: AdamOptions,
  ): void {
    table.row(
      parameter,
      addressOf(state.expAvg),
      addressOf(state.expAvgSq),
      options.amsgrad ? addressOf(state.maxExpAvgSq) : 0,
    );
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected prepare(
    step: AdaptiveStep,
    options: AdamOptions,
    state: AdamState,
  ): void {
    step.byMean = -options.lr / this.prepareMoments(step, options, state);
  }
}

/**
 * Adam: steps of about `lr`, whatever the gradient's scale.
 *
 * `m` and `v` average `g` and `g²`; with both corrected for their start at
 * zero, `p -= lr m / (√v + eps)`. Kingma and Ba, "Adam: a method for
 * stochastic optimization", 2014; amsgrad: Reddi et al., "On the convergence
 * of Adam and beyond", 2018.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Adam } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = tensor([3], { requiresGrad: true });
 * const optimizer = new Adam([w], { lr: 0.5 });
 * w.square().sum().backward();
 * optimizer.step();
 * assertAlmostEquals(w.item(), 2.5, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class Adam extends AdamFamily {
  /** Takes parameters, or groups with options of their own. */
  constructor(params: Params<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, options, 0, false);
  }
}
