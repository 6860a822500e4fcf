/** The fully connected layer. */

import { type DType, linear, type Tensor, zeros } from "@fdunn/tensor";
import { calculateFanInAndFanOut, kaimingUniform_, uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { requireCount } from "@fdunn/tensor/op";

/** Options of {@linkcode Linear}. */
export interface LinearOptions {
  /** Whether to add a bias. Default `true`. */
  bias?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

/**
 * `y = x Wᵀ + b`, over the last axis.
 *
 * Shapes: input `[..., inFeatures]`, output `[..., outFeatures]`; weight
 * `[outFeatures, inFeatures]` and bias `[outFeatures]`, both uniform in
 * ±1 / √inFeatures to begin with.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Linear } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Linear(20, 30);
 * assertEquals(layer.forward(zeros([128, 20])).shape, [128, 30]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export class Linear extends Module<[Tensor]> {
  /** `[outFeatures, inFeatures]`. */
  weight: Parameter;
  /** `[outFeatures]`, or null. */
  bias: Parameter | null;
  /** Size of the input's last axis. */
  readonly inFeatures: number;
  /** Size of the output's last axis. */
  readonly outFeatures: number;

  /** Makes and initialises the parameters. */
  constructor(
    inFeatures: number,
    outFeatures: number,
    options: LinearOptions = {},
  ) {
    super();
    requireCount("Linear", "inFeatures", inFeatures);
    requireCount("Linear", "outFeatures", outFeatures);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    const dtype = options.dtype ?? "float32";
    this.weight = new Parameter(zeros([outFeatures, inFeatures], { dtype }));
    this.bias = options.bias === false
      ? null
      : new Parameter(zeros([outFeatures], { dtype }));
    this.resetParameters();
  }

  /** Initialises the parameters anew. */
  resetParameters(): void {
    resetWeightAndBias(this.weight, this.bias);
  }

  /** `[..., inFeatures]` to `[..., outFeatures]`. */
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  /** Sizes, and whether there is a bias. */
  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${
      this.bias !== null
    }`;
  }
}

/** What PyTorch does for linear and convolutional layers. */
export function resetWeightAndBias(
  weight: Parameter,
  bias: Parameter | null,
): void {
  // With a = √5 the bound is 1 / √fanIn.
  kaimingUniform_(weight, { a: Math.sqrt(5) });
  if (bias === null) return;
  const [fanIn] = calculateFanInAndFanOut(weight);
  const bound = 1 / Math.sqrt(fanIn);
  uniform_(bias, -bound, bound);
}
