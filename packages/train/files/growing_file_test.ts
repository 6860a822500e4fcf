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
  failing,
  Killed,
  underFailure,
} from "./failing_files_test.ts";
import { WriteError } from "./file_errors.ts";
import { GrowingFile, wholeLines } from "./growing_file.ts";

const read = (path: string) => Deno.readTextFileSync(path);

/** What a file holds; nothing where it was never made. */
function readIfThere(path: string): string {
  try {
    return read(path);
  } catch (error) {
    assertInstanceOf(error, Deno.errors.NotFound);
    return "";
  }
}

Deno.test("GrowingFile adds to what there is, or begins with its head", () => {
  using scratch = scratchFolder("growing");
  const path = join(scratch.path, "deep", "log");
  const head = () => "head\n";
  const first = new GrowingFile(path, { head });
  assertEquals(first.add("1\n"), false);
  first.add(new Uint8Array([50, 10]));
  assertEquals(read(path), "head\n1\n2\n");
  const second = new GrowingFile(path, { head, durable: true });
  second.add("3\n");
  second.sync();
  assertEquals(read(path), "head\n1\n2\n3\n");
  second.begin("4\n");
  assertEquals(read(path), "head\n4\n");
});

Deno.test("a file that was deleted is begun again, and says so", () => {
  using scratch = scratchFolder("growing");
  const folder = join(scratch.path, "run");
  let number = 0;
  const file = new GrowingFile(join(folder, "log"), {
    head: () => "head\n",
    successor: () => join(folder, `log ${++number}`),
  });
  file.add("1\n");
  Deno.removeSync(folder, { recursive: true });
  assertEquals(file.add("2\n"), true);
  assertEquals(file.path, join(folder, "log 1"));
  assertEquals(read(file.path), "head\n2\n");
  // A folder that is not there for a while costs no piece.
  Deno.removeSync(folder, { recursive: true });
  Deno.writeTextFileSync(folder, "a file in its place");
  const error = assertThrows(() => file.add("3\n"), WriteError);
  assert(
    error.message.endsWith("1 addition waits for the next one"),
    `${error}`,
  );
  assertEquals(error.path, join(folder, "log 1"));
  assertThrows(() => file.add("4\n"), WriteError, "2 additions wait");
  Deno.removeSync(folder);
  assertEquals(file.add("5\n"), true);
  assertEquals(read(file.path), "head\n3\n4\n5\n");
});

Deno.test("what waits has a limit, and what is lost is said", () => {
  using scratch = scratchFolder("growing");
  const path = join(scratch.path, "log");
  const file = new GrowingFile(path, { limit: 4 });
  file.add("1\n");
  {
    using _failing = failing({ at: 1, kind: "full" });
    for (const piece of ["2\n", "3\n"]) assertThrows(() => file.add(piece));
    assertThrows(() => file.add("4\n"), WriteError, "1 older one is lost");
    assertEquals([file.waiting.length, file.dropped], [2, 1]);
    assertThrows(() => file.settle(), WriteError, "2 additions are lost");
  }
  file.settle();
  assertEquals(read(path), "1\n3\n4\n");
  file.add("larger than the limit\n");
  assertEquals(read(path), "1\n3\n4\nlarger than the limit\n");
});

Deno.test("no piece is lost, halved or doubled, whichever call fails", () => {
  using scratch = scratchFolder("growing");
  const path = join(scratch.path, "log");
  const lines = Array.from({ length: 5 }, (_, i) => `line ${i} of five\n`);
  const write = () => {
    const file = new GrowingFile(path, { head: () => "head\n", durable: true });
    for (const line of lines) {
      try {
        file.add(line);
      } catch (error) {
        if (!(error instanceof WriteError)) throw error;
      }
    }
    file.settle();
  };
  const whole = `head\n${lines.join("")}`;
  const calls = callsOf(write);
  let failed = 0;
  for (const calls_ of [1, 3, 6]) {
    for (let at = 1; at <= calls; at++) {
      if (readIfThere(path) !== "") Deno.removeSync(path);
      const failure = { at, kind: "full", calls: calls_ } as const;
      const error = underFailure(failure, write);
      // Nothing comes behind a disk that is full to the end.
      if (error !== null) {
        assertInstanceOf(error, WriteError);
        assert(whole.startsWith(readIfThere(path)), `full at call ${at}`);
        failed++;
      } else assertEquals(read(path), whole, `full at call ${at}`);
    }
  }
  assert(failed > 0);
  for (const kind of ["killed", "killed amid"] as const) {
    for (let at = 1; at <= calls; at++) {
      if (readIfThere(path) !== "") Deno.removeSync(path);
      assertInstanceOf(underFailure({ at, kind }, write), Killed);
      const found = readIfThere(path);
      assert(whole.startsWith(found), `${kind} at ${at}: ${found}`);
      // Whoever goes on leaves out the line that was not finished.
      const [, ...kept] = wholeLines(found);
      const file = new GrowingFile(path, { head: () => "head\n" });
      file.begin(kept.map((line) => `${line}\n`).join(""));
      for (const line of lines.slice(kept.length)) file.add(line);
      assertEquals(read(path), whole, `${kind} at call ${at}`);
      for (const { name } of Deno.readDirSync(scratch.path)) {
        if (name !== "log") Deno.removeSync(join(scratch.path, name));
      }
    }
  }
});

Deno.test("wholeLines() leaves out what has no end", () => {
  assertEquals(wholeLines("a\nb\nc"), ["a", "b"]);
  assertEquals(wholeLines("a\n\n"), ["a", ""]);
  assertEquals(wholeLines("a"), []);
  assertEquals(wholeLines(""), []);
});
