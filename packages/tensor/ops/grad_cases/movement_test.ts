/** Shapes, parts, positions: their lines for checkGrad. */

import { cat, stack } from "../../mod.ts";
import { index, type Rows, x } from "./case_test.ts";

/** By family. */
export const MOVEMENT: Rows = {
  view: [
    ["reshape", (a) => a!.reshape([3, -1]), [x([2, 3])]],
    ["reshape with a copy", (a) => a!.t().reshape([6]), [x([2, 3])]],
    ["permute", (a) => a!.permute([2, 0, 1]), [x([2, 3, 2])]],
    ["expand", (a) => a!.expand([2, 3, 4]), [x([3, 1])]],
    ["slice", (a) => a!.slice(1, 1, 5, 2), [x([2, 5])]],
    ["narrow", (a) => a!.narrow(0, 1, 2), [x([3, 2])]],
    ["select", (a) => a!.select(1, -1), [x([2, 3])]],
    ["split", (a) => a!.split([1, 2], 1), [x([2, 3])]],
    ["flatten", (a) => a!.flatten(1), [x([2, 3, 2])]],
    ["squeeze", (a) => a!.squeeze(1).unsqueeze(0), [x([2, 1, 3])]],
  ],
  join: [
    ["cat", (a, b) => cat([a!, b!, a!], 1), [x([2, 3]), x([2, 1])]],
    ["stack", (a, b) => stack([a!, b!], -1), [x([2, 3]), x([2, 3])]],
    ["clone", (a) => a!.clone(), [x([3])]],
    ["contiguous", (a) => a!.t().contiguous(), [x([2, 3])]],
  ],
  indexing: [
    ["indexSelect", (a, i) => a!.indexSelect(1, i!), [
      x([2, 3]),
      index([5], 3),
    ]],
    ["gather", (a, i) => a!.gather(0, i!), [x([3, 2]), index([4, 2], 3)]],
    ["gather less", (a, i) => a!.gather(1, i!), [x([3, 4]), index([2, 3], 4)]],
  ],
};
