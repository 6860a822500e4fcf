import type { Tensor } from "@fdunn/tensor";
import { runOk, scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { Worker as NodeWorker } from "node:worker_threads";
import { trainNoise } from "@fdunn/testing/worker_module";
import {
  serveTraining,
  type TrainingProgress,
  trainInWorker,
} from "./worker.ts";

const module = new URL(import.meta.resolve("@fdunn/testing/worker_module"));
const webWorker = () => new Worker(module, { type: "module" });
const config = { epochs: 2, batchSize: 64 };

const bits = (state: Record<string, Tensor>) =>
  Object.keys(state).sort().map((name) => [name, state[name]!.data()]);

/** The same training outside of a worker. */
async function expected() {
  const { signal } = new AbortController();
  const model = await trainNoise({ config, signal, callbacks: [] });
  return bits(model.stateDict());
}

for (const kind of ["the web", "Node"]) {
  Deno.test(`a worker of ${kind} trains to the same bits`, async () => {
    const worker = kind === "Node" ? new NodeWorker(module) : webWorker();
    const { state, history } = await trainInWorker(worker, { config });
    assertEquals(bits(state), await expected());
    assertEquals(history.map(({ epoch, steps }) => [epoch, steps]), [
      [1, 10],
      [2, 10],
    ]);
  });
}

Deno.test("trainInWorker() tells of steps and epochs", async () => {
  const steps: TrainingProgress[] = [];
  const epochs: number[] = [];
  await trainInWorker(webWorker(), {
    config,
    onProgress: (progress) => steps.push(progress),
    onEpochEnd: ({ epoch }) => epochs.push(epoch),
  });
  assertEquals(epochs, [1, 2]);
  const { epoch, lastEpoch, step, stepsPerEpoch } = steps[0]!;
  assertEquals([epoch, lastEpoch, step, stepsPerEpoch], [1, 2, 1, 10]);
  assert(steps.every(({ batchLoss, trainLoss }) => batchLoss + trainLoss > 0));
});

Deno.test("a signal ends it after a step, and keeps what is learnt", async () => {
  const stopper = new AbortController();
  const { state, history } = await trainInWorker(webWorker(), {
    config: { epochs: 1000, batchSize: 64 },
    signal: stopper.signal,
    onEpochEnd: ({ epoch }) => epoch === 2 && stopper.abort(),
  });
  assertLess(history.length, 1000);
  assertEquals(Object.keys(state).length, 6);
});

Deno.test("a signal that was aborted before ends it at once", async () => {
  const { history } = await trainInWorker(webWorker(), {
    config: { epochs: 1000, batchSize: 64 },
    signal: AbortSignal.abort(),
  });
  assertLess(history.length, 3);
});

Deno.test("errors of the training arrive with their name", async () => {
  const failing = { config: { ...config, fails: true } };
  const error = await assertRejects(
    () => trainInWorker(webWorker(), failing),
    Error,
    "this training fails",
  );
  assertEquals(error.name, "RangeError");
});

Deno.test("a module that does not load is an error", async () => {
  const url = new URL("../missing_module.ts", import.meta.url);
  await assertRejects(
    () => trainInWorker(new Worker(url, { type: "module" }), { config }),
    Error,
    "The worker failed",
  );
});

Deno.test("errors of the program's callbacks end the training", async () => {
  const onEpochEnd = () => {
    throw new TypeError("mine");
  };
  await assertRejects(
    () => trainInWorker(webWorker(), { config, onEpochEnd }),
    TypeError,
    "mine",
  );
});

Deno.test("serveTraining() says that it is called in the wrong place", () => {
  assertThrows(
    () => serveTraining(trainNoise),
    Error,
    "is called in the worker's module",
  );
});

Deno.test("a bundle trains in a worker of Node 20", async () => {
  using folder = scratchFolder("worker");
  const bundle = async (path: string, name: string) => {
    const output = join(folder.path, name);
    await runOk("deno", ["bundle", "-q", "--no-lock", path, "-o", output]);
    return output;
  };
  const main = join(folder.path, "main.ts");
  const trainer = new URL("../mod.ts", import.meta.url).href;
  Deno.writeTextFileSync(
    main,
    `import { Worker } from "node:worker_threads";
     import { trainInWorker } from "${trainer}";
     const worker = new Worker(new URL("./worker.mjs", import.meta.url));
     const { state } = await trainInWorker(worker, { config: ${
      JSON.stringify(config)
    } });
     console.log(JSON.stringify(Object.entries(state).map(
       ([name, tensor]) => [name, [...tensor.data()]])));`,
  );
  await bundle(fromFileUrl(module), "worker.mjs");
  const printed = await runOk("node", [await bundle(main, "main.mjs")]);
  const ours = (await expected()).map(([name, data]) => [
    name,
    [...data as Float32Array],
  ]);
  assertEquals(JSON.parse(printed), ours);
});
