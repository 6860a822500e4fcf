/**
 * Small tensors, where a call costs more than its arithmetic, beside loops over
 * as many numbers: what a program pays that computes step by step.
 */

import { manualSeed, noGrad, randn, tensor } from "@fdunn/tensor";

manualSeed(0);
const SHAPE = [4, 8];
const x = randn(SHAPE);
const w = randn(SHAPE, { requiresGrad: true });
const numbers = [...x.data()] as number[];
const rows = x.toArray() as number[][];

/** A step of a loop in plain arrays: the measure of all these. */
function plainLoop(): Float32Array {
  const out = new Float32Array(numbers.length);
  for (let i = 0; i < out.length; i++) out[i] = numbers[i]! * 2 + 1;
  return out;
}

const WORKS: Record<string, () => unknown> = {
  "x + x": () => x.add(x),
  "relu": () => x.relu(),
  "x · xᵀ": () => x.matmul(x.t()),
  "softmax": () => x.softmax(1),
  "sum of all": () => x.sum(),
  "a view": () => x.narrow(0, 1, 2),
  "item": () => x.sum().item(),
  "tensor of nested arrays": () => tensor(rows),
  "toArray": () => x.toArray(),
  "in place, without recording": () => noGrad(() => w.mul_(1)),
  "mean of squares, and its gradient": () => {
    w.square().mean().backward();
    w.grad = null;
  },
};

const group = "4x8 numbers";
Deno.bench(`a plain loop, ${group}`, { group, baseline: true }, () => {
  plainLoop();
});
for (const [name, work] of Object.entries(WORKS)) {
  Deno.bench(`${name}, ${group}`, { group }, () => {
    work();
  });
}
