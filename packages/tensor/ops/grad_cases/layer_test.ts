/** Pooling, normalisation, losses: their lines for checkGrad. */

import {
  adaptiveAvgPool2d,
  avgPool2d,
  batchNorm,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  full,
  layerNorm,
  maxPool2d,
  nllLoss,
  type Tensor,
} from "../../mod.ts";
import { apart, index, type Rows, slopeOf, x } from "./case_test.ts";

const TRAINING = { training: true };
const TWO = (like: Tensor) => full([3], 2, { dtype: like.dtype });

/** By family. */
export const LAYER: Rows = {
  pool: [
    ["maxPool2d", (a) => maxPool2d(a!, 2), [apart([1, 2, 4, 4])]],
    [
      "maxPool2d with overlap",
      (a) => maxPool2d(a!, 3, { stride: 2, padding: 1, dilation: [1, 2] }),
      [apart([1, 1, 6, 7])],
    ],
    ["maxPool2d, third order", slopeOf((a) => maxPool2d(a.square(), 2)), [
      apart([1, 1, 2, 4]),
    ]],
    [
      "adaptiveAvgPool2d",
      (a) => adaptiveAvgPool2d(a!, [3, 2]),
      [x([1, 2, 4, 5])],
    ],
    ["avgPool2d", (a) => avgPool2d(a!, 2), [x([1, 2, 4, 5])]],
    [
      "avgPool2d with overlap",
      (a) =>
        avgPool2d(a!, 3, { stride: 2, padding: 1, countIncludePad: false }),
      [x([2, 1, 5, 6])],
    ],
  ],
  norm: [
    [
      "batchNorm of the batch",
      (a, w, b) => batchNorm(a!, null, null, w!, b!, TRAINING),
      [x([3, 2, 2, 2]), x([2], 1, 2), x([2])],
    ],
    [
      "batchNorm of rows, moving",
      (a, w, b) => batchNorm(a!, TWO(a!), TWO(a!), w!, b!, TRAINING),
      [x([5, 3]), x([3], 1, 2), x([3])],
    ],
    [
      "batchNorm by constants",
      (a, w, b) => batchNorm(a!, TWO(a!), TWO(a!), w!, b!),
      [x([2, 3, 2]), x([3], 1, 2), x([3])],
    ],
    [
      "batchNorm by constants, third order",
      slopeOf((a) => batchNorm(a, TWO(a), TWO(a), a.sum(0), a.sum(0)).square()),
      [x([2, 3])],
    ],
    [
      "batchNorm, third order",
      slopeOf((a) =>
        batchNorm(a, null, null, a.sum(0), a.sum(0), TRAINING).square()
      ),
      [x([3, 2])],
    ],
    ["batchNorm without bias", (a, w) => batchNorm(a!, null, null, w!), [
      x([4, 2, 3]),
      x([2]),
    ]],
    [
      "layerNorm",
      (a, w, b) => layerNorm(a!, [2, 3], w!, b!),
      [x([2, 2, 3]), x([2, 3]), x([2, 3])],
    ],
    [
      "layerNorm, third order",
      slopeOf((a) => layerNorm(a, [3]).mul(a.square())),
      [
        x([2, 3]),
      ],
    ],
  ],
  binary_cross_entropy: [
    ["binaryCrossEntropy", (a, t) => binaryCrossEntropy(a!, t!), [
      x([2, 3], 0.1, 0.9),
      x([2, 3], 0.1, 0.9),
    ]],
    [
      "binaryCrossEntropyWithLogits",
      (a, t, w, p) =>
        binaryCrossEntropyWithLogits(a!, t!, {
          weight: w!,
          posWeight: p!,
          reduction: "none",
        }),
      [x([2, 3]), x([2, 3], 0, 1), x([2, 1], 1, 2), x([3], 1, 2)],
    ],
  ],
  nll_loss: [
    ["nllLoss", (a, t) => nllLoss(a!, t!), [x([3, 4]), index([3], 4)]],
    [
      "nllLoss of pictures with weights and an ignored label",
      (a, t, w) => nllLoss(a!, t!, { weight: w!, ignoreIndex: 1 }),
      [x([2, 3, 4]), index([2, 4], 3), x([3], 1, 2)],
    ],
  ],
  cross_entropy: [
    ["crossEntropy", (a, t) => crossEntropy(a!, t!), [
      x([3, 4]),
      index([3], 4),
    ]],
    [
      "crossEntropy, sum",
      (a, t) => crossEntropy(a!, t!, { reduction: "sum" }),
      [x([3, 4]), index([3], 4)],
    ],
    [
      "crossEntropy, none",
      (a, t) => crossEntropy(a!, t!, { reduction: "none" }),
      [x([3, 4]), index([3], 4)],
    ],
    [
      "crossEntropy with ignored labels",
      (a, t) => crossEntropy(a!, t!, { ignoreIndex: 1 }),
      [x([5, 3]), index([5], 3)],
    ],
    [
      "crossEntropy with ignored labels, none",
      (a, t) => crossEntropy(a!, t!, { ignoreIndex: 1, reduction: "none" }),
      [x([5, 3]), index([5], 3)],
    ],
    [
      "crossEntropy of pixels with ignored labels",
      (a, t) => crossEntropy(a!, t!, { ignoreIndex: 1 }),
      [x([2, 3, 2, 3]), index([2, 2, 3], 3)],
    ],
    [
      "crossEntropy of pixels, none",
      (a, t) => crossEntropy(a!, t!, { reduction: "none" }),
      [x([2, 3, 3]), index([2, 3], 3)],
    ],
    [
      "crossEntropy with weights and smoothing",
      (a, t, w) => crossEntropy(a!, t!, { weight: w!, labelSmoothing: 0.2 }),
      [x([2, 3, 2]), index([2, 2], 3), x([3], 1, 2)],
    ],
    [
      "crossEntropy of probabilities",
      (a, p, w) => crossEntropy(a!, p!, { weight: w!, labelSmoothing: 0.1 }),
      [x([2, 3]), x([2, 3], 0, 1), x([3], 1, 2)],
    ],
  ],
};
