/** Normalisation layers. */

import {
  batchNorm,
  type DType,
  layerNorm,
  noGrad,
  ones,
  type Shape,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { formatShape, requireCount } from "@fdunn/tensor/op";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { RunningNorm } from "./running_norm.ts";

/** Options of {@linkcode BatchNorm1d} and {@linkcode BatchNorm2d}. */
export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** How far the running moments move; null: to their mean. Default 0.1. */
  momentum?: number | null;
  /** Whether each channel gets a learned factor and offset. Default `true`. */
  affine?: boolean;
  /** Whether to keep running moments for evaluation. Default `true`. */
  trackRunningStats?: boolean;
  /** Type of parameters and buffers. Default float32. */
  dtype?: DType;
}

/**
 * What {@linkcode BatchNorm1d} and {@linkcode BatchNorm2d} share: they differ
 * in the inputs that they take.
 */
export abstract class BatchNorm extends RunningNorm {
  /** Makes parameters and running moments. */
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    const { affine = true, trackRunningStats = true } = options;
    super(numFeatures, { ...options, affine, trackRunningStats });
  }

  /** The same shape as the input's. */
  forward(x: Tensor): Tensor {
    this.checkInput(x, 1);
    const { training, eps, runningMean, runningVar } = this;
    let momentum = this.momentum ?? 0;
    const batches = this.numBatchesTracked;
    if (training && batches !== null) {
      noGrad(() => batches.add_(1));
      if (this.momentum === null) momentum = 1 / batches.item();
    }
    const options = { training, eps, momentum };
    const { weight, bias } = this;
    return batchNorm(x, runningMean, runningVar, weight, bias, options);
  }
}

/**
 * Batch normalisation of vectors and sequences: while training by the batch's
 * mean and variance per channel, which move the running ones; in evaluation by
 * the running ones.
 *
 * Shapes: input `[N, C]` or `[N, C, L]`, the output's too. Parameters and
 * buffers have PyTorch's names: `weight`, `bias`, `running_mean`,
 * `running_var`, `num_batches_tracked`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { BatchNorm1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new BatchNorm1d(2);
 * const y = layer.forward(tensor([[1, 5], [3, 5]]));
 * assertEquals(y.round().toArray(), [[-1, 0], [1, 0]]);
 * assertEquals(layer.runningMean!.mul(10).round().toArray(), [2, 5]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
 */
export class BatchNorm1d extends BatchNorm {
  /** `[N, C]` and `[N, C, L]`. */
  protected override readonly ranks: readonly number[] = [2, 3];
}

/**
 * Batch normalisation of images; see {@linkcode BatchNorm1d}.
 *
 * Shapes: input `[N, C, H, W]`, the output's too.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { BatchNorm2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new BatchNorm2d(4);
 * assertEquals(layer.forward(randn([16, 4, 7, 7])).shape, [16, 4, 7, 7]);
 * assertEquals(layer.eval().forward(randn([1, 4, 1, 1])).shape, [1, 4, 1, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
 */
export class BatchNorm2d extends BatchNorm {
  /** `[N, C, H, W]`. */
  protected override readonly ranks: readonly number[] = [4];
}

/**
 * Batch normalisation of volumes; see {@linkcode BatchNorm1d}.
 *
 * Shapes: input `[N, C, D, H, W]`, the output's too.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { BatchNorm3d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new BatchNorm3d(4);
 * assertEquals(layer.forward(randn([2, 4, 3, 5, 5])).shape, [2, 4, 3, 5, 5]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html
 */
export class BatchNorm3d extends BatchNorm {
  /** `[N, C, D, H, W]`. */
  protected override readonly ranks: readonly number[] = [5];
}

/** Options of {@linkcode LayerNorm}. */
export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Whether each element gets a learned factor. Default `true`. */
  elementwiseAffine?: boolean;
  /** Whether there is an offset beside the factor. Default `true`. */
  bias?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

/**
 * Gives the elements of the last axes mean 0 and variance 1, then a learned
 * factor and offset for each element.
 *
 * Shapes: input `[..., ...normalizedShape]`, the output's too; weight and bias
 * `normalizedShape`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { LayerNorm } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new LayerNorm(2).forward(tensor([[1, 3], [10, 30]]));
 * assertEquals(y.round().toArray(), [[-1, 1], [-1, 1]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
 */
export class LayerNorm extends Module<[Tensor]> {
  /** The factors, 1 at first; null without `elementwiseAffine`. */
  weight: Parameter | null;
  /** The offsets, 0 at first; or null. */
  bias: Parameter | null;
  /** The sizes of the axes that are normalised. */
  readonly normalizedShape: Shape;
  /** Added to the variance. */
  readonly eps: number;

  /** Normalises the last axes, which have these sizes. */
  constructor(
    normalizedShape: number | Shape,
    options: LayerNormOptions = {},
  ) {
    super();
    const shape = typeof normalizedShape === "number"
      ? [normalizedShape]
      : [...normalizedShape];
    for (const size of shape) {
      requireCount("LayerNorm", "normalizedShape", size);
    }
    const { eps = 1e-5, elementwiseAffine: affine = true, bias = true } =
      options;
    const dtype = options.dtype ?? "float32";
    this.normalizedShape = shape;
    this.eps = eps;
    this.weight = affine ? new Parameter(ones(shape, { dtype })) : null;
    this.bias = affine && bias ? new Parameter(zeros(shape, { dtype })) : null;
  }

  /** Factor 1, offset 0. */
  resetParameters(): void {
    noGrad(() => {
      this.weight?.fill_(1);
      this.bias?.fill_(0);
    });
  }

  /** The same shape as the input's. */
  forward(x: Tensor): Tensor {
    const { normalizedShape, weight, bias, eps } = this;
    return layerNorm(x, normalizedShape, weight, bias, eps);
  }

  /** Sizes and options. */
  override extraRepr(): string {
    return `${
      formatShape(this.normalizedShape)
    }, eps=${this.eps}, elementwiseAffine=${this.weight !== null}`;
  }
}
