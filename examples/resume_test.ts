/** Runs that were stopped or killed go on, by the real commands. */

import { root, run, scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { command, program, writeMnist } from "./run_command.ts";

const COMMON = [
  ...["mnist_cnn", "--optimizer", "adam", "--batch-size", "4"],
  ...["--threads", "1", "--log", "jsonl"],
];
const OPTIONS = [...COMMON, "--epochs", "60"];

/** The lines of a file of figures without those of the clock. */
function figuresIn(folder: string, file = "metrics.jsonl"): unknown[] {
  return Deno.readTextFileSync(join(folder, file)).trimEnd()
    .split("\n").map((line) => {
      const { seconds: _, itPerSecond: __, time: ___, ...rest } = JSON.parse(
        line,
      );
      return rest;
    });
}

const weightsIn = (folder: string) =>
  Deno.readFileSync(join(folder, "model.safetensors"));

/** Starts a run, and ends it by a signal when a folder has five epochs. */
async function cutShort(
  scratch: string,
  out: string,
  signal: Deno.Signal,
  { folder = out, options = OPTIONS } = {},
): Promise<string> {
  const child = new Deno.Command("deno", {
    args: program(scratch, ...options, "--data", scratch, "--out", out),
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = () => {
    try {
      return figuresIn(folder).length;
    } catch {
      return 0; // not there yet, or half a line
    }
  };
  while (lines() < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill(signal);
  const { stdout, code } = await child.output();
  assert(code !== 0, "it ended before it was told to");
  return new TextDecoder().decode(stdout);
}

Deno.test("deno task resume goes on with a run as if it had never ended", async () => {
  using scratch = scratchFolder("resume_run");
  const { path } = scratch;
  writeMnist(path);
  const whole = join(path, "whole");
  const { code, stderr } = await run(
    "deno",
    program(path, ...OPTIONS, "--data", path, "--out", whole),
  );
  assertEquals(code, 0, stderr);
  const expected = figuresIn(whole);
  assertEquals(expected.length, 60);

  const resume = (out: string) =>
    run("deno", program(path, "resume", "--threads", "2", out));
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const out = join(path, signal);
    const said = await cutShort(path, out, signal);
    if (signal === "SIGINT") {
      assertStringIncludes(said, `go on:   deno task resume ${out}`);
    }
    const { code, stderr } = await resume(out);
    assertEquals(code, 0, stderr);
    assertEquals(figuresIn(out), expected);
    assertEquals(figuresIn(out, "log.jsonl"), figuresIn(whole, "log.jsonl"));
    assertEquals(weightsIn(out), weightsIn(whole));
    const files = [...Deno.readDirSync(out)].map(({ name }) => name);
    assert(!files.includes("checkpoints"), "a finished run needs none");
  }

  const again = await resume(whole);
  assertEquals(again.code, 1);
  assertStringIncludes(again.stderr, "that run is finished");
  const none = await resume(path);
  assertEquals(none.code, 1);
  assertStringIncludes(none.stderr, "it has no config.json");
  const option = await run("deno", program(path, `--resume=${whole}`));
  assertStringIncludes(option.stderr, "that run is finished");
});

Deno.test("a run with several seeds goes on as a whole", async () => {
  using scratch = scratchFolder("resume_seeds");
  const { path } = scratch;
  writeMnist(path);
  const options = [...COMMON, "--epochs", "150", "--seeds", "3"];
  const whole = join(path, "whole");
  const given = [...options, "--data", path, "--out", whole];
  const first = await run("deno", program(path, ...given));
  assertEquals(first.code, 0, first.stderr);
  const seeds = ["seed_0", "seed_1", "seed_2"];
  /** What does not depend on the clock. */
  const partsIn = (folder: string) => {
    const text = Deno.readTextFileSync(join(folder, "summary.json"));
    const { interrupted, seeds, parts } = JSON.parse(text);
    const { secondsPerEpoch: _, fastestEpoch: __, itPerSecond: ___, ...rest } =
      parts[""];
    return { interrupted, seeds, rest };
  };
  const table = (stdout: string) =>
    stdout.slice(stdout.indexOf("\nseeds 0 to"));
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const out = join(path, signal);
    const folder = join(out, "seed_1");
    const said = await cutShort(path, out, signal, { folder, options });
    if (signal === "SIGINT") {
      assertStringIncludes(said, `go on:   deno task resume ${out}`);
      assertEquals(partsIn(out).interrupted, true);
      assertEquals(partsIn(out).seeds, 2);
    }
    const before = Deno.readFileSync(join(out, "seed_0", "summary.json"));
    const again = await run("deno", program(path, "resume", out));
    assertEquals(again.code, 0, again.stderr);
    assertStringIncludes(again.stdout, "seed 0\nfinished before\n");
    assertEquals(
      table(again.stdout).replace(out, whole),
      table(first.stdout),
    );
    assertEquals(partsIn(out), partsIn(whole));
    for (const seed of seeds) {
      const [a, b] = [join(out, seed), join(whole, seed)];
      assertEquals(figuresIn(a), figuresIn(b), `${signal}, ${seed}`);
      assertEquals(figuresIn(a, "log.jsonl"), figuresIn(b, "log.jsonl"));
      assertEquals(weightsIn(a), weightsIn(b));
    }
    assertEquals(
      Deno.readFileSync(join(out, "seed_0", "summary.json")),
      before,
      "what is finished is kept",
    );
    const finished = await run("deno", program(path, "resume", out));
    assertStringIncludes(finished.stderr, "that run is finished");
  }
  const shown = await command("inspect", whole);
  assertStringIncludes(shown.stdout, "mnist_cnn, 3 seeds, started ");
  assertMatch(shown.stdout, /best accuracy [\d.]+ on average, /);
  const compared = await command("compare", whole, join(path, "SIGINT"));
  assertMatch(compared.stdout, /\nbestAccuracy +([\d.]+) +\1\n/);
  const one = await command("predict", whole);
  assertEquals(one.code, 1);
  assertStringIncludes(one.stderr, `such as ${join(whole, "seed_0")}`);
  const taken = await run("deno", program(path, ...given));
  assertStringIncludes(taken.stderr, "holds a training already");
});
