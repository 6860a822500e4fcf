/** Random numbers, dropout and permutations, beside Math.random. */

import { manualSeed, rand, randn, randperm } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";

manualSeed(0);
const SIZE = 16 * 4 * 28 * 28; // what the CNN's first convolution puts out

/** As many numbers as `draw` gives, in a new array. */
function filled(draw: () => number): Float32Array {
  const out = new Float32Array(SIZE);
  for (let i = 0; i < SIZE; i++) out[i] = draw();
  return out;
}

/** One of Box and Muller's two. */
const normal = () =>
  Math.sqrt(-2 * Math.log(1 - Math.random())) *
  Math.cos(2 * Math.PI * Math.random());

/** All numbers up to `n` in a random order, by Fisher and Yates. */
function shuffled(n: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

const x = randn([SIZE]);
const data = x.data() as Float32Array;

function plainDropout(): Float32Array {
  const out = new Float32Array(SIZE);
  for (let i = 0; i < SIZE; i++) {
    out[i] = Math.random() < 0.5 ? 0 : 2 * data[i]!;
  }
  return out;
}

const WORKS: Record<string, [naive: () => unknown, ours: () => unknown]> = {
  "rand, 50 thousand": [() => filled(Math.random), () => rand([SIZE])],
  "randn, 50 thousand": [() => filled(normal), () => randn([SIZE])],
  "dropout, 50 thousand": [plainDropout, () => nn.dropout(x)],
  "randperm, 60 thousand": [() => shuffled(60_000), () => randperm(60_000)],
};

for (const [group, [naive, ours]] of Object.entries(WORKS)) {
  Deno.bench(`plain loops, ${group}`, { group, baseline: true }, () => {
    naive();
  });
  Deno.bench(`Tensor, ${group}`, { group }, () => {
    ours();
  });
}
