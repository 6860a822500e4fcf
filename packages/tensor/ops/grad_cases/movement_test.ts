/** Shapes, parts, positions: their lines for checkGrad. */

import { cat, hstack, meshgrid, stack, vstack } from "../../mod.ts";
import { index, type Rows, x } from "./case_test.ts";

/** By family. */
export const MOVEMENT: Rows = {
  view: [
    ["reshape", (a) => a!.reshape([3, -1]), [x([2, 3])]],
    ["reshape with a copy", (a) => a!.t().reshape([6]), [x([2, 3])]],
    ["view", (a) => a!.view([-1]), [x([2, 3])]],
    ["transpose", (a) => a!.transpose(0, -1), [x([2, 3])]],
    ["t", (a) => a!.t(), [x([2, 3])]],
    ["unsqueeze", (a) => a!.unsqueeze(-1), [x([2, 3])]],
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
    ["hstack", (a, b) => hstack([a!, b!]), [x([2, 3]), x([2, 1])]],
    ["vstack", (a, b) => vstack([a!, b!]), [x([3]), x([2, 3])]],
  ],
  rearrange: [
    ["unflatten", (a) => a!.unflatten(1, [2, -1]), [x([2, 6])]],
    ["movedim", (a) => a!.movedim(0, -1), [x([2, 3, 2])]],
    ["swapaxes", (a) => a!.swapaxes(0, 1), [x([2, 3])]],
    ["expandAs", (a, b) => a!.expandAs(b!), [x([3, 1]), index([2, 3, 2], 2)]],
    ["broadcastTo", (a) => a!.broadcastTo([2, 3]), [x([3])]],
    ["repeat", (a) => a!.repeat([2, 1, 3]), [x([2, 2])]],
    ["tile", (a) => a!.tile([2]), [x([2, 2])]],
    ["repeatInterleave", (a) => a!.repeatInterleave(2, 0), [x([2, 2])]],
    ["repeatInterleave by counts", (a, n) => a!.repeatInterleave(n!, 1), [
      x([2, 3]),
      index([3], 3),
    ]],
    ["flip", (a) => a!.flip([0, -1]), [x([2, 3])]],
    ["roll", (a) => a!.roll([1, -1], [0, 1]), [x([2, 3])]],
    ["rot90", (a) => a!.rot90(3), [x([2, 3])]],
    ["unbind", (a) => a!.unbind(1), [x([2, 3])]],
    ["chunk", (a) => a!.chunk(2, 1), [x([2, 3])]],
  ],
  window: [
    ["unfold with overlap", (a) => a!.unfold(1, 3, 2), [x([2, 7])]],
    ["unfold with gaps", (a) => a!.unfold(0, 1, 2), [x([5, 2])]],
  ],
  meshgrid: [
    ["meshgrid", (a, b) => meshgrid([a!, b!], { indexing: "xy" }), [
      x([2]),
      x([3]),
    ]],
  ],
};
