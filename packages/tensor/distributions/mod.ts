/**
 * Probability distributions, as `torch.distributions`: samples, logarithms of
 * probabilities with gradients, entropies, divergences. For policies,
 * variational autoencoders, likelihoods.
 *
 * ```ts
 * import { manualSeed, tensor } from "@fdunn/tensor";
 * import { Categorical, Normal } from "@fdunn/tensor/distributions";
 * import { assertEquals } from "@std/assert";
 *
 * manualSeed(0);
 * const action = new Categorical({ logits: tensor([0, 5, 0]) }).sample();
 * assertEquals([action.shape, action.dtype], [[], "int32"]);
 * assertEquals(new Normal(0, tensor([1, 2])).sample([4]).shape, [4, 2]);
 * ```
 *
 * Parameters are checked, and values that cannot occur are an error, as in
 * PyTorch.
 *
 * @module
 */

export { Bernoulli, type BernoulliOptions } from "./bernoulli.ts";
export { Categorical, type CategoricalOptions } from "./categorical.ts";
export { Distribution, type SampleOptions } from "./distribution.ts";
export { Exponential } from "./exponential.ts";
export { Independent } from "./independent.ts";
export { klDivergence } from "./kl_divergence.ts";
export { Laplace } from "./laplace.ts";
export { Normal } from "./normal.ts";
export { Uniform } from "./uniform.ts";
