/** The uniform distribution. */

import { where } from "../ops/where.ts";
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
 * All values from `low` up to, not including, `high` alike.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Uniform } from "@fdunn/tensor/distributions";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const die = new Uniform(0, tensor([2, 4]));
 * assertAlmostEquals(die.logProb(tensor(1)).exp().sum().item(), 0.75, 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.uniform.Uniform
 */
export class Uniform extends Distribution {
  /** The smallest value. */
  readonly low: Tensor;
  /** What values stay below. */
  readonly high: Tensor;

  /**
   * Takes the ends, which broadcast.
   *
   * @throws RangeError where `low` is not below `high`.
   */
  constructor(low: Tensor | number, high: Tensor | number) {
    const [first, last] = broadcastAll("Uniform", low, high);
    super(first!.shape.slice());
    this.low = first!;
    this.high = last!;
    const wide = (x: Tensor) => x.gt(first!.detach());
    requireEach("Uniform: high", this.high, wide, "more than low");
  }

  /** `(low + high) / 2`. */
  get mean(): Tensor {
    return this.low.add(this.high).mul(0.5);
  }

  /** `(high - low)² / 12`. */
  get variance(): Tensor {
    return this.high.sub(this.low).square().div(12);
  }

  /** NaN: no value is more probable than others. */
  get mode(): Tensor {
    return this.low.mul(NaN);
  }

  /** `low + (high - low) u`. */
  override rsample(shape: Shape = [], options: SampleOptions = {}): Tensor {
    const { dtype } = this.low;
    const u = rand(this.extended(shape), { dtype, ...options });
    return this.low.add(this.high.sub(this.low).mul(u));
  }

  /** `-log(high - low)`; -∞ at `high` itself. */
  logProb(value: Tensor): Tensor {
    const { low, high } = this;
    const inside = (x: Tensor) =>
      x.ge(low.detach()).logicalAnd(x.le(high.detach()));
    requireEach("Uniform.logProb()", value, inside, "low to high");
    const density = high.sub(low).log().neg();
    return where(value.lt(high), density, -Infinity);
  }

  /** The probability of values up to this. */
  cdf(value: Tensor): Tensor {
    return value.sub(this.low).div(this.high.sub(this.low)).clamp(0, 1);
  }

  /** `log(high - low)`. */
  entropy(): Tensor {
    return this.high.sub(this.low).log();
  }

  /** Infinite where the other does not reach as far. */
  divergence(other: this): Tensor {
    const beyond = other.low.gt(this.low).logicalOr(other.high.lt(this.high));
    const ratio = other.high.sub(other.low).div(this.high.sub(this.low));
    return where(beyond, Infinity, ratio.log());
  }
}
