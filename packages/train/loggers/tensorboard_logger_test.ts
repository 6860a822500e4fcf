import { DataLoader, TensorDataset } from "@fdunn/data";
import { Linear, MSELoss } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { randn } from "@fdunn/tensor";
import { scratchFolder } from "@fdunn/testing";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Callback } from "../callback.ts";
import { failing } from "../files/failing_files_test.ts";
import { TensorBoardLogger } from "./tensorboard_logger.ts";
import { Trainer } from "../trainer.ts";

/** Three epochs of two steps with a logger, of which it tells in `folder`. */
async function train(folder: string, saboteur: Callback): Promise<string[]> {
  const warnings: string[] = [];
  const model = new Linear(2, 2);
  const x = randn([8, 2]);
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss: new MSELoss(),
    epochs: 3,
    callbacks: [saboteur, new TensorBoardLogger(folder, { watch: model })],
    warn: (message) => void warnings.push(message),
  });
  await trainer.fit(new DataLoader(new TensorDataset(x, x), { batchSize: 4 }));
  return warnings;
}

/** How many whole records the only file of a folder has; none may be cut. */
function recordsIn(folder: string): number {
  const [file, ...more] = [...Deno.readDirSync(folder)];
  assertEquals(more, []);
  const bytes = Deno.readFileSync(`${folder}/${file!.name}`);
  const view = new DataView(bytes.buffer);
  let count = 0;
  let at = 0;
  while (at < bytes.length) {
    at += 16 + Number(view.getBigUint64(at, true));
    count++;
  }
  assertEquals(at, bytes.length);
  return count;
}

Deno.test("TensorBoardLogger begins another file where its own was removed", async () => {
  using scratch = scratchFolder("tensorboard");
  const folder = `${scratch.path}/log`;
  const warnings = await train(folder, {
    onEpochStart({ epoch }) {
      if (epoch === 2) Deno.removeSync(folder, { recursive: true });
    },
  });
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, "was gone: began another");
  assertEquals([...Deno.readDirSync(folder)].length, 1);
});

Deno.test("TensorBoardLogger writes later what a full disk refused", async () => {
  using scratch = scratchFolder("tensorboard");
  await train(`${scratch.path}/whole`, {});
  for (const until of [3, 4]) {
    const folder = `${scratch.path}/${until}`;
    let disk: Disposable | null = null;
    const epochs = (n: number) => {
      if (n === 2) disk = failing({ at: 1, kind: "full" });
      if (n === until) disk![Symbol.dispose]();
    };
    let warnings: string[];
    try {
      warnings = await train(folder, {
        onEpochStart: ({ epoch }) => epochs(epoch),
      });
    } finally {
      disk![Symbol.dispose]();
    }
    const all = recordsIn(`${scratch.path}/whole`);
    assertStringIncludes(warnings[0]!, "TensorBoardLogger cannot write to");
    assertEquals(warnings.length, until === 3 ? 1 : 2);
    if (until === 3) assertEquals(recordsIn(folder), all);
    else {
      assertStringIncludes(warnings[1]!, "additions are lost");
      assertEquals(recordsIn(folder), 1 + (all - 1) / 3);
    }
  }
});
