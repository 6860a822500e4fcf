/** The normal distribution. */

import { randn } from "../random.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  broadcastAll,
  Distribution,
  requireEach,
  type SampleOptions,
} from "./distribution.ts";

const HALF_LOG_2PI = Math.log(2 * Math.PI) / 2;

/**
 * Gauss's bell: mean `loc`, standard deviation `scale`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { klDivergence, Normal } from "@fdunn/tensor/distributions";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * // A variational autoencoder's code: gradients go through the sample.
 * const mean = tensor([0.5, -1], { requiresGrad: true });
 * const code = new Normal(mean, tensor([1, 2]));
 * code.rsample().sum().backward();
 * assertEquals(mean.grad!.toArray(), [1, 1]);
 * const divergence = klDivergence(code, new Normal(0, 1)).sum();
 * assertAlmostEquals(divergence.item(), 0.125 + 2 - Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.normal.Normal
 */
export class Normal extends Distribution {
  /** The mean. */
  readonly loc: Tensor;
  /** The standard deviation. */
  readonly scale: Tensor;

  /**
   * Takes mean and standard deviation, which broadcast.
   *
   * @throws RangeError for a scale that is not above 0.
   */
  constructor(loc: Tensor | number, scale: Tensor | number) {
    const [mean, deviation] = broadcastAll("Normal", loc, scale);
    super(mean!.shape.slice());
    this.loc = mean!;
    this.scale = deviation!;
    requireEach("Normal: scale", this.scale, (x) => x.gt(0), "more than 0");
  }

  /** `loc`. */
  get mean(): Tensor {
    return this.loc;
  }

  /** `scale²`. */
  get variance(): Tensor {
    return this.scale.square();
  }

  /** `loc`. */
  get mode(): Tensor {
    return this.loc;
  }

  /** `loc + scale z`. */
  override rsample(shape: Shape = [], options: SampleOptions = {}): Tensor {
    const { dtype } = this.loc;
    const z = randn(this.extended(shape), { dtype, ...options });
    return this.loc.add(this.scale.mul(z));
  }

  /** `-(x - loc)² / 2 scale² - log scale - log √2π`. */
  logProb(value: Tensor): Tensor {
    const z = value.sub(this.loc).div(this.scale);
    return z.square().mul(-0.5).sub(this.scale.log()).sub(HALF_LOG_2PI);
  }

  /** The probability of values up to this. */
  cdf(value: Tensor): Tensor {
    const z = value.sub(this.loc).div(this.scale);
    return z.mul(Math.SQRT1_2).erf().add(1).mul(0.5);
  }

  /** `1/2 + log scale + log √2π`. */
  entropy(): Tensor {
    return this.scale.log().add(0.5 + HALF_LOG_2PI);
  }

  /** The divergence of two bells. */
  divergence(other: this): Tensor {
    const ratio = this.scale.div(other.scale).square();
    const apart = this.loc.sub(other.loc).div(other.scale).square();
    return ratio.add(apart).sub(1).sub(ratio.log()).mul(0.5);
  }
}
