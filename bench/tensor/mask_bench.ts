/** Masks: their logic, how many are true, and as numbers, beside plain loops. */

import { manualSeed, randn, type Tensor } from "@fdunn/tensor";

manualSeed(0);
const x = randn([300, 500]);
const [left, right] = [x.gt(0), x.lt(1)];
const [a, b] = [left.data(), right.data()] as [Uint8Array, Uint8Array];

function both(): Uint8Array {
  const out = new Uint8Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = a[i]! & b[i]!;
  return out;
}

function counted(): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) count += a[i]!;
  return count;
}

const WORKS: Record<string, [naive: () => unknown, ours: () => Tensor]> = {
  "logicalAnd": [both, () => left.logicalAnd(right)],
  "how many are true": [counted, () => left.sum()],
  "to float32": [() => Float32Array.from(a), () => left.to("float32")],
};

for (const [name, [naive, ours]] of Object.entries(WORKS)) {
  const group = `${name}, 300x500`;
  Deno.bench(`plain loops, ${group}`, { group, baseline: true }, () => {
    naive();
  });
  Deno.bench(`Tensor, ${group}`, { group }, () => {
    ours().dispose();
  });
}
