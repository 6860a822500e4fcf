/** The bilinear layer, which multiplies two inputs. */

import { type DType, einsum, type Tensor, zeros } from "@fdunn/tensor";
import { formatShape, requireCount } from "@fdunn/tensor/op";
import { uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode Bilinear}. */
export interface BilinearOptions {
  /** Whether to add a bias. Default `true`. */
  bias?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

/**
 * `y[o] = aᵀ W[o] b + bias[o]`, over the last axes of a and b.
 *
 * Shapes: a `[..., in1]`, b `[..., in2]`, weight `[out, in1, in2]`, bias
 * `[out]` or null; result `[..., out]`. float32 or float64.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { bilinear } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = bilinear(ones([5, 2]), ones([5, 3]), ones([4, 2, 3]));
 * assertEquals(y.shape, [5, 4]);
 * assertEquals(y.sum().item(), 120);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.bilinear.html
 *
 * @throws RangeError when the sizes do not fit.
 */
export function bilinear(
  a: Tensor,
  b: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
): Tensor {
  const [out, in1, in2] = weight.shape;
  const fits = weight.ndim === 3 && a.ndim === b.ndim && a.ndim > 0 &&
    a.shape.slice(0, -1).join() === b.shape.slice(0, -1).join() &&
    a.shape.at(-1) === in1 && b.shape.at(-1) === in2 &&
    (bias === null || (bias.ndim === 1 && bias.size === out));
  if (!fits) {
    const text = (x: Tensor) => `${formatShape(x.shape)}`;
    throw new RangeError(
      `bilinear() got ${text(a)}, ${text(b)}, weight ${text(weight)} and bias ${
        bias === null ? "null" : text(bias)
      }, expected [..., in1], [..., in2], [out, in1, in2] and [out]`,
    );
  }
  const y = einsum("...i,oij,...j->...o", [a, weight, b]);
  return bias === null ? y : y.add(bias);
}

/**
 * {@linkcode bilinear} as a layer: what two inputs say together.
 *
 * Shapes: inputs `[..., in1Features]` and `[..., in2Features]`, output
 * `[..., outFeatures]`; weight `[outFeatures, in1Features, in2Features]` and
 * bias `[outFeatures]`, both uniform in ±1 / √in1Features to begin with.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Bilinear } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Bilinear(20, 30, 40);
 * const y = layer.forward(zeros([128, 20]), zeros([128, 30]));
 * assertEquals(y.shape, [128, 40]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Bilinear.html
 */
export class Bilinear extends Module<[Tensor, Tensor]> {
  /** `[outFeatures, in1Features, in2Features]`. */
  weight: Parameter;
  /** `[outFeatures]`, or null. */
  bias: Parameter | null;
  /** Size of the first input's last axis. */
  readonly in1Features: number;
  /** Size of the second input's last axis. */
  readonly in2Features: number;
  /** Size of the output's last axis. */
  readonly outFeatures: number;

  /** Makes and initialises the parameters. */
  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    options: BilinearOptions = {},
  ) {
    super();
    const sizes = { in1Features, in2Features, outFeatures };
    for (const [name, size] of Object.entries(sizes)) {
      requireCount("Bilinear", name, size);
    }
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    const dtype = options.dtype ?? "float32";
    const shape = [outFeatures, in1Features, in2Features];
    this.weight = new Parameter(zeros(shape, { dtype }));
    this.bias = options.bias === false
      ? null
      : new Parameter(zeros([outFeatures], { dtype }));
    this.resetParameters();
  }

  /** Initialises the parameters anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    uniform_(this.weight, -bound, bound);
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  /** `[..., in1Features]` and `[..., in2Features]` to `[..., outFeatures]`. */
  forward(a: Tensor, b: Tensor): Tensor {
    return bilinear(a, b, this.weight, this.bias);
  }

  /** Sizes, and whether there is a bias. */
  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures, bias } = this;
    return `in1Features=${in1Features}, in2Features=${in2Features}, outFeatures=${outFeatures}, bias=${
      bias !== null
    }`;
  }
}
