import { scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { join } from "@std/path";
import {
  callsOf,
  type Failure,
  Killed,
  underFailure,
} from "./failing_files_test.ts";
import { WriteError } from "./file_errors.ts";
import { createFile, removeUnfinished, replaceFile } from "./replace_file.ts";

const namesIn = (folder: string) =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

const read = (path: string) => Deno.readTextFileSync(path);

Deno.test("replaceFile() keeps the old file when the program fails", () => {
  using scratch = scratchFolder("replace");
  const path = join(scratch.path, "file");
  replaceFile(path, "old");
  const broken = {
    get length(): number {
      throw new RangeError("no");
    },
  } as unknown as Uint8Array;
  assertThrows(() => replaceFile(path, broken));
  assertEquals(read(path), "old");
  assertEquals(namesIn(scratch.path), ["file"]);
  replaceFile(path, new Uint8Array([110, 101, 119]));
  assertEquals(read(path), "new");
});

Deno.test("replaceFile() says which file, and what became of it", () => {
  using scratch = scratchFolder("replace");
  const path = join(scratch.path, "none", "file");
  const error = assertThrows(() => replaceFile(path, "x"), WriteError);
  assertEquals([error.path, error.code], [path, "ENOENT"]);
  assert(error.message.startsWith(`${path} could not be written (ENOENT`));
  assert(error.message.endsWith("there is no such file"));
  const folder = join(scratch.path, "folder");
  Deno.mkdirSync(join(folder, "inner"), { recursive: true });
  const taken = assertThrows(() => replaceFile(folder, "x"), WriteError);
  assert(taken.message.endsWith("it is as it was before"), taken.message);
  assertEquals(namesIn(scratch.path), ["folder"]);
});

Deno.test("keepAs keeps one before, also where both are one file", () => {
  using scratch = scratchFolder("replace");
  const [last, previous] = ["last", "previous"].map((name) =>
    join(scratch.path, name)
  ) as [string, string];
  const replace = (text: string) =>
    replaceFile(last, text, { keepAs: previous });
  replace("1");
  assertEquals(namesIn(scratch.path), ["last"]);
  replace("2");
  assertEquals([read(last), read(previous)], ["2", "1"]);
  Deno.removeSync(previous);
  Deno.linkSync(last, previous); // as a kill leaves them
  replace("3");
  assertEquals([read(last), read(previous)], ["3", "2"]);
  assertEquals(namesIn(scratch.path), ["last", "previous"]);
});

Deno.test("keepAs works without hard links", () => {
  using scratch = scratchFolder("replace");
  const fs = process.getBuiltinModule("node:fs");
  const { linkSync, renameSync } = fs;
  const [last, previous] = [
    join(scratch.path, "last"),
    join(scratch.path, "previous"),
  ];
  const refuse = () => {
    throw Object.assign(new Error("EPERM"), { code: "EPERM" });
  };
  const replace = (text: string) =>
    replaceFile(last, text, { keepAs: previous });
  try {
    fs.linkSync = refuse;
    for (const text of ["1", "2", "3"]) replace(text);
    assertEquals([read(last), read(previous)], ["3", "2"]);
    // What was set aside comes back where the new one cannot take its place.
    fs.renameSync = (from, to) =>
      String(from).endsWith(".tmp") ? refuse() : renameSync(from, to);
    assertThrows(() => replace("4"), WriteError, "it is as it was before");
    assertEquals(read(last), "3");
  } finally {
    Object.assign(fs, { linkSync, renameSync });
  }
  assertEquals(namesIn(scratch.path), ["last"]);
});

Deno.test("a file is old or new, whichever call fails", () => {
  using scratch = scratchFolder("replace");
  const last = join(scratch.path, "last");
  const previous = join(scratch.path, "previous");
  const [one, two, three] = ["1", "2", "3"].map((it) => it.repeat(100));
  const replace = (text: string) =>
    replaceFile(last, text, { keepAs: previous });
  replace(one!);
  replace(two!);
  const calls = callsOf(() => replace(two!));
  assert(calls > 8, `${calls}`);
  const kinds: Failure["kind"][] = ["full", "killed", "killed amid"];
  let unwritten = 0;
  for (const kind of kinds) {
    for (let at = 1; at <= calls; at++) {
      for (const path of [last, previous]) Deno.removeSync(path);
      replace(one!);
      replace(two!);
      const error = underFailure({ at, kind }, () => replace(three!));
      const what = `${kind} at call ${at}`;
      if (kind === "full") {
        if (error !== null) {
          assertInstanceOf(error, WriteError, what);
          assertEquals(error.code, "ENOSPC");
          assertEquals([read(last), read(previous)], [two, one], what);
          unwritten++;
        } else assertEquals([read(last), read(previous)], [three, two], what);
        assertEquals(namesIn(scratch.path), ["last", "previous"], what);
        continue;
      }
      if (error !== null) assertInstanceOf(error, Killed, what);
      assert([two, three].includes(read(last)), what);
      assert([one, two].includes(read(previous)), what);
      // The next process takes away what this one left, and goes on.
      removeUnfinished(scratch.path);
      assertEquals(namesIn(scratch.path), ["last", "previous"], what);
      const before = read(last);
      replace("4");
      assertEquals([read(last), read(previous)], ["4", before], what);
    }
  }
  assert(unwritten > 0);
});

Deno.test("removeUnfinished() leaves the files of others", () => {
  using scratch = scratchFolder("replace");
  const names = ["a.tmp", "b.x1y2z3.tmp", "c.mine.backup.tmp.txt"];
  for (const name of names) {
    Deno.writeTextFileSync(join(scratch.path, name), "");
  }
  removeUnfinished(scratch.path);
  assertEquals(namesIn(scratch.path), ["a.tmp", "c.mine.backup.tmp.txt"]);
});

Deno.test("createFile() makes all of a file, or nothing, and only one", () => {
  using scratch = scratchFolder("create");
  const path = join(scratch.path, "config");
  const taken = () => assertThrows(() => createFile(path, "two"), WriteError);
  createFile(path, "one");
  assertEquals([taken().code, read(path)], ["EEXIST", "one"]);
  assertEquals(namesIn(scratch.path), ["config"]);
  const create = () => createFile(path, "three");
  Deno.removeSync(path);
  const calls = callsOf(create);
  for (const kind of ["full", "killed", "killed amid"] as const) {
    for (let at = 1; at <= calls; at++) {
      if (namesIn(scratch.path).includes("config")) Deno.removeSync(path);
      const error = underFailure({ at, kind }, create);
      if (kind === "full" && error !== null) {
        assertInstanceOf(error, WriteError);
      }
      removeUnfinished(scratch.path);
      const found = namesIn(scratch.path);
      const what = `${kind} at call ${at}`;
      assert(found.length === 0 || read(path) === "three", what);
      if (kind === "full") assertEquals(found.length, error === null ? 1 : 0);
    }
  }
  const fs = process.getBuiltinModule("node:fs");
  const { linkSync } = fs;
  try {
    fs.linkSync = () => {
      throw Object.assign(new Error("EPERM"), { code: "EPERM" });
    };
    if (namesIn(scratch.path).includes("config")) Deno.removeSync(path);
    createFile(path, "without links");
    assertEquals([taken().code, read(path)], ["EEXIST", "without links"]);
  } finally {
    fs.linkSync = linkSync;
  }
  assertEquals(namesIn(scratch.path), ["config"]);
});
