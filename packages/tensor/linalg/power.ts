/** Powers of matrices. */

import type { Tensor } from "../tensor.ts";
import { identity, requireSquare } from "./matrices.ts";
import { inv } from "./solve.ts";

/**
 * The n-th power of square matrices `[..., k, k]`, by squaring: the identity
 * for n = 0, powers of the inverse for negative n. float32 or float64, with
 * gradients.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const step = tensor([[1, 1], [1, 0]]); // Fibonacci's numbers
 * assertEquals(linalg.matrixPower(step, 10).toArray(), [[89, 55], [55, 34]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_power.html
 *
 * @throws LinAlgError for negative n and a singular matrix.
 * @throws RangeError unless square and n a whole number; TypeError for other
 * dtypes.
 */
export function matrixPower(a: Tensor, n: number): Tensor {
  const { n: size } = requireSquare("matrixPower", a);
  if (!Number.isSafeInteger(n)) {
    throw new RangeError(
      `linalg.matrixPower() got n ${n}, expected a whole number`,
    );
  }
  if (n === 0) return identity(size, a.dtype).expand(a.shape).clone();
  let square = n < 0 ? inv(a) : a;
  let power: Tensor | null = null;
  for (let rest = Math.abs(n);;) {
    if (rest % 2 === 1) power = power === null ? square : power.matmul(square);
    rest = Math.floor(rest / 2);
    if (rest === 0) return power!;
    square = square.matmul(square);
  }
}
