/** Normalisation layers of groups of channels, and by the root mean square. */

import {
  type DType,
  groupNorm,
  noGrad,
  ones,
  rmsNorm,
  type Shape,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { formatShape, requireCount } from "@fdunn/tensor/op";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode GroupNorm}. */
export interface GroupNormLayerOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Whether each channel gets a learned factor and offset. Default `true`. */
  affine?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

/**
 * {@linkcode groupNorm} as a layer: each group of channels of each sample gets
 * mean 0 and variance 1, whatever the batch.
 *
 * Shapes: input `[N, C, ...]`, the output's too; weight and bias `[C]`.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { GroupNorm } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new GroupNorm(3, 6);
 * assertEquals(layer.forward(randn([20, 6, 10, 10])).shape, [20, 6, 10, 10]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
 */
export class GroupNorm extends Module<[Tensor]> {
  /** The factors `[numChannels]`, 1 at first; null without `affine`. */
  weight: Parameter | null;
  /** The offsets `[numChannels]`, 0 at first; null without `affine`. */
  bias: Parameter | null;
  /** How many groups. */
  readonly numGroups: number;
  /** How many channels. */
  readonly numChannels: number;
  /** Added to the variance. */
  readonly eps: number;

  /** Normalises `numGroups` groups of `numChannels` channels in all. */
  constructor(
    numGroups: number,
    numChannels: number,
    options: GroupNormLayerOptions = {},
  ) {
    super();
    requireCount("GroupNorm", "numGroups", numGroups);
    requireCount("GroupNorm", "numChannels", numChannels);
    if (numChannels % numGroups !== 0) {
      throw new RangeError(
        `GroupNorm got ${numChannels} channels in ${numGroups} groups, which must divide them`,
      );
    }
    const { eps = 1e-5, affine = true, dtype = "float32" } = options;
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    const shape = [numChannels];
    this.weight = affine ? new Parameter(ones(shape, { dtype })) : null;
    this.bias = affine ? new Parameter(zeros(shape, { dtype })) : null;
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
    const { weight, bias, eps, numGroups, numChannels } = this;
    if (x.shape[1] !== numChannels) {
      throw new RangeError(
        `GroupNorm got input ${
          formatShape(x.shape)
        }, expected ${numChannels} channels`,
      );
    }
    return groupNorm(x, numGroups, { weight, bias, eps });
  }

  /** Groups, channels and options. */
  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${this.eps}, affine=${
      this.weight !== null
    }`;
  }
}

/** Options of {@linkcode RMSNorm}. */
export interface RMSNormOptions {
  /** Added to the mean square. Default: the dtype's precision. */
  eps?: number | null;
  /** Whether each element gets a learned factor. Default `true`. */
  elementwiseAffine?: boolean;
  /** Type of the parameter. Default float32. */
  dtype?: DType;
}

/**
 * {@linkcode rmsNorm} as a layer: what `LayerNorm` does, without taking the
 * mean away.
 *
 * Shapes: input `[..., ...normalizedShape]`, the output's too; weight
 * `normalizedShape`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { RMSNorm } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new RMSNorm(2).forward(tensor([[3, 3], [-5, 5]]));
 * assertEquals(y.round().toArray(), [[1, 1], [-1, 1]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
 */
export class RMSNorm extends Module<[Tensor]> {
  /** The factors, 1 at first; null without `elementwiseAffine`. */
  weight: Parameter | null;
  /** The sizes of the axes that are normalised. */
  readonly normalizedShape: Shape;
  /** Added to the mean square; null is the dtype's precision. */
  readonly eps: number | null;

  /** Normalises the last axes, which have these sizes. */
  constructor(normalizedShape: number | Shape, options: RMSNormOptions = {}) {
    super();
    const shape = typeof normalizedShape === "number"
      ? [normalizedShape]
      : [...normalizedShape];
    for (const size of shape) requireCount("RMSNorm", "normalizedShape", size);
    const { eps = null, elementwiseAffine = true } = options;
    this.normalizedShape = shape;
    this.eps = eps;
    const dtype = options.dtype ?? "float32";
    this.weight = elementwiseAffine
      ? new Parameter(ones(shape, { dtype }))
      : null;
  }

  /** Factor 1. */
  resetParameters(): void {
    noGrad(() => this.weight?.fill_(1));
  }

  /** The same shape as the input's. */
  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, this.weight, this.eps);
  }

  /** Sizes and options. */
  override extraRepr(): string {
    return `${
      formatShape(this.normalizedShape)
    }, eps=${this.eps}, elementwiseAffine=${this.weight !== null}`;
  }
}
