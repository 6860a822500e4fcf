/** Looking up rows of a table by int32 indices of any shape. */

import { runtime } from "@fdunn/wasm-kernels";
import { requireFloat } from "../dtype.ts";
import { noGrad } from "../grad_mode.ts";
import { allocate, contiguous, pointer, writable } from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { requireIndex, rowsAdded } from "./indexing.ts";
import { where } from "./where.ts";

interface EmbeddingParams {
  /** The function's name, for messages. */
  name: string;
  /** The row that learns nothing, or -1. */
  padding: number;
  /** Whether a row's gradient is divided by how often it was looked up. */
  byFrequency: boolean;
}

/** Inputs: indices of any shape, weight `[rows, columns]`. */
const EMBEDDING: Op<EmbeddingParams> = {
  name: "embedding",
  saves: [0, 0b01],
  forward: ({ name }, indices, weight) => {
    const { bytes } = runtime.kernels;
    const [rows, columns] = weight!.shape as readonly [number, number];
    const kernel = weight!.dtype === "float32"
      ? bytes.index_select_b32
      : bytes.index_select_b64;
    const [at, table] = [contiguous(indices), contiguous(weight!)];
    const out = allocate([...indices.shape, columns], weight!.dtype);
    const [pi, pw] = [pointer(at), pointer(table)];
    const n = indices.size;
    const bad = kernel(1, rows, columns, n, pw, pi, writable(out));
    if (bad >= 0) {
      const value = runtime.memory.heap.i32[(pi >>> 2) + bad]!;
      throw outOfRange(name, value, bad, indices.shape, rows);
    }
    return out;
  },
  backward: (node, grad) => {
    const [indices, weight] = [node.input(0), node.input(1)];
    const { padding, byFrequency } = node.params;
    const { shape } = weight;
    const index = indices.reshape([indices.size]);
    let rows = grad.reshape([indices.size, shape[1]!]);
    if (byFrequency) {
      const ones = rows.detach().select(1, 0).onesLike();
      const counts = rowsAdded(ones, index, { dim: 0, shape: [shape[0]!] });
      rows = rows.div(counts.indexSelect(0, index).unsqueeze(1));
    }
    if (padding >= 0) {
      rows = where(index.eq(padding).unsqueeze(1), 0, rows);
    }
    return [null, rowsAdded(rows, index, { dim: 0, shape })];
  },
};

function outOfRange(
  name: string,
  value: number,
  position: number,
  shape: Shape,
  rows: number,
): RangeError {
  const where: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    where.unshift(position % shape[axis]!);
    position = Math.floor(position / shape[axis]!);
  }
  return new RangeError(
    `${name}() got index ${value} at [${where.join(", ")}] of indices ${
      formatShape(shape)
    }, expected 0 to ${rows - 1}: the weight has ${rows} rows`,
  );
}

/** Options of {@linkcode embedding}. */
export interface EmbeddingOptions {
  /** A row that gets no gradient; negative counts from the end. */
  paddingIdx?: number | null;
  /** Rows that are looked up are first scaled, in place, to at most this norm. */
  maxNorm?: number | null;
  /** The p of that norm. Default 2. */
  normType?: number;
  /** Divide each row's gradient by how often it was looked up. Default `false`. */
  scaleGradByFreq?: boolean;
}

/**
 * The rows of `weight` that int32 `indices` name.
 *
 * Shapes: indices of any shape `[...]`, weight `[rows, columns]`, float32 or
 * float64; result `[..., columns]`. The weight's gradient is the sum of what
 * arrives at each row's copies.
 *
 * ```ts
 * import { embedding, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const table = tensor([[0, 1], [2, 3], [4, 5]]);
 * const words = tensor([[2, 0]], { dtype: "int32" });
 * assertEquals(embedding(words, table).toArray(), [[[4, 5], [0, 1]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
 *
 * @throws RangeError for an index that is no row, with its position; TypeError
 * for indices that are not int32.
 */
export function embedding(
  indices: Tensor,
  weight: Tensor,
  options: EmbeddingOptions = {},
): Tensor {
  return lookUp("embedding", indices, weight, options);
}

/** {@linkcode embedding} under the name of the function that calls it. */
export function lookUp(
  name: string,
  indices: Tensor,
  weight: Tensor,
  options: EmbeddingOptions,
): Tensor {
  requireIndex(name, indices);
  requireFloat(name, weight.dtype);
  if (weight.shape.length !== 2) {
    throw new RangeError(
      `${name}() got weight ${
        formatShape(weight.shape)
      }, expected [rows, columns]`,
    );
  }
  const padding = rowOf(name, options.paddingIdx ?? null, weight.shape[0]!);
  const { maxNorm = null, normType = 2, scaleGradByFreq = false } = options;
  if (maxNorm !== null) renorm(indices, weight, maxNorm, normType);
  return apply(EMBEDDING, [indices, weight], {
    name,
    padding,
    byFrequency: scaleGradByFreq,
  });
}

/** A padding row counted from the start, or -1 for none. */
export function rowOf(
  name: string,
  paddingIdx: number | null,
  rows: number,
): number {
  if (paddingIdx === null) return -1;
  if (
    !Number.isInteger(paddingIdx) || paddingIdx < -rows || paddingIdx >= rows
  ) {
    throw new RangeError(
      `${name}() got paddingIdx ${paddingIdx}, expected ${-rows} to ${
        rows - 1
      }: the weight has ${rows} rows`,
    );
  }
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}

/** Scales the rows that are looked up to at most a norm, in place. */
function renorm(
  indices: Tensor,
  weight: Tensor,
  maxNorm: number,
  p: number,
): void {
  const table = weight.detach();
  const rows = new Set(indices.data() as Int32Array);
  noGrad(() => {
    for (const i of rows) {
      if (i < 0 || i >= weight.shape[0]!) continue; // the op says so
      const row = table.select(0, i);
      const norm = p === Infinity
        ? row.abs().amax().item()
        : row.abs().pow(p).sum().item() ** (1 / p);
      // The same small number as PyTorch's.
      if (norm > maxNorm) row.mul_(maxNorm / (norm + 1e-7));
    }
  });
}
