/** Adam. */

import { type DType, keep, type Tensor, zerosLike } from "@fdunn/tensor";
import { floatKernels } from "@fdunn/tensor/op";
import { FusedOptimizer } from "./fused_optimizer.ts";
import { type Hyperparameters, type Params } from "./optimizer.ts";
import { requireAtLeastZero, requireBetas } from "./option_check.ts";
import { addressOf, SHARES } from "./step_table.ts";

/** Options of {@linkcode Adam} and {@linkcode AdamW}. */
export interface AdamOptions extends Hyperparameters {
  /** Learning rate. Default 0.001. */
  lr: number;
  /** How slowly the averages of gradient and square forget. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the denominator from zero. Default 1e-8. */
  eps: number;
  /**
   * Factor of the parameter that is added to its gradient (Adam, default 0)
   * or taken off it directly (AdamW, default 0.01).
   */
  weightDecay: number;
  /** Divide by the largest average of squares so far. Default `false`. */
  amsgrad: boolean;
  /** Climb instead of descend. Default `false`. */
  maximize: boolean;
}

/** What {@linkcode Adam} keeps for a parameter. */
export interface AdamState {
  /** Steps taken. */
  step: number;
  /** Average of the gradient. */
  expAvg: Tensor;
  /** Average of its square. */
  expAvgSq: Tensor;
  /** The largest of those, with amsgrad. */
  maxExpAvgSq: Tensor | null;
}

/** What Adam and AdamW share: they differ in where the weight decays. */
export abstract class AdamFamily
  extends FusedOptimizer<AdamOptions, AdamState> {
  /** Whether weight decay bypasses the averages. */
  protected abstract readonly decoupled: boolean;

  /** Takes parameters, or groups with options of their own. */
  constructor(
    params: Params<AdamOptions>,
    options: Partial<AdamOptions>,
    weightDecay: number,
  ) {
    const defaults: AdamOptions = {
      lr: 0.001,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay,
      amsgrad: false,
      maximize: false,
      ...options,
    };
    super(params, defaults, 6);
  }

  /** See {@linkcode FusedOptimizer}. */
  protected checkOptions(options: AdamOptions): void {
    const { name } = this.constructor;
    requireAtLeastZero(name, options, "lr", "eps", "weightDecay");
    requireBetas(name, options.betas);
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(parameter: Tensor, options: AdamOptions): AdamState {
    return {
      step: 0,
      expAvg: keep(zerosLike(parameter)),
      expAvgSq: keep(zerosLike(parameter)),
      maxExpAvgSq: options.amsgrad ? keep(zerosLike(parameter)) : null,
    };
  }

  /** See {@linkcode FusedOptimizer}. */
  protected update(options: AdamOptions, dtype: DType, count: number): void {
    const { active, states, table } = this;
    const { name } = this.constructor;
    // One call for all parameters that have taken equally many steps.
    for (let i = 0; i < count;) {
      const address = table.begin(name, count);
      let rows = 0;
      let step = 0;
      for (; i < count; i++) {
        const parameter = active[i]!;
        if (parameter.array.dtype !== dtype) continue;
        const state = states[i]!;
        if (rows > 0 && state.step + 1 !== step) break;
        step = ++state.step;
        table.row(
          parameter,
          addressOf(state.expAvg),
          addressOf(state.expAvgSq),
          addressOf(state.maxExpAvgSq),
        );
        rows++;
      }
      if (rows > 0) this.#call(options, dtype, step, rows, address);
    }
  }

  #call(
    options: AdamOptions,
    dtype: DType,
    step: number,
    rows: number,
    address: number,
  ): void {
    const [beta1, beta2] = options.betas;
    const { lr, eps, weightDecay } = options;
    const decoupled = this.decoupled ? 1 : 0;
    const bias1 = 1 - beta1 ** step;
    const bias2 = 1 - beta2 ** step;
    const amsgrad = options.amsgrad ? 1 : 0;
    const maximize = options.maximize ? 1 : 0;
    if (this.table.large) {
      this.table.inParts("adam", dtype, rows, [
        ...[lr, beta1, beta2, eps, weightDecay, decoupled, bias1, bias2],
        ...[amsgrad, maximize],
      ]);
      return;
    }
    floatKernels("Adam", dtype).adam(
      rows,
      0,
      SHARES,
      lr,
      beta1,
      beta2,
      eps,
      weightDecay,
      decoupled,
      bias1,
      bias2,
      amsgrad,
      maximize,
      address,
    );
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
  /** Weight decay goes into the gradient. */
  protected readonly decoupled = false;

  /** Takes parameters, or groups with options of their own. */
  constructor(params: Params<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, options, 0);
  }
}
