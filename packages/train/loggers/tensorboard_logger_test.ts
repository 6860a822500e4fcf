import { DataLoader, TensorDataset } from "@fdunn/data";
import { Linear, MSELoss } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { randn } from "@fdunn/tensor";
import { scratchFolder } from "@fdunn/testing";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { TensorBoardLogger } from "./tensorboard_logger.ts";
import { Trainer } from "../trainer.ts";

Deno.test("TensorBoardLogger begins another file where its own was removed", async () => {
  using scratch = scratchFolder("tensorboard");
  const folder = `${scratch.path}/log`;
  const warnings: string[] = [];
  const model = new Linear(2, 2);
  const x = randn([8, 2]);
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss: new MSELoss(),
    epochs: 3,
    callbacks: [new TensorBoardLogger(folder), {
      onEpochStart({ epoch }) {
        if (epoch === 2) Deno.removeSync(folder, { recursive: true });
      },
    }],
    warn: (message) => void warnings.push(message),
  });
  await trainer.fit(new DataLoader(new TensorDataset(x, x), { batchSize: 4 }));
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, "was gone: began another");
  assertEquals([...Deno.readDirSync(folder)].length, 1);
});
