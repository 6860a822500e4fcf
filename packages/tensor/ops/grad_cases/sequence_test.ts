/** Layers for sequences: their lines for checkGrad. */

import {
  embedding,
  embeddingBag,
  gru,
  gruCell,
  lstm,
  lstmCell,
  type RnnWeights,
  type Tensor,
} from "../../mod.ts";
import { apart, index, type Make, type Rows, slopeOf, x } from "./case_test.ts";

function weights(...of: (Tensor | undefined)[]): RnnWeights {
  const [weightIh, weightHh, biasIh = null, biasHh = null] = of;
  return { weightIh: weightIh!, weightHh: weightHh!, biasIh, biasHh };
}

/** Input, first state, first cell, weights and biases for so many gates. */
function inputs(gates: number): Make[] {
  const rows = gates * 2;
  return [
    ...[x([3, 2, 4]), x([2, 2]), x([2, 2])],
    ...[x([rows, 4], -1, 1), x([rows, 2], -1, 1), x([rows]), x([rows])],
  ];
}

const [FOUR, THREE] = [inputs(4), inputs(3)];
const pick = (from: Make[], ...at: number[]) => at.map((i) => from[i]!);

/** By family. */
export const SEQUENCE: Rows = {
  embedding: [
    ["embedding", (i, w) => embedding(i!, w!), [index([2, 3], 4), x([4, 2])]],
    [
      "embeddingBag, mean",
      (i, w) => embeddingBag(i!, w!, { paddingIdx: 0 }),
      [index([2, 5], 4), x([4, 2])],
    ],
    [
      "embeddingBag, weighted sum",
      (i, w, p) => embeddingBag(i!, w!, { mode: "sum", perSampleWeights: p! }),
      [index([2, 3], 4), x([4, 2]), x([2, 3])],
    ],
    [
      "embeddingBag, max",
      (i, w) => embeddingBag(i!, w!, { mode: "max" }),
      [index([2, 3], 4), apart([4, 2])],
    ],
  ],
  gates: [
    [
      "lstm",
      (a, h, c, i, w, b, d) => lstm(a!, [h!, c!], weights(i, w, b, d)),
      FOUR,
    ],
    [
      "lstm from zeros, its states only",
      (a, i, w, b, d) => lstm(a!, null, weights(i, w, b, d))[0],
      pick(FOUR, 0, 3, 4, 5, 6),
    ],
    [
      "lstm without biases, its last cell only",
      (a, h, c, i, w) => lstm(a!, [h!, c!], weights(i, w))[2],
      FOUR.slice(0, 5),
    ],
    ["lstmCell", (a, h, c, i, w) => lstmCell(a!, [h!, c!], weights(i, w)), [
      x([2, 4]),
      ...FOUR.slice(1, 5),
    ]],
    [
      "lstm, third order",
      slopeOf((a) =>
        lstm(a.reshape([4, 1, 1]), null, weights(a, a))[0].square()
      ),
      [x([4, 1], -1, 1)],
    ],
    [
      "gru",
      (a, h, i, w, b, d) => gru(a!, h!, weights(i, w, b, d)),
      pick(THREE, 0, 1, 3, 4, 5, 6),
    ],
    [
      "gru from zeros, its last state only",
      (a, i, w, b, d) => gru(a!, null, weights(i, w, b, d))[1],
      pick(THREE, 0, 3, 4, 5, 6),
    ],
    [
      "gru without biases",
      (a, h, i, w) => gru(a!, h!, weights(i, w))[0],
      pick(THREE, 0, 1, 3, 4),
    ],
    ["gruCell", (a, i, w) => gruCell(a!, null, weights(i, w)), [
      x([2, 4]),
      ...pick(THREE, 3, 4),
    ]],
    [
      "gru, third order",
      slopeOf((a) =>
        gru(a.reshape([3, 1, 1]), null, weights(a, a))[0].square()
      ),
      [x([3, 1], -1, 1)],
    ],
  ],
};
