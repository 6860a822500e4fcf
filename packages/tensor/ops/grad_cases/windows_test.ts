/**
 * Convolution and pooling of one and three axes, normalisation beside that of
 * batches: their lines for checkGrad.
 */

import {
  adaptiveAvgPool1d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  conv3d,
  convTranspose1d,
  groupNorm,
  instanceNorm,
  maxPool1d,
  maxPool2dWithIndices,
  maxUnpool2d,
  rmsNorm,
  tensor,
} from "../../mod.ts";
import { apart, type Rows, x } from "./case_test.ts";

/** By family. */
export const WINDOWS: Rows = {
  conv3d: [
    [
      "conv3d",
      (a, w, b) =>
        conv3d(a!, w!, b!, { padding: [1, 0, 1], stride: [2, 1, 1] }),
      [x([1, 2, 3, 2, 2]), x([2, 2, 2, 2, 2]), x([2])],
    ],
    [
      "conv3d of groups, dilated",
      (a, w) => conv3d(a!, w!, null, { groups: 2, dilation: [2, 1, 1] }),
      [x([4, 3, 1, 2]), x([2, 2, 2, 1, 1])],
    ],
  ],
  conv_transpose1d: [
    [
      "convTranspose1d",
      (a, w, b) => convTranspose1d(a!, w!, b!, { stride: 2, padding: 1 }),
      [x([1, 2, 3]), x([2, 2, 3]), x([2])],
    ],
  ],
  pool1d: [
    ["maxPool1d", (a) => maxPool1d(a!, 2, { ceilMode: true }), [
      apart([2, 5]),
    ]],
    ["avgPool1d", (a) => avgPool1d(a!, 3, { stride: 2, padding: 1 }), [
      x([1, 2, 6]),
    ]],
    ["adaptiveAvgPool1d", (a) => adaptiveAvgPool1d(a!, 2), [x([1, 2, 5])]],
    ["adaptiveMaxPool1d", (a) => adaptiveMaxPool1d(a!, 2), [apart([2, 5])]],
  ],
  adaptive_max_pool: [
    ["adaptiveMaxPool2d", (a) => adaptiveMaxPool2d(a!, [2, 3]), [
      apart([1, 1, 3, 5]),
    ]],
  ],
  max_pool_indices: [
    ["maxPool2dWithIndices", (a) => maxPool2dWithIndices(a!, 2).values, [
      apart([1, 2, 4, 5]),
    ]],
    [
      "maxUnpool2d",
      (a, i) => maxUnpool2d(a!, i!, 2),
      [x([1, 1, 2]), () => tensor([[[1, 6]]], { dtype: "int32" })],
    ],
    [
      "avgPool2d, windows over the end",
      (a) => avgPool2d(a!, 2, { ceilMode: true }),
      [x([1, 1, 3, 5])],
    ],
  ],
  group_norm: [
    [
      "groupNorm",
      (a, weight, bias) => groupNorm(a!, 2, { weight: weight!, bias: bias! }),
      [x([2, 4, 2]), x([4]), x([4])],
    ],
    [
      "instanceNorm",
      (a, weight, bias) => instanceNorm(a!, { weight: weight!, bias: bias! }),
      [x([2, 2, 3]), x([2]), x([2])],
    ],
    ["rmsNorm", (a, w) => rmsNorm(a!, [2, 2], w!, 1e-3), [
      x([3, 2, 2]),
      x([2, 2]),
    ]],
  ],
};
