import { DataLoader, TensorDataset } from "@fdunn/data";
import { CrossEntropyLoss, Linear } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed, randn } from "@fdunn/tensor";
import { scratchFolder } from "@fdunn/testing";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { Callback } from "../callback.ts";
import { failing } from "../files/failing_files_test.ts";
import { ConsoleLogger } from "./console_logger.ts";
import { CSVLogger } from "./csv_logger.ts";
import { JsonLinesLogger } from "./json_lines_logger.ts";
import { Trainer } from "../trainer.ts";
import type { TrainerOptions } from "../trainer_options.ts";

/** Two epochs of eight steps that log every four steps. */
function training(
  callbacks: Callback[],
  options: Partial<TrainerOptions> = {},
): { trainer: Trainer; fit(resumeFrom?: string): Promise<unknown> } {
  manualSeed(0);
  const x = randn([32, 2]);
  const y = x.select(1, 0).gt(0).to("int32");
  const model = new Linear(2, 2);
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss: new CrossEntropyLoss(),
    epochs: 2,
    logEveryNSteps: 4,
    callbacks,
    ...options,
  });
  const loader = new DataLoader(new TensorDataset(x, y), {
    batchSize: 4,
    shuffle: true,
  });
  return {
    trainer,
    fit: (resumeFrom) =>
      trainer.fit(loader, loader, resumeFrom ? { resumeFrom } : {}),
  };
}

const lines = (path: string) =>
  Deno.readTextFileSync(path).trimEnd().split("\n");
/** Rows without their times, which differ from run to run. */
const rows = (path: string) =>
  lines(path).map((line) => {
    const { time, itPerSecond: _, seconds: __, ...row } = JSON.parse(line);
    assertEquals(Math.abs(time - Date.now()) < 60_000, true);
    return row;
  });

Deno.test("JsonLinesLogger writes a line a row", async () => {
  using scratch = scratchFolder("logger");
  const path = join(scratch.path, "deep/log.jsonl");
  await training([new JsonLinesLogger(path)]).fit();
  const found = rows(path);
  assertEquals(
    found.map(({ kind, epoch, step }) => [kind, epoch, step]),
    [
      ["step", 1, 4],
      ["step", 1, 8],
      ["epoch", 1, 8],
      ["step", 2, 12],
      ["step", 2, 16],
      ["epoch", 2, 16],
    ],
  );
  for (const { kind, batchLoss, validAccuracy } of found) {
    assertEquals(typeof batchLoss === "number", kind === "step");
    assertEquals(typeof validAccuracy === "number", kind === "epoch");
  }
});

Deno.test("CSVLogger writes a table that grows by columns", async () => {
  using scratch = scratchFolder("logger");
  const path = join(scratch.path, "log.csv");
  const late: Callback = {
    onEpochEnd: (trainer, { epoch }) => {
      if (epoch === 2) trainer.log('odd, "name"', NaN);
    },
  };
  await training([new CSVLogger(path), late]).fit();
  const [header, ...table] = lines(path);
  assertMatch(header!, /^kind,epoch,step,batchLoss,/);
  assertStringIncludes(header!, ',"odd, ""name"""');
  assertEquals(table.length, 6);
  const columns = header!.replace(', ""name""', "").split(",").length;
  for (const row of table) assertEquals(row.split(",").length, columns, row);
  assertEquals(table.at(-1)!.split(",").at(-1), "NaN");
  assertEquals(table[0]!.split(",").at(-1), "");
});

Deno.test("CSVLogger keeps its columns when it goes on from before a new one", async () => {
  using scratch = scratchFolder("logger");
  const path = join(scratch.path, "log.csv");
  const checkpoint = join(scratch.path, "checkpoint");
  const columns = () => lines(path).map((line) => line.split(",").length);
  await training([new CSVLogger(path), {
    onSavePoint: (trainer) => {
      // Before the first epoch's row brings its figures.
      if (trainer.globalStep === 5) trainer.saveCheckpoint(checkpoint);
    },
  }]).fit();
  const whole = columns();
  await training([new CSVLogger(path)]).fit(checkpoint);
  assertEquals(columns(), whole);

  // The same where the file was lost.
  Deno.removeSync(path);
  await training([new CSVLogger(path)]).fit(checkpoint);
  assertEquals(columns(), whole.slice(1)); // the row of step 4 went with it
});

for (
  const [name, make] of [
    ["JsonLinesLogger", (path: string) => new JsonLinesLogger(path)],
    ["CSVLogger", (path: string) => new CSVLogger(path)],
  ] as const
) {
  Deno.test(`${name} has no line twice and none too few after a resume`, async () => {
    using scratch = scratchFolder("logger");
    const [whole, cut, checkpoint] = ["whole", "cut", "checkpoint"].map((it) =>
      join(scratch.path, it)
    ) as [string, string, string];
    await training([make(whole)]).fit();

    const first = training([make(cut), {
      onSavePoint: (trainer) => {
        if (trainer.globalStep === 6) trainer.saveCheckpoint(checkpoint);
        if (trainer.globalStep === 14) trainer.stop();
      },
    }]);
    await first.fit();
    assertEquals(lines(cut).length > 3, true);
    Deno.writeTextFileSync(cut, "torn", { append: true });
    await training([make(cut)]).fit(checkpoint);
    const bare = (path: string) =>
      lines(path).map((line) =>
        line.replaceAll(/"(time|itPerSecond|seconds)":[\d.e-]+/g, "")
      );
    // Speeds differ from run to run; of a table compare what comes before them.
    const same = (line: string) => line.split(",").slice(0, 5).join();
    assertEquals(bare(cut).map(same), bare(whole).map(same));
  });

  Deno.test(`${name} adds a second fit() to the first`, async () => {
    using scratch = scratchFolder("logger");
    const path = join(scratch.path, "log");
    const { fit } = training([make(path)]);
    await fit();
    const { length } = lines(path);
    await fit();
    assertEquals(lines(path).length, name === "CSVLogger" ? 13 : 12);
    assertEquals(length, name === "CSVLogger" ? 7 : 6);
  });

  Deno.test(`${name} waits while its folder is not there`, async () => {
    using scratch = scratchFolder("logger");
    const folder = join(scratch.path, "run");
    const path = join(folder, "log");
    const warnings: string[] = [];
    const saboteur: Callback = {
      onBatchStart(trainer) {
        const { globalStep } = trainer;
        if (globalStep === 5) {
          Deno.removeSync(folder, { recursive: true });
          Deno.writeTextFileSync(folder, "a file where the folder was");
        }
        if (globalStep === 13) Deno.removeSync(folder);
      },
    };
    const warn = (message: string) => void warnings.push(message);
    await training([make(path), saboteur], { warn }).fit();
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0]!, `${name} cannot write ${path}`);
    // The row of step 4 went with its folder.
    assertEquals(lines(path).length, name === "CSVLogger" ? 6 : 5);
  });

  Deno.test(`${name} writes later what a full disk refused`, async () => {
    using scratch = scratchFolder("logger");
    const path = join(scratch.path, "log");
    // New columns come while the disk is full, too.
    for (const last of [13, Infinity]) {
      const warnings: string[] = [];
      let disk: Disposable | null = null;
      const saboteur: Callback = {
        onBatchStart({ globalStep }) {
          if (globalStep === 5) disk = failing({ at: 1, kind: "full" });
          if (globalStep === last) disk![Symbol.dispose]();
        },
      };
      const warn = (message: string) => void warnings.push(message);
      try {
        await training([saboteur, make(path)], { warn }).fit();
      } finally {
        disk![Symbol.dispose]();
      }
      const kept = lines(path).filter((line) => !line.startsWith("kind"));
      const steps = kept.map((line) =>
        name === "CSVLogger"
          ? Number(line.split(",")[2])
          : JSON.parse(line).step
      );
      assertEquals(steps, last === 13 ? [4, 8, 8, 12, 16, 16] : [4]);
      assertStringIncludes(
        warnings[0]!,
        `${name} cannot write ${path} (ENOSPC`,
      );
      assertEquals(warnings.length, last === 13 ? 1 : 2);
      if (last === 13) continue;
      assertStringIncludes(warnings[1]!, "5 additions are lost");
    }
  });
}

Deno.test("ConsoleLogger prints a row a line", async () => {
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text) };
  await training([new ConsoleLogger({ output })]).fit();
  assertEquals(written.length, 6);
  assertMatch(written[0]!, /^epoch 1 {2}step 4 {2}batchLoss [\d.]+.*\n$/);
  assertMatch(written[2]!, /^epoch 1 {2}step 8 {2}.*validLoss [\d.]+/);
});
