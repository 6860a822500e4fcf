/** Products over chosen axes, and distances: their lines for checkGrad. */

import { cdist, cosineSimilarity, einsum, tensordot } from "../../mod.ts";
import { type Rows, x } from "./case_test.ts";

/** By family. */
export const EINSUM: Rows = {
  matrix_products: [
    ["mm", (a, b) => a!.mm(b!), [x([2, 3]), x([3, 2])]],
    ["bmm", (a, b) => a!.bmm(b!), [x([2, 2, 3]), x([2, 3, 1])]],
    ["mv", (a, b) => a!.mv(b!), [x([2, 3]), x([3])]],
    ["dot", (a, b) => a!.dot(b!), [x([3]), x([3])]],
    ["outer", (a, b) => a!.outer(b!), [x([3]), x([2])]],
    ["kron", (a, b) => a!.kron(b!), [x([2, 1]), x([2, 3])]],
    ["cross", (a, b) => a!.cross(b!, 1), [x([2, 3]), x([1, 3])]],
    ["addmm", (c, a, b) => c!.addmm(a!, b!, { beta: 2, alpha: -3 }), [
      x([2]),
      x([3, 2]),
      x([2, 2]),
    ]],
    ["addmv", (c, a, b) => c!.addmv(a!, b!), [x([]), x([3, 2]), x([2])]],
    ["addbmm", (c, a, b) => c!.addbmm(a!, b!), [
      x([2, 2]),
      x([3, 2, 2]),
      x([3, 2, 2]),
    ]],
    ["baddbmm", (c, a, b) => c!.baddbmm(a!, b!, { alpha: 2 }), [
      x([2, 1]),
      x([3, 2, 2]),
      x([3, 2, 2]),
    ]],
  ],
  tensordot: [
    ["tensordot", (a, b) => tensordot(a!, b!, [[2, 0], [0, 1]]), [
      x([2, 3, 2]),
      x([2, 2]),
    ]],
    ["inner", (a, b) => a!.inner(b!), [x([2, 3]), x([2, 1, 3])]],
  ],
  einsum: [
    [
      "einsum of a bilinear form",
      (a, w, b) => einsum("bi,oij,bj->bo", [a!, w!, b!]),
      [x([2, 2]), x([3, 2, 2]), x([2, 2])],
    ],
    ["einsum of diagonals", (a) => einsum("iij->ji", [a!]), [x([2, 2, 3])]],
    ["einsum with dots", (a, b) => einsum("...ij,...jk", [a!, b!]), [
      x([2, 1, 2]),
      x([2, 3]),
    ]],
  ],
  distance: [
    ["cosineSimilarity", (a, b) => cosineSimilarity(a!, b!), [
      x([2, 3]),
      x([1, 3]),
    ]],
    ["cdist", (a, b) => cdist(a!, b!), [x([2, 2]), x([3, 2], 3, 4)]],
    ["cdist, p 3", (a, b) => cdist(a!, b!, { p: 3 }), [
      x([2, 2]),
      x([3, 2], 3, 4),
    ]],
    ["cdist of many", (a, b) => cdist(a!, b!), [x([2, 2]), x([26, 2], 3, 4)]],
  ],
};
