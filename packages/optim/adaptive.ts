/** What optimizers share that scale each element by its own past. */

import { type DType, keep, type Tensor, zerosLike } from "@fdunn/tensor";
import { floatKernels } from "@fdunn/tensor/op";
import { FusedOptimizer } from "./fused_optimizer.ts";
import { requireAtLeastZero, requireBetas } from "./option_check.ts";
import type { Hyperparameters, Params } from "./optimizer.ts";
import { addressOf, SHARES, type StepTable } from "./step_table.ts";

/** Options of every {@linkcode AdaptiveOptimizer}. */
export interface AdaptiveOptions extends Hyperparameters {
  /** How slowly averages forget. */
  betas?: readonly [number, number];
  /** Keeps the denominator from zero. */
  eps?: number;
  /** Factor of the parameter that is added to its gradient. Default 0. */
  weightDecay: number;
  /** Climb instead of descend. Default `false`. */
  maximize: boolean;
}

/** What every {@linkcode AdaptiveOptimizer} keeps for a parameter. */
export interface AdaptiveState {
  /** Steps taken. */
  step: number;
  /** The product of all momentums so far, where they change. */
  muProduct?: number;
}

/**
 * The numbers of one step, for all parameters that have taken equally many:
 * with g = gradient + `decay` p, the mean m moves towards g by `rest1`, the
 * square is v = `beta2` v + `rest2` g², and p = `keep` p + (`byMean` m +
 * `byGrad` g) / (`root` √v + `eps`).
 */
export interface AdaptiveStep {
  /** Another formula, see `optimizer.rs` of the kernels; 0 for this one. */
  kind: number;
  /** Of the parameter, at first: weight decay that bypasses the averages. */
  keep: number;
  /** Of the parameter in the gradient: other weight decay. */
  decay: number;
  /** How far the mean moves. */
  rest1: number;
  /** What stays of the square. */
  beta2: number;
  /** What comes to it. */
  rest2: number;
  /** Added to the root. */
  eps: number;
  /** Factor of the root. */
  root: number;
  /** Factor of the gradient in the update. */
  byGrad: number;
  /** Factor of the mean in the update. */
  byMean: number;
}

/**
 * Base of the optimizers whose step is {@linkcode AdaptiveStep}: a subclass has
 * a state, and says the numbers. One kernel call for all parameters.
 */
export abstract class AdaptiveOptimizer<
  Options extends AdaptiveOptions,
  State extends AdaptiveState,
> extends FusedOptimizer<Options, State> {
  readonly #step: AdaptiveStep = {
    ...{ kind: 0, keep: 1, decay: 0, rest1: 0, beta2: 0 },
    ...{ rest2: 0, eps: 0, root: 1, byGrad: 0, byMean: 0 },
  };

  /** Takes parameters, or groups with options of their own. */
  constructor(params: Params<Options>, defaults: Options) {
    super(params, defaults, 6);
  }

  /** See {@linkcode FusedOptimizer}. */
  protected checkOptions(options: Options): void {
    const { name } = this.constructor;
    requireAtLeastZero(name, options, "lr", "weightDecay");
    const { defaults } = this;
    if ("eps" in defaults) requireAtLeastZero(name, options, "eps");
    if ("betas" in defaults) requireBetas(name, options.betas);
  }

  /** Whether weight decay bypasses the averages. */
  protected decouples(_options: Options): boolean {
    return false;
  }

  /** Writes the step's numbers; `keep` and `decay` are there, all others 0. */
  protected abstract prepare(
    step: AdaptiveStep,
    options: Options,
    state: State,
  ): void;

  /** Appends a parameter's row: mean, square and top, each if there is one. */
  protected abstract addRow(
    table: StepTable,
    parameter: Tensor,
    state: State,
    options: Options,
  ): void;

  /** See {@linkcode FusedOptimizer}. */
  protected update(options: Options, dtype: DType, count: number): void {
    const { active, states, table } = this;
    const { name } = this.constructor;
    // One call for all parameters whose step has the same numbers.
    for (let i = 0; i < count;) {
      const address = table.begin(name, count);
      let first: State | null = null;
      let step = 0;
      let product: number | undefined;
      let rows = 0;
      for (; i < count; i++) {
        const parameter = active[i]!;
        if (parameter.array.dtype !== dtype) continue;
        const state = states[i]!;
        if (first === null) {
          first = state;
          step = state.step;
          product = state.muProduct;
        } else if (state.step !== step || state.muProduct !== product) break;
        state.step++;
        this.addRow(table, parameter, state, options);
        rows++;
      }
      if (first !== null) this.#call(options, dtype, first, rows, address);
    }
  }

  #call(
    options: Options,
    dtype: DType,
    state: State,
    rows: number,
    address: number,
  ): void {
    const step = this.#step;
    const { lr, weightDecay } = options;
    const decoupled = this.decouples(options);
    step.keep = decoupled ? 1 - lr * weightDecay : 1;
    step.decay = decoupled ? 0 : weightDecay;
    this.prepare(step, options, state);
    const { kind, keep, decay, rest1, beta2 } = step;
    const { rest2, eps, root, byGrad, byMean } = step;
    const maximize = options.maximize ? 1 : 0;
    if (this.table.large) {
      this.table.inParts("adaptive", dtype, rows, [
        ...[kind, maximize, keep, decay, rest1, beta2, rest2, eps, root],
        ...[byGrad, byMean],
      ]);
      return;
    }
    floatKernels(this.constructor.name, dtype).adaptive(
      rows,
      0,
      SHARES,
      kind,
      maximize,
      keep,
      decay,
      rest1,
      beta2,
      rest2,
      eps,
      root,
      byGrad,
      byMean,
      address,
    );
  }
}

/** What optimizers keep that average the gradient and its square. */
export interface MomentState extends AdaptiveState {
  /** Average of the gradient. */
  expAvg: Tensor;
  /** Average of its square. */
  expAvgSq: Tensor;
}

/** Options of optimizers that average the gradient and its square. */
export interface MomentOptions extends AdaptiveOptions {
  /** How slowly the averages of gradient and square forget. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the denominator from zero. Default 1e-8. */
  eps: number;
}

/** Base of the optimizers that average the gradient and its square. */
export abstract class MomentOptimizer<
  Options extends MomentOptions,
  State extends MomentState,
> extends AdaptiveOptimizer<Options, State> {
  /** The averages as they begin. */
  protected moments(parameter: Tensor): MomentState {
    return {
      step: 0,
      expAvg: keep(zerosLike(parameter)),
      expAvgSq: keep(zerosLike(parameter)),
    };
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected addRow(
    table: StepTable,
    parameter: Tensor,
    state: State,
    _options: Options,
  ): void {
    const mean = addressOf(state.expAvg);
    table.row(parameter, mean, addressOf(state.expAvgSq), 0);
  }

  /** The numbers of both averages; returns what corrects the mean's start. */
  protected prepareMoments(
    step: AdaptiveStep,
    options: Options,
    state: State,
  ): number {
    const [beta1, beta2] = options.betas;
    step.rest1 = 1 - beta1;
    step.beta2 = beta2;
    step.rest2 = 1 - beta2;
    step.eps = options.eps;
    step.root = 1 / Math.sqrt(1 - beta2 ** state.step);
    return 1 - beta1 ** state.step;
  }
}
