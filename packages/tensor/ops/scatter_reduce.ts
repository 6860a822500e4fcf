/** Elements reduced at an index: sums, means, products, extrema. */

import { requireFloat } from "../dtype.ts";
import { contiguous, copyOf, heap, pointer, writable } from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { OUTPUT } from "../saved.ts";
import type { Tensor } from "../tensor.ts";
import { indexSelect, rowsAdded } from "./indexing.ts";
import {
  checkScatter,
  coveredBy,
  flatPositions,
  indexFill,
} from "./scatter.ts";
import { where } from "./where.ts";

/** How elements that meet become one. */
export type ScatterReduction = "sum" | "prod" | "mean" | "amax" | "amin";

/** Options of {@linkcode Tensor.scatterReduce}. */
export interface ScatterReduceOptions {
  /** Whether what was there takes part, where anything arrives. Default `true`. */
  includeSelf?: boolean;
}

type Folding = "prod" | "amax" | "amin";

const FOLDS: Record<Folding, (a: number, b: number) => number> = {
  prod: (a, b) => a * b,
  // NaN wins, as Math.max and Math.min have it.
  amax: Math.max,
  amin: Math.min,
};

/** Over rows: x `[n]`, positions `[k]` and source `[k]`. */
const FOLD_AT: Op<Folding> = {
  name: "scatterReduce",
  saves: [0b111 | OUTPUT, 0, 0b111 | OUTPUT],
  forward: (reduce, x, index, source) => {
    const [at, from] = [contiguous(index!), contiguous(source!)];
    const out = copyOf(x);
    const { i32, f32, f64 } = heap;
    const [values, shift] = x.dtype === "float64"
      ? [f64, 3]
      : [x.dtype === "float32" ? f32 : i32, 2];
    const fold = FOLDS[reduce];
    const [pi, ps] = [pointer(at) >>> 2, pointer(from) >>> shift];
    const po = writable(out) >>> shift;
    for (let i = 0; i < at.size; i++) {
      const to = po + i32[pi + i]!;
      values[to] = fold(values[to]!, values[ps + i]!);
    }
    return out;
  },
  backward: (node, grad) => {
    const [x, at, source] = node.inputs as readonly [Tensor, Tensor, Tensor];
    const gradients = node.params === "prod" ? ofProduct : ofExtremum;
    return gradients(grad, x, at, source, node);
  },
};

/** All that are equal to the result share its gradient evenly. */
function ofExtremum(
  grad: Tensor,
  x: Tensor,
  at: Tensor,
  source: Tensor,
  node: { output: Tensor },
): (Tensor | null)[] {
  const hits = x.eq(node.output).to(x.dtype);
  const arrived = source.eq(indexSelect(node.output, 0, at)).to(x.dtype);
  const count = hits.add(rowsAdded(arrived, at, { dim: 0, shape: x.shape }));
  const share = grad.div(count);
  return [share.mul(hits), null, indexSelect(share, 0, at).mul(arrived)];
}

/** The product of the others, also where some of them are 0. */
function ofProduct(
  grad: Tensor,
  x: Tensor,
  at: Tensor,
  source: Tensor,
  node: { output: Tensor },
): (Tensor | null)[] {
  const fold = (own: Tensor, arrived: Tensor) =>
    apply(FOLD_AT, [own, at, arrived], "prod");
  const nonzero = where(x.eq(0), 1, x);
  const gradSelf = grad.mul(fold(nonzero, source)).div(nonzero);
  const zero = source.eq(0);
  const zeros = rowsAdded(zero.to(x.dtype), at, { dim: 0, shape: x.shape });
  // The one zero that arrives somewhere: without it the product may not be 0.
  const single = zero.logicalAnd(indexSelect(zeros, 0, at).eq(1));
  const without = fold(x, where(single, 1, source));
  const others = indexSelect(grad.mul(node.output), 0, at)
    .div(where(zero, 1, source));
  const gradSource = where(
    single,
    indexSelect(grad.mul(without), 0, at),
    others,
  );
  return [gradSelf, null, gradSource];
}

/** What nothing changes: where what was there takes no part. */
const NEUTRAL: Record<ScatterReduction, number> = {
  sum: 0,
  mean: 0,
  prod: 1,
  amax: -Infinity,
  amin: Infinity,
};

/** See {@linkcode Tensor.scatterReduce}. */
export function scatterReduce(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: ScatterReduction,
  options: ScatterReduceOptions = {},
): Tensor {
  const op = "scatterReduce";
  if (!Object.hasOwn(NEUTRAL, reduce)) {
    throw new RangeError(
      `${op}() got reduce "${reduce}", expected sum, prod, mean, amax or amin`,
    );
  }
  const axis = checkScatter(op, x, dim, index, source);
  requireFloat(op, x.dtype);
  const flat = x.reshape([-1]);
  const at = flatPositions(op, x, axis, index);
  const arriving = coveredBy(index, source).reshape([-1]);
  const { includeSelf = true } = options;
  const own = includeSelf ? flat : indexFill(flat, 0, at, NEUTRAL[reduce]);
  const params = { dim: 0, shape: flat.shape };
  if (reduce !== "sum" && reduce !== "mean") {
    return apply(FOLD_AT, [own, at, arriving], reduce).reshape(x.shape);
  }
  const sums = own.add(rowsAdded(arriving, at, params));
  if (reduce === "sum") return sums.reshape(x.shape);
  const ones = rowsAdded(arriving.onesLike(), at, params);
  const count = includeSelf ? ones.add(1) : ones.clamp(1);
  return sums.div(count).reshape(x.shape);
}
