import { DataLoader, TensorDataset } from "@fdunn/data";
import { CrossEntropyLoss, Linear } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed, randn } from "@fdunn/tensor";
import { loadSafetensors } from "@fdunn/tensor/safetensors";
import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { join } from "@std/path";
import {
  hashWeights,
  loadModel,
  saveModel,
} from "../checkpoints/checkpoint.ts";
import { RunFolder } from "./run_folder.ts";
import { Trainer } from "../trainer.ts";

/** Runs `f` with a new folder, and removes it. */
async function inFolder(f: (folder: string) => void | Promise<void>) {
  Deno.mkdirSync(".scratch", { recursive: true });
  const folder = Deno.makeTempDirSync({ dir: ".scratch", prefix: "train_" });
  try {
    await f(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const names = (folder: string) =>
  [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

Deno.test("RunFolder keeps a training, whole after every epoch", () =>
  inFolder(async (folder) => {
    manualSeed(0);
    const x = randn([40, 2]);
    const y = x.select(1, 0).gt(0).to("int32");
    const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 4 });
    const model = new Linear(2, 2);
    const path = join(folder, "a", "run");
    const run = new RunFolder(path, {
      model,
      config: { lr: 0.1 },
      subject: "toy",
    });
    const files = [
      "accuracy.svg",
      "config.json",
      "loss.svg",
      "metrics.jsonl",
      "model.safetensors",
    ];
    assertEquals(names(path), files);
    const trainer = new Trainer(model, {
      optimizer: new SGD(model.parameters(), { lr: 0.1 }),
      loss: new CrossEntropyLoss(),
      epochs: 3,
      callbacks: [run],
    });
    await trainer.fit(loader, loader);

    assertEquals(names(path), files); // and no temporary file
    const read = (name: string) => Deno.readTextFileSync(join(path, name));
    assertEquals(JSON.parse(read("config.json")), { lr: 0.1 });
    const lines = read("metrics.jsonl").trimEnd().split("\n");
    assertEquals(
      lines.map((line) => JSON.parse(line)),
      JSON.parse(JSON.stringify(trainer.history)),
    );
    assertEquals(Object.keys(JSON.parse(lines[0]!)), [
      "epoch",
      "trainLoss",
      "validLoss",
      "validAccuracy",
      "itPerSecond",
      "seconds",
      "steps",
    ]);
    assertMatch(read("loss.svg"), /Loss: toy[^]*<polyline[^]*<polyline/);
    assertMatch(read("accuracy.svg"), /Validation accuracy: toy[^]*<polyline/);
    const bytes = Deno.readFileSync(join(path, "model.safetensors"));
    const { tensors, metadata } = loadSafetensors(bytes);
    assertEquals(tensors.weight!.toArray(), model.weight.toArray());
    assertEquals(metadata, { epoch: "3" });
  }));

Deno.test("RunFolder does not write into another training's folder", () =>
  inFolder((folder) => {
    const options = { model: new Linear(1, 1), config: {} };
    new RunFolder(folder, options);
    assertThrows(
      () => new RunFolder(folder, options),
      Error,
      "holds a training already",
    );
  }));

Deno.test("saveModel() and loadModel() give the same weights", () =>
  inFolder((folder) => {
    const path = join(folder, "model.safetensors");
    const [a, b] = [new Linear(3, 2), new Linear(3, 2)];
    saveModel(a, path);
    loadModel(b, path);
    assertEquals(b.weight.toArray(), a.weight.toArray());
    assertThrows(() => loadModel(new Linear(4, 2), path), RangeError);
  }));

Deno.test("hashWeights() tells weights apart by a single bit", async () => {
  manualSeed(0);
  const model = new Linear(3, 2);
  const hash = await hashWeights(model);
  assertMatch(hash, /^[0-9a-f]{64}$/);
  manualSeed(0);
  assertEquals(await hashWeights(new Linear(3, 2)), hash);
  assertNotEquals(await hashWeights(new Linear(3, 2)), hash);
});

Deno.test("RunFolder makes its lines those of the training that goes on", () =>
  inFolder(async (folder) => {
    const make = () => {
      manualSeed(0);
      const x = randn([40, 2]);
      const y = x.select(1, 0).gt(0).to("int32");
      const model = new Linear(2, 2);
      const run = new RunFolder(folder, { model, config: {}, resume: true });
      const trainer = new Trainer(model, {
        optimizer: new SGD(model.parameters(), { lr: 0.1 }),
        loss: new CrossEntropyLoss(),
        epochs: 3,
        callbacks: [run],
      });
      const data = new TensorDataset(x, y);
      return { trainer, train: new DataLoader(data, { batchSize: 4 }) };
    };
    const lines = () =>
      Deno.readTextFileSync(join(folder, "metrics.jsonl"))
        .trimEnd().split("\n").map((line) => JSON.parse(line));
    const first = make();
    const kept: ReturnType<Trainer["stateDict"]>[] = [];
    await first.trainer.fit(first.train);
    kept.push(first.trainer.stateDict());
    const whole = JSON.parse(JSON.stringify(first.trainer.history));
    assertEquals(lines(), whole);
    // Killed while it wrote: a torn line, and one that no checkpoint knows of.
    Deno.writeTextFileSync(
      join(folder, "metrics.jsonl"),
      '{"epoch":4}\n{"epoch":5,"tra',
      { append: true },
    );
    const second = make();
    second.trainer.loadStateDict(kept[0]!);
    await second.trainer.fit(second.train);
    assertEquals(lines(), whole);
    // And one that is missing.
    Deno.writeTextFileSync(join(folder, "metrics.jsonl"), "");
    const third = make();
    third.trainer.loadStateDict(kept[0]!);
    await third.trainer.fit(third.train);
    assertEquals(lines(), whole);
  }));
