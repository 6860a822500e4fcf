import { conv2d, crossEntropy, linear, manualSeed } from "@fdunn/tensor";
import { maxPool2d, memoryStats, randn, type Tensor } from "@fdunn/tensor";
import { tensor } from "@fdunn/tensor";
import { SGD } from "@fdunn/optim";
import { assert, assertEquals } from "@std/assert";
import { type Program, testProgram } from "../program.ts";

const STEPS = 10_000;
const MEGABYTE = 1 << 20;

/** A batch as a loader makes it: from new JavaScript arrays every time. */
function batch(step: number): [Tensor, Tensor] {
  const pixels = new Float32Array(16 * 8 * 8);
  const labels = new Int32Array(16);
  for (let n = 0; n < 16; n++) {
    const label = (n + step) % 10;
    labels[n] = label;
    for (let i = 0; i < 64; i++) {
      pixels[64 * n + i] = Math.sin(i * (label + 1) * 0.1 + step);
    }
  }
  return [tensor(pixels, { shape: [16, 1, 8, 8] }), tensor(labels)];
}

/**
 * A small convolutional network, trained like the README's loop with
 * everything that users keep: accuracy from the logits, the loss as a number,
 * and one detach() each step, of which `history` are kept.
 */
function* training(history: number): Program {
  manualSeed(5);
  const leaf = (...shape: number[]) =>
    randn(shape).mul(0.3).detach().requiresGrad_();
  const [w1, b1, w2, b2] = [leaf(4, 1, 3, 3), leaf(4), leaf(10, 64), leaf(10)];
  const optimizer = new SGD([w1, b1, w2, b2], { lr: 0.01, momentum: 0.9 });
  const kept: Tensor[] = [];
  let losses = 0;
  let right = 0;
  let wasmBytes = 0;
  let resident = 0;
  let early: unknown = null;
  for (let step = 1; step <= STEPS; step++) {
    const [x, y] = batch(step);
    const h = maxPool2d(conv2d(x, w1, b1, { padding: 1 }).relu(), 2);
    const logits = linear(h.flatten(1), w2, b2);
    const loss = crossEntropy(logits, y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses += Number(loss.item());
    right += Number(logits.argmax(1).eq(y).sum().item());
    kept.push(logits.detach());
    if (kept.length > history) kept.shift();
    if (step === 1) early = kept[0]!.toArray();
    if (step === 200) {
      ({ wasmBytes } = memoryStats());
      resident = Deno.memoryUsage().rss;
    }
    if (step % 10 === 0) yield;
  }
  const stats = memoryStats();
  const grown = Deno.memoryUsage().rss / resident - 1;
  assertEquals(stats.wasmBytes, wasmBytes);
  assert(stats.liveBytes <= 64 * MEGABYTE, `${stats.liveBytes} live bytes`);
  assert(grown <= 0.1, `Resident size grew by ${(100 * grown).toFixed(1)} %`);
  assert(losses / STEPS < 2.3 && right > 0.1 * 16 * STEPS);
  if (history >= STEPS) assertEquals(kept[0]!.toArray(), early);
}

testProgram(
  "ten thousand steps, the last detach() kept",
  () => training(1),
);
testProgram(
  "ten thousand steps, the last hundred detach() kept",
  () => training(100),
);
