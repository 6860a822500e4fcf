import { scratchFolder } from "@fdunn/testing";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { UserError } from "./command_line.ts";
import { KeptFiles } from "./kept_files.ts";

/** Files of which `lines.txt` grows, and which fail on demand. */
function setup(path: string) {
  const folder = join(path, "run");
  Deno.mkdirSync(folder);
  const warnings: string[] = [];
  const files = new KeptFiles(folder, (message) => warnings.push(message));
  const place = join(folder, "config");
  Deno.writeTextFileSync(place, "made");
  files.adopt("config", (at) => Deno.writeTextFileSync(at, "made"));
  const disk = { full: false };
  const lines: string[] = [];
  const write = (at: string, text: string, append: boolean) => {
    // A full disk takes what still fits.
    Deno.writeTextFileSync(at, disk.full ? text.slice(0, 1) : text, { append });
    if (disk.full) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  };
  const add = (line: string) => {
    lines.push(line);
    files.put(
      "lines.txt",
      (at) => write(at, line, true),
      (at) => write(at, lines.join(""), false),
    );
  };
  const read = (name: string) => Deno.readTextFileSync(join(folder, name));
  return { folder, files, disk, warnings, add, read };
}

Deno.test("what a full disk refuses is written when there is room", () => {
  using scratch = scratchFolder("kept");
  const { files, disk, warnings, add, read } = setup(scratch.path);
  add("one\n");
  disk.full = true;
  add("two\n");
  add("three\n");
  disk.full = false;
  files.put("other.txt", (at) => Deno.writeTextFileSync(at, "other"));
  assertEquals(read("lines.txt"), "one\ntwo\nthree\n");
  assertEquals(read("other.txt"), "other");
  files.settle();
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, "ENOSPC; the run goes on");
});

Deno.test("a folder that was deleted is made again with all that was in it", () => {
  using scratch = scratchFolder("kept");
  const { folder, files, warnings, add, read } = setup(scratch.path);
  add("one\n");
  files.put("picture.svg", (at) => Deno.writeTextFileSync(at, "<svg/>"));
  Deno.removeSync(folder, { recursive: true });
  Deno.mkdirSync(join(folder, "checkpoints"), { recursive: true });
  add("two\n");
  assertEquals(read("lines.txt"), "one\ntwo\n");
  assertEquals([read("config"), read("picture.svg")], ["made", "<svg/>"]);
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, "was gone: made it again");
});

Deno.test("what stays unwritten is said in the end", () => {
  using scratch = scratchFolder("kept");
  const { files, disk, add } = setup(scratch.path);
  disk.full = true;
  add("one\n");
  assertThrows(
    () => files.settle(),
    UserError,
    "the run has ended, but lines.txt could not be written to",
  );
});
