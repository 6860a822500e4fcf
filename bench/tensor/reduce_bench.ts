/** Sums, maxima and softmax over rows, columns and all, beside plain loops. */

import { manualSeed, randn, type Tensor } from "@fdunn/tensor";

manualSeed(0);
const [ROWS, COLUMNS] = [256, 1000]; // logits of a thousand classes
const x = randn([ROWS, COLUMNS]);
const data = x.data() as Float32Array;

/** Folds each row, or each column, with `step`. */
function fold(
  lines: number,
  length: number,
  lineStride: number,
  stride: number,
  step: (sum: number, value: number) => number,
): Float32Array {
  const out = new Float32Array(lines);
  for (let i = 0; i < lines; i++) {
    let folded = data[i * lineStride]!;
    for (let j = 1; j < length; j++) {
      folded = step(folded, data[i * lineStride + j * stride]!);
    }
    out[i] = folded;
  }
  return out;
}

const add = (a: number, b: number) => a + b;
const rows = (step: typeof add) => fold(ROWS, COLUMNS, COLUMNS, 1, step);

function softmax(): Float32Array {
  const out = new Float32Array(data.length);
  const highest = rows(Math.max);
  for (let i = 0; i < ROWS; i++) {
    let sum = 0;
    for (let j = i * COLUMNS; j < (i + 1) * COLUMNS; j++) {
      sum += out[j] = Math.exp(data[j]! - highest[i]!);
    }
    for (let j = i * COLUMNS; j < (i + 1) * COLUMNS; j++) {
      out[j] = out[j]! / sum;
    }
  }
  return out;
}

const REDUCTIONS: Record<
  string,
  [ours: () => Tensor, naive: () => Float32Array]
> = {
  "sum of rows": [() => x.sum(1), () => rows(add)],
  "sum of columns": [
    () => x.sum(0),
    () => fold(COLUMNS, ROWS, 1, COLUMNS, add),
  ],
  "sum of all": [() => x.sum(), () => fold(1, data.length, 0, 1, add)],
  "maximum of rows": [() => x.amax(1), () => rows(Math.max)],
  "softmax of rows": [() => x.softmax(1), softmax],
};

for (const [name, [ours, naive]] of Object.entries(REDUCTIONS)) {
  const group = `${name}, 256x1000`;
  Deno.bench(`plain loops, ${group}`, { group, baseline: true }, () => {
    naive();
  });
  Deno.bench(`Tensor, ${group}`, { group }, () => {
    ours().dispose();
  });
}
