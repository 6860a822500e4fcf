/** Orthonormal bases. */

import { type Tensor, zerosLike } from "@fdunn/tensor";

/**
 * The orthonormal factor Q of the QR decomposition of a square matrix, with a
 * positive diagonal in R: complete also where columns depend on each other.
 *
 * By Gram and Schmidt, each column as often as it takes to be orthogonal to
 * the last digit ("twice is enough"). Its products of a matrix and a vector are
 * kernels, where loops of JavaScript took ten times as long.
 */
export function orthonormal(matrix: Tensor): Tensor {
  const columns = matrix.t().contiguous(); // a column in each row
  const q = zerosLike(columns);
  const n = columns.shape[0]!;
  for (let k = 0; k < n; k++) {
    const done = q.narrow(0, 0, k);
    let x = columns.select(0, k);
    // A projection leaves most of a vector that is orthogonal already. What
    // it leaves of a dependent one is noise, which may have to be replaced.
    for (let left = 0, attempt = 0; left < 0.7; attempt++) {
      const length = x.norm().item();
      const lost = length === 0 || attempt === 2;
      x = lost ? missingAxis(done) : x.div(length);
      if (k > 0) x = x.sub(done.matmul(x).matmul(done));
      left = x.norm().item();
    }
    q.select(0, k).copy_(x.div(x.norm()));
  }
  return q.t();
}

/** The axis that is farthest from all of `rows`. */
function missingAxis(rows: Tensor): Tensor {
  const part = rows.square().sum(0);
  const axis = part.zerosLike();
  axis.narrow(0, part.argmin().item(), 1).fill_(1);
  return axis;
}
