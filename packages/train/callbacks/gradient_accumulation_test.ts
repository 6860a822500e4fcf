/** One step from the gradients of several batches. */

import { DataLoader, TensorDataset } from "@fdunn/data";
import { CrossEntropyLoss, Linear } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed, randn, type Tensor } from "@fdunn/tensor";
import { assertClose } from "@fdunn/testing";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Callback } from "../callback.ts";
import type { Batches } from "../trainable.ts";
import { Trainer } from "../trainer.ts";
import type { TrainerOptions } from "../trainer_options.ts";
import { GradientAccumulationScheduler } from "./gradient_accumulation_scheduler.ts";

/** Trains a Linear on so many samples, `batchSize` at a time. */
async function train(
  samples: number,
  batchSize: number,
  options: Partial<TrainerOptions>,
  seen: (loader: DataLoader<[Tensor, Tensor]>) => Batches = (loader) => loader,
): Promise<{ trainer: Trainer; weight: Tensor }> {
  manualSeed(0);
  const x = randn([samples, 2]);
  const y = x.select(1, 0).gt(0).to("int32");
  const model = new Linear(2, 2);
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1, momentum: 0.5 }),
    loss: new CrossEntropyLoss(),
    epochs: 3,
    ...options,
  });
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize });
  await trainer.fit(seen(loader));
  return { trainer, weight: model.weight };
}

/** Batches that do not say how many they are. */
const withoutLength = (loader: DataLoader<[Tensor, Tensor]>): Batches => ({
  [Symbol.iterator]: () => loader[Symbol.iterator](),
});

Deno.test("small batches step like large ones, what is left of an epoch too", async () => {
  for (const reduction of ["mean", "sum"] as const) {
    const loss = new CrossEntropyLoss({ reduction });
    // 9 batches of 4 as 2 of 16 and one of 4.
    const large = await train(36, 16, { loss });
    const given = { loss, accumulateGradBatches: 4 };
    const small = await train(36, 4, given);
    const unknown = await train(36, 4, given, withoutLength);
    for (const { trainer, weight } of [small, unknown]) {
      assertEquals(trainer.globalStep, 9);
      assertClose(weight.data(), large.weight.data(), {
        rtol: 1e-5,
        atol: 1e-6,
      });
    }
  }
});

Deno.test("GradientAccumulationScheduler changes the number by epoch", async () => {
  const calls: string[] = [];
  const spy: Callback = {
    onEpochStart: () => void calls.push(" "),
    onBatchEnd: () => void calls.push("."),
    onStep: () => void calls.push("|"),
  };
  const scheduler = new GradientAccumulationScheduler({ 2: 3, 3: 2 });
  const { trainer } = await train(20, 4, { callbacks: [scheduler, spy] });
  assertEquals(calls.join(""), " |.|.|.|.|. ..|..|. .|..|.|.");
  assertEquals(trainer.accumulateGradBatches, 2);
  assertEquals([1, 2, 3, 9].map((n) => scheduler.batchesIn(n)), [1, 3, 2, 2]);
});

Deno.test("a number that changes amid a step divides by the batches it has", async () => {
  const steps: number[] = [];
  const change: Callback = {
    onBatchEnd(trainer) {
      if (trainer.step === 2) trainer.accumulateGradBatches = 3;
    },
    onStep: ({ step }) => void steps.push(step),
  };
  const given = { epochs: 1, accumulateGradBatches: 8, callbacks: [change] };
  const changed = await train(24, 4, given);
  assertEquals(steps, [3, 6]);
  const steady = await train(24, 4, { epochs: 1, accumulateGradBatches: 3 });
  assertEquals(changed.weight.toArray(), steady.weight.toArray());
});

Deno.test("accumulation refuses what makes no sense", async () => {
  for (const scheduling of [{}, { 0: 2 }, { 1: 0 }, { 1.5: 2 }, { 1: 2.5 }]) {
    assertThrows(
      () => new GradientAccumulationScheduler(scheduling),
      RangeError,
      `GradientAccumulationScheduler got ${JSON.stringify(scheduling)}`,
    );
  }
  const scheduler = new GradientAccumulationScheduler({ 1: 2 });
  await assertRejects(
    () => train(8, 4, { accumulateGradBatches: 4, callbacks: [scheduler] }),
    RangeError,
    "Trainer got accumulateGradBatches 4 and a GradientAccumulationScheduler",
  );
  const { trainer } = await train(8, 4, { callbacks: [scheduler] });
  assertThrows(
    () => trainer.accumulateGradBatches = 0,
    RangeError,
    "Trainer got accumulateGradBatches 0",
  );
  const optimizer = { zeroGrad() {}, step() {} };
  await assertRejects(
    () => train(8, 4, { optimizer, accumulateGradBatches: 2 }),
    TypeError,
    "accumulateGradBatches needs an optimizer with paramGroups",
  );
});
