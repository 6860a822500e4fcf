/** The Laplace distribution. */

import { uniform } from "../random.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  broadcastAll,
  Distribution,
  requireEach,
  type SampleOptions,
} from "./distribution.ts";

/**
 * Two exponentials back to back: what the absolute error is the likelihood of.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Laplace } from "@fdunn/tensor/distributions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const noise = new Laplace(1, 2);
 * const density = noise.logProb(tensor(4)).item();
 * assertAlmostEquals(density, -3 / 2 - Math.log(4), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.laplace.Laplace
 */
export class Laplace extends Distribution {
  /** The mean. */
  readonly loc: Tensor;
  /** The mean distance from it. */
  readonly scale: Tensor;

  /**
   * Takes mean and scale, which broadcast.
   *
   * @throws RangeError for a scale that is not above 0.
   */
  constructor(loc: Tensor | number, scale: Tensor | number) {
    const [mean, distance] = broadcastAll("Laplace", loc, scale);
    super(mean!.shape.slice());
    this.loc = mean!;
    this.scale = distance!;
    requireEach("Laplace: scale", this.scale, (x) => x.gt(0), "more than 0");
  }

  /** `loc`. */
  get mean(): Tensor {
    return this.loc;
  }

  /** `2 scale²`. */
  get variance(): Tensor {
    return this.scale.square().mul(2);
  }

  /** `loc`. */
  get mode(): Tensor {
    return this.loc;
  }

  /** From uniform numbers u in (-1, 1): `loc - scale sign(u) log(1 - |u|)`. */
  override rsample(shape: Shape = [], options: SampleOptions = {}): Tensor {
    const { dtype } = this.loc;
    // Up to -1 it would be infinite.
    const u = uniform(this.extended(shape), 2 ** -24 - 1, 1, {
      dtype,
      ...options,
    });
    const distance = u.abs().neg().log1p().mul(u.sign());
    return this.loc.sub(this.scale.mul(distance));
  }

  /** `-|x - loc| / scale - log(2 scale)`. */
  logProb(value: Tensor): Tensor {
    const distance = value.sub(this.loc).abs().div(this.scale);
    return distance.neg().sub(this.scale.mul(2).log());
  }

  /** The probability of values up to this. */
  cdf(value: Tensor): Tensor {
    const z = value.sub(this.loc).div(this.scale);
    return z.sign().mul(z.abs().neg().expm1()).mul(-0.5).add(0.5);
  }

  /** `1 + log(2 scale)`. */
  entropy(): Tensor {
    return this.scale.mul(2).log().add(1);
  }

  /** The divergence of two. */
  divergence(other: this): Tensor {
    const ratio = this.scale.div(other.scale);
    const apart = this.loc.sub(other.loc).abs();
    const rest = ratio.mul(apart.div(this.scale).neg().exp());
    return apart.div(other.scale).add(rest).sub(ratio.log()).sub(1);
  }
}
