/** Arrays of fixtures as tensors. */

import { type Tensor, tensor } from "@fdunn/tensor";
import { type FixtureArray, fixtureValues } from "./fixture.ts";

/** A fixture's array as a tensor of its shape and dtype. */
export function fixtureTensor(
  array: FixtureArray,
  options: { requiresGrad?: boolean } = {},
): Tensor {
  const { shape } = array;
  const values = fixtureValues(array);
  if (values instanceof Float32Array) {
    return tensor(values, { shape, ...options });
  }
  const result = tensor(values, { shape });
  return values instanceof Uint8Array ? result.to("bool") : result;
}
