/**
 * Sums, maxima and softmax over rows, columns and all, and cross entropy of
 * pixels, beside plain loops.
 */

import {
  crossEntropy,
  manualSeed,
  randint,
  randn,
  type Tensor,
} from "@fdunn/tensor";

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

const columns = (step: typeof add) => fold(COLUMNS, ROWS, 1, COLUMNS, step);

/** Softmax of `lines` runs of numbers `stride` apart. */
function softmax(
  x: Float32Array,
  lines: number,
  start: (line: number) => number,
  length: number,
  stride: number,
): Float32Array {
  const out = new Float32Array(x.length);
  for (let line = 0; line < lines; line++) {
    const first = start(line), end = first + length * stride;
    let highest = -Infinity, sum = 0;
    for (let i = first; i < end; i += stride) {
      highest = Math.max(highest, x[i]!);
    }
    for (let i = first; i < end; i += stride) {
      sum += out[i] = Math.exp(x[i]! - highest);
    }
    for (let i = first; i < end; i += stride) out[i] = out[i]! / sum;
  }
  return out;
}

const REDUCTIONS: Record<
  string,
  [ours: () => Tensor, naive: () => Float32Array]
> = {
  "sum of rows": [() => x.sum(1), () => rows(add)],
  "sum of columns": [() => x.sum(0), () => columns(add)],
  "sum of all": [() => x.sum(), () => fold(1, data.length, 0, 1, add)],
  "maximum of rows": [() => x.amax(1), () => rows(Math.max)],
  "maximum of columns": [() => x.amax(0), () => columns(Math.max)],
  "softmax of rows": [
    () => x.softmax(1),
    () => softmax(data, ROWS, (i) => i * COLUMNS, COLUMNS, 1),
  ],
  "softmax of columns": [
    () => x.softmax(0),
    () => softmax(data, COLUMNS, (i) => i, ROWS, COLUMNS),
  ],
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

// Segmentation: a label for each pixel, whose logits lie a plane apart.
const [PICTURES, CLASSES, PIXELS] = [2, 21, 64 * 64];
const logits = randn([PICTURES, CLASSES, 64, 64], { requiresGrad: true });
const labels = randint(0, CLASSES, [PICTURES, 64, 64]);
const [values, targets] = [logits.data(), labels.data()] as [
  Float32Array,
  Int32Array,
];

function crossEntropyByLoops(): number {
  const start = (pixel: number) =>
    Math.floor(pixel / PIXELS) * CLASSES * PIXELS + pixel % PIXELS;
  const count = PICTURES * PIXELS;
  const grad = softmax(values, count, start, CLASSES, PIXELS);
  let loss = 0;
  for (let pixel = 0; pixel < count; pixel++) {
    const at = start(pixel) + targets[pixel]! * PIXELS;
    loss -= Math.log(grad[at]!);
    grad[at] = grad[at]! - 1;
  }
  for (let i = 0; i < grad.length; i++) grad[i] = grad[i]! / count;
  return loss / count;
}

const group = "cross entropy and its gradient, 2x21x64x64";
Deno.bench(`plain loops, ${group}`, { group, baseline: true }, () => {
  crossEntropyByLoops();
});
Deno.bench(`Tensor, ${group}`, { group }, () => {
  crossEntropy(logits, labels).backward();
  logits.grad = null;
});
