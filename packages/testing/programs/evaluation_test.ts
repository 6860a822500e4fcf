import { manualSeed, memoryStats, noGrad, randn } from "@fdunn/tensor";
import { scope, type Tensor, zeros } from "@fdunn/tensor";
import { assert, assertEquals } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import { MemoryWatch, type Program, testProgram } from "../program.ts";
import { descend } from "./program_case.ts";

const STEPS = 32;
const BATCHES = 8;
const MEGABYTE = 1 << 20;

/** Four results of 4 MB from a batch of 4 MB, and their mean. */
function activations(x: Tensor, w: Tensor): Tensor {
  return x.mul(w).add(1).sigmoid().square().mean();
}

/**
 * Trains with an evaluation after each step: 4 GB of results in all, of which
 * nobody frees any. `evaluate` says under what.
 */
function* training(
  evaluate: (x: Tensor, w: Tensor) => number,
): Program {
  manualSeed(1);
  const w = randn([1024], { requiresGrad: true });
  const small = randn([4, 1024]);
  const large = randn([1024, 1024]);
  const best: Tensor[] = [];
  const copies: unknown[] = [];
  const watch = new MemoryWatch();
  const stale = memoryStats().liveBytes;
  for (let step = 0; step < STEPS; step++) {
    // Between this step's forward and backward lies a whole evaluation.
    const loss = activations(small, w);
    let sum = 0;
    for (let batch = 0; batch < BATCHES; batch++) {
      sum += evaluate(large, w);
      watch.sample();
      yield;
    }
    loss.backward();
    const expected = reference(large, w);
    assertNear([sum / BATCHES], [expected], 1e-5, `evaluation ${step}`);
    descend([w], 10);
    best.push(w.detach().clone());
    copies.push(w.data());
  }
  best.forEach((copy, i) => assertEquals<unknown>(copy.data(), copies[i]));
  // The budget of 64 MB may double for what comes back, and no more.
  watch.assertWasmGrowth(160 * MEGABYTE);
  // V8 collects when some 1 GB of copies are due, in 2 GB of results as in 8.
  watch.assertResidentGrowth(1200 * MEGABYTE);
  assert(memoryStats().liveBytes - stale <= 150 * MEGABYTE);
}

/** The evaluation in plain JavaScript. */
function reference(x: Tensor, w: Tensor): number {
  const xs = x.data() as Float32Array;
  const ws = w.data() as Float32Array;
  let sum = 0;
  for (let i = 0; i < xs.length; i++) {
    sum += (1 / (1 + Math.exp(-(xs[i]! * ws[i & 1023]! + 1)))) ** 2;
  }
  return sum / xs.length;
}

testProgram(
  "evaluation under noGrad, gigabytes in all",
  () => training((x, w) => noGrad(() => Number(activations(x, w).item()))),
);

testProgram(
  "evaluation that records graphs which nobody walks",
  () => training((x, w) => Number(activations(x, w).item())),
);

testProgram(
  "evaluation in a scope",
  () =>
    training((x, w) =>
      Number(scope(() => noGrad(() => activations(x, w))).item())
    ),
);

Deno.test("a scope leaves nothing behind", () => {
  const w = zeros([1024], { requiresGrad: true });
  const x = zeros([256, 1024]);
  const run = () => Number(scope(() => noGrad(() => activations(x, w))).item());
  run();
  const before = memoryStats().liveBytes;
  for (let i = 0; i < 50; i++) run();
  assert(memoryStats().liveBytes - before < 50 * 1024);
});

Deno.test("a scope around a training step keeps what training needs", () => {
  manualSeed(2);
  const w = randn([64], { requiresGrad: true });
  const x = randn([8, 64]);
  const free = w.detach().clone().requiresGrad_();
  for (let step = 0; step < 5; step++) {
    scope(() => {
      activations(x, w).backward();
    });
    activations(x, free).backward();
    assertEquals(w.grad!.data(), free.grad!.data());
    // A graph recorded in a scope can be walked after it.
    const loss = scope(() => activations(x, w));
    loss.backward();
    activations(x, free).backward();
    assertEquals(w.grad!.data(), free.grad!.data());
    descend([w, free], 0.1);
  }
});

testProgram("a validation loss that is kept as a tensor", function* () {
  const w = zeros([256], { requiresGrad: true });
  const x = zeros([64, 256]);
  const kept: Tensor[] = [];
  for (let step = 0; step < 300; step++) {
    kept.push(noGrad(() => activations(x, w).add(step)));
    activations(x, w).backward();
    descend([w], 0);
    if (step % 50 === 0) yield;
  }
  const first = Number(kept[0]!.item());
  kept.forEach((loss, i) =>
    assertNear([Number(loss.item())], [first + i], 1e-6)
  );
});
