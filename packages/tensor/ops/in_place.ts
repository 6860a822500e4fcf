/** Any op in place: `exp_()`, `clamp_()`, `lerp_()`, ... */

import { noGrad } from "../grad_mode.ts";
import type { Tensor } from "../tensor.ts";
import { requireReadable, requireWritable, writeResult } from "./fill.ts";

/**
 * Computes `op(x, ...rest)` and writes it into `x`, whose shape and dtype stay;
 * refused where autograd would need what is overwritten, or lose a gradient.
 *
 * The result takes room of its own until it is copied: that is what lets every
 * op be written in place, in any layout, over operands that share bytes.
 *
 * @param name The method's, which is the op's with an underscore.
 */
export function inPlace<T extends Tensor, Rest extends unknown[]>(
  name: string,
  op: (x: Tensor, ...rest: Rest) => Tensor,
  x: T,
  ...rest: Rest
): T {
  requireWritable(name, x);
  for (const operand of rest) {
    if (isTensor(operand)) requireReadable(name, operand);
  }
  const result = compute(name, op, x, rest);
  if (result === x) return x;
  try {
    writeResult(name, x, result);
  } finally {
    result.dispose();
  }
  return x;
}

/** Runs the op unrecorded; what it refuses, it refuses in the method's name. */
function compute<Rest extends unknown[]>(
  name: string,
  op: (x: Tensor, ...rest: Rest) => Tensor,
  x: Tensor,
  rest: Rest,
): Tensor {
  try {
    return noGrad(() => op(x, ...rest));
  } catch (error) {
    if (error instanceof Error) {
      const plain = `${name.slice(0, -1)}()`;
      error.message = error.message.replaceAll(plain, `${name}()`);
    }
    throw error;
  }
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "array" in value;
}
