/** Frames, windows, other sizes: their lines for checkGrad. */

import {
  fold,
  interpolate,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  unfold,
} from "../../mod.ts";
import { type Rows, x } from "./case_test.ts";

/** By family. */
export const PADDING: Rows = {
  pad: [
    ["pad", (a) => pad(a!, [1, 0, -1, 2], { value: 3 }), [x([3, 2])]],
    ["pad, reflected", (a) => pad(a!, [2, 1], { mode: "reflect" }), [
      x([2, 3]),
    ]],
    ["pad, replicated", (a) => pad(a!, [4, -1], { mode: "replicate" }), [
      x([2, 3]),
    ]],
    ["pad, circular", (a) => pad(a!, [1, 3, 0, 1], { mode: "circular" }), [
      x([2, 3]),
    ]],
  ],
  fold: [
    [
      "unfold",
      (a) => unfold(a!, [2, 3], { padding: 1, stride: 2, dilation: [2, 1] }),
      [x([1, 2, 4, 5])],
    ],
    [
      "fold",
      (a) => fold(a!, [3, 4], 2, { padding: [0, 1], stride: [1, 2] }),
      [x([1, 8, 6])],
    ],
  ],
  interpolate: [
    ["interpolate", (a) => interpolate(a!, { size: [3, 7] }), [
      x([1, 2, 4, 3]),
    ]],
    [
      "interpolate, linear",
      (a) => interpolate(a!, { scaleFactor: 1.7, mode: "linear" }),
      [x([2, 1, 4])],
    ],
    [
      "interpolate, bilinear",
      (a) =>
        interpolate(a!, { size: [5, 2], mode: "bilinear", alignCorners: true }),
      [x([1, 2, 3, 4])],
    ],
    [
      "interpolate, bicubic",
      (a) => interpolate(a!, { scaleFactor: 2, mode: "bicubic" }),
      [x([1, 1, 3, 2])],
    ],
  ],
  pixel_shuffle: [
    ["pixelShuffle", (a) => pixelShuffle(a!, 2), [x([1, 4, 2, 1])]],
    ["pixelUnshuffle", (a) => pixelUnshuffle(a!, 2), [x([1, 2, 4])]],
  ],
};
