/** The gradient that a backward pass starts from. */

import { requireFloat } from "./dtype.ts";
import { describe } from "./liveness.ts";
import { formatShape, sameShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Throws unless a pass can start from `root` with this gradient. */
export function checkSeed(
  name: string,
  root: Tensor,
  gradient: Tensor | null,
): void {
  requireFloat(name, root.dtype);
  if (gradient !== null) {
    if (!sameShape(gradient.shape, root.shape)) {
      throw new RangeError(
        `${name}() got a gradient of shape ${
          formatShape(gradient.shape)
        } for a tensor of shape ${formatShape(root.shape)}`,
      );
    }
  } else if (root.size !== 1) {
    throw new RangeError(
      `${name}() without a gradient is for scalars, and ${
        describe(root)
      } has ${root.size} elements: grad can be implicitly created only for scalar outputs`,
    );
  }
}

/** The gradient of a scalar with respect to itself. */
export function onesFor(root: Tensor): Tensor {
  return root.shape.length === 0 ? root.scalarLike(1) : root.onesLike();
}
