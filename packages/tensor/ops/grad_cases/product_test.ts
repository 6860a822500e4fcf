/** Ops made of products: their lines for checkGrad. */

import {
  conv1d,
  conv2d,
  convTranspose2d,
  linear,
  rnn,
  rnnCell,
  type RnnWeights,
  type Tensor,
} from "../../mod.ts";
import { type Rows, slopeOf, x } from "./case_test.ts";

/** Parameters of a recurrent layer of 3 inputs and 2 states. */
function weights(i: Tensor, h: Tensor, b?: Tensor, c?: Tensor): RnnWeights {
  return { weightIh: i, weightHh: h, biasIh: b ?? null, biasHh: c ?? null };
}
const RNN = [[3, 2, 3], [2, 2], [2, 3], [2, 2], [2], [2]].map((s) => x(s));

/** By family. */
export const PRODUCT: Rows = {
  matmul: [
    ["matmul", (a, b) => a!.matmul(b!), [x([2, 3]), x([3, 4])]],
    ["matmul of rows", (a, b) => a!.matmul(b!), [x([3]), x([3])]],
    ["matmul by a row", (a, b) => a!.matmul(b!), [x([2, 3]), x([3])]],
    ["matmul of a row", (a, b) => a!.matmul(b!), [x([3]), x([2, 3, 2])]],
    ["matmul of batches", (a, b) => a!.matmul(b!), [
      x([2, 1, 2, 3]),
      x([3, 3, 2]),
    ]],
    ["matmul, turned", (a, b) => a!.t().matmul(b!.t()), [x([3, 2]), x([4, 3])]],
    ["linear", (a, w, b) => linear(a!, w!, b!), [x([4, 3]), x([2, 3]), x([2])]],
    ["linear, no bias", (a, w) => linear(a!, w!), [x([2, 2, 3]), x([2, 3])]],
    ["linear, third order", slopeOf((a) => linear(a.square(), a)), [x([2, 2])]],
  ],
  conv: [
    [
      "conv2d",
      (a, w, b) => conv2d(a!, w!, b!, { padding: 1 }),
      [x([2, 2, 3, 4]), x([3, 2, 3, 3]), x([3])],
    ],
    [
      "conv2d of groups, strided, dilated",
      (a, w) =>
        conv2d(a!, w!, null, { groups: 2, stride: [2, 1], dilation: [1, 2] }),
      [x([1, 4, 5, 6]), x([2, 2, 2, 3])],
    ],
    [
      "conv2d of one picture",
      (a, w, b) => conv2d(a!, w!, b!),
      [x([1, 3, 3]), x([2, 1, 2, 2]), x([2])],
    ],
  ],
  conv1d: [
    [
      "conv1d",
      (a, w, b) =>
        conv1d(a!, w!, b!, { stride: 2, padding: 1, dilation: 2, groups: 2 }),
      [x([2, 4, 7]), x([2, 2, 3]), x([2])],
    ],
  ],
  conv_transpose: [
    [
      "convTranspose2d",
      (a, w, b) => convTranspose2d(a!, w!, b!, { padding: 1 }),
      [x([2, 3, 3, 4]), x([3, 2, 3, 3]), x([2])],
    ],
    [
      "convTranspose2d of groups, strided, dilated",
      (a, w) =>
        convTranspose2d(a!, w!, null, {
          groups: 2,
          stride: [3, 2],
          dilation: [1, 2],
          outputPadding: [2, 1],
        }),
      [x([1, 4, 2, 3]), x([4, 1, 2, 3])],
    ],
    [
      "convTranspose2d, third order",
      slopeOf((a) => convTranspose2d(a, a, null).mul(2)),
      [x([1, 1, 2, 2])],
    ],
  ],
  recurrent: [
    ["rnn", (a, h, i, w, b, c) => rnn(a!, h!, weights(i!, w!, b!, c!)), RNN],
    [
      "rnn of relu, from zeros",
      (a, i, w) => rnn(a!, null, weights(i!, w!), { nonlinearity: "relu" }),
      [x([3, 2, 2], 0.5, 1), x([2, 2], 0.2, 1), x([2, 2], 0.2, 1)],
    ],
    [
      "rnn of one step from zeros",
      (a, i, w, b, c) => rnn(a!, null, weights(i!, w!, b!, c!)),
      [x([1, 2, 3]), ...RNN.slice(2)],
    ],
    ["rnnCell", (a, h, i, w) => rnnCell(a!, h!, weights(i!, w!)), [
      x([2, 3]),
      ...RNN.slice(1, 4),
    ]],
    [
      "rnn, third order",
      slopeOf((a) =>
        rnn(a.reshape([2, 1, 2]), null, weights(a, a))[0].square()
      ),
      [x([2, 2], -1, 1)], // beyond, float32's tanh is too flat for its slopes
    ],
  ],
};
