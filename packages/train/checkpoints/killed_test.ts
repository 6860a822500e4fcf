import type { Sequential } from "@fdunn/nn";
import { scratchFolder } from "@fdunn/testing";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import type { Callback } from "../callback.ts";
import { failing, type Failure, Killed } from "../files/failing_files_test.ts";
import { CSVLogger } from "../loggers/csv_logger.ts";
import { RunFolder } from "../runs/run_folder.ts";
import { hashWeights } from "./checkpoint.ts";
import { findCheckpoint } from "./checkpoint_search.ts";
import { ModelCheckpoint } from "./model_checkpoint.ts";
import { makeTraining, SMALL, timeless } from "./resume_setup_test.ts";
import type { TrainerState } from "../trainer_state.ts";

/** A training that keeps itself in a folder. */
function keptTraining(folder: string, saboteur: Callback = {}) {
  return makeTraining(SMALL, (model) => [
    saboteur,
    new RunFolder(folder, { model, config: {}, resume: true }),
    new CSVLogger(join(folder, "log.csv")),
    new ModelCheckpoint(join(folder, "checkpoints"), {
      monitor: "trainLoss",
      everyNSteps: 1,
      resume: true,
    }),
  ], { epochs: 3, logEveryNSteps: 1, warn: () => {} });
}

/** Files fail from the end of the second epoch on. */
function fromEpochTwo(failure: Failure | null) {
  let calls: ReturnType<typeof failing> | null = null;
  const saboteur: Callback = {
    onEpochEnd(_, { epoch }) {
      if (epoch === 2) calls = failing(failure);
    },
    onBatchEnd({ epoch, step }) {
      if (epoch === 3 && step === 2) end();
    },
  };
  let count = 0;
  function end(): void {
    count = calls?.count ?? count;
    calls?.[Symbol.dispose]();
    calls = null;
  }
  return { saboteur, end, count: () => count };
}

const hashOf = ({ trainer }: ReturnType<typeof makeTraining>) =>
  hashWeights(trainer.model as Sequential);

const linesOf = (folder: string, name: string) =>
  Deno.readTextFileSync(join(folder, name)).trimEnd().split("\n");

/** The columns of a table that do not depend on the clock. */
const rowsOf = (folder: string) =>
  linesOf(folder, "log.csv").map((line) => line.split(",").slice(0, 5).join());

Deno.test("a training that is killed between any two calls goes on exactly", async () => {
  using scratch = scratchFolder("killed");
  const path = (name: string) => join(scratch.path, name);
  const counting = fromEpochTwo(null);
  const whole = keptTraining(path("whole"), counting.saboteur);
  await whole.trainer.fit(whole.train, whole.valid);
  const expected = await hashOf(whole);
  const history = timeless(whole.trainer.history);
  const calls = counting.count();
  assert(calls > 40, `${calls}`);
  for (let at = 1; at <= calls; at++) {
    const kind = at % 2 === 0 ? "killed" : "killed amid";
    const folder = path(`${at}`);
    const { saboteur, end } = fromEpochTwo({ at, kind });
    const first = keptTraining(folder, saboteur);
    try {
      await assertRejects(
        () => first.trainer.fit(first.train, first.valid),
        Killed,
      );
    } catch (error) {
      // The last call of some only forces to disk, which is passed over.
      end();
      const { state } = findCheckpoint<TrainerState>(folder);
      assert(state.place.epoch >= 2, `${error}`);
    } finally {
      end();
    }
    const { state, warnings } = findCheckpoint<TrainerState>(folder);
    assertEquals(warnings, [], `killed at call ${at}`);
    assert(state.place.epoch >= 2, `killed at call ${at}`);
    const second = keptTraining(folder);
    await second.trainer.fit(second.train, second.valid);
    assertEquals(await hashOf(second), expected, `killed at call ${at}`);
    assertEquals(
      timeless(linesOf(folder, "metrics.jsonl").map((it) => JSON.parse(it))),
      history,
    );
    assertEquals(rowsOf(folder), rowsOf(path("whole")));
    const names = [folder, join(folder, "checkpoints")].flatMap((it) =>
      [...Deno.readDirSync(it)].map(({ name }) => name)
    );
    assert(!names.some((name) => name.endsWith(".tmp")), `${names}`);
    Deno.removeSync(folder, { recursive: true });
  }
});
