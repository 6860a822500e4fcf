/** Coordinates of all points of a grid. */

import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode meshgrid}. */
export interface MeshgridOptions {
  /** Matrix order, or Cartesian: the first two axes swapped. Default `ij`. */
  indexing?: "ij" | "xy";
}

/**
 * Rows of coordinates stretched over the grid that they span: views.
 *
 * Shapes: tensors `[n1]`, `[n2]`, … (or scalars); as many results, each
 * `[n1, n2, ...]`, or `[n2, n1, ...]` with indexing `xy`. Any dtypes.
 *
 * ```ts
 * import { meshgrid, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const [y, x] = meshgrid([tensor([1, 2]), tensor([3, 4, 5])]);
 * assertEquals(y!.toArray(), [[1, 1, 1], [2, 2, 2]]);
 * assertEquals(x!.toArray(), [[3, 4, 5], [3, 4, 5]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.meshgrid.html
 *
 * @throws RangeError for an empty list, or tensors of more than one axis.
 */
export function meshgrid(
  tensors: readonly Tensor[],
  options: MeshgridOptions = {},
): Tensor[] {
  const { indexing = "ij" } = options;
  if (indexing !== "ij" && indexing !== "xy") {
    throw new RangeError(
      `meshgrid() got indexing "${indexing}", expected ij or xy`,
    );
  }
  if (tensors.length === 0) throw new RangeError("meshgrid() got no tensors");
  for (const { shape } of tensors) {
    if (shape.length > 1) {
      throw new RangeError(
        `meshgrid() got a tensor of shape ${
          formatShape(shape)
        }, expected one axis`,
      );
    }
  }
  const order = [...tensors.keys()];
  if (indexing === "xy" && order.length > 1) order.splice(0, 2, 1, 0);
  const shape = order.map((i) => tensors[i]!.size);
  return tensors.map((t, i) => {
    const row = order.map((j) => j === i ? t.size : 1);
    return t.reshape(row).expand(shape);
  });
}
