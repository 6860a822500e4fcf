/** Sums and products of two tensors, equal or broadcast, beside a loop. */

import { manualSeed, randn, setNumThreads, type Tensor } from "@fdunn/tensor";

manualSeed(0);
setNumThreads(1); // as the baselines
const x = randn([16, 8, 14, 14]);
const operands: Record<string, Tensor> = {
  "equal shapes": randn([16, 8, 14, 14]),
  "a bias for each channel": randn([8, 1, 1]),
  "a row": randn([14]),
};
const left = x.data() as Float32Array;

for (const [name, y] of Object.entries(operands)) {
  const group = `add, ${name}, 16x8x14x14`;
  const right = y.expand(x.shape).contiguous().data() as Float32Array;
  Deno.bench(`a loop without broadcasting, ${group}`, {
    group,
    baseline: true,
  }, () => {
    const out = new Float32Array(left.length);
    for (let i = 0; i < left.length; i++) out[i] = left[i]! + right[i]!;
  });
  Deno.bench(`Tensor, ${group}`, { group }, () => {
    x.add(y).dispose();
  });
}

// Arrays that no cache near the core holds: all that counts is memory.
const SIZE = 1 << 21;
const [a, b] = [randn([SIZE]), randn([SIZE])];
const [from, to] = [new Float32Array(SIZE), new Float32Array(SIZE)];
const group = "2M elements, 8 MB an array";
Deno.bench(`TypedArray.set: 16 MB pass, ${group}`, {
  group,
  baseline: true,
}, () => to.set(from));
Deno.bench(`clone: 16 MB, ${group}`, { group }, () => a.clone().dispose());
Deno.bench(`add: 24 MB, ${group}`, { group }, () => a.add(b).dispose());
Deno.bench(`relu: 16 MB, ${group}`, { group }, () => a.relu().dispose());
Deno.bench(`sum: 8 MB, ${group}`, { group }, () => a.sum().dispose());
