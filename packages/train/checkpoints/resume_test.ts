import { DataLoader, TensorDataset } from "@fdunn/data";
import { CrossEntropyLoss, Linear, type Sequential } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import {
  manualSeed,
  rand,
  randint,
  randn,
  setDeterministic,
  type Tensor,
} from "@fdunn/tensor";
import { kernelBuild } from "@fdunn/tensor/kernels";
import { scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import type { Callback } from "../callback.ts";
import { hashWeights } from "./checkpoint.ts";
import { decodeCheckpoint, readCheckpointHeader } from "./checkpoint_file.ts";
import { GradientAccumulationScheduler } from "../callbacks/gradient_accumulation_scheduler.ts";
import { ModelCheckpoint } from "./model_checkpoint.ts";
import {
  makeTraining,
  SMALL,
  timeless,
  type Training,
} from "./resume_setup_test.ts";
import { Trainer } from "../trainer.ts";
import type { TrainerState } from "../trainer_state.ts";

const hashOf = ({ trainer }: Training) =>
  hashWeights(trainer.model as Sequential);

Deno.test("a training that goes on from any save point ends with the same bits", async () => {
  const points: Uint8Array[] = [];
  const rows: string[] = [];
  const whole = makeTraining(SMALL, () => [{
    onLog: (_, row) => void rows.push(JSON.stringify(timeless([row.values]))),
    onSavePoint: (trainer) => void points.push(trainer.checkpoint()),
  }], { logEveryNSteps: 3 });
  await whole.trainer.fit(whole.train, whole.valid);
  const expected = await hashOf(whole);
  assertEquals(whole.trainer.globalStep, 16);
  assertEquals(points.length, 4 * (8 + 1));
  for (const bytes of points) {
    const kept: string[] = [];
    const training = makeTraining(SMALL, () => [{
      onLog: (_, row) => void kept.push(JSON.stringify(timeless([row.values]))),
    }], { logEveryNSteps: 3 });
    rand([100]); // what else the program draws does not matter
    const { trainer, train, valid } = training;
    trainer.loadStateDict(decodeCheckpoint(bytes) as TrainerState);
    const history = await trainer.fit(train, valid);
    assertEquals(await hashOf(training), expected);
    assertEquals(timeless(history), timeless(whole.trainer.history));
    assertEquals(kept, rows.slice(rows.length - kept.length));
    assert(trainer.resumed);
  }
});

Deno.test("a training that was stopped within an epoch goes on with it", async () => {
  using scratch = scratchFolder("resume");
  const { path } = scratch;
  const whole = makeTraining(SMALL);
  await whole.trainer.fit(whole.train, whole.valid);

  const keeper = () => new ModelCheckpoint(path, { saveTopK: 0 });
  const cut = makeTraining(SMALL, () => [keeper(), {
    onBatchEnd(trainer) {
      if (trainer.epoch === 2 && trainer.step === 5) trainer.stop();
    },
  }]);
  const records = await cut.trainer.fit(cut.train, cut.valid);
  assertEquals(records.map((r) => r.interrupted), [undefined, true]);
  const after = join(path, "after.safetensors");
  cut.trainer.saveCheckpoint(after); // by hand, when all is over

  for (const resumeFrom of [path, after]) {
    const calls: string[] = [];
    const rest = makeTraining(SMALL, () => [{
      onEpochStart: ({ epoch }) => void calls.push(`start ${epoch}`),
      onEpochEnd: ({ epoch }) => void calls.push(`end ${epoch}`),
    }]);
    await rest.trainer.fit(rest.train, rest.valid, { resumeFrom });
    assertEquals(calls, ["end 2", "start 3", "end 3", "start 4", "end 4"]);
    assertEquals(await hashOf(rest), await hashOf(whole));
    assertEquals(
      timeless(rest.trainer.history),
      timeless(whole.trainer.history),
    );
  }
});

Deno.test("a training that is over is not begun again", async () => {
  using scratch = scratchFolder("resume");
  const { path } = scratch;
  const keeper = () => [new ModelCheckpoint(path, { resume: true })];
  const first = makeTraining(SMALL, keeper);
  await first.trainer.fit(first.train, first.valid);
  const second = makeTraining(SMALL, keeper);
  const history = await second.trainer.fit(second.train, second.valid);
  assertEquals(history, first.trainer.history);
  assertEquals(await hashOf(second), await hashOf(first));
  const longer = makeTraining(SMALL, keeper, { epochs: 5 });
  assertEquals(
    (await longer.trainer.fit(longer.train, longer.valid)).length,
    5,
  );
});

Deno.test("loaders without a place are begun again, and what was done is dropped", async () => {
  class Noisy {
    // Draws when it is iterated, and for each batch.
    *[Symbol.iterator](): Iterator<[Tensor, Tensor]> {
      const offset = rand([1]);
      for (let i = 0; i < 5; i++) {
        yield [randn([4, 2]).add(offset), randint(0, 2, [4])];
      }
    }
  }
  const make = (callbacks: Callback[]) => {
    manualSeed(5);
    const model = new Linear(2, 2);
    return new Trainer(model, {
      optimizer: new SGD(model.parameters(), { lr: 0.1 }),
      loss: new CrossEntropyLoss(),
      epochs: 2,
      callbacks,
    });
  };
  const points: Uint8Array[] = [];
  const whole = make([{
    onSavePoint: (trainer) => void points.push(trainer.checkpoint()),
  }]);
  await whole.fit(new Noisy());
  const expected = await hashWeights(whole.model as Linear);
  for (const bytes of points) {
    const trainer = make([]);
    trainer.loadStateDict(decodeCheckpoint(bytes) as TrainerState);
    await trainer.fit(new Noisy());
    assertEquals(await hashWeights(trainer.model as Linear), expected);
  }
});

Deno.test("limits by steps and time count what was done before", async () => {
  const make = (maxSteps: number) => {
    const data = new TensorDataset(randn([40, 2]), randint(0, 2, [40]));
    const model = new Linear(2, 2);
    const trainer = new Trainer(model, {
      optimizer: new SGD(model.parameters(), { lr: 0.1 }),
      loss: new CrossEntropyLoss(),
      maxSteps,
    });
    return { trainer, train: new DataLoader(data, { batchSize: 4 }) };
  };
  const first = make(13);
  await first.trainer.fit(first.train);
  assertEquals([first.trainer.epoch, first.trainer.step], [2, 3]);
  assertEquals(first.trainer.stopReason, "maxSteps 13 reached");
  const second = make(15);
  second.trainer.loadStateDict(first.trainer.stateDict());
  await second.trainer.fit(second.train);
  assertEquals([second.trainer.epoch, second.trainer.step], [2, 5]);
  const third = make(15);
  third.trainer.loadStateDict(second.trainer.stateDict());
  await third.trainer.fit(third.train);
  assertEquals(third.trainer.globalStep, 15);
});

Deno.test("a checkpoint of another training is refused, none at all, too", async () => {
  using scratch = scratchFolder("resume");
  const { path } = scratch;
  const { trainer, train } = makeTraining(SMALL);
  await assertRejects(
    () => trainer.fit(train, undefined, { resumeFrom: path }),
    Error,
    "There is no checkpoint in",
  );
  await assertRejects(
    () => trainer.fit(train, undefined, { resumeFrom: join(path, "none") }),
    Error,
    "There is no file or folder",
  );
  const other = new Linear(1, 1);
  const wrong = new Trainer(other, {
    optimizer: new SGD(other.parameters(), { lr: 0.1 }),
    loss: new CrossEntropyLoss(),
  });
  const file = join(path, "other.safetensors");
  wrong.saveCheckpoint(file);
  const error = await assertRejects(
    () => trainer.fit(train, undefined, { resumeFrom: file }),
    RangeError,
  );
  assertStringIncludes(error.message, "Cannot load a state into Sequential");
});

Deno.test("a training that adds up more from epoch to epoch goes on amid a step", async () => {
  const make = (callbacks: Callback[]) => {
    manualSeed(5);
    const data = new TensorDataset(randn([20, 2]), randint(0, 2, [20]));
    const model = new Linear(2, 2);
    const trainer = new Trainer(model, {
      optimizer: new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }),
      loss: new CrossEntropyLoss(),
      epochs: 3,
      callbacks: [
        new GradientAccumulationScheduler({ 2: 3, 3: 2 }),
        ...callbacks,
      ],
    });
    return { trainer, train: new DataLoader(data, { batchSize: 4 }) };
  };
  const points: Uint8Array[] = [];
  const whole = make([{
    onSavePoint: (trainer) => void points.push(trainer.checkpoint()),
  }]);
  await whole.trainer.fit(whole.train);
  const expected = await hashWeights(whole.trainer.model as Linear);
  for (const bytes of points) {
    const { trainer, train } = make([]);
    trainer.loadStateDict(decodeCheckpoint(bytes) as TrainerState);
    await trainer.fit(train);
    assertEquals(await hashWeights(trainer.model as Linear), expected);
  }
});

Deno.test("a checkpoint of other kernels is gone on from with a warning", async () => {
  using scratch = scratchFolder("resume");
  const path = join(scratch.path, "last.safetensors");
  const train = async (options: { resumeFrom?: string }) => {
    const warnings: string[] = [];
    const { trainer, train, valid } = makeTraining(SMALL, () => [], {
      epochs: 1,
      warn: (message) => void warnings.push(message),
    });
    await trainer.fit(train, valid, options);
    if (options.resumeFrom === undefined) trainer.saveCheckpoint(path);
    return warnings;
  };
  const fast = kernelBuild();
  setDeterministic(true);
  try {
    await train({});
    const { kernels } = readCheckpointHeader(path)!;
    assertEquals(kernels, { build: "simd128", abi: fast.abi });
    assertEquals(await train({ resumeFrom: path }), []);
  } finally {
    setDeterministic(false);
  }
  const words =
    `(simd128, ABI ${fast.abi}) than go on from it (${fast.build}, `;
  const warnings = await train({ resumeFrom: path });
  if (fast.build === "simd128") return assertEquals(warnings, []);
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, words);
  assertStringIncludes(warnings[0]!, "the last bits of results may differ");
});
