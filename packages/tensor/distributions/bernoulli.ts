/** Yes or no. */

import { noGrad } from "../grad_mode.ts";
import { binaryCrossEntropyWithLogits } from "../ops/binary_cross_entropy.ts";
import { softplus } from "../ops/smooth.ts";
import { where } from "../ops/where.ts";
import { bernoulli } from "../random.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  broadcastAll,
  clampProbs,
  Distribution,
  onlyOne,
  requireEach,
  type SampleOptions,
} from "./distribution.ts";

/** Parameters of {@linkcode Bernoulli}: one of them. */
export interface BernoulliOptions {
  /** The probability of 1, in [0, 1]. */
  probs?: Tensor | number;
  /** `log(p / (1 - p))`. */
  logits?: Tensor | number;
}

/**
 * 1 with probability p, else 0.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Bernoulli } from "@fdunn/tensor/distributions";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const coin = new Bernoulli({ probs: tensor([0.5, 1]) });
 * assertEquals(coin.sample([3]).select(1, 1).toArray(), [1, 1, 1]);
 * assertAlmostEquals(coin.entropy().data()[0]!, Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.bernoulli.Bernoulli
 */
export class Bernoulli extends Distribution {
  /** The probabilities of 1. */
  readonly probs: Tensor;
  /** `log(p / (1 - p))`. */
  readonly logits: Tensor;

  /**
   * Takes probabilities or logits.
   *
   * @throws TypeError for both or neither, RangeError for probabilities outside
   * [0, 1] and for NaN.
   */
  constructor(options: BernoulliOptions) {
    const [key, value] = onlyOne("Bernoulli", options, ["probs", "logits"]);
    const given = broadcastAll("Bernoulli", value)[0]!;
    super(given.shape.slice());
    if (key === "logits") {
      requireEach("Bernoulli: logits", given, (x) => x.eq(x), "no NaN");
      this.logits = given;
      this.probs = given.sigmoid();
    } else {
      const inside = (x: Tensor) => x.ge(0).logicalAnd(x.le(1));
      requireEach("Bernoulli: probs", given, inside, "0 to 1");
      this.probs = given;
      const p = clampProbs(given);
      this.logits = p.log().sub(p.neg().log1p());
    }
  }

  /** p. */
  get mean(): Tensor {
    return this.probs;
  }

  /** `p (1 - p)`. */
  get variance(): Tensor {
    return this.probs.mul(this.probs.neg().add(1));
  }

  /** 1 where p > 1/2, 0 where p < 1/2, else NaN. */
  get mode(): Tensor {
    const { probs } = this;
    return where(probs.eq(0.5), NaN, probs.ge(0.5).to(probs.dtype));
  }

  /** Draws 0 and 1 in the dtype of the parameters. */
  override sample(shape: Shape = [], options: SampleOptions = {}): Tensor {
    return noGrad(() =>
      bernoulli(this.probs.expand(this.extended(shape)), options)
    );
  }

  /** `log p` of 1, `log(1 - p)` of 0. */
  logProb(value: Tensor): Tensor {
    const binary = (x: Tensor) => x.eq(0).logicalOr(x.eq(1));
    requireEach("Bernoulli.logProb()", value, binary, "0 or 1");
    return crossEntropies(this.logits, value).neg();
  }

  /** `-p log p - (1 - p) log(1 - p)`. */
  entropy(): Tensor {
    return crossEntropies(this.logits, this.probs);
  }

  /** `p log(p / q) + (1 - p) log((1 - p) / (1 - q))`. */
  divergence(other: this): Tensor {
    const { probs, logits } = this;
    const rest = probs.neg().add(1);
    const yes = probs.mul(
      softplus(other.logits.neg()).sub(softplus(logits.neg())),
    );
    const no = rest.mul(softplus(other.logits).sub(softplus(logits)));
    return part(probs.eq(0), other.probs.eq(0), yes)
      .add(part(probs.eq(1), other.probs.eq(1), no));
  }
}

/** Nothing of what does not occur, infinity of what is held impossible. */
function part(never: Tensor, impossible: Tensor, value: Tensor): Tensor {
  return where(never, 0, where(impossible, Infinity, value));
}

function crossEntropies(logits: Tensor, value: Tensor): Tensor {
  const typed = value.dtype === logits.dtype ? value : value.to(logits.dtype);
  const [a, b] = broadcastAll("Bernoulli", logits, typed) as [Tensor, Tensor];
  return binaryCrossEntropyWithLogits(a, b, { reduction: "none" });
}
