import { scratchFolder } from "@fdunn/testing";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { readRun } from "./run_reader.ts";
import { viewRuns } from "./viewer.ts";

function writeRun(folder: string, metrics: string, config = "{}"): string {
  Deno.mkdirSync(folder);
  Deno.writeTextFileSync(join(folder, "metrics.jsonl"), metrics);
  Deno.writeTextFileSync(join(folder, "config.json"), config);
  return folder;
}

Deno.test("readRun() makes a curve of each figure and part", () => {
  using scratch = scratchFolder("view");
  const metrics = [
    '{"epoch":1,"trainLoss":0.5,"validAccuracy":null,"part":"T = 5"}',
    '{"epoch":2,"trainLoss":0.25,"validAccuracy":0.75,"part":"T = 5"}',
    '{"epoch":1,"trainLoss":2}',
    '{"epoch":2,"trainL',
  ];
  const folder = join(scratch.path, "first");
  writeRun(folder, metrics.join("\n"), '{"lr":0.1}');
  assertEquals(readRun(folder), {
    name: "first",
    config: { lr: 0.1 },
    curves: [
      { name: "T = 5: trainLoss", along: "epoch", x: [1, 2], y: [0.5, 0.25] },
      { name: "T = 5: validAccuracy", along: "epoch", x: [2], y: [0.75] },
      { name: "trainLoss", along: "epoch", x: [1], y: [2] },
    ],
  });
});

Deno.test("viewRuns() names what is wrong with a folder", async () => {
  using scratch = scratchFolder("view");
  const { path } = scratch;
  const [empty, broken, odd] = ["empty", "broken", "odd"].map((name) =>
    join(path, name)
  ) as [string, string, string];
  Deno.mkdirSync(empty);
  writeRun(broken, "{}\nno\n");
  writeRun(odd, "", "{");
  await assertRejects(() => viewRuns([]), RangeError, "got no folder");
  await assertRejects(() => viewRuns([empty]), Error, "is no run folder");
  assertThrows(
    () => readRun(broken),
    Error,
    "metrics.jsonl, line 2, is no JSON",
  );
  assertThrows(() => readRun(odd), Error, "config.json is no JSON");
});

Deno.test("viewRuns() tells folders of one name apart", async () => {
  using scratch = scratchFolder("view");
  const folders = ["a", "b"].map((name) => {
    Deno.mkdirSync(join(scratch.path, name));
    const metrics = '{"epoch":1,"trainLoss":1}\n';
    return writeRun(join(scratch.path, name, "run"), metrics);
  });
  const viewer = await viewRuns(folders);
  const answer = await fetch(`${viewer.url}events`);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const { snapshot } = JSON.parse(value.replace(/^data: /, ""));
  const names = snapshot.runs.map(({ name }: { name: string }) => name);
  assertEquals(names, folders);
  assertEquals(snapshot.status, null);
  await reader.cancel();
  await viewer.close();
});
