/** Order, running sums, diagonals: their lines for checkGrad. */

import { apart, type Rows, slopeOf, x } from "./case_test.ts";

/** By family. */
export const ORDER: Rows = {
  scan: [
    ["cumsum", (a) => a!.cumsum(-1), [x([2, 3])]],
    ["cumsum of dim 0", (a) => a!.cumsum(0), [x([4, 2])]],
    ["cumsum of a scalar", (a) => a!.cumsum(0), [x([])]],
    ["cumprod", (a) => a!.cumprod(1), [x([2, 4])]],
    ["cumprod of dim 0", (a) => a!.cumprod(0), [x([3, 2])]],
    ["cumprod of one", (a) => a!.cumprod(0), [x([1])]],
    ["cumprod, third order", slopeOf((a) => a.cumprod(0)), [x([3])]],
  ],
  sort: [
    ["sort", (a) => a!.sort().values, [apart([2, 4])]],
    [
      "sort of dim 0, descending",
      (a) => a!.sort(0, { descending: true }).values,
      [apart([3, 2])],
    ],
    ["topk", (a) => a!.topk(2).values, [apart([2, 4])]],
    ["kthvalue", (a) => a!.kthvalue(2, 0).values, [apart([3, 2])]],
    ["median of dim 1", (a) => a!.median(1).values, [apart([2, 4])]],
    ["median", (a) => a!.median(), [apart([5])]],
  ],
  diagonal: [
    ["diagonal", (a) => a!.diagonal(1), [x([3, 4])]],
    [
      "diagonal of other dims",
      (a) => a!.diagonal(-1, { dim1: 2, dim2: 0 }),
      [x([2, 2, 3])],
    ],
    ["diag of a vector", (a) => a!.diag(-1), [x([3])]],
    ["diag of a matrix", (a) => a!.diag(), [x([2, 3])]],
    ["trace", (a) => a!.trace(), [x([3, 2])]],
    ["triu", (a) => a!.triu(1), [x([2, 3, 3])]],
    ["tril", (a) => a!.tril(), [x([2, 4])]],
  ],
};
