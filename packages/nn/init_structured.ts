/** Initialisation with zeros in most places: identity, Dirac's, sparse. */

import {
  eye,
  type Generator,
  noGrad,
  normal,
  randperm,
  streamFor,
  type Tensor,
} from "@fdunn/tensor";
import { formatShape } from "@fdunn/tensor/op";

function shapeOf(tensor: Tensor): string {
  return formatShape(tensor.shape);
}

/**
 * Makes a matrix the identity: ones on the diagonal, zeros elsewhere, so that
 * a linear layer hands on as many inputs as it can. Returns the tensor.
 *
 * See https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.eye_
 *
 * @throws RangeError unless there are two dims.
 */
export function eye_(tensor: Tensor): Tensor {
  if (tensor.ndim !== 2) {
    throw new RangeError(`eye_() is for two dims, got ${shapeOf(tensor)}`);
  }
  const [rows, columns] = tensor.shape as [number, number];
  const { dtype } = tensor;
  return noGrad(() => tensor.copy_(eye(rows, columns, { dtype })));
}

/** Options of {@linkcode dirac_}. */
export interface DiracOptions {
  /** Groups of output channels, each of which hands on all inputs. Default 1. */
  groups?: number;
}

/**
 * Makes a convolution's weight `[out, in, ...window]` hand on as many input
 * channels as it can: a one in the middle of the window of channel i for
 * input i, zeros elsewhere. Returns the tensor.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { init } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const w = init.dirac_(zeros([2, 1, 3]));
 * assertEquals(w.toArray(), [[[0, 1, 0]], [[0, 0, 0]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.dirac_
 *
 * @throws RangeError unless there are three to five dims, and groups divide
 * the first.
 */
export function dirac_(tensor: Tensor, options: DiracOptions = {}): Tensor {
  const { groups = 1 } = options;
  const [out, into, ...window] = tensor.shape as [number, number, ...number[]];
  const valid = window.length >= 1 && window.length <= 3 &&
    Number.isInteger(groups) && groups >= 1 && out % groups === 0;
  if (!valid) {
    throw new RangeError(
      `dirac_() got ${
        shapeOf(tensor)
      } in ${groups} groups, expected three to five dims and groups that divide the first`,
    );
  }
  const perGroup = out / groups;
  const centre = window.map((size) => Math.floor(size / 2));
  return noGrad(() => {
    tensor.zero_();
    for (let g = 0; g < groups; g++) {
      for (let i = 0; i < Math.min(perGroup, into); i++) {
        tensor.indexPut_([g * perGroup + i, i, ...centre], 1);
      }
    }
    return tensor;
  });
}

/** Options of {@linkcode sparse_}. */
export interface SparseOptions {
  /** Deviation of the numbers that are not zero. Default 0.01. */
  std?: number;
  /** Where the numbers come from. Default: the stream "init". */
  generator?: Generator;
}

/**
 * Fills a matrix with normal numbers, and zeros in a part of each column:
 * `ceil(sparsity rows)` of them, at random. Returns the tensor. Martens, "Deep
 * learning via Hessian-free optimization", 2010.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { init } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const w = init.sparse_(zeros([10, 3]), 0.75);
 * assertEquals(w.eq(0).sum(0).toArray(), [8, 8, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.sparse_
 *
 * @throws RangeError unless there are two dims and `sparsity` is a part.
 */
export function sparse_(
  tensor: Tensor,
  sparsity: number,
  options: SparseOptions = {},
): Tensor {
  const { std = 0.01, generator = streamFor("init") } = options;
  if (tensor.ndim !== 2 || !(sparsity >= 0 && sparsity <= 1)) {
    throw new RangeError(
      `sparse_() got ${
        shapeOf(tensor)
      } and sparsity ${sparsity}, expected two dims and 0 to 1`,
    );
  }
  const [rows, columns] = tensor.shape as [number, number];
  const zeros = Math.ceil(sparsity * rows);
  const { dtype } = tensor;
  return noGrad(() => {
    const values = normal([rows, columns], 0, std, { dtype, generator });
    for (let column = 0; column < columns; column++) {
      const order = randperm(rows, { generator }).narrow(0, 0, zeros);
      values.indexPut_([order, column], 0);
    }
    return tensor.copy_(values);
  });
}
