import type { Tensor } from "@fdunn/tensor";
import {
  Bernoulli,
  Categorical,
  type Distribution,
  Exponential,
  Independent,
  klDivergence,
  Laplace,
  Normal,
  Uniform,
} from "@fdunn/tensor/distributions";
import { type RunOp, testOpCases } from "./op_cases.ts";

type Continuous = Distribution & { cdf(value: Tensor): Tensor };

/** What a case of a distribution over numbers compares. */
function figures(make: (...parameters: Tensor[]) => Continuous): RunOp {
  return ([value, ...parameters]) => {
    const d = make(...parameters);
    const { mean, variance } = d;
    return [d.logProb(value!), d.entropy(), mean, variance, d.cdf(value!)];
  };
}

const pairs: Record<string, (...t: Tensor[]) => [Distribution, Distribution]> =
  {
    Normal: (m, s, n, t) => [new Normal(m!, s!), new Normal(n!, t!)],
    Laplace: (m, s, n, t) => [new Laplace(m!, s!), new Laplace(n!, t!)],
    Uniform: (a, b, c, d) => [new Uniform(a!, b!), new Uniform(c!, d!)],
    Exponential: (a, b) => [new Exponential(a!), new Exponential(b!)],
    Independent: (m, s, n, t) => [
      new Independent(new Normal(m!, s!), 1),
      new Independent(new Normal(n!, t!), 1),
    ],
    Categorical: (logits, others) => [
      new Categorical({ logits: logits! }),
      new Categorical({ logits: others! }),
    ],
    "Categorical probs": (probs, others) => [
      new Categorical({ probs: probs! }),
      new Categorical({ probs: others! }),
    ],
    Bernoulli: (probs, others) => [
      new Bernoulli({ probs: probs! }),
      new Bernoulli({ probs: others! }),
    ],
  };

testOpCases("distributions", {
  "distributions.Normal": figures((loc, scale) => new Normal(loc!, scale!)),
  "distributions.Laplace": figures((loc, scale) => new Laplace(loc!, scale!)),
  "distributions.Exponential": figures((rate) => new Exponential(rate!)),
  "distributions.Uniform": figures((low, high) => new Uniform(low!, high!)),
  "distributions.Categorical": ([value, given], options) => {
    const d = new Categorical({ [options.of as string]: given! });
    return [d.logProb(value!), d.entropy(), d.probs, d.logits];
  },
  "distributions.Bernoulli": ([value, given], options) => {
    const d = new Bernoulli({ [options.of as string]: given! });
    const { mean, variance, probs, logits } = d;
    return [d.logProb(value!), d.entropy(), mean, variance, probs, logits];
  },
  "distributions.Independent": ([value, loc, scale]) => {
    const d = new Independent(new Normal(loc!, scale!), 2);
    return [d.logProb(value!), d.entropy(), d.mean, d.variance];
  },
  "distributions.klDivergence": (inputs, options) =>
    klDivergence(...pairs[options.of as string]!(...inputs)),
});
