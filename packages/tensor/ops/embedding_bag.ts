/** Rows of a table, looked up and pooled bag by bag. */

import { tensor, zeros } from "../create.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { where } from "./where.ts";
import { type EmbeddingOptions, lookUp, rowOf } from "./embedding.ts";
import { requireIndex, rowsAdded } from "./indexing.ts";

/** How {@linkcode embeddingBag} pools the rows of a bag. */
export type EmbeddingBagMode = "sum" | "mean" | "max";

/** Options of {@linkcode embeddingBag}. */
export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** For 1-D indices: where each bag begins, int32 `[bags]`, from 0 upwards. */
  offsets?: Tensor | null;
  /** Default `"mean"`. */
  mode?: EmbeddingBagMode;
  /** Factors of the rows, shaped as the indices, with mode `"sum"` only. */
  perSampleWeights?: Tensor | null;
  /** Whether the last offset is the end of the last bag. Default `false`. */
  includeLastOffset?: boolean;
}

/** Which index belongs to which bag; padding is left out. */
interface Bags {
  count: number;
  /** The indices' positions, in order. */
  positions: number[];
  /** The bag of each. */
  bagOf: number[];
}

/**
 * The rows of `weight` that each bag's indices name, as their sum, mean (the
 * default) or largest values; an empty bag gives zeros.
 *
 * Shapes: indices `[bags, n]`, or 1-D with `offsets`; weight `[rows, columns]`,
 * float32 or float64; result `[bags, columns]`. Indices that are `paddingIdx`
 * do not count.
 *
 * ```ts
 * import { embeddingBag, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const table = tensor([[0, 1], [2, 3], [4, 5]]);
 * const words = tensor([2, 0, 1], { dtype: "int32" });
 * const offsets = tensor([0, 2], { dtype: "int32" });
 * const bags = embeddingBag(words, table, { offsets, mode: "sum" });
 * assertEquals(bags.toArray(), [[4, 6], [2, 3]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html
 *
 * @throws RangeError for an index that is no row, for offsets that do not
 * ascend from 0, and for weights with another mode than `"sum"`.
 */
export function embeddingBag(
  indices: Tensor,
  weight: Tensor,
  options: EmbeddingBagOptions = {},
): Tensor {
  const { mode = "mean", perSampleWeights = null } = options;
  requireIndex("embeddingBag", indices);
  if (mode !== "sum" && mode !== "mean" && mode !== "max") {
    throw new RangeError(
      `embeddingBag() got mode "${mode}", expected "sum", "mean" or "max"`,
    );
  }
  if (perSampleWeights !== null) checkWeights(perSampleWeights, indices, mode);
  const padding = rowOf(
    "embeddingBag",
    options.paddingIdx ?? null,
    weight.shape[0] ?? 0,
  );
  const bags = bagsOf(indices, padding, options);
  const positions = index(bags.positions);
  const kept = indices.reshape([indices.size]).indexSelect(0, positions);
  let rows = lookUp("embeddingBag", kept, weight, {
    ...options,
    paddingIdx: null,
  });
  if (mode === "max") return largest(rows, bags);
  if (perSampleWeights !== null) {
    const factors = perSampleWeights.reshape([indices.size])
      .indexSelect(0, positions);
    rows = rows.mul(factors.unsqueeze(1));
  }
  const shape = [bags.count, weight.shape[1]!];
  const sums = rowsAdded(rows, index(bags.bagOf), { dim: 0, shape });
  if (mode === "sum") return sums;
  const counts = new Array<number>(bags.count).fill(0);
  for (const bag of bags.bagOf) counts[bag]!++;
  const divisors = counts.map((count) => Math.max(count, 1));
  const { dtype } = weight;
  return sums.div(tensor(divisors, { shape: [bags.count, 1], dtype }));
}

function index(values: readonly number[]): Tensor {
  return tensor(Int32Array.from(values), { shape: [values.length] });
}

/** The largest values of each bag; zeros for an empty one. */
function largest(rows: Tensor, { count, bagOf }: Bags): Tensor {
  const columns = rows.shape[1]!;
  const members: number[][] = Array.from({ length: count }, () => []);
  bagOf.forEach((bag, i) => members[bag]!.push(i));
  const longest = Math.max(0, ...members.map((bag) => bag.length));
  const { dtype } = rows;
  if (longest === 0) return zeros([count, columns], { dtype });
  // A short bag repeats its first row, which changes no maximum.
  const picked = members.flatMap((bag) =>
    Array.from({ length: longest }, (_, i) => bag[i] ?? bag[0] ?? 0)
  );
  const most = rows.indexSelect(0, index(picked))
    .reshape([count, longest, columns]).amax(1);
  if (members.every((bag) => bag.length > 0)) return most;
  const filled = tensor(members.map((bag) => bag.length > 0 ? 1 : 0), {
    shape: [count, 1],
  }).to("bool");
  return where(filled, most, 0);
}

function checkWeights(
  weights: Tensor,
  indices: Tensor,
  mode: EmbeddingBagMode,
): void {
  if (mode !== "sum") {
    throw new RangeError(
      `embeddingBag() got perSampleWeights with mode "${mode}", which only "sum" takes`,
    );
  }
  if (formatShape(weights.shape) !== formatShape(indices.shape)) {
    throw new RangeError(
      `embeddingBag() got perSampleWeights ${
        formatShape(weights.shape)
      }, expected the indices' shape ${formatShape(indices.shape)}`,
    );
  }
}

function bagsOf(
  indices: Tensor,
  padding: number,
  options: EmbeddingBagOptions,
): Bags {
  const { offsets = null, includeLastOffset = false } = options;
  const starts = startsOf(indices, offsets);
  const values = indices.data() as Int32Array;
  const count = offsets !== null && includeLastOffset
    ? starts.length - 1
    : starts.length;
  const bags: Bags = { count, positions: [], bagOf: [] };
  for (let bag = 0; bag < count; bag++) {
    const end = starts[bag + 1] ?? values.length;
    for (let i = starts[bag]!; i < end; i++) {
      if (values[i] === padding) continue;
      bags.positions.push(i);
      bags.bagOf.push(bag);
    }
  }
  return bags;
}

/** Where the bags begin in the flat indices. */
function startsOf(indices: Tensor, offsets: Tensor | null): number[] {
  const shape = formatShape(indices.shape);
  if (indices.shape.length === 2) {
    if (offsets !== null) {
      throw new RangeError(
        `embeddingBag() got offsets for indices ${shape}: its rows are the bags`,
      );
    }
    const [bags, n] = indices.shape as readonly [number, number];
    return Array.from({ length: bags }, (_, bag) => bag * n);
  }
  if (indices.shape.length !== 1 || offsets === null) {
    throw new RangeError(
      `embeddingBag() got indices ${shape}${
        offsets === null ? " without offsets" : ""
      }, expected [bags, n], or 1-D indices with offsets`,
    );
  }
  requireIndex("embeddingBag", offsets);
  const starts = [...offsets.data() as Int32Array];
  const ascend = starts.every((start, i) => start >= (starts[i - 1] ?? 0));
  const within = starts.every((start) => start <= indices.size);
  if (
    offsets.shape.length !== 1 || !ascend || !within || (starts[0] ?? 0) !== 0
  ) {
    throw new RangeError(
      `embeddingBag() got offsets [${
        starts.join(", ")
      }] for ${indices.size} indices, expected a 1-D tensor of numbers that ascend from 0 to at most that`,
    );
  }
  return starts;
}
