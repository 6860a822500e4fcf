/** Rows by their numbers: embeddings and their gradients, beside plain loops. */

import { manualSeed, randint, randn } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";

manualSeed(0);
const [WORDS, WIDTH] = [10_000, 64];
const BATCH = [32, 20]; // sentences of twenty words
const table = new nn.Embedding(WORDS, WIDTH);
const words = randint(0, WORDS, BATCH);
const rows = words.reshape([-1]);
const g = randn([...BATCH, WIDTH]);
const [weight, ids, up] = [table.weight, rows, g].map((t) => t.data()) as [
  ...[Float32Array, Int32Array, Float32Array],
];

function lookUp(): Float32Array {
  const out = new Float32Array(ids.length * WIDTH);
  for (let i = 0; i < ids.length; i++) {
    for (let k = 0; k < WIDTH; k++) {
      out[i * WIDTH + k] = weight[ids[i]! * WIDTH + k]!;
    }
  }
  return out;
}

function addRows(): Float32Array {
  const out = new Float32Array(WORDS * WIDTH);
  for (let i = 0; i < ids.length; i++) {
    for (let k = 0; k < WIDTH; k++) {
      out[ids[i]! * WIDTH + k]! += up[i * WIDTH + k]!;
    }
  }
  return out;
}

const frozen = table.weight.detach();
const positions = randint(0, WIDTH, [WORDS, 4]);
const columns = positions.data() as Int32Array;

function gatherColumns(): Float32Array {
  const out = new Float32Array(columns.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = weight[(i >> 2) * WIDTH + columns[i]!]!;
  }
  return out;
}

const WORKS: Record<string, [naive: () => unknown, ours: () => unknown]> = {
  "indexSelect": [lookUp, () => frozen.indexSelect(0, rows)],
  "gather": [gatherColumns, () => frozen.gather(1, positions)],
  "Embedding, forward and backward": [
    () => [lookUp(), addRows()],
    () => {
      table.forward(words).backward(g);
      table.weight.grad = null;
    },
  ],
};

for (const [name, [naive, ours]] of Object.entries(WORKS)) {
  const group = `${name}, 640 of 10,000 rows of 64`;
  Deno.bench(`plain loops, ${group}`, { group, baseline: true }, () => {
    naive();
  });
  Deno.bench(`Tensor, ${group}`, { group }, () => {
    ours();
  });
}
