import type { Sequential } from "@fdunn/nn";
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
import { findCheckpoint } from "./checkpoint_search.ts";
import { ModelCheckpoint } from "./model_checkpoint.ts";
import { makeTraining, SMALL, timeless } from "./resume_setup_test.ts";
import { RunFolder } from "../runs/run_folder.ts";
import type { TrainerState } from "../trainer_state.ts";

/** `node:fs`, whose functions can be made to fail. */
const fs = process.getBuiltinModule("node:fs");

/** From here on files take so many bytes in all: then the disk is full. */
function fillDisk(bytes: number): Disposable {
  const { writeFileSync } = fs;
  fs.writeFileSync = ((file: number, contents: string | Uint8Array) => {
    const whole = typeof contents === "string"
      ? new TextEncoder().encode(contents)
      : contents;
    const part = whole.subarray(0, bytes);
    bytes -= part.length;
    writeFileSync(file, part);
    if (part.length < whole.length) {
      throw Object.assign(
        new Error("ENOSPC: no space left on device, write"),
        { code: "ENOSPC" },
      );
    }
  }) as typeof writeFileSync;
  return { [Symbol.dispose]: () => void (fs.writeFileSync = writeFileSync) };
}

/** A training that keeps itself in a folder, and what it warned of. */
function keptTraining(folder: string, more: Callback = {}) {
  const warnings: string[] = [];
  const training = makeTraining(SMALL, (model) => [
    new RunFolder(folder, { model, config: { made: "so" }, resume: true }),
    new ModelCheckpoint(join(folder, "checkpoints"), { everyNSteps: 1 }),
    more,
  ], { warn: (message) => void warnings.push(message) });
  return { ...training, warnings };
}

const metricsOf = (folder: string) =>
  Deno.readTextFileSync(join(folder, "metrics.jsonl")).trimEnd().split("\n")
    .map((line) => JSON.parse(line));

const hashOf = ({ trainer }: ReturnType<typeof makeTraining>) =>
  hashWeights(trainer.model as Sequential);

Deno.test("a disk that is full for a while costs nothing but a warning", async () => {
  using scratch = scratchFolder("disk");
  const whole = makeTraining(SMALL);
  await whole.trainer.fit(whole.train, whole.valid);
  for (const room of [0, 500, 30_000]) {
    const folder = join(scratch.path, `room_${room}`);
    let disk: Disposable | null = null;
    const training = keptTraining(folder, {
      onEpochStart({ epoch }) {
        if (epoch === 2) disk = fillDisk(room);
        if (epoch === 4) disk![Symbol.dispose]();
      },
    });
    const { trainer, train, valid, warnings } = training;
    await trainer.fit(train, valid);
    assertEquals(await hashOf(training), await hashOf(whole));
    assertEquals(timeless(metricsOf(folder)), timeless(whole.trainer.history));
    const text = warnings.join("\n");
    assertStringIncludes(text, "No checkpoint could be written to");
    assertStringIncludes(text, "ENOSPC");
    assertStringIncludes(text, `The run folder ${folder} could not be written`);
    const { state, warnings: damaged } = findCheckpoint<TrainerState>(folder);
    assertEquals([state.place.epoch, state.place.inEpoch], [4, false]);
    assertEquals(damaged, []);
  }
});

Deno.test("a disk that stays full leaves the last good checkpoint, and says so", async () => {
  using scratch = scratchFolder("disk");
  const folder = join(scratch.path, "run");
  let disk: Disposable | null = null;
  let saved = 0;
  const { trainer, train, valid } = keptTraining(folder, {
    onSavePoint(trainer) {
      if (trainer.epoch === 2 && trainer.step === 4) {
        saved = trainer.globalStep;
        disk = fillDisk(1000);
      }
    },
  });
  try {
    await assertRejects(
      () => trainer.fit(train, valid),
      Error,
      "The training has ended, but its results are not in",
    );
  } finally {
    disk![Symbol.dispose]();
  }
  assertEquals(trainer.history.length, 4);
  const { state, warnings } = findCheckpoint<TrainerState>(folder);
  assertEquals(state.place.globalStep, saved);
  assertEquals(warnings, []);
  // With room again the training goes on from there.
  const again = keptTraining(folder);
  await again.trainer.fit(again.train, again.valid);
  assertEquals(
    timeless(metricsOf(folder)),
    timeless(again.trainer.history),
  );
  const whole = makeTraining(SMALL);
  await whole.trainer.fit(whole.train, whole.valid);
  assertEquals(await hashOf(again), await hashOf(whole));
});

Deno.test("a run folder that is deleted is made again", async () => {
  using scratch = scratchFolder("disk");
  const folder = join(scratch.path, "run");
  const { trainer, train, valid, warnings } = keptTraining(folder, {
    onEpochStart({ epoch }) {
      if (epoch === 3) Deno.removeSync(folder, { recursive: true });
    },
  });
  await trainer.fit(train, valid);
  assertEquals(timeless(metricsOf(folder)), timeless(trainer.history));
  assertEquals(
    JSON.parse(Deno.readTextFileSync(join(folder, "config.json"))),
    { made: "so" },
  );
  const { state } = findCheckpoint<TrainerState>(folder);
  assertEquals(state.place.epoch, 4);
  assertEquals(warnings.length, 2);
  for (const warning of warnings) assertStringIncludes(warning, "was gone");
});

Deno.test("a folder that cannot be written stops a training before its first step", async () => {
  using scratch = scratchFolder("disk");
  const file = join(scratch.path, "file");
  Deno.writeTextFileSync(file, "no folder");
  const { trainer, train } = makeTraining(SMALL, () => [
    new ModelCheckpoint(join(file, "checkpoints")),
  ]);
  const error = await assertRejects(() => trainer.fit(train), Error);
  assertStringIncludes(error.message, "ModelCheckpoint cannot use the folder");
  assert(trainer.globalStep === 0);
  // No permission, as on a folder that may only be read.
  const outside = makeTraining(SMALL, () => [
    new ModelCheckpoint("/nowhere/checkpoints"),
  ]);
  await assertRejects(
    () => outside.trainer.fit(outside.train),
    Error,
    "ModelCheckpoint cannot use the folder /nowhere/checkpoints",
  );
});
