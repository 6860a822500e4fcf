/** Reductions and softmax: their lines for checkGrad. */

import { apart, type Rows, slopeOf, x } from "./case_test.ts";

/** By family. */
export const REDUCTION: Rows = {
  reduce: [
    ["sum", (a) => a!.sum(), [x([2, 3])]],
    ["sum of dims 0 and 2", (a) => a!.sum([0, -1]), [x([2, 3, 2])]],
    ["sum of nothing", (a) => a!.sum(0), [x([0, 3])]],
    ["mean", (a) => a!.mean(), [x([2, 3])]],
    ["mean of dim 1", (a) => a!.mean(1, { keepdim: true }), [x([2, 3])]],
    ["prod", (a) => a!.prod(), [x([4])]],
    ["prod of dim 0", (a) => a!.prod(0), [x([3, 2])]],
    ["prod of dims 0 and 2", (a) => a!.prod([0, 2]), [x([2, 3, 2])]],
    ["prod, third order", slopeOf((a) => a.prod()), [x([3])]],
    ["amax", (a) => a!.amax(), [apart([5])]],
    ["amax of dim 0", (a) => a!.amax(0), [apart([3, 2])]],
    ["amin", (a) => a!.amin(-1, { keepdim: true }), [apart([2, 3])]],
    ["max of dim 1", (a) => a!.max(1).values, [apart([2, 3])]],
    ["min of dim 0", (a) => a!.min(0).values, [apart([3, 2])]],
  ],
  variance: [
    ["var", (a) => a!.var(), [x([5])]],
    ["var of dim 1", (a) => a!.var(1, { correction: 0 }), [x([2, 3])]],
    ["std of dims 0 and 2", (a) => a!.std([0, 2]), [x([2, 3, 2])]],
    ["varMean", (a) => a!.varMean(1, { keepdim: true }), [x([2, 3])]],
    ["stdMean", (a) => a!.stdMean(0), [x([3, 2])]],
  ],
  vector_norm: [
    ...[1, 2, 1.5, 3, 0.5, -1, Infinity, -Infinity].map((
      p,
    ): Rows[string][number] => [
      `norm of p ${p}`,
      (a) => a!.norm(p, 1),
      [apart([2, 3])],
    ]),
    ["norm of all", (a) => a!.norm(), [x([2, 2])]],
  ],
  logsumexp: [
    ["logsumexp", (a) => a!.logsumexp([0, 1]), [x([2, 3])]],
    ["logsumexp of dim 0", (a) => a!.logsumexp(0, { keepdim: true }), [
      x([3, 2]),
    ]],
  ],
  softmax: [
    ["softmax of dim 0", (a) => a!.softmax(0), [x([3, 2])]],
    ["softmax of dim -1", (a) => a!.softmax(-1), [x([2, 5])]],
    ["softmax of a scalar", (a) => a!.softmax(0), [x([])]],
    ["softmax, third order", slopeOf((a) => a.softmax(0)), [x([3])]],
    ["logSoftmax of dim 0", (a) => a!.logSoftmax(0), [x([3, 2])]],
    ["logSoftmax of dim -1", (a) => a!.logSoftmax(-1), [x([2, 5])]],
    ["logSoftmax, third order", slopeOf((a) => a.logSoftmax(0)), [x([3])]],
  ],
};
