/** Picking and writing by index tensors: their lines for checkGrad. */

import { tensor } from "../../mod.ts";
import { apart, index, type Make, type Rows, x } from "./case_test.ts";

type Line = Rows[string][number];

const int = (values: number[]): Make => () =>
  tensor(values, { dtype: "int32" });
const MASK: Make = () => tensor([[true, false, true], [false, true, true]]);

/** By family. */
export const INDEXING: Rows = {
  indexing: [
    ["indexSelect", (a, i) => a!.indexSelect(1, i!), [
      x([2, 3]),
      index([5], 3),
    ]],
    ["gather", (a, i) => a!.gather(0, i!), [x([3, 2]), index([4, 2], 3)]],
    ["gather less", (a, i) => a!.gather(1, i!), [x([3, 4]), index([2, 3], 4)]],
  ],
  scatter: [
    ["scatter", (a, i, s) => a!.scatter(1, i!, s!), [
      x([2, 4]),
      () => tensor([[3, 0], [1, 2]], { dtype: "int32" }),
      x([2, 3]),
    ]],
    ["scatter less", (a, i, s) => a!.scatter(0, i!, s!), [
      x([3, 3]),
      () => tensor([[2, 0], [1, 1]], { dtype: "int32" }),
      x([2, 2]),
    ]],
    ["scatter a number", (a, i) => a!.scatter(1, i!, 2), [
      x([2, 4]),
      index([2, 3], 4),
    ]],
    ["scatterAdd", (a, i, s) => a!.scatterAdd(1, i!, s!), [
      x([2, 3]),
      index([2, 5], 3),
      x([2, 5]),
    ]],
    ["scatterAdd less", (a, i, s) => a!.scatterAdd(0, i!, s!), [
      x([2, 3]),
      index([4, 2], 2),
      x([4, 3]),
    ]],
    ["indexAdd", (a, i, s) => a!.indexAdd(1, i!, s!, { alpha: -2 }), [
      x([2, 3]),
      index([4], 3),
      x([2, 4]),
    ]],
    ["indexCopy", (a, i, s) => a!.indexCopy(0, i!, s!), [
      x([3, 2]),
      int([2, 0]),
      x([2, 2]),
    ]],
    ["indexFill", (a, i, v) => a!.indexFill(1, i!, v!), [
      x([2, 3]),
      int([1, 1]),
      x([]),
    ]],
  ],
  scatter_reduce: [
    ...(["sum", "mean", "prod", "amax"] as const).map((reduce): Line => [
      `scatterReduce, ${reduce}`,
      (a, i, s) => a!.scatterReduce(1, i!, s!, reduce),
      [apart([2, 3]), index([2, 4], 3), apart([2, 4])],
    ]),
    [
      "scatterReduce, amin of what arrives",
      (a, i, s) => a!.scatterReduce(0, i!, s!, "amin", { includeSelf: false }),
      [
        apart([2, 3]),
        index([4, 2], 2),
        apart([4, 3]),
      ],
    ],
    [
      "scatterReduce, prod of what arrives",
      (a, i, s) => a!.scatterReduce(0, i!, s!, "prod", { includeSelf: false }),
      [
        apart([2, 3]),
        index([2, 2], 2),
        apart([2, 3]),
      ],
    ],
  ],
  advanced_index: [
    ["index by pairs, apart", (a, i, j) => a!.index([i!, null, j!]), [
      x([2, 3, 4]),
      index([3], 2),
      index([2, 1], 4),
    ]],
    ["index by a mask", (a, m) => a!.index([1, m!]), [x([2, 2, 3]), MASK]],
    ["indexPut", (a, i, j, v) => a!.indexPut([i!, null, j!], v!), [
      x([2, 3, 4]),
      int([0, 1]),
      int([3, 0]),
      x([2, 1]),
    ]],
    [
      "indexPut, added up",
      (a, i, v) => a!.indexPut([i!], v!, { accumulate: true }),
      [x([3, 2]), int([2, 0, 2]), x([3, 2])],
    ],
    ["maskedSelect", (a, m) => a!.maskedSelect(m!), [x([2, 1]), MASK]],
    ["take", (a, i) => a!.take(i!), [x([2, 3]), index([2, 4], 6)]],
    ["takeAlongDim", (a, i) => a!.takeAlongDim(i!, 1), [
      x([1, 3]),
      index([2, 4], 3),
    ]],
  ],
};
