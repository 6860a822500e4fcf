/** The exponential distribution. */

import { rand } from "../random.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  broadcastAll,
  Distribution,
  requireEach,
  type SampleOptions,
} from "./distribution.ts";

/**
 * Waiting times at a constant rate.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Exponential } from "@fdunn/tensor/distributions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const wait = new Exponential(0.5);
 * assertAlmostEquals(wait.mean.item(), 2, 1e-6);
 * assertAlmostEquals(wait.logProb(tensor(4)).item(), -2 - Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.exponential.Exponential
 */
export class Exponential extends Distribution {
  /** Events in a unit of time. */
  readonly rate: Tensor;

  /**
   * Takes the rate.
   *
   * @throws RangeError for a rate that is not above 0.
   */
  constructor(rate: Tensor | number) {
    const [given] = broadcastAll("Exponential", rate);
    super(given!.shape.slice());
    this.rate = given!;
    requireEach("Exponential: rate", this.rate, (x) => x.gt(0), "more than 0");
  }

  /** `1 / rate`. */
  get mean(): Tensor {
    return this.rate.reciprocal();
  }

  /** `1 / rate²`. */
  get variance(): Tensor {
    return this.rate.pow(-2);
  }

  /** 0. */
  get mode(): Tensor {
    return this.rate.zerosLike();
  }

  /** `-log(1 - u) / rate`. */
  override rsample(shape: Shape = [], options: SampleOptions = {}): Tensor {
    const { dtype } = this.rate;
    const u = rand(this.extended(shape), { dtype, ...options });
    return u.neg().log1p().neg().div(this.rate);
  }

  /** `log rate - rate x`. */
  logProb(value: Tensor): Tensor {
    requireEach("Exponential.logProb()", value, (x) => x.ge(0), "at least 0");
    return this.rate.log().sub(this.rate.mul(value));
  }

  /** The probability of values up to this. */
  cdf(value: Tensor): Tensor {
    return this.rate.mul(value).neg().expm1().neg();
  }

  /** `1 - log rate`. */
  entropy(): Tensor {
    return this.rate.log().neg().add(1);
  }

  /** `log(p / q) + q / p - 1` of the rates. */
  divergence(other: this): Tensor {
    const ratio = other.rate.div(this.rate);
    return ratio.sub(1).sub(ratio.log());
  }
}
