/** LAMB: Adam for large batches. */

import { type DType, keep, type Tensor, zeros, zerosLike } from "@fdunn/tensor";
import { beginOp, floatKernels, pointer, writable } from "@fdunn/tensor/op";
import {
  type AdaptiveStep,
  MomentOptimizer,
  type MomentOptions,
  type MomentState,
} from "./adaptive.ts";
import type { Params } from "./optimizer.ts";
import { addressOf, type StepTable } from "./step_table.ts";

/** Options of {@linkcode LAMB}. */
export interface LAMBOptions extends MomentOptions {
  /** Learning rate: the part of its length that a parameter moves. Default 0.001. */
  lr: number;
  /** Keeps the denominator from zero. Default 1e-6. */
  eps: number;
  /** Factor of the parameter that is added to its update. Default 0.01. */
  weightDecay: number;
}

/**
 * Adam's update, scaled for each parameter tensor so that it moves by `lr` of
 * its own length: layers of all sizes bear the rates of large batches.
 *
 * `r = m̂ / (√v̂ + eps) + weightDecay p; p -= lr ‖p‖ / ‖r‖ r` (`p -= lr r` where
 * either is zero). You et al., "Large batch optimization for deep learning:
 * training BERT in 76 minutes", 2019 (PyTorch has none).
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { LAMB } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = tensor([3, 4], { requiresGrad: true });
 * const optimizer = new LAMB([w], { lr: 0.1, weightDecay: 0 });
 * w.square().sum().backward();
 * const before = w.clone();
 * optimizer.step();
 * // A tenth of its length, 5.
 * assertAlmostEquals(w.sub(before).norm().item(), 0.5, 1e-5);
 * ```
 *
 * See https://arxiv.org/abs/1904.00962
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class LAMB extends MomentOptimizer<LAMBOptions, MomentState> {
  /** Room for each parameter's update. */
  readonly #updates: Map<Tensor, Tensor> = new Map();
  /** Room for a sum, by dtype. */
  readonly #sums: Partial<Record<DType, Tensor>> = {};

  /** Takes parameters, or groups with options of their own. */
  constructor(params: Params<LAMBOptions>, options: Partial<LAMBOptions> = {}) {
    super(params, {
      ...{ lr: 0.001, betas: [0.9, 0.999], eps: 1e-6, weightDecay: 0.01 },
      maximize: false,
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(parameter: Tensor): MomentState {
    this.#updates.set(parameter, keep(zerosLike(parameter)));
    return this.moments(parameter);
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected override addRow(
    table: StepTable,
    parameter: Tensor,
    state: MomentState,
  ): void {
    table.row(
      parameter,
      addressOf(state.expAvg),
      addressOf(state.expAvgSq),
      addressOf(this.#updates.get(parameter)!),
    );
  }

  /** See {@linkcode AdaptiveOptimizer}. */
  protected prepare(
    step: AdaptiveStep,
    options: LAMBOptions,
    state: MomentState,
  ): void {
    step.kind = 4;
    step.decay = 0;
    step.keep = options.weightDecay;
    step.byMean = 1 / this.prepareMoments(step, options, state);
  }

  /** Computes all updates, then takes them at each parameter's scale. */
  protected override update(
    options: LAMBOptions,
    dtype: DType,
    count: number,
  ): void {
    super.update(options, dtype, count);
    const sum = this.#sums[dtype] ??= keep(zeros([], { dtype }));
    const { axpy, sum_squares: sumSquares } = floatKernels("LAMB", dtype);
    const lengthOf = ({ array }: Tensor) => {
      beginOp("LAMB");
      sumSquares(array.size, pointer(array), writable(sum.array));
      return Math.sqrt(sum.item());
    };
    for (let i = 0; i < count; i++) {
      const parameter = this.active[i]!;
      const { array } = parameter;
      if (array.dtype !== dtype) continue;
      const update = this.#updates.get(parameter)!;
      const ratio = lengthOf(parameter) / lengthOf(update);
      const scale = ratio > 0 && ratio < Infinity ? ratio : 1;
      beginOp("LAMB");
      const from = pointer(update.array);
      axpy(array.size, -options.lr * scale, from, writable(array));
    }
  }
}
