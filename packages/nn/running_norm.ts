/** What layers share that normalise channels and keep running moments. */

import { type DType, noGrad, ones, type Tensor, zeros } from "@fdunn/tensor";
import { formatShape, requireCount } from "@fdunn/tensor/op";
import { Module } from "./module.ts";
import { namedValues } from "./named_values.ts";
import { Parameter } from "./parameter.ts";

/** How a {@linkcode RunningNorm} is made: its subclasses have the defaults. */
export interface RunningNormPlan {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** How far the running moments move; null: to their mean. Default 0.1. */
  momentum?: number | null;
  /** Whether each channel gets a learned factor and offset. */
  affine: boolean;
  /** Whether to keep running moments for evaluation. */
  trackRunningStats: boolean;
  /** Type of parameters and buffers. Default float32. */
  dtype?: DType;
}

/** What the batch and instance norms share: they differ in what they average. */
export abstract class RunningNorm extends Module<[Tensor]> {
  /** The factor `[numFeatures]`, 1 at first; null without `affine`. */
  weight: Parameter | null;
  /** The offset `[numFeatures]`, 0 at first; null without `affine`. */
  bias: Parameter | null;
  /** Channels. */
  readonly numFeatures: number;
  /** Added to the variance. */
  readonly eps: number;
  /** How far the running moments move; null: to the mean of all batches. */
  readonly momentum: number | null;
  /** The ranks of inputs that the layer takes. */
  protected abstract readonly ranks: readonly number[];
  /** The field of {@linkcode runningMean}: buffers have PyTorch's names. */
  declare running_mean: Tensor | null;
  /** The field of {@linkcode runningVar}. */
  declare running_var: Tensor | null;
  /** The field of {@linkcode numBatchesTracked}. */
  declare num_batches_tracked: Tensor | null;

  /** Makes parameters and running moments, where they are asked for. */
  constructor(numFeatures: number, plan: RunningNormPlan) {
    super();
    requireCount(new.target.name, "numFeatures", numFeatures);
    const { eps = 1e-5, momentum = 0.1, affine, dtype = "float32" } = plan;
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    const shape = [numFeatures];
    this.weight = affine ? new Parameter(ones(shape, { dtype })) : null;
    this.bias = affine ? new Parameter(zeros(shape, { dtype })) : null;
    if (plan.trackRunningStats) {
      this.registerBuffer("running_mean", zeros(shape, { dtype }));
      this.registerBuffer("running_var", ones(shape, { dtype }));
      this.registerBuffer("num_batches_tracked", zeros([], { dtype: "int32" }));
    } else {
      this.running_mean = this.running_var = this.num_batches_tracked = null;
    }
  }

  /** The running mean `[numFeatures]`, a buffer; null when not tracked. */
  get runningMean(): Tensor | null {
    return this.running_mean;
  }

  /** The running unbiased variance `[numFeatures]`, a buffer. */
  get runningVar(): Tensor | null {
    return this.running_var;
  }

  /** How many batches the running moments have seen: int32, a buffer. */
  get numBatchesTracked(): Tensor | null {
    return this.num_batches_tracked;
  }

  /** Running moments as at first: 0 and 1. */
  resetRunningStats(): void {
    noGrad(() => {
      this.runningMean?.fill_(0);
      this.runningVar?.fill_(1);
      this.numBatchesTracked?.fill_(0);
    });
  }

  /** All as at first: running moments, factor 1, offset 0. */
  resetParameters(): void {
    this.resetRunningStats();
    noGrad(() => {
      this.weight?.fill_(1);
      this.bias?.fill_(0);
    });
  }

  /** Throws unless an input of the right rank has its channels in `axis`. */
  protected checkInput(x: Tensor, axis: number): void {
    const { ranks, numFeatures } = this;
    const fits = ranks.includes(x.ndim);
    if (fits && x.shape[axis] === numFeatures) return;
    throw new RangeError(
      `${this.constructor.name} got input ${formatShape(x.shape)}, expected ${
        fits ? `${numFeatures} channels` : `${ranks.join(" or ")} axes`
      }`,
    );
  }

  /** Channels and options. */
  override extraRepr(): string {
    const { numFeatures, eps, momentum } = this;
    const affine = this.weight !== null;
    const trackRunningStats = this.runningMean !== null;
    const options = { eps, momentum, affine, trackRunningStats };
    return `${numFeatures}, ${namedValues(options)}`;
  }
}
