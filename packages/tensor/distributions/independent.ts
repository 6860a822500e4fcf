/** Several independent values as one. */

import { formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { Distribution, type SampleOptions } from "./distribution.ts";

/**
 * Takes the last axes of a batch of distributions as one value of several
 * numbers: log-probabilities are added up over them.
 *
 * ```ts
 * import { tensor, zeros } from "@fdunn/tensor";
 * import { Independent, Normal } from "@fdunn/tensor/distributions";
 * import { assertEquals } from "@std/assert";
 *
 * // A policy over actions of two numbers, for a batch of three states.
 * const normal = new Normal(zeros([3, 2]), tensor([1, 0.5]));
 * const policy = new Independent(normal, 1);
 * const actions = policy.sample(); // [3, 2]
 * assertEquals(normal.logProb(actions).shape, [3, 2]);
 * assertEquals(policy.logProb(actions).shape, [3]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.independent.Independent
 */
export class Independent<D extends Distribution = Distribution>
  extends Distribution {
  /** The distributions of the single numbers. */
  readonly base: D;
  /** How many of the batch's last axes are one value's. */
  readonly reinterpretedBatchNdims: number;

  /**
   * Takes the last `reinterpretedBatchNdims` axes of the batch for a value's.
   *
   * @throws RangeError when the batch has not so many axes.
   */
  constructor(base: D, reinterpretedBatchNdims: number) {
    const { batchShape, eventShape } = base;
    const kept = batchShape.length - reinterpretedBatchNdims;
    if (
      !Number.isInteger(reinterpretedBatchNdims) || kept < 0 ||
      kept > batchShape.length
    ) {
      throw new RangeError(
        `Independent got ${reinterpretedBatchNdims} axes of the batch ${
          formatShape(batchShape)
        }, expected 0 to ${batchShape.length}`,
      );
    }
    super(batchShape.slice(0, kept), [
      ...batchShape.slice(kept),
      ...eventShape,
    ]);
    this.base = base;
    this.reinterpretedBatchNdims = reinterpretedBatchNdims;
  }

  /** The numbers' means. */
  get mean(): Tensor {
    return this.base.mean;
  }

  /** The numbers' variances. */
  get variance(): Tensor {
    return this.base.variance;
  }

  /** The numbers' modes. */
  get mode(): Tensor {
    return this.base.mode;
  }

  /** Draws values. */
  override sample(shape: Shape = [], options: SampleOptions = {}): Tensor {
    return this.base.sample(shape, options);
  }

  /** Draws values as a function of the parameters. */
  override rsample(shape: Shape = [], options: SampleOptions = {}): Tensor {
    return this.base.rsample(shape, options);
  }

  /** The sum over a value's numbers. */
  logProb(value: Tensor): Tensor {
    return this.#together(this.base.logProb(value));
  }

  /** The sum over a value's numbers. */
  entropy(): Tensor {
    return this.#together(this.base.entropy());
  }

  /** The sum over a value's numbers. */
  divergence(other: this): Tensor {
    const { base, reinterpretedBatchNdims } = other;
    if (
      base.constructor !== this.base.constructor ||
      reinterpretedBatchNdims !== this.reinterpretedBatchNdims
    ) {
      throw new TypeError(
        `klDivergence() got ${this.base} with ${this.reinterpretedBatchNdims} axes and ${base} with ${reinterpretedBatchNdims}, expected two alike`,
      );
    }
    return this.#together(this.base.divergence(base));
  }

  #together(x: Tensor): Tensor {
    const axes = this.reinterpretedBatchNdims;
    if (axes === 0) return x;
    return x.sum(Array.from({ length: axes }, (_, i) => i - axes));
  }
}
