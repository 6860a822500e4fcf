import { DataLoader, TensorDataset } from "@fdunn/data";
import { CrossEntropyLoss, Linear } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed, randint, randn } from "@fdunn/tensor";
import { scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "@std/path";
import type { Callback } from "../callback.ts";
import { loadCheckpoint } from "./checkpoint_file.ts";
import {
  ModelCheckpoint,
  type ModelCheckpointOptions,
} from "./model_checkpoint.ts";
import { Trainer } from "../trainer.ts";
import type { TrainerOptions } from "../trainer_options.ts";
import type { TrainerState } from "../trainer_state.ts";

const namesIn = (folder: string) =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** Five epochs of four steps, whose figure "mine" is given. */
async function train(
  callbacks: readonly Callback[],
  figures: readonly number[] = [],
  options: Partial<TrainerOptions> = {},
): Promise<Trainer> {
  manualSeed(0);
  const data = new TensorDataset(randn([16, 2]), randint(0, 2, [16]));
  const model = new Linear(2, 2);
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss: new CrossEntropyLoss(),
    epochs: 5,
    callbacks: [{
      onEpochEnd(trainer, { epoch }) {
        trainer.log("mine", figures[epoch - 1] ?? 0);
      },
    }, ...callbacks],
    ...options,
  });
  await trainer.fit(new DataLoader(data, { batchSize: 4 }));
  return trainer;
}

/** The names in the folder after a training. */
async function left(
  options: ModelCheckpointOptions,
  figures?: readonly number[],
): Promise<{ names: string[]; keeper: ModelCheckpoint }> {
  using scratch = scratchFolder("keeper");
  const keeper = new ModelCheckpoint(scratch.path, options);
  await train([keeper], figures);
  const names = namesIn(scratch.path).map((name) =>
    name.replace(".safetensors", "")
  );
  return { names, keeper };
}

Deno.test("ModelCheckpoint keeps the latest, the last and the one before", async () => {
  const { names } = await left({});
  assertEquals(names, ["epoch=5-step=20", "last", "previous"]);
  assertEquals((await left({ saveLast: false })).names, ["epoch=5-step=20"]);
  assertEquals((await left({ saveTopK: 0 })).names, ["last", "previous"]);
  assertEquals((await left({ saveTopK: -1, saveLast: false })).names.length, 5);
  assertEquals(
    (await left({ saveTopK: 2, saveLast: false, everyNSteps: 3 })).names,
    ["epoch=5-step=18", "epoch=5-step=20"],
  );
  assertEquals(
    (await left({ saveTopK: -1, saveLast: false, everyNEpochs: 2 })).names,
    ["epoch=2-step=8", "epoch=4-step=16"],
  );
});

Deno.test("ModelCheckpoint keeps the best by a figure", async () => {
  const options = { monitor: "mine", saveTopK: 2, saveLast: false };
  const figures = [3, 1, 2, 1, 5];
  const { names, keeper } = await left(options, figures);
  assertEquals(names, ["epoch=2-step=8", "epoch=4-step=16"]);
  assertEquals(keeper.bestModelScore, 1);
  assertStringIncludes(keeper.bestModelPath!, "epoch=2-step=8.safetensors");
  const largest = await left({ ...options, mode: "max" }, figures);
  assertEquals(largest.names, ["epoch=1-step=4", "epoch=5-step=20"]);
  assertEquals(largest.keeper.best.map(({ score }) => score), [5, 3]);
  const nan = await left({ ...options, saveTopK: 1 }, [NaN, 2, NaN, 3]);
  assertEquals(nan.keeper.bestModelScore, 0); // the fifth epoch's
});

Deno.test("ModelCheckpoint names files by figures", async () => {
  const { names } = await left({
    monitor: "mine",
    filename: "net-{epoch}-{mine:.2f}",
    saveLast: false,
  }, [3, 0.125, 1, 1, 1]);
  assertEquals(names, ["net-epoch=2-mine=0.13"]);
  await assertRejects(
    () => left({ filename: "{nothing}" }),
    RangeError,
    'got the filename "{nothing}", but there is no figure "nothing"',
  );
});

Deno.test("ModelCheckpoint goes on where it was, and cleans up", async () => {
  using scratch = scratchFolder("keeper");
  const folder = join(scratch.path, "kept");
  const options = { monitor: "mine", saveTopK: 2, resume: true };
  const figures = [1, 2, 3, 0.5, 4];
  await train([new ModelCheckpoint(folder, options)], figures, { epochs: 3 });
  Deno.writeTextFileSync(join(folder, "last.safetensors.abc.tmp"), "torn");
  const keeper = new ModelCheckpoint(folder, options);
  const trainer = await train([keeper], figures);
  assert(trainer.resumed);
  assertEquals(keeper.best.map(({ score }) => score), [0.5, 1]);
  assertEquals(namesIn(folder), [
    "epoch=1-step=4.safetensors",
    "epoch=4-step=16.safetensors",
    "last.safetensors",
    "previous.safetensors",
  ]);
});

Deno.test("a damaged last is set aside, so that the one before is not lost", async () => {
  using scratch = scratchFolder("keeper");
  const folder = scratch.path;
  const options = { saveTopK: 0, resume: true };
  await train([new ModelCheckpoint(folder, options)], [], { epochs: 3 });
  const last = join(folder, "last.safetensors");
  const bytes = Deno.readFileSync(last);
  bytes[bytes.length >> 1]! ^= 4;
  Deno.writeFileSync(last, bytes);
  const warnings: string[] = [];
  const epochs: number[] = [];
  const trainer = await train(
    [
      { onEpochStart: ({ epoch }) => void epochs.push(epoch) },
      new ModelCheckpoint(folder, options),
    ],
    [],
    { warn: (message) => void warnings.push(message) },
  );
  assertEquals(epochs, [3, 4, 5]);
  assertEquals(trainer.history.length, 5);
  assertStringIncludes(warnings[0]!, `${last} is damaged`);
  assertStringIncludes(warnings[0]!, "previous.safetensors");
  assertEquals(namesIn(folder), [
    "last.safetensors",
    "last.safetensors.damaged",
    "previous.safetensors",
  ]);
  assertEquals(loadCheckpoint<TrainerState>(last).place.epoch, 5);
});

Deno.test("ModelCheckpoint saves by the clock", async () => {
  using scratch = scratchFolder("keeper");
  const { path } = scratch;
  const keeper = new ModelCheckpoint(path, {
    everySeconds: 1e-6,
    everyNEpochs: 0,
    saveTopK: -1,
    saveLast: false,
  });
  await train([keeper]);
  assertEquals(namesIn(path).length, 20);
});

Deno.test("ModelCheckpoint says what it got", async () => {
  const refused: [ModelCheckpointOptions, string][] = [
    [{ saveTopK: -2 }, "saveTopK -2"],
    [{ everyNSteps: 0 }, "everyNSteps 0"],
    [{ everyNEpochs: 0.5 }, "everyNEpochs 0.5"],
    [{ everySeconds: 0 }, "everySeconds 0"],
    [{ mode: "best" as "min" }, 'mode "best"'],
  ];
  for (const [options, text] of refused) {
    assertThrows(() => new ModelCheckpoint("x", options), RangeError, text);
  }
  await assertRejects(
    () => left({ monitor: "validLoss" }),
    RangeError,
    'ModelCheckpoint monitors "validLoss", but the training without validation data has',
  );
});

Deno.test("a resumed training has a last checkpoint, even where nothing is left to train", async () => {
  using scratch = scratchFolder("keeper");
  const { path } = scratch;
  await train([new ModelCheckpoint(path)]);
  // As a crash between two renames leaves it.
  Deno.removeSync(join(path, "last.safetensors"));
  const trainer = await train([new ModelCheckpoint(path, { resume: true })]);
  assertEquals([trainer.resumed, trainer.globalStep], [true, 20]);
  assert(namesIn(path).includes("last.safetensors"));
  const last = join(path, "last.safetensors");
  assertEquals(loadCheckpoint<TrainerState>(last).place.globalStep, 20);
});
