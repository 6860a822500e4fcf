/** Normalisation of each channel of each sample. */

import {
  type DType,
  instanceNorm,
  noGrad,
  ones,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { requireSize } from "./linear.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode InstanceNorm1d} and its kin. */
export interface InstanceNormLayerOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** How far the running moments move. Default 0.1. */
  momentum?: number;
  /** Whether each channel gets a learned factor and offset. Default `false`. */
  affine?: boolean;
  /** Whether to keep running moments for evaluation. Default `false`. */
  trackRunningStats?: boolean;
  /** Type of parameters and buffers. Default float32. */
  dtype?: DType;
}

/** What the instance norms share: they differ in the inputs that they take. */
export abstract class InstanceNorm extends Module<[Tensor]> {
  /** The factor `[numFeatures]`, 1 at first; null without `affine`. */
  weight: Parameter | null;
  /** The offset `[numFeatures]`, 0 at first; null without `affine`. */
  bias: Parameter | null;
  /** Channels. */
  readonly numFeatures: number;
  /** Added to the variance. */
  readonly eps: number;
  /** How far the running moments move. */
  readonly momentum: number;
  /** Axes of an input with a batch. */
  protected abstract readonly rank: number;
  /** The running mean `[numFeatures]`, or null: buffers have PyTorch's names. */
  declare running_mean: Tensor | null;
  /** The running variance `[numFeatures]`, or null. */
  declare running_var: Tensor | null;
  /** How many batches the running moments have seen: int32, or null. */
  declare num_batches_tracked: Tensor | null;

  /** Makes parameters and running moments, where they are asked for. */
  constructor(numFeatures: number, options: InstanceNormLayerOptions = {}) {
    super();
    requireSize(new.target.name, "numFeatures", numFeatures);
    const { eps = 1e-5, momentum = 0.1, affine = false } = options;
    const dtype = options.dtype ?? "float32";
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    const shape = [numFeatures];
    this.weight = affine ? new Parameter(ones(shape, { dtype })) : null;
    this.bias = affine ? new Parameter(zeros(shape, { dtype })) : null;
    if (options.trackRunningStats === true) {
      this.registerBuffer("running_mean", zeros(shape, { dtype }));
      this.registerBuffer("running_var", ones(shape, { dtype }));
      this.registerBuffer("num_batches_tracked", zeros([], { dtype: "int32" }));
    } else {
      this.running_mean = this.running_var = this.num_batches_tracked = null;
    }
  }

  /** All as at first: running moments, factor 1, offset 0. */
  resetParameters(): void {
    noGrad(() => {
      this.running_mean?.fill_(0);
      this.running_var?.fill_(1);
      this.num_batches_tracked?.fill_(0);
      this.weight?.fill_(1);
      this.bias?.fill_(0);
    });
  }

  /** The same shape as the input's. */
  forward(x: Tensor): Tensor {
    const { rank, numFeatures, weight, bias, eps, momentum } = this;
    const { name } = this.constructor;
    const batched = x.ndim === rank;
    if (!batched && x.ndim !== rank - 1) {
      throw new RangeError(
        `${name} got input [${x.shape.join(", ")}], expected ${
          rank - 1
        } or ${rank} axes`,
      );
    }
    if (x.shape[batched ? 1 : 0] !== numFeatures) {
      throw new RangeError(
        `${name} got input [${
          x.shape.join(", ")
        }], expected ${numFeatures} channels`,
      );
    }
    const useInputStats = this.training || this.running_mean === null;
    const moments = {
      runningMean: this.running_mean,
      runningVar: this.running_var,
    };
    const options = { weight, bias, eps, momentum, useInputStats, ...moments };
    if (batched) return instanceNorm(x, options);
    return instanceNorm(x.unsqueeze(0), options).squeeze(0);
  }

  /** Channels and options. */
  override extraRepr(): string {
    return `${this.numFeatures}, eps=${this.eps}, momentum=${this.momentum}, affine=${
      this.weight !== null
    }, trackRunningStats=${this.running_mean !== null}`;
  }
}

/**
 * {@linkcode instanceNorm} of sequences: each channel of each sample gets mean
 * 0 and variance 1.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`, the output's too.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { InstanceNorm1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new InstanceNorm1d(2).forward(tensor([[1, 3], [10, 30]]));
 * assertEquals(y.round().toArray(), [[-1, 1], [-1, 1]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
 */
export class InstanceNorm1d extends InstanceNorm {
  /** `[N, C, L]`. */
  protected override readonly rank = 3;
}

/**
 * {@linkcode instanceNorm} of images; see {@linkcode InstanceNorm1d}.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`, the output's too.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { InstanceNorm2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new InstanceNorm2d(4, { affine: true });
 * assertEquals(layer.forward(randn([16, 4, 7, 7])).shape, [16, 4, 7, 7]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
 */
export class InstanceNorm2d extends InstanceNorm {
  /** `[N, C, H, W]`. */
  protected override readonly rank = 4;
}

/**
 * {@linkcode instanceNorm} of volumes; see {@linkcode InstanceNorm1d}.
 *
 * Shapes: input `[N, C, D, H, W]` or `[C, D, H, W]`, the output's too.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { InstanceNorm3d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new InstanceNorm3d(2).forward(randn([3, 2, 4, 5, 6]));
 * assertEquals(y.shape, [3, 2, 4, 5, 6]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html
 */
export class InstanceNorm3d extends InstanceNorm {
  /** `[N, C, D, H, W]`. */
  protected override readonly rank = 5;
}
