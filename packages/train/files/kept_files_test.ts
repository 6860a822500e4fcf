import { scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "@std/path";
import {
  callsOf,
  failing,
  Killed,
  underFailure,
} from "./failing_files_test.ts";
import { UnwrittenError } from "./file_errors.ts";
import { wholeLines } from "./growing_file.ts";
import { KeptFiles } from "./kept_files.ts";
import { removeUnfinished, replaceFile } from "./replace_file.ts";

/** A folder of which `lines.txt` grows. */
function setup(folder: string) {
  Deno.mkdirSync(folder, { recursive: true });
  const warnings: string[] = [];
  const files = new KeptFiles(folder, {
    warn: (message) => void warnings.push(message),
  });
  replaceFile(join(folder, "config"), "made");
  files.adopt("config", "made");
  const lines: string[] = [];
  const add = (line: string) => {
    lines.push(line);
    files.add("lines.txt", line, () => lines.join(""));
  };
  const read = (name: string) => Deno.readTextFileSync(join(folder, name));
  return { folder, files, warnings, add, read };
}

Deno.test("what a full disk refuses is written when there is room", () => {
  using scratch = scratchFolder("kept");
  const { files, warnings, add, read } = setup(scratch.path);
  add("one\n");
  {
    using _failing = failing({ at: 1, kind: "full" });
    add("two\n");
    add("three\n");
  }
  files.replace("other.txt", "other");
  assertEquals(read("lines.txt"), "one\ntwo\nthree\n");
  assertEquals(read("other.txt"), "other");
  files.settle();
  assertEquals(warnings.length, 1);
  assertStringIncludes(
    warnings[0]!,
    "lines.txt: ENOSPC: no space left on device, write. The training goes on",
  );
});

Deno.test("a folder that was deleted is made again with all that was in it", () => {
  using scratch = scratchFolder("kept");
  const { folder, files, warnings, add, read } = setup(
    join(scratch.path, "run"),
  );
  add("one\n");
  files.replace("picture.svg", "<svg/>");
  Deno.removeSync(folder, { recursive: true });
  Deno.mkdirSync(join(folder, "checkpoints"), { recursive: true });
  add("two\n");
  assertEquals(read("lines.txt"), "one\ntwo\n");
  assertEquals([read("config"), read("picture.svg")], ["made", "<svg/>"]);
  assertEquals(warnings, [`The run folder ${folder} was gone: made it again`]);
  // A single file, likewise.
  Deno.removeSync(join(folder, "lines.txt"));
  add("three\n");
  assertEquals(read("lines.txt"), "one\ntwo\nthree\n");
});

Deno.test("what stays unwritten is said in the end", () => {
  using scratch = scratchFolder("kept");
  const { files, add } = setup(scratch.path);
  using _failing = failing({ at: 1, kind: "full" });
  add("one\n");
  assertThrows(
    () => files.settle(),
    UnwrittenError,
    `The training has ended, but its results are not in ${scratch.path}: lines.txt could not be written (lines.txt: ENOSPC`,
  );
});

Deno.test("files that are replaced and added to in turn stay right", () => {
  using scratch = scratchFolder("kept");
  const { files, add, read } = setup(scratch.path);
  add("one\n");
  files.replace("lines.txt", "a much longer text\n");
  {
    using _failing = failing({ at: 1, kind: "full", calls: 4 });
    add("two\n");
  }
  files.settle();
  assertEquals(read("lines.txt"), "one\ntwo\n");
});

Deno.test("a folder is right in the end, whichever call fails", () => {
  using scratch = scratchFolder("kept");
  const folder = join(scratch.path, "run");
  const write = () => {
    const { files, add } = setup(folder);
    for (let i = 0; i < 4; i++) {
      add(`line ${i}\n`);
      files.replace("chart.svg", `chart ${i}`.repeat(10));
    }
    files.settle();
  };
  const calls = callsOf(write);
  const setupCalls = 8;
  const clean = () => Deno.removeSync(folder, { recursive: true });
  const state = () =>
    ["lines.txt", "chart.svg"].map((name) =>
      Deno.readTextFileSync(join(folder, name))
    );
  const right = state();
  for (let at = setupCalls; at <= calls; at++) {
    clean();
    const error = underFailure({ at, kind: "full", calls: 5 }, write);
    if (error === null) assertEquals(state(), right, `full at call ${at}`);
    else assertInstanceOf(error, UnwrittenError);
  }
  for (const kind of ["killed", "killed amid"] as const) {
    for (let at = setupCalls; at <= calls; at++) {
      clean();
      // The last calls only force to disk: who dies there has done it all.
      const error = underFailure({ at, kind }, write);
      if (error !== null || at < calls - 3) assertInstanceOf(error, Killed);
      removeUnfinished(folder);
      const what = `${kind} at call ${at}`;
      for (const { name } of Deno.readDirSync(folder)) {
        const text = Deno.readTextFileSync(join(folder, name));
        if (name === "lines.txt") {
          assert(right[0]!.startsWith(text), what);
          wholeLines(text).forEach((line, i) =>
            assertEquals(line, `line ${i}`, what)
          );
        } else if (name === "chart.svg") {
          assert(/^(chart \d){10}$/.test(text), what);
        } else assertEquals([name, text], ["config", "made"]);
      }
    }
  }
});
