/** Values kept between bounds. */

import { isFloat, requireComputing } from "../dtype.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { timesPieces } from "./pieces.ts";
import { runWithScalars } from "./scalars.ts";

const CLAMP: Op<readonly [lo: number, hi: number]> = {
  name: "clamp",
  saves: "inputs",
  forward: (bounds, x) => runWithScalars("clamp", "clamp", bounds, x),
  backward: (node, grad) => {
    const [lo, hi] = node.params;
    // PyTorch's slope at a bound is 0; where there is none, nothing is cut off.
    const [below, above] = [lo === -Infinity ? 1 : 0, hi === Infinity ? 1 : 0];
    const slope = [lo, hi, 0, below, 0, 1, 0, 0, above, 0] as const;
    return [timesPieces(node.input(0), grad, slope)];
  },
};

/** See {@linkcode Tensor.clamp}. */
export function clamp(
  x: Tensor,
  min: Tensor | number | null,
  max: Tensor | number | null,
): Tensor {
  requireComputing("clamp", x.dtype);
  if ((min ?? max ?? null) === null) {
    throw new RangeError("clamp() got neither min nor max: give it a bound");
  }
  if (Number.isNaN(min) || Number.isNaN(max)) {
    throw new RangeError(`clamp() got bounds ${min} and ${max}`);
  }
  const [lo, hi] = [min ?? -Infinity, max ?? Infinity];
  if (typeof lo === "number" && typeof hi === "number" && isFloat(x.dtype)) {
    return apply(CLAMP, [x], [lo, hi]);
  }
  const y = min === null ? x : x.maximum(min);
  return max === null ? y : y.minimum(max);
}
