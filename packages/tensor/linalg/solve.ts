/** Systems of equations and inverses, by LU with partial pivoting. */

import { linalgKernels } from "@fdunn/wasm-kernels/linalg";
import {
  elementsOf,
  heap,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { OUTPUT } from "../saved.ts";
import { failure } from "./error.ts";
import {
  broadcastBatches,
  filled,
  integers,
  requireMatrices,
  requireSameDtype,
  requireSquare,
  sizesOf,
  turn,
  widened,
} from "./matrices.ts";

/** Factored matrices. */
export interface Lu {
  /** L below the diagonal, U from it on: float64. */
  readonly factors: NdArray;
  /** Which row each was swapped with. */
  readonly pivots: NdArray;
  /** For each matrix the first pivot that is 0, counting from 1, or 0. */
  readonly singular: ArrayLike<number>;
}

/** P A = L U of all matrices. */
export function factor(a: NdArray): Lu {
  const { count, n } = sizesOf(a);
  const factors = widened(a);
  const [pivots, info] = [integers(count * n), integers(count)];
  const out = [writable(factors), writable(pivots), writable(info)] as const;
  linalgKernels().lu(count, n, ...out);
  return { factors, pivots, singular: elementsOf(info)[0]! };
}

/** Throws for the first matrix that is singular. */
function requireRegular(
  op: string,
  a: NdArray,
  { singular }: Lu,
  why: (pivot: number) => string,
): void {
  for (let i = 0; i < singular.length; i++) {
    const pivot = singular[i]!;
    if (pivot !== 0) throw failure(op, a.shape.length, i, why(pivot));
  }
}

/** A⁻¹ times what `write` puts at an address, `[..., n, k]` as float64. */
function solution(
  a: NdArray,
  lu: Lu,
  k: number,
  write: (address: number) => void,
): NdArray {
  const { batch, count, n } = sizesOf(a);
  const [out] = filled(a.dtype, [[...batch, n, k]], (x) => {
    write(x!);
    const factors = [pointer(lu.factors), pointer(lu.pivots)] as const;
    linalgKernels().solve_lu(count, n, k, ...factors, x!);
  });
  return out!;
}

const SOLVE: Op = {
  name: "solve",
  saves: [0b01 | OUTPUT, 0b01],
  forward: (_, a, b) => {
    const lu = factor(a);
    requireRegular(
      "solve",
      a,
      lu,
      () => "The solver failed because the input matrix is singular.",
    );
    const right = widened(b!);
    return solution(a, lu, b!.shape.at(-1)!, (x) => {
      const from = pointer(right) / 8;
      heap.f64.copyWithin(x / 8, from, from + right.size);
    });
  },
  backward: (node, grad) => {
    const gradB = solveMatrices(turn(node.input(0)), grad);
    return [
      node.needs(0) ? gradB.matmul(turn(node.output)).neg() : null,
      node.needs(1) ? gradB : null,
    ];
  },
};

function solveMatrices(a: Tensor, b: Tensor): Tensor {
  return apply(SOLVE, [a, b], undefined);
}

/** Options of {@linkcode solve}. */
export interface SolveOptions {
  /** A X = B, or else X A = B. Default `true`. */
  left?: boolean;
}

/**
 * The X with A X = B: A is `[..., n, n]`, B `[..., n, k]`, `[n]` or, for a batch
 * of vectors, of A's shape without the last axis. Batches broadcast. float32 or
 * float64, with gradients. By LU with partial pivoting.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const a = tensor([[2, 1], [1, 3]]);
 * const x = linalg.solve(a, tensor([3, 5]));
 * assertEquals(a.matmul(x).toArray(), [3, 5]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.solve.html
 *
 * @throws LinAlgError when a pivot is exactly 0.
 * @throws RangeError for shapes that do not fit; TypeError for other dtypes.
 */
export function solve(
  a: Tensor,
  b: Tensor,
  { left = true }: SolveOptions = {},
): Tensor {
  const { n } = requireSquare("solve", a);
  requireSameDtype("solve", a, b);
  const vector = b.ndim === 1 || sameShape(b.shape, a.shape.slice(0, -1));
  const columns = vector ? b.unsqueeze(-1) : b;
  requireMatrices("solve", columns, "B");
  if (columns.shape.at(left ? -2 : -1) !== n) {
    throw new RangeError(
      `linalg.solve() got A of shape ${formatShape(a.shape)} and B of shape ${
        formatShape(b.shape)
      }, which do not fit in ${left ? "A X = B" : "X A = B"}`,
    );
  }
  const [matrices, sides] = broadcastBatches("solve", a, columns);
  const x = left
    ? solveMatrices(matrices, sides)
    : turn(solveMatrices(turn(matrices), turn(sides)));
  return vector ? x.squeeze(-1) : x;
}

interface InverseParams {
  /** Whether a singular matrix is an error, or else has an infinite inverse. */
  checked: boolean;
}

const INVERSE: Op<InverseParams> = {
  name: "inverse",
  saves: "output",
  forward: ({ checked }, a) => {
    const lu = factor(a);
    if (checked) {
      requireRegular(
        "inv",
        a,
        lu,
        (pivot) =>
          `The diagonal element ${pivot} is zero, the inversion could not be completed because the input matrix is singular.`,
      );
    }
    const { count, n } = sizesOf(a);
    return solution(a, lu, n, (x) => {
      heap.f64.fill(0, x / 8, x / 8 + count * n * n);
      for (let row = 0; row < count * n; row++) {
        heap.f64[x / 8 + row * n + row % n] = 1;
      }
    });
  },
  backward: (node, grad) => {
    const turned = turn(node.output);
    return [turned.matmul(grad).matmul(turned).neg()];
  },
};

/** The inverse, of infinities and NaN where a matrix is singular. */
export function inverseOrInfinity(a: Tensor): Tensor {
  return apply(INVERSE, [a], { checked: false });
}

/**
 * The inverses of square matrices `[..., n, n]`, float32 or float64, with
 * gradients. For A⁻¹ B {@linkcode solve} is faster and more exact.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const a = tensor([[2, 0], [0, 4]]);
 * assertEquals(linalg.inv(a).toArray(), [[0.5, 0], [0, 0.25]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.inv.html
 *
 * @throws LinAlgError for a singular matrix.
 * @throws RangeError unless square; TypeError for other dtypes.
 */
export function inv(a: Tensor): Tensor {
  requireSquare("inv", a);
  return apply(INVERSE, [a], { checked: true });
}

/**
 * {@linkcode inv} by the name that it has as `torch.inverse`.
 *
 * ```ts
 * import { eye } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linalg.inverse(eye(2).mul(2)).toArray(), [[0.5, 0], [0, 0.5]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.inverse.html
 *
 * @throws LinAlgError for a singular matrix.
 * @throws RangeError unless square; TypeError for other dtypes.
 */
export function inverse(a: Tensor): Tensor {
  return inv(a);
}
