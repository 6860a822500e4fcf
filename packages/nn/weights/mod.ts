/**
 * Tools for weights, as `torch.nn.utils` and `torch.func` have them: weights
 * that are computed from others, modules run with other weights, parameters as
 * one vector.
 *
 * ```ts
 * import * as nn from "@fdunn/nn";
 * import { spectralNorm } from "@fdunn/nn/weights";
 * import { zeros } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const critic = new nn.Sequential(
 *   spectralNorm(new nn.Linear(784, 128)),
 *   new nn.LeakyReLU(0.2),
 *   spectralNorm(new nn.Linear(128, 1)),
 * );
 * assertEquals(critic.forward(zeros([5, 784])).shape, [5, 1]);
 * ```
 *
 * @module
 */

export { functionalCall } from "./functional_call.ts";
export { parametersToVector, vectorToParameters } from "./parameter_vector.ts";
export {
  removeSpectralNorm,
  spectralNorm,
  type SpectralNormOptions,
} from "./spectral_norm.ts";
export {
  removeWeightNorm,
  weightNorm,
  type WeightNormOptions,
} from "./weight_norm.ts";
