/** Linear algebra: its lines for checkGrad. */

import * as linalg from "../../linalg/mod.ts";
import { eye, type Tensor, tensor, type TensorData } from "../../mod.ts";
import { type Make, type Rows, x } from "./case_test.ts";

/** Far from singular. */
function regular(a: Tensor): Tensor {
  return a.add(eye(a.shape.at(-1)!).mul(5).to(a.dtype));
}

/** Symmetric and positive-definite. */
function definite(a: Tensor): Tensor {
  return regular(a.matmul(a.transpose(-2, -1)));
}

/** Eigenvalues, or singular values, that differ. */
function spread(a: Tensor): Tensor {
  const n = a.shape.at(-1)!;
  const steps = eye(n).cumsum(0).sum(0).diag().mul(4).to(a.dtype);
  return a.add(a.transpose(-2, -1)).mul(0.3).add(steps);
}

/** These values. */
function given(values: TensorData): Make {
  return () => tensor(values, { dtype: "float64", requiresGrad: true });
}

/** By the test that runs them. */
export const LINALG: Rows = {
  "../linalg/gradients": [
    ["linalg.solve", (a, b) => linalg.solve(regular(a!), b!), [
      x([3, 3]),
      x([3, 2]),
    ]],
    ["linalg.solve of vectors", (a, b) => linalg.solve(regular(a!), b!), [
      x([2, 3, 3]),
      x([3]),
    ]],
    [
      "linalg.solve from the right",
      (a, b) => linalg.solve(regular(a!), b!, { left: false }),
      [x([3, 3]), x([2, 2, 3])],
    ],
    ["linalg.inv", (a) => linalg.inv(regular(a!)), [x([2, 3, 3])]],
    ["linalg.inverse", (a) => linalg.inverse(regular(a!)), [x([2, 2])]],
    ["linalg.det", (a) => linalg.det(a!), [x([2, 3, 3])]],
    [
      "linalg.det of singular matrices",
      (a) => linalg.det(a!),
      [given([[[4, 0, 0], [0, 1, 1], [0, 1, 1]], [[2, 1, 0], [0, 1, 3], [
        1,
        0,
        1,
      ]]])],
    ],
    ["linalg.det of a singular matrix", (a) => linalg.det(a!), [
      given([[1, 2], [2, 4]]),
    ]],
    ["linalg.slogdet", (a) => linalg.slogdet(a!).logabsdet, [x([2, 3, 3])]],
    [
      "linalg.solveTriangular",
      (a, b) => linalg.solveTriangular(regular(a!), b!, { upper: true }),
      [x([3, 3]), x([2, 3, 2])],
    ],
    [
      "linalg.solveTriangular, lower, from the right, unit",
      (a, b) =>
        linalg.solveTriangular(a!, b!, {
          upper: false,
          left: false,
          unitriangular: true,
        }),
      [x([3, 3], -1, 1), x([2, 3])],
    ],
    ["linalg.cholesky", (a) => linalg.cholesky(definite(a!)), [x([2, 3, 3])]],
    [
      "linalg.cholesky, upper",
      (a) => linalg.cholesky(definite(a!), { upper: true }),
      [x([2, 2])],
    ],
    ["linalg.qr", (a) => qr(a!), [x([4, 2])]],
    ["linalg.qr of Q alone", (a) => linalg.qr(a!).Q, [x([3, 2])]],
    ["linalg.qr of R alone", (a) => linalg.qr(a!).R, [x([2, 3, 2])]],
    ["linalg.qr of wide matrices", (a) => qr(a!), [x([2, 2, 3])]],
    ["linalg.qr of wide ones, Q alone", (a) => linalg.qr(a!).Q, [x([2, 3])]],
    [
      "linalg.qr, complete",
      (a) => qr(a!, { mode: "complete" }),
      [x([2, 3])],
    ],
    ["linalg.svd", (a) => svd(spread(a!)), [x([3, 3])]],
    ["linalg.svd of tall matrices", (a) => svd(tall(a!)), [x([2, 3, 2])]],
    [
      "linalg.svd of wide matrices",
      (a) => svd(tall(a!).transpose(-2, -1)),
      [x([3, 2])],
    ],
    ["linalg.svd of U alone", (a) => linalg.svd(spread(a!)).U, [x([3, 3])]],
    [
      "linalg.svd with all vectors",
      (a) => {
        const { U, S, Vh } = linalg.svd(tall(a!));
        return [U.narrow(-1, 0, 2), S, Vh];
      },
      [x([4, 2])],
    ],
    ["linalg.svdvals", (a) => linalg.svdvals(tall(a!)), [x([2, 3, 2])]],
    [
      "linalg.eigh",
      (a) => {
        const found = linalg.eigh(spread(a!));
        return [found.eigenvalues, found.eigenvectors];
      },
      [x([2, 3, 3])],
    ],
    [
      "linalg.eigh of vectors alone",
      (a) => linalg.eigh(spread(a!), { UPLO: "U" }).eigenvectors,
      [x([3, 3])],
    ],
    ["linalg.eigvalsh", (a) => linalg.eigvalsh(spread(a!)), [x([3, 3])]],
    ["linalg.lstsq", (a, b) => linalg.lstsq(tall(a!), b!).solution, [
      x([4, 2]),
      x([4, 2]),
    ]],
    [
      "linalg.lstsq of wide matrices",
      (a, b) => linalg.lstsq(tall(a!).t(), b!, { driver: "gels" }).solution,
      [x([3, 2]), x([2])],
    ],
    [
      "linalg.lstsq, residuals",
      (a, b) => linalg.lstsq(tall(a!), b!, { driver: "gelsd" }).residuals,
      [x([4, 2]), x([4, 1])],
    ],
    ["linalg.pinv", (a) => linalg.pinv(tall(a!)), [x([2, 3, 2])]],
    ["linalg.pinv of wide ones", (a) => linalg.pinv(tall(a!).t()), [x([3, 2])]],
    [
      "linalg.pinv of deficient matrices",
      (a, b) => linalg.pinv(a!.add(2).matmul(b!.add(2)), { rtol: 1e-6 }),
      [x([3, 1], 1), x([1, 3], 1)],
    ],
    ["linalg.matrixNorm", (a) => linalg.matrixNorm(a!), [x([2, 3, 2])]],
    [
      "linalg.matrixNorm, nuclear",
      (a) => linalg.matrixNorm(tall(a!), "nuc"),
      [x([3, 2])],
    ],
    [
      "linalg.matrixNorm, 2 and -2",
      (a) => [linalg.matrixNorm(tall(a!), 2), linalg.matrixNorm(tall(a!), -2)],
      [x([3, 2])],
    ],
    [
      "linalg.matrixNorm, sums",
      (a) => [linalg.matrixNorm(a!, 1), linalg.matrixNorm(a!, -Infinity)],
      [x([3, 2])],
    ],
    [
      "linalg.vectorNorm",
      (a) => [linalg.vectorNorm(a!), linalg.vectorNorm(a!, 3, { dim: 0 })],
      [x([3, 2])],
    ],
    ["linalg.norm", (a) => [linalg.norm(a!), linalg.norm(a!, "fro")], [
      x([3, 2]),
    ]],
    ["linalg.cond", (a) => linalg.cond(tall(a!)), [x([3, 2])]],
    ["linalg.cond, fro", (a) => linalg.cond(regular(a!), "fro"), [x([3, 3])]],
    ["linalg.matrixPower", (a) => linalg.matrixPower(a!, 5), [x([2, 2, 2])]],
    [
      "linalg.matrixPower, negative",
      (a) => linalg.matrixPower(regular(a!), -2),
      [x([2, 2])],
    ],
  ],
};

function qr(a: Tensor, options?: linalg.QROptions): Tensor[] {
  const { Q, R } = linalg.qr(a, options);
  return [Q, R];
}

function svd(a: Tensor): Tensor[] {
  const { U, S, Vh } = linalg.svd(a, { fullMatrices: false });
  return [U, S, Vh];
}

/** Tall, with singular values that differ. */
function tall(a: Tensor): Tensor {
  const [m, n] = a.shape.slice(-2) as [number, number];
  const steps = eye(m, n).cumsum(0).cumsum(1).tril().mul(2).to(a.dtype);
  return a.mul(0.4).add(steps);
}
