import { conv2d, crossEntropy, linear, manualSeed } from "@fdunn/tensor";
import { maxPool2d, memoryStats, randn, type Tensor } from "@fdunn/tensor";
import { tensor } from "@fdunn/tensor";
import { SGD } from "@fdunn/optim";
import { assert, assertEquals } from "@std/assert";
import { type Program, testProgram } from "../program.ts";

const STEPS = 10_000;
/** Enough for the engine to compile all that a step runs. */
const WARM_UP = 1_000;
const MEGABYTE = 1 << 20;
/** V8 doubles its young generation, once or twice in a long run: its to take. */
const YOUNG_GENERATION = 16 * MEGABYTE;
const ROWS = 15_000;
const PIXELS = 28 * 28;

/** As large as MNIST: 47 MB of pictures. */
const pictures = Float32Array.from(
  { length: ROWS * PIXELS },
  (_, i) => ((i % PIXELS) * (1 + Math.trunc(i / PIXELS) % 10)) % 17 / 17,
);

/** A batch as a loader makes it: from new JavaScript arrays every time. */
function batch(step: number): [Tensor, Tensor] {
  const first = 16 * step % (ROWS - 16);
  const pixels = pictures.slice(first * PIXELS, (first + 16) * PIXELS);
  const labels = Int32Array.from({ length: 16 }, (_, n) => (first + n) % 10);
  return [tensor(pixels, { shape: [16, 1, 28, 28] }), tensor(labels)];
}

/**
 * A convolutional network on pictures of MNIST's size, trained like the
 * README's loop, with everything that users keep: accuracy from the logits,
 * the loss as a number, and one detach() each step, of which `history` stay.
 */
function* training(steps: number): Program {
  manualSeed(5);
  const leaf = (scale: number, ...shape: number[]) =>
    randn(shape).mul(scale).detach().requiresGrad_();
  const [w1, b1] = [leaf(0.3, 4, 1, 3, 3), leaf(0.1, 4)];
  const [w2, b2] = [leaf(0.05, 10, 784), leaf(0.1, 10)];
  const optimizer = new SGD([w1, b1, w2, b2], { lr: 0.01, momentum: 0.9 });
  let kept: Tensor | null = null;
  let losses = 0;
  let right = 0;
  let wasmBytes = 0;
  let before = 0;
  let after = Infinity;
  for (let step = 1; step <= steps; step++) {
    const [x, y] = batch(step);
    const h = maxPool2d(conv2d(x, w1, b1, { padding: 1 }).relu(), 2);
    const logits = linear(h.flatten(1), w2, b2);
    const loss = crossEntropy(logits, y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses += loss.item();
    right += logits.argmax(1).eq(y).sum().item();
    kept = logits.detach();
    if (step === 200) ({ wasmBytes } = memoryStats());
    if (step % 10 !== 0) continue;
    // What lies between two collections is noise: the most before step 200
    // is compared with the least of the last thousand steps.
    const { rss } = Deno.memoryUsage();
    if (step <= 200) before = Math.max(before, rss);
    if (step > steps - 1000) after = Math.min(after, rss);
    yield;
  }
  if (steps < STEPS) return;
  const stats = memoryStats();
  assertEquals(stats.wasmBytes, wasmBytes);
  assert(stats.liveBytes <= 64 * MEGABYTE, `${stats.liveBytes} live bytes`);
  const limit = 1.1 * before + YOUNG_GENERATION;
  assert(after <= limit, `Resident size grew from ${before} to ${after} bytes`);
  assert(losses / steps < 1 && right > 0.7 * 16 * steps);
  assertEquals(kept?.shape, [16, 10]);
}

testProgram("ten thousand steps need no more memory", function* () {
  yield* training(WARM_UP);
  yield* training(STEPS);
});

// What is kept has to be somewhere: 640 bytes and a handle a step.
Deno.test("three thousand steps, all their detach() kept", () => {
  manualSeed(6);
  const w = randn([10, 64], { requiresGrad: true });
  const optimizer = new SGD([w], { lr: 0.01 });
  const kept: Tensor[] = [];
  const sums: number[] = [];
  for (let step = 0; step < 3000; step++) {
    const logits = linear(randn([16, 64]), w, null);
    optimizer.zeroGrad();
    logits.square().mean().backward();
    optimizer.step();
    kept.push(logits.detach());
    sums.push(Number(logits.data()[37]));
  }
  assertEquals(kept.map((logits) => Number(logits.data()[37])), sums);
  assert(memoryStats().liveBytes <= 64 * MEGABYTE);
});
