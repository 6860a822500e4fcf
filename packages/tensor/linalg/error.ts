/** The error of matrices that a function cannot take. */

/**
 * A matrix is singular, not positive-definite or not finite where it must be.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => linalg.inv(zeros([2, 2])), linalg.LinAlgError, "singular");
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.LinAlgError.html
 */
export class LinAlgError extends Error {
  /** Always `LinAlgError`. */
  override readonly name = "LinAlgError";
}

/** What went wrong with which matrix, in PyTorch's words. */
export function failure(
  op: string,
  rank: number,
  index: number,
  why: string,
): LinAlgError {
  const which = rank > 2 ? `(Batch element ${index}): ` : "";
  return new LinAlgError(`linalg.${op}: ${which}${why}`);
}
