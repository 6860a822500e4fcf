import { DataLoader, TensorDataset } from "@fdunn/data";
import { CrossEntropyLoss, Linear } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed, randn } from "@fdunn/tensor";
import { runPython, scratchFolder } from "@fdunn/testing";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { TensorBoardLogger } from "./tensorboard_logger.ts";
import { Trainer } from "../trainer.ts";

const READER = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0, "tensors": 0})
found.Reload()
tags = found.Tags()
print(json.dumps({
    "scalars": {t: [[e.step, e.value] for e in found.Scalars(t)] for t in tags["scalars"]},
    "histograms": {t: [e.step for e in found.Histograms(t)] for t in tags["histograms"]},
    "text": [e.tensor_proto.string_val[0].decode() for e in found.Tensors("hyperparameters")],
}))
`;

/** Three epochs of four steps. */
function training(logDir: string, stopAt = Infinity, checkpoint = "") {
  manualSeed(0);
  const x = randn([32, 2]);
  const y = x.select(1, 0).gt(0).to("int32");
  const model = new Linear(2, 2);
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 8 });
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss: new CrossEntropyLoss(),
    epochs: 3,
    logEveryNSteps: 1,
    hyperparameters: { lr: 0.1, note: "a | b" },
    callbacks: [new TensorBoardLogger(logDir, { watch: model }), {
      onSavePoint(trainer) {
        if (trainer.globalStep === 6) trainer.saveCheckpoint(checkpoint);
        if (trainer.globalStep === stopAt) trainer.stop();
      },
    }],
  });
  return (resumeFrom?: string) =>
    trainer.fit(loader, loader, resumeFrom ? { resumeFrom } : {});
}

Deno.test("TensorBoard shows a training; resumed, no point twice", async () => {
  using scratch = scratchFolder("tensorboard");
  const [whole, cut, checkpoint] = ["whole", "cut", "checkpoint"].map((name) =>
    join(scratch.path, name)
  ) as [string, string, string];
  await training(whole, Infinity, checkpoint)();
  await training(cut, 10, checkpoint)();
  await training(cut, 10)(checkpoint); // killed again, before the next one
  await training(cut)(checkpoint);
  const read = async (path: string) =>
    JSON.parse(await runPython(READER, [path]));
  const expected = await read(whole);
  const found = await read(cut);
  const steps = Array.from({ length: 12 }, (_, i) => i + 1);
  const losses = expected.scalars.batchLoss as [number, number][];
  assertEquals(losses.map(([step]) => step), steps);
  for (const name of ["batchLoss", "validLoss", "validAccuracy", "epoch"]) {
    assertEquals(found.scalars[name], expected.scalars[name], name);
  }
  assertEquals(expected.histograms, {
    "weights/weight": [4, 8, 12],
    "gradients/weight": [4, 8, 12],
    "weights/bias": [4, 8, 12],
    "gradients/bias": [4, 8, 12],
  });
  assertEquals(found.histograms, expected.histograms);
  assertStringIncludes(found.text[0], '| note | "a \\| b" |');
});
