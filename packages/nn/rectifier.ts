/** Rectifiers: relu's relatives, straight or curved below 0. */

import {
  celu,
  type DType,
  elu,
  full,
  leakyRelu,
  noGrad,
  relu6,
  selu,
  type Tensor,
  threshold,
  where,
} from "@fdunn/tensor";
import { formatShape, requireCount } from "@fdunn/tensor/op";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/**
 * `x` where it is positive, `negativeSlope x` elsewhere.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { LeakyReLU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new LeakyReLU(0.25).forward(tensor([-4, 2])).toArray(), [-1, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
 */
export class LeakyReLU extends Module<[Tensor]> {
  /** The slope below 0. Default 0.01. */
  readonly negativeSlope: number;

  /** With PyTorch's defaults. */
  constructor(negativeSlope = 0.01) {
    super();
    this.negativeSlope = negativeSlope;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return leakyRelu(x, this.negativeSlope);
  }

  /** The parameters. */
  override extraRepr(): string {
    return `negativeSlope=${this.negativeSlope}`;
  }
}

/** Options of {@linkcode PReLU}. */
export interface PReLUOptions {
  /** What the slopes are at first. Default 0.25. */
  init?: number;
  /** Type of the slopes. Default float32. */
  dtype?: DType;
}

/**
 * `x` where it is positive, `weight x` elsewhere: a leaky relu whose slope is
 * learned, one for all or one for each channel (axis 1).
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { PReLU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new PReLU().forward(tensor([-4, 2])).toArray(), [-1, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.PReLU.html and
 * He et al., https://arxiv.org/abs/1502.01852
 */
export class PReLU extends Module<[Tensor]> {
  /** The slopes below 0, `[numParameters]`. */
  weight: Parameter;
  /** How many slopes there are. */
  readonly numParameters: number;
  private readonly init: number;

  /** One slope for all, unless `numParameters` is the number of channels. */
  constructor(numParameters = 1, options: PReLUOptions = {}) {
    super();
    requireCount("PReLU", "numParameters", numParameters);
    this.numParameters = numParameters;
    this.init = options.init ?? 0.25;
    const { dtype = "float32" } = options;
    this.weight = new Parameter(full([numParameters], this.init, { dtype }));
  }

  /** The slopes as at first. */
  resetParameters(): void {
    noGrad(() => this.weight.fill_(this.init));
  }

  /** Any shape with the channels in axis 1; it stays. */
  forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }

  /** How many slopes there are. */
  override extraRepr(): string {
    return `numParameters=${this.numParameters}`;
  }
}

/**
 * `x` where it is positive, `weight x` elsewhere.
 *
 * `weight` is `[1]`, or `[C]` for `x` `[N, C, ...]`. The slope at 0 is `weight`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { prelu } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = prelu(tensor([[-4, -4]]), tensor([0.25, 0.5]));
 * assertEquals(y.toArray(), [[-1, -2]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.prelu.html
 *
 * @throws RangeError when there are neither one nor C slopes.
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  const channels = x.shape[1] ?? 1;
  if (weight.ndim > 1 || (weight.size !== 1 && weight.size !== channels)) {
    throw new RangeError(
      `prelu() got weight ${formatShape(weight.shape)} for input ${
        formatShape(x.shape)
      }, expected [1] or [${channels}], the channels in axis 1`,
    );
  }
  const below = weight.size === 1
    ? weight.reshape([])
    : weight.reshape([channels, ...x.shape.slice(2).map(() => 1)]);
  return where(x.gt(0), x, x.mul(below));
}

/**
 * `min(max(x, 0), 6)`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { ReLU6 } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new ReLU6().forward(tensor([-1, 2, 9])).toArray(), [0, 2, 6]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU6.html
 */
export class ReLU6 extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return relu6(x);
  }
}

/**
 * `x` where it is above `threshold`, `value` elsewhere.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Threshold } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Threshold(2, -7).forward(tensor([1, 3])).toArray(), [-7, 3]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Threshold.html
 */
export class Threshold extends Module<[Tensor]> {
  /** What `x` must exceed. */
  readonly threshold: number;
  /** What stands for what does not. */
  readonly value: number;

  /** Both are needed. */
  constructor(threshold: number, value: number) {
    super();
    this.threshold = threshold;
    this.value = value;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return threshold(x, this.threshold, this.value);
  }

  /** The parameters. */
  override extraRepr(): string {
    return `threshold=${this.threshold}, value=${this.value}`;
  }
}

/**
 * `x` where it is positive, `alpha (e^x - 1)` elsewhere.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { ELU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new ELU(0.5).forward(tensor([-1000, 2])).toArray(), [-0.5, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ELU.html
 */
export class ELU extends Module<[Tensor]> {
  /** The left side falls to `-alpha`. Default 1. */
  readonly alpha: number;

  /** With PyTorch's defaults. */
  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return elu(x, this.alpha);
  }

  /** The parameters. */
  override extraRepr(): string {
    return `alpha=${this.alpha}`;
  }
}

/**
 * An elu whose factors keep mean 0 and variance 1 from layer to layer.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { SELU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const [low, high] = new SELU().forward(tensor([-1000, 1])).toArray() as number[];
 * assertEquals([low!.toFixed(4), high!.toFixed(4)], ["-1.7581", "1.0507"]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.SELU.html
 */
export class SELU extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return selu(x);
  }
}

/**
 * `x` where it is positive, `alpha (e^(x / alpha) - 1)` elsewhere.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { CELU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new CELU(0.5).forward(tensor([-1000, 2])).toArray(), [-0.5, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.CELU.html
 */
export class CELU extends Module<[Tensor]> {
  /** The left side falls to `-alpha`. Default 1. */
  readonly alpha: number;

  /** With PyTorch's defaults. */
  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return celu(x, this.alpha);
  }

  /** The parameters. */
  override extraRepr(): string {
    return `alpha=${this.alpha}`;
  }
}
