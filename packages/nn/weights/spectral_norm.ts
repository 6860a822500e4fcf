/** Spectral normalization: weights whose largest singular value is 1. */

import { noGrad, randn, type Tensor } from "@fdunn/tensor";
import type { AnyModule } from "../module.ts";
import { Parameter } from "../parameter.ts";
import {
  type Fields,
  parameterOf,
  reparametrize,
  restore,
} from "./reparametrize.ts";

/** Options of {@linkcode spectralNorm}. */
export interface SpectralNormOptions {
  /** The parameter. Default `weight`. */
  name?: string;
  /** Steps towards the largest singular value in each forward pass. Default 1. */
  nPowerIterations?: number;
  /** Keeps lengths from 0. Default 1e-12. */
  eps?: number;
  /** The axis of the outputs. Default 0, of transposed convolutions 1. */
  dim?: number;
}

/**
 * Divides a module's weight, as a matrix, by its largest singular value, so that
 * the layer stretches nothing: what keeps critics of GANs in bounds. The value
 * comes of a power iteration that goes on in each forward pass in training mode.
 * Miyato et al., "Spectral normalization for generative adversarial networks",
 * 2018. Returns the module; its optimizer is made afterwards.
 *
 * ```ts
 * import * as nn from "@fdunn/nn";
 * import { spectralNorm } from "@fdunn/nn/weights";
 * import { randn } from "@fdunn/tensor";
 * import { svdvals } from "@fdunn/tensor/linalg";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const layer = spectralNorm(new nn.Linear(8, 4), { nPowerIterations: 100 });
 * layer.forward(randn([2, 8]));
 * assertAlmostEquals(svdvals(layer.weight).max().item(), 1, 1e-3);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.spectral_norm.html
 *
 * @throws RangeError when the module has no such parameter, or for less than one
 * step.
 */
export function spectralNorm<M extends AnyModule>(
  module: M,
  options: SpectralNormOptions = {},
): M {
  const { name = "weight", nPowerIterations = 1, eps = 1e-12 } = options;
  const transposed = /^ConvTranspose/.test(module.constructor.name);
  const { dim = transposed ? 1 : 0 } = options;
  const weight = parameterOf("spectralNorm()", module, name);
  if (!Number.isInteger(nPowerIterations) || nPowerIterations < 1) {
    throw new RangeError(
      `spectralNorm() got nPowerIterations ${nPowerIterations}, expected a whole number of at least 1`,
    );
  }
  const fields = module as unknown as Fields;
  const [original, left, right] = [`${name}_orig`, `${name}_u`, `${name}_v`];
  const matrixOf = (w: Tensor) => w.movedim(dim, 0).flatten(1);
  const unit = (x: Tensor) => x.div(x.norm().clamp(eps));
  const [rows, columns] = matrixOf(weight.detach()).shape as [number, number];
  const { dtype } = weight;
  fields[left] = module.registerBuffer(left, unit(randn([rows], { dtype })));
  fields[right] = module.registerBuffer(
    right,
    unit(randn([columns], { dtype })),
  );
  const parts = { [original]: new Parameter(weight.detach()) };
  reparametrize(module, name, "spectralNorm()", parts, () => {
    const w = fields[original] as Tensor;
    const matrix = matrixOf(w);
    let [u, v] = [fields[left] as Tensor, fields[right] as Tensor];
    if (module.training) {
      noGrad(() => {
        for (let i = 0; i < nPowerIterations; i++) {
          v = unit(matrix.t().mv(u));
          u = unit(matrix.mv(v));
        }
        (fields[left] as Tensor).copy_(u);
        (fields[right] as Tensor).copy_(v);
      });
    } else [u, v] = [u.clone(), v.clone()]; // a later step will change them
    return w.div(u.dot(matrix.mv(v)));
  }, [left, right]);
  return module;
}

/**
 * Puts back the weight that {@linkcode spectralNorm} replaced, normalized.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.remove_spectral_norm.html
 *
 * @throws RangeError when it was not replaced.
 */
export function removeSpectralNorm<M extends AnyModule>(
  module: M,
  name = "weight",
): M {
  restore("removeSpectralNorm()", module, name, "spectralNorm()");
  return module;
}
