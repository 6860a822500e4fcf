import {
  type BincountOptions,
  bucketize,
  type Extrema,
  type HistcOptions,
  searchsorted,
  type Tensor,
  type UniqueOptions,
} from "@fdunn/tensor";
import { type RunOp, testOpCases } from "./op_cases.ts";

/** Values and positions, or the values alone where gradients are compared. */
function both(found: Extrema, alone: unknown): Tensor[] {
  return alone === true ? [found.values] : [found.values, found.indices];
}

const table: Record<string, RunOp> = {
  cumsum: ([x], { dim }) => x!.cumsum(dim as number),
  cumprod: ([x], { dim }) => x!.cumprod(dim as number),
  sort: ([x], { dim, values, ...options }) =>
    both(x!.sort(dim as number, options), values),
  argsort: ([x], { dim, ...options }) => x!.argsort(dim as number, options),
  topk: ([x], { k, dim, values, ...options }) =>
    both(x!.topk(k as number, dim as number, options), values),
  kthvalue: ([x], { k, dim, values, ...options }) =>
    both(x!.kthvalue(k as number, dim as number, options), values),
  median: ([x], { dim, values, ...options }) =>
    dim === null ? x!.median() : both(
      x!.median(dim as number, options),
      values,
    ),
  unique: ([x], options) => {
    const { values, inverse, counts } = x!.unique(options as UniqueOptions);
    return [values, inverse, counts];
  },
  bincount: ([x, weights], options) =>
    x!.bincount({ ...options as BincountOptions, weights: weights ?? null }),
  histc: ([x], { bins, ...options }) =>
    x!.histc(bins as number | undefined, options as HistcOptions),
  searchsorted: ([sorted, values], options) =>
    searchsorted(sorted!, values!, options),
  bucketize: ([x, boundaries], options) => bucketize(x!, boundaries!, options),
  diagonal: ([x], { offset, ...options }) =>
    x!.diagonal(offset as number, options),
  diag: ([x], { offset }) => x!.diag(offset as number | undefined),
  triu: ([x], { offset }) => x!.triu(offset as number),
  tril: ([x], { offset }) => x!.tril(offset as number),
  trace: ([x]) => x!.trace(),
};

testOpCases("order", table);
