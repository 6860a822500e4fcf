/** All parameters as one vector, and back. */

import { cat, noGrad, type Tensor } from "@fdunn/tensor";

/**
 * Parameters as one vector, in their order; gradients go to them.
 *
 * ```ts
 * import * as nn from "@fdunn/nn";
 * import { parametersToVector, vectorToParameters } from "@fdunn/nn/weights";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new nn.Linear(3, 2);
 * const vector = parametersToVector(model.parameters());
 * assertEquals(vector.shape, [8]);
 * vectorToParameters(vector.mul(0), model.parameters());
 * assertEquals(model.bias!.toArray(), [0, 0]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parameters_to_vector.html
 *
 * @throws RangeError when there are none.
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  const parts = Array.from(parameters, (parameter) => parameter.flatten());
  if (parts.length === 0) {
    throw new RangeError("parametersToVector() got no parameters");
  }
  return cat(parts);
}

/**
 * Writes the numbers of a vector into parameters, in their order.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.vector_to_parameters.html
 *
 * @throws RangeError when it is no vector of as many numbers.
 */
export function vectorToParameters(
  vector: Tensor,
  parameters: Iterable<Tensor>,
): void {
  const all = [...parameters];
  const size = all.reduce((sum, parameter) => sum + parameter.size, 0);
  if (vector.ndim !== 1 || vector.size !== size) {
    throw new RangeError(
      `vectorToParameters() got shape [${
        vector.shape.join(", ")
      }], expected [${size}]`,
    );
  }
  noGrad(() => {
    let start = 0;
    for (const parameter of all) {
      const part = vector.narrow(0, start, parameter.size);
      parameter.copy_(part.reshape(parameter.shape));
      start += parameter.size;
    }
  });
}
