/** Other orders of the same elements, and several as one, beside plain loops. */

import { cat, manualSeed, randn, stack, type Tensor } from "@fdunn/tensor";

manualSeed(0);
const [N, C, H, W] = [16, 32, 28, 28];
const x = randn([N, C, H, W]);
const matrix = x.reshape([N * C, H * W]);
const data = x.data() as Float32Array;
const pictures = x.unbind(0);
const arrays = pictures.map((picture) => picture.data() as Float32Array);

/** Blocks of `rows` x `columns`, each transposed. */
function transposed(blocks: number, rows: number, columns: number) {
  const out = new Float32Array(data.length);
  for (let b = 0; b < blocks; b++) {
    const from = b * rows * columns;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        out[from + j * rows + i] = data[from + i * columns + j]!;
      }
    }
  }
  return out;
}

function joined(): Float32Array {
  const out = new Float32Array(data.length);
  for (let n = 0, at = 0; n < N; n++) {
    for (const value of arrays[n]!) out[at++] = value;
  }
  return out;
}

/** Each row of each picture from its end. */
function flipped(): Float32Array {
  const out = new Float32Array(data.length);
  for (let row = 0; row < data.length; row += W) {
    for (let i = 0; i < W; i++) out[row + i] = data[row + W - 1 - i]!;
  }
  return out;
}

const WORKS: Record<string, [naive: () => unknown, ours: () => Tensor]> = {
  "a matrix transposed": [
    () => transposed(1, N * C, H * W),
    () => matrix.t().contiguous(),
  ],
  "channels last": [
    () => transposed(N, C, H * W),
    () => x.permute([0, 2, 3, 1]).contiguous(),
  ],
  "a mirror image": [flipped, () => x.flip(3)],
  "16 pictures stacked": [joined, () => stack(pictures)],
  "16 pictures joined": [joined, () => cat(pictures)],
};

for (const [name, [naive, ours]] of Object.entries(WORKS)) {
  const group = `${name}, ${N}x${C}x${H}x${W}`;
  Deno.bench(`plain loops, ${group}`, { group, baseline: true }, () => {
    naive();
  });
  Deno.bench(`Tensor, ${group}`, { group }, () => {
    ours().dispose();
  });
}
