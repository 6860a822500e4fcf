import { scratchFolder } from "@fdunn/testing";
import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { UserError } from "./command_line.ts";
import { RunWriter } from "./run_writer.ts";

function opened(path: string) {
  const warnings: string[] = [];
  const rows: string[] = [];
  const writer: RunWriter = new RunWriter({
    ...{ path, config: "{}" },
    warn: (message) => void warnings.push(message),
    rewrite: () => writer.write("metrics.jsonl", rows.join("")),
  });
  const add = (row: string) => {
    rows.push(row);
    writer.addLine("metrics.jsonl", row);
  };
  Deno.mkdirSync(path);
  Deno.writeTextFileSync(join(path, "config.json"), "{}");
  const read = () => Deno.readTextFileSync(join(path, "metrics.jsonl"));
  const files = () => [...Deno.readDirSync(path)].map(({ name }) => name);
  return { writer, warnings, add, read, files };
}

Deno.test("a run folder that was deleted is made again with all that was in it", () => {
  using scratch = scratchFolder("writer");
  const path = join(scratch.path, "run");
  const { add, warnings, read, files } = opened(path);
  add("1\n");
  Deno.removeSync(path, { recursive: true });
  add("2\n");
  assertEquals(files().sort(), ["config.json", "metrics.jsonl"]);
  assertEquals(read(), "1\n2\n");
  assertEquals(warnings, [`${path} was gone: made it again`]);
});

Deno.test("figures wait while a run folder cannot be written", () => {
  using scratch = scratchFolder("writer");
  const path = join(scratch.path, "run");
  const { writer, add, warnings, read, files } = opened(path);
  add("1\n");
  Deno.removeSync(path, { recursive: true });
  Deno.writeTextFileSync(path, "a file where the folder was");
  add("2\n");
  add("3\n");
  assertEquals(warnings.length, 1);
  assertThrows(() => writer.requireWritten(), UserError, "are not in");
  Deno.removeSync(path);
  add("4\n");
  writer.requireWritten();
  assertEquals(read(), "1\n2\n3\n4\n");
  assertEquals(files().some((name) => name.endsWith(".tmp")), false);
});
