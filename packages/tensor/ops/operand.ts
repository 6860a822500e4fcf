/** What goes with an op's input: parameters and states. */

import { formatShape, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Throws unless `value`, which goes with the input `x`, has this shape. */
export function requireOperandShape(
  op: string,
  x: Tensor,
  name: string,
  value: Tensor,
  shape: Shape,
): void {
  if (sameShape(value.shape, shape)) return;
  throw new RangeError(
    `${op}() got input ${formatShape(x.shape)} and ${name} ${
      formatShape(value.shape)
    }, expected ${formatShape(shape)}`,
  );
}

/** Throws unless `value` has this shape, and the input's dtype. */
export function requireOperand(
  op: string,
  x: Tensor,
  name: string,
  value: Tensor,
  shape: Shape,
): void {
  requireOperandShape(op, x, name, value, shape);
  if (value.dtype === x.dtype) return;
  throw new TypeError(
    `${op}() got input ${x.dtype} and ${name} ${value.dtype}, which must be equal: convert with to()`,
  );
}
