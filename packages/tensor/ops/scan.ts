/** Running sums and products along an axis: cumsum, cumprod. */

import { numericKernels } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { OUTPUT } from "../saved.ts";
import { checkAxis } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./join.ts";

interface ScanParams {
  dim: number;
  /** From the last index to the first. */
  reverse: boolean;
}

/**
 * Runs the recurrence y[i] = a[i] y[i-1] + b[i]; without `a` factors are 1,
 * without `b` it begins with the first factor and adds nothing.
 */
function recur(
  name: string,
  { dim, reverse }: ScanParams,
  a: NdArray | null,
  b: NdArray | null,
): NdArray {
  const { shape, dtype } = (a ?? b)!;
  const { scan } = numericKernels(name, dtype);
  const factors = a === null ? null : contiguous(a);
  const terms = b === null ? null : contiguous(b);
  const out = allocate(shape, dtype);
  if (out.size === 0) return out;
  let [outer, inner] = [1, 1];
  for (let i = 0; i < dim; i++) outer *= shape[i]!;
  for (let i = dim + 1; i < shape.length; i++) inner *= shape[i]!;
  const n = shape[dim] ?? 1;
  const pa = factors === null ? 0 : pointer(factors);
  const pb = terms === null ? 0 : pointer(terms);
  scan(outer, n, inner, reverse ? 1 : 0, pa, pb, writable(out));
  return out;
}

const CUMSUM: Op<ScanParams> = {
  name: "cumsum",
  saves: "none",
  forward: (params, x) => recur("cumsum", params, null, x),
  backward: ({ params: { dim, reverse } }, grad) => [
    apply(CUMSUM, [grad], { dim, reverse: !reverse }),
  ],
};

/** y[0] = x[0], y[i] = x[i] y[i-1]. */
const CUMPROD: Op<number> = {
  name: "cumprod",
  saves: [0b1 | OUTPUT],
  forward: (dim, x) => recur("cumprod", { dim, reverse: false }, x, null),
  backward: (node, grad) => {
    const [x, dim] = [node.input(0), node.params];
    const dy = apply(RECURRENCE, [x, grad], { dim, reverse: true });
    const first = dy.narrow(dim, 0, 1);
    return [cat([first, neighbours(dy, node.output, dim)], dim)];
  },
};

/** Each element of `late` but the first, times the one before it of `early`. */
function neighbours(late: Tensor, early: Tensor, dim: number): Tensor {
  const n = late.shape[dim]! - 1;
  return late.narrow(dim, 1, n).mul(early.narrow(dim, 0, n));
}

/**
 * y[i] = a[i] y[i-1] + b[i] forwards, y[i] = a[i+1] y[i+1] + b[i] backwards.
 * Each is the other's adjoint, without a division: zeros do no harm.
 */
const RECURRENCE: Op<ScanParams> = {
  name: "recurrence",
  saves: [0b1 | OUTPUT, 0b1],
  forward: (params, a, b) => recur("cumprod", params, a, b!),
  backward: (node, grad) => {
    const { dim, reverse } = node.params;
    const a = node.input(0);
    const db = apply(RECURRENCE, [a, grad], { dim, reverse: !reverse });
    if (!node.needs(0)) return [null, db];
    // a[i] was multiplied by the neighbour that came before.
    const [late, early] = reverse ? [node.output, db] : [db, node.output];
    const first = a.narrow(dim, 0, 1).zerosLike();
    return [cat([first, neighbours(late, early, dim)], dim), db];
  },
};

function axisOf(name: string, x: Tensor, dim: number): number {
  // A scalar is a row of one.
  return checkAxis(name, dim, Math.max(1, x.shape.length));
}

/** Whole numbers add up; truth values are counted. */
function countable(x: Tensor): Tensor {
  return x.dtype === "bool" ? x.to("int32") : x;
}

/** See {@linkcode Tensor.cumsum}. */
export function cumsum(x: Tensor, dim: number): Tensor {
  const params = { dim: axisOf("cumsum", x, dim), reverse: false };
  return apply(CUMSUM, [countable(x)], params);
}

/** See {@linkcode Tensor.cumprod}. */
export function cumprod(x: Tensor, dim: number): Tensor {
  const axis = axisOf("cumprod", x, dim);
  const source = countable(x);
  if (x.ndim === 0 || x.size === 0) return source.clone();
  return apply(CUMPROD, [source], axis);
}

/**
 * For each element the product of all others along the axis. Zeros make
 * division useless, so the products before and behind it are multiplied.
 */
export function productOfOthers(x: Tensor, dim: number): Tensor {
  if (x.size === 0) return x;
  const n = x.shape[dim]!;
  const one = x.narrow(dim, 0, 1).onesLike();
  const before = apply(
    CUMPROD,
    [cat([one, x.narrow(dim, 0, n - 1)], dim)],
    dim,
  );
  const zeros = x.narrow(dim, 1, n - 1).zerosLike();
  const ends = cat([zeros, one], dim);
  return before.mul(apply(RECURRENCE, [x, ends], { dim, reverse: true }));
}
