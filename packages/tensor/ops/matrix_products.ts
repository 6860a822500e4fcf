/** Products of tensors of given ranks, all by way of matmul: mm, bmm, addmm, … */

import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { matmul } from "./matmul.ts";

/** Throws unless a tensor has this many axes. */
function requireRank(
  op: string,
  what: string,
  x: Tensor,
  rank: number,
): void {
  if (x.ndim === rank) return;
  throw new RangeError(
    `${op}() got ${what} of shape ${formatShape(x.shape)}, expected ${rank} ${
      rank === 1 ? "axis" : "axes"
    }`,
  );
}

/** The product, whose sizes `matmul` checks, of operands of these ranks. */
function ranked(
  op: string,
  [a, aRank]: readonly [Tensor, number],
  [b, bRank]: readonly [Tensor, number],
): Tensor {
  requireRank(op, "a left side", a, aRank);
  requireRank(op, "a right side", b, bRank);
  return matmul(a, b);
}

/** See {@linkcode Tensor.mm}. */
export function mm(a: Tensor, b: Tensor): Tensor {
  return ranked("mm", [a, 2], [b, 2]);
}

/** See {@linkcode Tensor.mv}. */
export function mv(a: Tensor, b: Tensor): Tensor {
  return ranked("mv", [a, 2], [b, 1]);
}

/** See {@linkcode Tensor.dot}. */
export function dot(a: Tensor, b: Tensor): Tensor {
  return ranked("dot", [a, 1], [b, 1]);
}

/** See {@linkcode Tensor.bmm}. */
export function bmm(a: Tensor, b: Tensor): Tensor {
  const product = () => ranked("bmm", [a, 3], [b, 3]);
  if (a.ndim === 3 && b.ndim === 3 && a.shape[0] !== b.shape[0]) {
    throw new RangeError(
      `bmm() got batches of ${a.shape[0]} and ${
        b.shape[0]
      } matrices, which must be as many`,
    );
  }
  return product();
}

/** See {@linkcode Tensor.outer}. */
export function outer(a: Tensor, b: Tensor): Tensor {
  requireRank("outer", "a left side", a, 1);
  requireRank("outer", "a right side", b, 1);
  return a.reshape([a.size, 1]).mul(b);
}

/** Options of {@linkcode Tensor.addmm} and its kin. */
export interface AddmmOptions {
  /** Factor of the tensor; 0 leaves it out, NaN and all. Default 1. */
  beta?: number;
  /** Factor of the product. Default 1. */
  alpha?: number;
}

/** `beta x + alpha product`, x stretched to the product's shape. */
function sum(
  op: string,
  x: Tensor,
  product: Tensor,
  { beta = 1, alpha = 1 }: AddmmOptions,
): Tensor {
  const scaled = alpha === 1 ? product : product.mul(alpha);
  if (x.ndim > product.ndim) {
    throw new RangeError(
      `${op}() cannot add ${formatShape(x.shape)} to a product of shape ${
        formatShape(product.shape)
      }`,
    );
  }
  const stretched = x.expand(product.shape);
  if (beta === 0) return scaled;
  return (beta === 1 ? stretched : stretched.mul(beta)).add(scaled);
}

/** See {@linkcode Tensor.addmm}. */
export function addmm(
  x: Tensor,
  a: Tensor,
  b: Tensor,
  options: AddmmOptions = {},
): Tensor {
  return sum("addmm", x, ranked("addmm", [a, 2], [b, 2]), options);
}

/** See {@linkcode Tensor.addmv}. */
export function addmv(
  x: Tensor,
  a: Tensor,
  b: Tensor,
  options: AddmmOptions = {},
): Tensor {
  return sum("addmv", x, ranked("addmv", [a, 2], [b, 1]), options);
}

/** See {@linkcode Tensor.baddbmm}. */
export function baddbmm(
  x: Tensor,
  a: Tensor,
  b: Tensor,
  options: AddmmOptions = {},
): Tensor {
  requireRank("baddbmm", "a left side", a, 3);
  requireRank("baddbmm", "a right side", b, 3);
  return sum("baddbmm", x, bmm(a, b), options);
}

/** See {@linkcode Tensor.addbmm}. */
export function addbmm(
  x: Tensor,
  a: Tensor,
  b: Tensor,
  options: AddmmOptions = {},
): Tensor {
  requireRank("addbmm", "a left side", a, 3);
  requireRank("addbmm", "a right side", b, 3);
  const [batch, n, m] = a.shape as [number, number, number];
  const [bBatch, rows, p] = b.shape as [number, number, number];
  if (batch !== bBatch || m !== rows) {
    throw new RangeError(
      `addbmm() got batches of shape ${formatShape(a.shape)} and ${
        formatShape(b.shape)
      }, expected [b, n, m] and [b, m, p]`,
    );
  }
  // The sum over the batch is a product over longer rows.
  const left = a.permute([1, 0, 2]).reshape([n, batch * m]);
  return sum("addbmm", x, matmul(left, b.reshape([batch * m, p])), options);
}

/** See {@linkcode Tensor.kron}. */
export function kron(a: Tensor, b: Tensor): Tensor {
  const rank = Math.max(a.ndim, b.ndim);
  const padded = (x: Tensor) => [
    ...new Array<number>(rank - x.ndim).fill(1),
    ...x.shape,
  ];
  const [left, right] = [padded(a), padded(b)];
  // Blocks of b: axis i of a, then axis i of b, joined.
  const blocks = a.reshape(left.flatMap((n) => [n, 1]))
    .mul(b.reshape(right.flatMap((n) => [1, n])));
  return blocks.reshape(left.map((n, i) => n * right[i]!));
}

/** See {@linkcode Tensor.cross}. */
export function cross(a: Tensor, b: Tensor, dim: number): Tensor {
  const fits = a.ndim === b.ndim && a.shape.at(dim) === 3 &&
    b.shape.at(dim) === 3;
  if (!fits) {
    throw new RangeError(
      `cross() got ${formatShape(a.shape)} and ${
        formatShape(b.shape)
      }, expected as many axes and 3 elements along dim ${dim}`,
    );
  }
  const turned = (x: Tensor, by: number) => x.roll(-by, dim);
  return turned(a, 1).mul(turned(b, 2)).sub(turned(a, 2).mul(turned(b, 1)));
}
