/** One of several classes. */

import { zeros } from "../create.ts";
import { multinomial } from "../multinomial.ts";
import { where } from "../ops/where.ts";
import { broadcastShapes, formatShape, type Shape, sizeOf } from "../shape.ts";
import { noGrad } from "../grad_mode.ts";
import type { Tensor } from "../tensor.ts";
import {
  clampProbs,
  Distribution,
  onlyOne,
  requireEach,
  type SampleOptions,
} from "./distribution.ts";

/** Parameters of {@linkcode Categorical}: one of them. */
export interface CategoricalOptions {
  /** Weights of the classes, `[..., classes]`, at least 0; they need no sum. */
  probs?: Tensor;
  /** Their logarithms, up to a constant. */
  logits?: Tensor;
}

/**
 * Classes 0 to K - 1 with given probabilities: what a policy draws actions
 * from.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Categorical } from "@fdunn/tensor/distributions";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * // REINFORCE: raise the probability of actions by what they earned.
 * const logits = tensor([[1, 0, 0], [0, 0, 2]], { requiresGrad: true });
 * const policy = new Categorical({ logits });
 * const actions = policy.sample(); // int32 [2]
 * const earned = tensor([1, -1]);
 * policy.logProb(actions).mul(earned).sum().neg().backward();
 * assertEquals([actions.shape, logits.grad!.shape], [[2], [2, 3]]);
 *
 * const fair = new Categorical({ probs: tensor([1, 1]) });
 * assertAlmostEquals(fair.entropy().item(), Math.log(2), 1e-6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.categorical.Categorical
 */
export class Categorical extends Distribution {
  /** Normalised logarithms of the probabilities, `[...batchShape, classes]`. */
  readonly logits: Tensor;
  /** The probabilities, `[...batchShape, classes]`. */
  readonly probs: Tensor;

  /**
   * Takes weights or their logarithms.
   *
   * @throws TypeError for both or neither, RangeError for scalars, negative
   * weights, weights that are all 0, or NaN.
   */
  constructor(options: CategoricalOptions) {
    const [key, value] = onlyOne("Categorical", options, ["probs", "logits"]);
    const given = value as Tensor;
    if (given.ndim === 0) {
      throw new RangeError(
        `Categorical got ${key} [], expected [..., classes]`,
      );
    }
    super(given.shape.slice(0, -1));
    const what = `Categorical: ${key}`;
    if (key === "logits") {
      requireEach(what, given, (x) => x.eq(x), "no NaN");
      this.logits = given.logSoftmax(-1);
      this.probs = given.softmax(-1);
    } else {
      requireEach(what, given, (x) => x.ge(0), "at least 0");
      const whole = given.sum(-1, { keepdim: true });
      requireEach(what, whole, (x) => x.gt(0), "weights of which one is not 0");
      this.probs = given.div(whole);
      this.logits = clampProbs(this.probs).log();
    }
  }

  /** How many classes there are. */
  get numEvents(): number {
    return this.logits.shape.at(-1)!;
  }

  /** NaN: classes have no mean. */
  get mean(): Tensor {
    return this.probs.select(-1, 0).mul(NaN);
  }

  /** NaN: classes have no variance. */
  get variance(): Tensor {
    return this.mean;
  }

  /** The most probable classes, int32. */
  get mode(): Tensor {
    return this.probs.argmax(-1);
  }

  /** Draws classes, int32 `[...shape, ...batchShape]`. */
  override sample(shape: Shape = [], options: SampleOptions = {}): Tensor {
    const count = sizeOf(shape);
    const extended = this.extended(shape);
    if (sizeOf(extended) === 0) return zeros(extended, { dtype: "int32" });
    return noGrad(() => {
      const rows = this.probs.reshape([-1, this.numEvents]);
      const drawn = multinomial(rows, count, { replacement: true, ...options });
      return drawn.t().reshape(extended);
    });
  }

  /**
   * The logarithms of the probabilities of classes, int32.
   *
   * @throws TypeError for other dtypes, RangeError for classes that are not
   * there.
   */
  logProb(value: Tensor): Tensor {
    if (value.dtype !== "int32") {
      throw new TypeError(
        `Categorical.logProb() expects int32 classes, got ${value.dtype}`,
      );
    }
    const shape = broadcastShapes("logProb", value.shape, this.batchShape);
    const index = value.expand(shape).unsqueeze(-1);
    const logits = this.logits.expand([...shape, this.numEvents]);
    return logits.gather(-1, index).squeeze(-1);
  }

  /** `-Σ p log p`; classes of probability 0 count 0. */
  entropy(): Tensor {
    const logits = this.logits.clamp(-3.4e38, null);
    return logits.mul(this.probs).sum(-1).neg();
  }

  /** `Σ p (log p - log q)`. */
  divergence(other: this): Tensor {
    if (other.numEvents !== this.numEvents) {
      throw new RangeError(
        `klDivergence() got ${formatShape(this.logits.shape)} and ${
          formatShape(other.logits.shape)
        } classes, expected as many`,
      );
    }
    const { probs, logits } = this;
    const parts = probs.mul(logits.sub(other.logits));
    const possible = where(other.probs.eq(0), Infinity, parts);
    return where(probs.eq(0), 0, possible).sum(-1);
  }
}
