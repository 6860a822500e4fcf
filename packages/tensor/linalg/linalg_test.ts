/** Linear algebra beyond parity: hard matrices, types, memory, refusals. */

import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  arange,
  eye,
  full,
  memoryStats,
  ones,
  scope,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { numbers } from "../samples_test.ts";
import * as linalg from "./mod.ts";

function random(shape: number[], seed: number, dtype = "float64" as const) {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(numbers(size, seed, -1, 1), { shape, dtype });
}

/** max|a - b| over max|b|. */
function distance(a: Tensor, b: Tensor): number {
  assertEquals(a.shape, b.shape);
  return a.sub(b).abs().max().item() / b.abs().max().item();
}

/** U diag(s) Vᵀ with singular values from 1 down to 1 / condition. */
function conditioned(n: number, condition: number): Tensor {
  const u = linalg.qr(random([n, n], 1)).Q, v = linalg.qr(random([n, n], 2)).Q;
  const exponents = arange(n).to("float64").mul(-1 / (n - 1));
  const s = full([n], condition, { dtype: "float64" }).pow(exponents);
  return u.mul(s).matmul(v);
}

Deno.test("a condition of 1e10 leaves residuals of a few roundings", () => {
  for (const n of [8, 40]) {
    const a = conditioned(n, 1e10), b = random([n, 2], 3);
    const unit = n * 2 ** -52;
    const small = (x: Tensor) => {
      const residual = a.matmul(x).sub(b).abs().max().item();
      assertLess(residual / (x.abs().max().item() * n), 4 * unit);
    };
    small(linalg.solve(a, b));
    small(linalg.lstsq(a, b).solution);
    small(linalg.lstsq(a, b, { driver: "gels" }).solution);
    const { Q, R } = linalg.qr(a);
    assertLess(distance(Q.matmul(R), a), unit);
    const { U, S, Vh } = linalg.svd(a);
    assertLess(distance(U.mul(S).matmul(Vh), a), 2 * unit);
    assertLess(Math.abs(linalg.cond(a).item() / 1e10 - 1), 1e-4);
    // Squared, the condition is 1e10 again.
    const half = conditioned(n, 1e5);
    const definite = half.matmul(half.t());
    const l = linalg.cholesky(definite);
    assertLess(distance(l.matmul(l.t()), definite), unit);
    const { eigenvalues: w, eigenvectors: q } = linalg.eigh(definite);
    assertLess(distance(q.mul(w).matmul(q.t()), definite), 4 * unit);
    const { logabsdet } = linalg.slogdet(a);
    const expected = -10 * Math.log(10) * n / 2;
    assertLess(Math.abs(logabsdet.item() / expected - 1), 1e-6);
  }
});

Deno.test("float32 is rounded once: as exact as float32 can be", () => {
  const wide = random([2, 12, 12], 4);
  const narrow = wide.to("float32"), same = narrow.to("float64");
  const pairs: [Tensor, Tensor][] = [
    [linalg.inv(narrow), linalg.inv(same)],
    [linalg.det(narrow), linalg.det(same)],
    [linalg.svdvals(narrow), linalg.svdvals(same)],
    [linalg.qr(narrow).R, linalg.qr(same).R],
  ];
  for (const [single, double] of pairs) {
    assertEquals([single.dtype, double.dtype], ["float32", "float64"]);
    assertEquals(single.toArray(), double.to("float32").toArray());
  }
});

Deno.test("any layout, and batches of any rank", () => {
  const a = random([2, 3, 5, 4], 5);
  const turned = a.permute([1, 0, 3, 2]);
  const { U, S, Vh } = linalg.svd(turned, { fullMatrices: false });
  assertEquals([U.shape, S.shape, Vh.shape], [
    [3, 2, 4, 4],
    [3, 2, 4],
    [3, 2, 4, 5],
  ]);
  assertLess(distance(U.mul(S.unsqueeze(-2)).matmul(Vh), turned), 1e-14);
  const square = a.narrow(2, 1, 4).transpose(0, 1);
  const x = linalg.solve(square, square);
  assertLess(distance(x, eye(4).to("float64").expand(x.shape)), 1e-12);
});

Deno.test("nothing is singular without elements", () => {
  const none = zeros([0, 0]), batch = zeros([0, 2, 2]);
  assertEquals(linalg.det(none).item(), 1);
  assertEquals(linalg.slogdet(none).logabsdet.item(), 0);
  assertEquals(linalg.inv(none).shape, [0, 0]);
  assertEquals(linalg.det(batch).shape, [0]);
  assertEquals(linalg.matrixRank(none).item(), 0);
  assertEquals(linalg.matrixPower(none, 3).shape, [0, 0]);
  assertEquals(linalg.eigh(batch).eigenvalues.shape, [0, 2]);
  const { U, S, Vh } = linalg.svd(zeros([0, 3]));
  assertEquals([U.shape, S.shape], [[0, 0], [0]]);
  assertEquals(Vh.toArray(), [[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
  assertEquals(
    linalg.qr(zeros([2, 0]), { mode: "complete" }).Q.toArray(),
    [[1, 0], [0, 1]],
  );
});

Deno.test("repeated values have orthonormal vectors", () => {
  for (const a of [eye(5), zeros([5, 5]), full([5, 5], 1)]) {
    const { U, S, Vh } = linalg.svd(a);
    const { eigenvalues, eigenvectors: q } = linalg.eigh(a);
    for (const v of [U, Vh, q]) {
      assert(v.matmul(v.t()).allclose(eye(5), { atol: 1e-6 }));
    }
    assert(U.mul(S).matmul(Vh).allclose(a, { atol: 1e-6 }));
    assert(q.mul(eigenvalues).matmul(q.t()).allclose(a, { atol: 1e-6 }));
  }
  const x = eye(3, 3, { requiresGrad: true });
  linalg.svdvals(x).sum().backward();
  assert(x.grad!.allclose(eye(3)));
});

Deno.test("gradients through what has none are not finite, as in PyTorch", () => {
  const x = eye(2, 2, { requiresGrad: true });
  linalg.eigh(x).eigenvectors.sum().backward();
  assertEquals(x.grad!.isfinite().any().item(), 0);
  const y = tensor([[1, 2], [2, 4]], { requiresGrad: true });
  const { sign, logabsdet } = linalg.slogdet(y);
  assertEquals([sign.item(), logabsdet.item()], [-0, -Infinity]);
  logabsdet.backward();
  assertEquals(y.grad!.toArray(), [[-Infinity, Infinity], [
    Infinity,
    -Infinity,
  ]]);
});

Deno.test("the gradient of det is the matrix of cofactors", () => {
  const a = tensor([[[1, 2], [2, 4]], [[0, 0], [0, 0]], [[1, 2], [3, 4]]], {
    dtype: "float64",
    requiresGrad: true,
  });
  const det = linalg.det(a);
  assertEquals(det.narrow(0, 0, 2).abs().toArray(), [0, 0]);
  det.sum().backward();
  const cofactors = [[[4, -2], [-2, 1]], [[0, 0], [0, 0]], [[4, -3], [-2, 1]]];
  const expected = tensor(cofactors, { dtype: "float64" });
  assert(a.grad!.allclose(expected, { atol: 1e-14 }));
});

const CASES: [string, () => unknown, string][] = [
  [
    "solve",
    () => linalg.solve(tensor([[1, 2], [2, 4]]), tensor([1, 1])),
    "linalg.solve: The solver failed because the input matrix is singular.",
  ],
  [
    "solve of a batch",
    () => linalg.solve(tensor([[[1, 0], [0, 1]], [[0, 0], [0, 0]]]), eye(2)),
    "linalg.solve: (Batch element 1): The solver failed because the input matrix is singular.",
  ],
  [
    "inv",
    () => linalg.inv(tensor([[1, 2], [2, 4]])),
    "linalg.inv: The diagonal element 2 is zero, the inversion could not be completed because the input matrix is singular.",
  ],
  [
    "matrixPower",
    () => linalg.matrixPower(zeros([2, 2]), -1),
    "linalg.inv: The diagonal element 1 is zero, the inversion could not be completed because the input matrix is singular.",
  ],
  [
    "cholesky",
    () => linalg.cholesky(tensor([[1, 2], [2, 1]])),
    "linalg.cholesky: The factorization could not be completed because the input is not positive-definite (the leading minor of order 2 is not positive-definite).",
  ],
  [
    "cholesky of NaN",
    () => linalg.cholesky(full([3, 2, 2], NaN)),
    "linalg.cholesky: (Batch element 0): The factorization could not be completed because the input is not positive-definite (the leading minor of order 1 is not positive-definite).",
  ],
  ...["svd", "svdvals", "pinv", "matrixRank", "cond"].map((
    name,
  ): [string, () => unknown, string] => [
    name,
    () => (Reflect.get(linalg, name) as typeof linalg.svd)(full([2, 2], NaN)),
    "linalg.svd: The algorithm failed to converge because the input matrix contained non-finite values.",
  ]),
  [
    "lstsq",
    () =>
      linalg.lstsq(tensor([[1, 0], [0, 0], [0, 0]]), zeros([3, 1]), {
        driver: "gels",
      }),
    "linalg.lstsq: The least squares solution could not be computed because the input matrix does not have full rank.",
  ],
];
for (const [what, f, message] of CASES) {
  Deno.test(`${what} has PyTorch's words for what it cannot take`, () => {
    assertEquals(assertThrows(f, linalg.LinAlgError).message, message);
  });
}

Deno.test("NaN goes through what ends by itself", () => {
  const a = tensor([[NaN, 1], [1, 1]]);
  assertEquals(linalg.det(a).item(), NaN);
  assertEquals(linalg.inv(a).isnan().all().item(), 1);
  assertEquals(linalg.eigvalsh(a).toArray(), [NaN, NaN]);
  assertEquals(linalg.qr(a).R.isnan().any().item(), 1);
  assertEquals(linalg.vectorNorm(a).item(), NaN);
});

Deno.test("a condition is infinite for singular matrices alone", () => {
  // As PyTorch's: 0 · ∞ is no reason for NaN, nor is a determinant of 1e-60.
  const matrices = stack([
    zeros([3, 3]),
    eye(3),
    eye(3).mul(1e-20),
    ones([3, 3]),
  ]);
  assertEquals(linalg.cond(matrices, 1).toArray(), [Infinity, 1, 1, Infinity]);
});

const REFUSED: [string, () => unknown, ErrorConstructor, string][] = [
  [
    "solve",
    () => linalg.solve(zeros([2, 3]), zeros([2])),
    RangeError,
    "[2, 3]",
  ],
  ["solve", () => linalg.solve(eye(2), zeros([3])), RangeError, "A X = B"],
  [
    "solve",
    () => linalg.solve(eye(2), zeros([2, 3]), { left: false }),
    RangeError,
    "X A = B",
  ],
  [
    "solve",
    () => linalg.solve(eye(2), zeros([2]).to("float64")),
    TypeError,
    "float64",
  ],
  ["inv", () => linalg.inv(zeros([3])), RangeError, "[..., m, n]"],
  ["inv", () => linalg.inv(zeros([3, 2])), RangeError, "[..., n, n]"],
  ["inverse", () => linalg.inverse(zeros([3, 2])), RangeError, "linalg.inv()"],
  ["det", () => linalg.det(zeros([2, 3])), RangeError, "square"],
  ["slogdet", () => linalg.slogdet(zeros([2, 3])), RangeError, "square"],
  ["cholesky", () => linalg.cholesky(zeros([2, 3])), RangeError, "square"],
  ["qr", () => linalg.qr(eye(2), { mode: "x" as "r" }), RangeError, '"x"'],
  ["eigh", () => linalg.eigh(eye(2), { UPLO: "X" as "U" }), RangeError, '"X"'],
  ["eigvalsh", () => linalg.eigvalsh(zeros([2])), RangeError, "eigvalsh()"],
  [
    "solveTriangular",
    () => linalg.solveTriangular(eye(2), zeros([2]), { upper: true }),
    RangeError,
    "matrices",
  ],
  [
    "solveTriangular",
    () => linalg.solveTriangular(eye(2), zeros([3, 1]), { upper: true }),
    RangeError,
    "[3, 1]",
  ],
  ["lstsq", () => linalg.lstsq(eye(2), zeros([3, 1])), RangeError, "rows"],
  [
    "lstsq",
    () => linalg.lstsq(eye(2), zeros([2]), { driver: "x" as "gels" }),
    RangeError,
    '"x"',
  ],
  [
    "pinv",
    () => linalg.pinv(zeros([2, 3]), { hermitian: true }),
    RangeError,
    "square",
  ],
  ["matrixRank", () => linalg.matrixRank(zeros([2])), RangeError, "[2]"],
  ["matrixNorm", () => linalg.matrixNorm(eye(2), 3), RangeError, "order 3"],
  [
    "matrixNorm",
    () => linalg.matrixNorm(eye(2), 1, { dim: [0, -2] }),
    RangeError,
    "dim 0",
  ],
  [
    "vectorNorm",
    () => linalg.vectorNorm(zeros([0]), Infinity),
    RangeError,
    "without elements",
  ],
  ["norm", () => linalg.norm(zeros([2, 2, 2]), 2), RangeError, "3 axes"],
  ["norm", () => linalg.norm(zeros([2]), "nuc"), RangeError, "1 axes"],
  ["cond", () => linalg.cond(zeros([2, 3]), "fro"), RangeError, "square"],
  ["matrixPower", () => linalg.matrixPower(eye(2), 0.5), RangeError, "0.5"],
];
for (const [name, f, type, part] of REFUSED) {
  Deno.test(`linalg.${name} names what it got: ${part}`, () => {
    const { message } = assertThrows(f, type);
    assert(message.includes("linalg.") && message.includes(part), message);
  });
}

Deno.test("whole numbers are refused by all", () => {
  const a = eye(2).to("int32");
  for (const [name, f] of Object.entries(linalg)) {
    if (name === "LinAlgError") continue;
    const call = f as unknown as (...args: unknown[]) => unknown;
    const error = assertThrows(() => call(a, name === "norm" ? 2 : a, {}));
    assert(error instanceof TypeError, name);
    assert(error.message.includes("int32"), `${name}: ${error.message}`);
  }
});

Deno.test("qr refuses gradients that it has not", () => {
  for (const mode of ["r", "complete"] as const) {
    const a = tensor([[1, 2], [3, 4], [5, 7]], { requiresGrad: true });
    const { R } = linalg.qr(a, { mode });
    assertThrows(() => R.sum().backward(), Error, `"${mode}" has no gradient`);
  }
});

Deno.test("a write into any part of a decomposition spoils its backward", () => {
  const a = tensor([[3, 1], [1, 2]], { requiresGrad: true });
  for (const part of ["U", "S", "Vh"] as const) {
    const found = linalg.svd(a);
    const loss = found.S.sum();
    found[part].detach().mul_(2);
    assertThrows(() => loss.backward(), Error, "modified by an inplace");
  }
});

Deno.test("a loop of decompositions runs in flat memory", () => {
  const a = random([30, 30], 6).requiresGrad_();
  const step = () =>
    scope(() => {
      linalg.svd(a).S.sum().add(linalg.det(a)).add(linalg.pinv(a).sum())
        .backward();
      a.grad = null;
    });
  for (let i = 0; i < 5; i++) step();
  const before = memoryStats().liveBytes;
  for (let i = 0; i < 20; i++) step();
  assertLess(memoryStats().liveBytes, before + 1e5);
});
