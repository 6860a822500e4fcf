/** Triangular systems. */

import { linalgKernels } from "@fdunn/wasm-kernels/linalg";
import { heap, pointer } from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { OUTPUT } from "../saved.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  broadcastBatches,
  filled,
  requireMatrices,
  requireSameDtype,
  requireSquare,
  sizesOf,
  turn,
  widened,
} from "./matrices.ts";

interface Triangle {
  upper: boolean;
  unitriangular: boolean;
}

const SOLVE_TRIANGULAR: Op<Triangle> = {
  name: "solveTriangular",
  saves: [0b01 | OUTPUT, 0b01],
  forward: ({ upper, unitriangular }, a, b) => {
    const { count, m, n } = sizesOf(b!);
    const [matrices, right] = [widened(a), widened(b!)];
    return filled(a.dtype, [b!.shape], (x) => {
      const from = pointer(right) / 8;
      heap.f64.copyWithin(x! / 8, from, from + right.size);
      const flags = [upper ? 1 : 0, unitriangular ? 1 : 0] as const;
      const { solve_triangular } = linalgKernels();
      solve_triangular(count, m, n, ...flags, pointer(matrices), x!);
    })[0]!;
  },
  backward: (node, grad) => {
    const { upper, unitriangular } = node.params;
    const gradB = solveTriangularMatrices(turn(node.input(0)), grad, {
      upper: !upper,
      unitriangular,
    });
    if (!node.needs(0)) return [null, gradB];
    const full = gradB.matmul(turn(node.output)).neg();
    const offset = unitriangular ? 1 : 0;
    return [
      upper ? full.triu(offset) : full.tril(-offset),
      node.needs(1) ? gradB : null,
    ];
  },
};

/** T⁻¹ B, for as many T as B. */
export function solveTriangularMatrices(
  a: Tensor,
  b: Tensor,
  triangle: Triangle,
): Tensor {
  return apply(SOLVE_TRIANGULAR, [a, b], triangle);
}

/** L⁻ᵀ X, for lower triangles L. */
export function solveTransposed(l: Tensor, x: Tensor): Tensor {
  const triangle = { upper: true, unitriangular: false };
  return solveTriangularMatrices(turn(l), x, triangle);
}

/** Options of {@linkcode solveTriangular}. */
export interface SolveTriangularOptions {
  /** Which triangle of A counts; the other one is not read. */
  upper: boolean;
  /** A X = B, or else X A = B. Default `true`. */
  left?: boolean;
  /** Whether A's diagonal is ones, and not read. Default `false`. */
  unitriangular?: boolean;
}

/**
 * The X with A X = B for triangular A: A is `[..., n, n]`, B `[..., n, k]`, and
 * batches broadcast. float32 or float64, with gradients. Nothing is checked: a 0
 * on the diagonal gives infinity or NaN.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import * as linalg from "@fdunn/tensor/linalg";
 * import { assertEquals } from "@std/assert";
 *
 * const a = tensor([[2, 1], [0, 4]]);
 * const x = linalg.solveTriangular(a, tensor([[4], [8]]), { upper: true });
 * assertEquals(x.toArray(), [[1], [2]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.linalg.solve_triangular.html
 *
 * @throws RangeError for shapes that do not fit; TypeError for other dtypes.
 */
export function solveTriangular(
  a: Tensor,
  b: Tensor,
  { upper, left = true, unitriangular = false }: SolveTriangularOptions,
): Tensor {
  const { n } = requireSquare("solveTriangular", a);
  requireMatrices("solveTriangular", b, "B");
  requireSameDtype("solveTriangular", a, b);
  if (b.shape.at(left ? -2 : -1) !== n) {
    throw new RangeError(
      `linalg.solveTriangular() got A of shape ${
        formatShape(a.shape)
      } and B of shape ${formatShape(b.shape)}, which do not fit in ${
        left ? "A X = B" : "X A = B"
      }`,
    );
  }
  const [matrices, right] = broadcastBatches("solveTriangular", a, b);
  if (left) {
    return solveTriangularMatrices(matrices, right, { upper, unitriangular });
  }
  const turned = { upper: !upper, unitriangular };
  return turn(solveTriangularMatrices(turn(matrices), turn(right), turned));
}
